"""The whole of `manage.py demo`, as somebody runs it who has just cloned: servers, two web
processes, worker and beat. Over HTTP, with the forms of the pages."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener, urlopen

import openpyxl
import psycopg2
import pytest

from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.processes import Child, Program, free_port
from tests.runtime.test_demo import SERVERS

# Generous: the machine does much else. A demo that ends by itself is noticed at once.
READY_WITHIN = 420
DONE_WITHIN = 180
STOPPED_WITHIN = 120
# A promise: seconds from when Postgres takes connections again. On a machine that needs longer than
# one second for a page, as many pages.
WELL_AGAIN_WITHIN = 10.0
NILS, INGRID = "nils.eriksen@halden.example", "ingrid.solheim@halden.example"
HALDEN = "/o/halden-grid/"
# What the supervisor calls it, and what stands in its command.
PROCESSES = {
    "web": ("gunicorn",),
    "beat": ("celery", " beat "),
    "worker": ("celery", " worker "),
    "redis": ("valkey",),
    "postgres": ("postgres", " -D "),
}


class Demo:
    """A demo in a process group of its own, with what it says in a file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._clock = threading.Event()
        self.port = free_port()
        self.said = home.with_name("said.log")
        self.address = f"http://localhost:{self.port}"
        left_out = (*SERVERS, "DATABASE_SUPERUSER_URL", "DJANGO_SETTINGS_MODULE")
        inherited = {name: value for name, value in os.environ.items() if name not in left_out}
        self._child = Child(
            Program(
                name="demo",
                command=(sys.executable, str(ROOT / "manage.py"), "demo"),
                log=self.said,
                environment={**inherited, "PEERLEARN_HOME": str(home), "PORT": str(self.port)},
                stop_signal=signal.SIGINT,
                grace=STOPPED_WITHIN,
            )
        )
        self.said.unlink(missing_ok=True)
        self._child.start()

    def until(self, condition: Callable[[], bool], what: str, within: float = DONE_WITHIN) -> None:
        """Look again and again; what the demo and its processes said, when it does not come."""
        deadline = time.monotonic() + within
        while not condition():
            assert self._child.running(), f"the demo ended before {what}\n{self.words()}"
            assert time.monotonic() < deadline, f"not {what} in {within} s\n{self.words()}"
            self._clock.wait(0.25)

    def words(self) -> str:
        """What everybody said last."""
        logs = [self.said, *sorted((self.home / "log").glob("*.log"))]
        return "\n".join(
            "\n".join([f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-25:]])
            for log in logs
        )

    def stop(self) -> list[str]:
        """Ctrl-C; what it said from then on, without the times."""
        before = len(self.said.read_text().splitlines())
        assert self._child.stop(), f"it does not stop\n{self.words()}"
        assert self._child.exit_code() == 0, self.words()
        return [line.partition("] ")[2] for line in self.said.read_text().splitlines()[before:]]

    def end(self) -> None:
        self._child.stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid


class Visitor:
    """A browser's cookies and forms, and no more."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self._web: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.at = demo.address
        self.page = ""

    def go(self, path: str) -> str:
        return self._read(urljoin(self.at, path), None)

    def press(self, words: str, **typed: str) -> str:
        """Send the form of the page in which these words stand, with its hidden fields."""
        forms = re.findall(r"<form\b.*?</form>", self.page, re.DOTALL)
        found = [form for form in forms if words in form]
        assert found, f"no form says {words!r} on {self.at}\n{self.text()}"
        action = re.search(r'action="([^"]*)"', found[0].partition(">")[0])
        fields = {}
        for field in re.findall(r"<input\b[^>]*>", found[0]):
            if 'type="hidden"' in field:
                name, value = (re.search(rf'\b{key}="([^"]*)"', field) for key in ("name", "value"))
                assert name
                fields[name[1]] = html.unescape(value[1]) if value else ""
        to = urljoin(self.at, html.unescape(action[1])) if action else self.at
        return self._read(to, urlencode({**fields, **typed}).encode())

    def link(self, pattern: str) -> str:
        """Where the first link leads whose address is like that."""
        found = re.search(rf'href="({pattern})"', self.page)
        assert found, f"no link to {pattern} on {self.at}\n{self.text()}"
        return found[1]

    def text(self) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page))

    def download(self, path: str) -> bytes:
        with self._web.open(urljoin(self.at, path), timeout=60) as answer:
            content: bytes = answer.read()
            return content

    def status(self, path: str) -> int:
        """Of that page; 0 while nobody listens."""
        try:
            with self._web.open(urljoin(self.at, path), timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (OSError, HTTPException):
            return 0

    def _read(self, address: str, data: bytes | None) -> str:
        try:
            with self._web.open(address, data, timeout=60) as answer:
                self.page, self.at = answer.read().decode(), answer.url
        except OSError as error:  # an answer from 400 on is one, too
            pytest.fail(f"{address}: {error}\n{self.demo.words()}")
        return self.page


def signed_in(demo: Demo, email: str) -> Visitor:
    visitor = Visitor(demo)
    visitor.go("/account/login/")
    visitor.press(f'value="{email}"')
    assert HALDEN in visitor.at, visitor.at
    return visitor


@pytest.fixture
def start() -> Iterator[Callable[[], Demo]]:
    """Starts demos of one home, one after the other. The home is where Postgres' user gets in."""
    place = Path(tempfile.mkdtemp(prefix="peerlearn-test-"))
    place.chmod(0o755)
    started: list[Demo] = []

    def begin() -> Demo:
        demo = Demo(place / "home")
        started.append(demo)
        demo.until(lambda: "] ready: " in demo.said.read_text(), "ready", READY_WITHIN)
        return demo

    yield begin
    for demo in started:
        demo.end()
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.long
def test_from_the_command_to_a_booking_that_lasts(start: Callable[[], Demo]) -> None:
    demo = start()
    nils = signed_in(demo, NILS)
    booked = book_three_days(nils)
    assert "Booked. Marta Kowalczyk is told" in html.unescape(nils.page)
    visitor = Visitor(demo)
    demo.until(lambda: "Nils Eriksen" in visitor.go("/mailbox/"), "mailed to the host")
    report = Visitor.download(*have_a_report_made(demo))
    sheet = openpyxl.load_workbook(io.BytesIO(report), read_only=True).worksheets[0]
    header, first = (next(sheet.iter_rows(min_row=n, values_only=True)) for n in (1, 2))
    assert header[:2] == ("Skill", "Team")
    assert first[0]
    assert demo.stop() == [
        "stopping web",
        "stopping beat",
        "stopping worker",
        "stopping redis",
        "stopping postgres",
        "all stopped",
    ]
    again = start()
    nils = signed_in(again, NILS)
    assert "Booked. Marta Kowalczyk is told" in html.unescape(nils.go(booked))
    for name, words in PROCESSES.items():
        kill(again, name, words, lambda: nils.status(booked))
        assert "Booked. Marta Kowalczyk is told" in html.unescape(nils.go(booked)), name
    mails = Visitor(again).go("/mailbox/").count("Cancelled by Nils")
    nils.go(f"{booked}cancel/")
    nils.press("Cancel booking", reason="Ill")
    again.until(
        lambda: Visitor(again).go("/mailbox/").count("Cancelled by Nils") > mails,
        "mailed after everything had died once",
    )
    assert again.stop()[-1] == "all stopped"


def kill(demo: Demo, name: str, words: tuple[str, ...], look: Callable[[], int]) -> None:
    """Kill one process outright; the others go on, and it comes back. Until then a page is there,
    or says in words that it cannot be."""
    pid, command = child_of(demo, words)
    began = time.monotonic()
    assert look() == 200
    a_page = time.monotonic() - began
    os.kill(pid, signal.SIGKILL)
    said = f"{name} ended with code -9: starting it again"
    demo.until(lambda: said in demo.said.read_text(), f"noticed that {name} died")
    if name == "postgres":
        found = re.search(r"\bport=(\d+)", command)
        assert found
        is_back_in_time(demo, int(found[1]), look, a_page)

    def is_well_again() -> bool:
        asked = {path: answer(demo, path) for path in ("/readyz", "/account/login/")}
        status, page = asked["/account/login/"]
        assert status in (0, 200, 500), page
        if status == 500:
            assert "That went wrong on our side." in page, page
        return [status for status, _page in asked.values()] == [200, 200]

    demo.until(is_well_again, f"well again after {name} died")


def is_back_in_time(demo: Demo, port: int, look: Callable[[], int], a_page: float) -> None:
    """`look` opens a page of somebody who is signed in, which Postgres alone can answer."""
    demo.until(lambda: takes_connections(port), "taking connections")
    began = time.monotonic()
    demo.until(lambda: look() == 200, "a page with Postgres back")
    took = time.monotonic() - began
    assert took < WELL_AGAIN_WITHIN * max(a_page, 1), (took, a_page, demo.words())


def takes_connections(port: int) -> bool:
    """Postgres looks at the password once it has nothing else to do."""
    where = {"host": "127.0.0.1", "port": port, "dbname": "postgres", "user": "postgres"}
    try:
        psycopg2.connect(**where, password="not the password", connect_timeout=30)
    except psycopg2.OperationalError as refusal:
        return "password authentication failed" in str(refusal)
    raise AssertionError("a wrong password was taken")


def answer(demo: Demo, path: str) -> tuple[int, str]:
    """Status and text; 0 while nobody listens."""
    try:
        with urlopen(demo.address + path, timeout=60) as page:
            return page.status, page.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, HTTPException):
        return 0, ""


def child_of(demo: Demo, words: tuple[str, ...]) -> tuple[int, str]:
    """(pid, command) of the child of the demo whose command holds all these words."""
    found = [child for child in children(demo) if all(word in child[1] for word in words)]
    assert len(found) == 1, (words, found)
    return found[0]


def children(demo: Demo) -> list[tuple[int, str]]:
    """(pid, command); without `ps`, which small images lack, where the kernel tells it."""
    if sys.platform.startswith("linux"):
        pids = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        commands = [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids]
        return list(zip(map(int, pids), commands, strict=True))
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [(int(row[0]), row[2]) for row in rows if len(row) == 3 and row[1] == str(demo.pid)]


def book_three_days(nils: Visitor) -> str:
    """As the pages lead; the address of the booking."""
    nils.go(f"{HALDEN}shadowing/?q=Marta")
    nils.go(nils.link(rf"{HALDEN}shadowing/[\w-]{{8,}}/"))
    nils.press("Hold these 3 days")
    assert "Held for you until" in nils.page, nils.text()
    nils.press("Book 3 days", goal="Set a feeder relay alone")
    return urlsplit(nils.at).path


def have_a_report_made(demo: Demo) -> tuple[Visitor, str]:
    """HR asks; the worker makes it; where the file is."""
    ingrid = signed_in(demo, INGRID)
    ingrid.go(f"{HALDEN}reports/")
    asked = {"kind": "skill_coverage", "names": "groups", "file_format": "xlsx"}
    ingrid.press("Create Excel file", **asked)
    made = rf"{HALDEN}reports/[\w-]+/file/"
    demo.until(
        lambda: bool(re.search(made, ingrid.go(f"{HALDEN}reports/files/"))), "made the report"
    )
    return ingrid, ingrid.link(made)
