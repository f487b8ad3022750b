"""`manage.py test`: pytest against real servers that are started for it and always stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from peerlearn.runtime.browser import find_or_install_browser
from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.servers import throw_away_servers

_BROWSER_TESTS = ROOT / "tests" / "browser"
_GRACE = 30.0  # seconds for pytest to wind up after a signal


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments; its exit code."""
    variables = {"TESTING": "1", "DJANGO_SETTINGS_MODULE": "peerlearn.settings"}
    if needs_browser(arguments):
        variables["CHROMIUM"] = find_or_install_browser()
    command = [sys.executable, "-m", "pytest", *spread(arguments), *arguments]
    with _Pytest() as pytest, throw_away_servers() as servers:
        return pytest.run(command, {**os.environ, **variables, **servers})


def named_paths(arguments: list[str]) -> list[Path]:
    """The files and folders among pytest's arguments."""
    places = (Path(argument.partition("::")[0]) for argument in arguments)
    return [place for place in places if not str(place).startswith("-") and place.exists()]


def needs_browser(arguments: list[str]) -> bool:
    """Whether the tests that the arguments name can open a page."""
    paths = named_paths(arguments)
    if not paths:
        return True
    return any(
        "browser" in path.name
        or _BROWSER_TESTS.is_relative_to(path.resolve())
        or path.resolve().is_relative_to(_BROWSER_TESTS)
        for path in paths
    )


def spread(arguments: list[str]) -> list[str]:
    """Over several processes when everything is run and the arguments do not say otherwise."""
    if named_paths(arguments) or any(
        word.startswith(("-n", "--numprocesses", "--dist", "--pdb")) for word in arguments
    ):
        return []
    return ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadgroup"]


class _Pytest:
    """Lets pytest wind up on Ctrl-C and on SIGTERM, so that the servers are stopped after it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._asked_to_stop = threading.Event()

    def __enter__(self) -> _Pytest:
        signal.signal(signal.SIGINT, self._leave_it_to_pytest)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def run(self, command: list[str], environment: dict[str, str]) -> int:
        """The exit code; 128 + the signal's number where a signal ended it."""
        if self._asked_to_stop.is_set():
            return 128 + signal.SIGINT
        self._child = subprocess.Popen(command, env=environment)
        while (code := self._child.poll()) is None:
            if self._asked_to_stop.is_set():
                code = self._wait_or_kill(self._child)
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(0.5)
        return code if code >= 0 else 128 - code

    def _wait_or_kill(self, child: subprocess.Popen[bytes]) -> int:
        try:
            return child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def _leave_it_to_pytest(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop.set()

    def _pass_on(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop.set()
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
