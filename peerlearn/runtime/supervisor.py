"""A family of processes: what dies is started again, and all end together, in order."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from peerlearn.runtime.processes import Child, Program

_DEATHS = 5  # so many within _WITHIN seconds, and there is no sense in going on
_WITHIN = 30.0
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_TICK = 0.1


class Stopped(Exception):
    """Somebody asked for the end while a step was running."""


class StepFailed(Exception):
    """A step ended with another code than 0; the text ends with its last words."""


class GaveUp(Exception):
    """A member died too often; the text ends with its last words."""


class Member:
    """A child under supervision, with the times at which it died."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._deaths: list[float] = []
        self._start_at: float | None = None

    @property
    def name(self) -> str:
        return self.child.program.name

    def look(self, now: float) -> str | None:
        """Notice a death and start again when its pause is over; words about a death."""
        if self._start_at is not None:
            if now >= self._start_at:
                self._start_at = None
                self.child.start()
            return None
        code = self.child.exit_code()
        if code is None:
            return None
        self.child.kill_family()
        self._deaths = [death for death in self._deaths if now - death < _WITHIN] + [now]
        pause = min(_FIRST_PAUSE * 2 ** (len(self._deaths) - 1), _LONGEST_PAUSE)
        self._start_at = now + pause
        return f"{self.name} ended with code {code}: starting it again in {pause:.1f} s"

    def hopeless(self) -> bool:
        return len(self._deaths) >= _DEATHS


class Supervisor:
    """Keeps its members running until a signal, `stop()` or a member that dies too often.

    Use it as a context manager on the main thread: leaving it stops all members, the last one
    added first. A second signal kills at once.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.members: list[Member] = []
        self._ending = threading.Event()

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._signalled)
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for member in reversed(self.members):
            self._say(f"stopping {member.name}")
            if not member.child.stop():
                grace = member.child.program.grace
                self._say(f"{member.name} did not stop within {grace:.0f} s and was killed")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def add(self, program: Program) -> None:
        """Start a program as a member."""
        child = Child(program)
        child.start()
        self.adopt(child)

    def adopt(self, child: Child) -> None:
        """Make a child that already runs a member."""
        self.members.append(Member(child))

    def stop(self) -> None:
        self._ending.set()

    def run_step(self, program: Program) -> None:
        """Run a program to its end while watching the members. Raises Stopped, StepFailed."""
        if self._ending.is_set():
            raise Stopped
        step = Child(program)
        step.start()
        try:
            while step.running():
                if self._ending.wait(_TICK):
                    raise Stopped
                self._look_after_members()
        finally:
            step.stop()
        if code := step.exit_code():
            raise StepFailed(f"{program.name} ended with code {code}:\n{step.last_words()}")

    def watch(self, each_tick: Callable[[], None]) -> None:
        """Look after the members until a signal or `stop()`. Raises GaveUp."""
        while not self._ending.wait(_TICK):
            self._look_after_members()
            each_tick()

    def _look_after_members(self) -> None:
        for member in self.members:
            words = member.look(time.monotonic())
            if member.hopeless():
                raise GaveUp(
                    f"{member.name} ended {_DEATHS} times within {_WITHIN:.0f} s: giving up. The "
                    f"end of {member.child.program.log}:\n{member.child.last_words()}"
                )
            if words:
                self._say(words)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        if self._ending.is_set():
            for member in self.members:
                member.child.kill_family()
        self._ending.set()
