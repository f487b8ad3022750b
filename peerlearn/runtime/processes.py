"""Starting, watching and stopping one child process, and the secrets it needs. Stdlib alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from peerlearn.runtime.faults import CannotStart

_SET_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG


@dataclass(frozen=True)
class Program:
    """How a child is started and stopped. `grace` is in seconds, before it is killed."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15
    written_to_it: bytes = b""
    user: pwd.struct_passwd | None = field(default=None, repr=False)


class Child:
    """A program in a session of its own, so that a terminal's Ctrl-C reaches only its keeper."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = self.program
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env=program.environment,
                stdin=subprocess.PIPE if program.written_to_it else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(program.stop_signal),
                **_identity(program.user),
            )
        if self._process.stdin is not None:
            # One that died at once is found by `exit_code`.
            with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(program.written_to_it)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def exit_code(self) -> int | None:
        """None while it runs (or has never been started)."""
        return self._process.poll() if self._process is not None else None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> bool:
        """Ask, wait, kill. False when it had to be killed."""
        if self._process is None:
            return True
        asked = True
        if self.running():
            self._process.send_signal(self.program.stop_signal)
            try:
                self._process.wait(self.program.grace)
            except subprocess.TimeoutExpired:
                asked = False
        self.kill_family()
        self._process.wait()
        return asked

    def kill_family(self) -> None:
        """End it and what it left behind in its session."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 15) -> str:
        try:
            text = self.program.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(user: pwd.struct_passwd | None) -> _Identity:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def run_as(
    user: pwd.struct_passwd | None, *command: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command from `/`, with its output captured."""
    return subprocess.run(
        command,
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **_identity(user),
    )


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux the kernel sends the child its stop signal when we are killed outright."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    number = int(stop_signal)

    def ask_the_kernel() -> None:
        prctl(_SET_PARENT_DEATH_SIGNAL, number, 0, 0, 0)

    return ask_the_kernel


def serving_user() -> pwd.struct_passwd | None:
    """Whom Postgres, which refuses root, runs as: None is ourselves. No user is ever made."""
    if os.geteuid() != 0:
        return None
    for name in (os.environ.get("SUDO_USER"), "postgres", "nobody"):
        if not name:
            continue
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            if user.pw_uid:
                return user
    raise CannotStart(
        "PostgreSQL does not run as root, and this computer has neither a user postgres nor nobody "
        "to run it as. Start this as an ordinary user, or set DATABASE_URL and DATABASE_OWNER_URL."
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotStart(
                f"port {port} is reserved for root. Choose another: PORT=8001"
            ) from None
        except OSError:
            return True
        return False


def kept_secret(path: Path) -> str:
    """The secret in the file, made at the first call; readable by its owner alone."""
    with contextlib.suppress(FileNotFoundError):
        if secret := path.read_text():
            return secret
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    secret = secrets.token_urlsafe(48)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    draft.replace(path)
    return secret
