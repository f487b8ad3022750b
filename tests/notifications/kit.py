"""A mail server that keeps what it is given, real workers, and helpers for the outbox."""

from __future__ import annotations

import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from django.db import connection

from peerlearn.notifications import outbox
from peerlearn.notifications.models import Outbox

ROOT = Path(__file__).resolve().parents[2]


class SmtpSink(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP. `on_mail` runs before the mail is acknowledged."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Message] = []
        self.refuse_with = ""  # such as "550 no such person", to RCPT
        self.answers: dict[bytes, str] = {}  # other words to a verb, such as b"MAIL"
        self.on_mail: Callable[[], None] = lambda: None
        self.on_verb: Callable[[bytes], None] = lambda verb: None  # before it is answered
        self.connections = 0
        self.hangs_up_after = 0  # mails of one connection; 0 is never

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]


class _Session(socketserver.StreamRequestHandler):
    server: SmtpSink

    def handle(self) -> None:
        self.server.connections += 1
        self.taken = 0
        self._say("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            self.server.on_verb(verb)
            if verb in self.server.answers:
                self._say(self.server.answers[verb])
            elif verb == b"DATA":
                self._say("354 go on")
                self._take_mail()
                if self.taken == self.server.hangs_up_after:
                    return
            elif verb == b"RCPT" and self.server.refuse_with:
                self._say(self.server.refuse_with)
            else:
                self._say("221 bye" if verb == b"QUIT" else "250 ok")

    def _take_mail(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.taken += 1
        self.server.mails.append(message_from_bytes(b"".join(lines)))
        self.server.on_mail()
        self._say("250 kept")

    def _say(self, words: str) -> None:
        try:
            self.wfile.write(f"{words}\r\n".encode())
        except OSError:  # the sender was killed
            return


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()


def environment(**more: str) -> dict[str, str]:
    """For a process that works on this test's database."""
    values = connection.settings_dict
    address = f"{values['HOST']}:{values['PORT']}/{values['NAME']}"
    url = f"postgres://{values['USER']}:{values['PASSWORD']}@{address}"
    return {**os.environ, "TESTING": "1", "DATABASE_URL": url, **more}


@contextmanager
def process(*command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m …` in the background, killed with its children at the end."""
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(**more),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def wait_until(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true value of the condition; an AssertionError when it never comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := condition():
            return value
        threading.Event().wait(0.05)
    raise AssertionError(f"not within {seconds} s")


def work() -> int:
    """Do what is due now, in this process, as finder and worker would; the number of rows."""
    rows = outbox.hand_over()
    for outbox_id, _ in rows:
        outbox.run(outbox_id)
    return len(rows)


def in_threads(count: int, act: Callable[[], Any]) -> list[Any]:
    """What `count` threads got, begun together; the first exception is raised."""
    gate, results, errors = threading.Barrier(count), [], []

    def run() -> None:
        try:
            gate.wait()
            results.append(act())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def let_delay_pass() -> None:
    """Whatever waits after a failure need not wait any longer."""
    Outbox.objects.update(retry_at=None)


def let_lease_pass() -> None:
    """The process that had the rows fell silent long ago."""
    Outbox.objects.exclude(leased_until=None).update(leased_until="2000-01-01T00:00Z")
