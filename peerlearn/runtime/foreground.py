"""A command in the foreground, with servers behind it that must be stopped whatever happens."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from types import FrameType

_GRACE = 30.0  # seconds for the command to wind up after a signal


class Foreground:
    """Runs a command that shares our terminal, and outlives it to stop the servers behind it.

    On Ctrl-C, which the terminal sends to both, and on SIGTERM the command winds up first.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._asked_to_stop = threading.Event()

    def __enter__(self) -> Foreground:
        signal.signal(signal.SIGINT, self._leave_it_to_the_command)
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

    def _leave_it_to_the_command(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop.set()

    def _pass_on(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop.set()
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
