"""The supervisor with real child processes."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peerlearn.runtime.processes import Program
from peerlearn.runtime.supervisor import GaveUp, StepFailed, Stopped, Supervisor

LIVES = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); "


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(name: str, code: str, grace: float = 5) -> Program:
        command = (sys.executable, "-c", code)
        return Program(name=name, command=command, log=tmp_path / f"{name}.log", grace=grace)

    return make


def until(condition: Callable[[], bool], supervisor: Supervisor) -> Callable[[], None]:
    """What ends the watch when the condition holds, or fails it after ten seconds."""
    deadline = time.monotonic() + 10

    def look() -> None:
        assert time.monotonic() < deadline, "it took too long"
        if condition():
            supervisor.stop()

    return look


def test_what_dies_is_started_again(
    tmp_path: Path, program: Callable[..., Program], said: list[str]
) -> None:
    lives = tmp_path / "lives"
    code = f"open({str(lives)!r}, 'a').write('x'); " + LIVES
    with Supervisor(said.append) as supervisor:
        supervisor.add(program("worker", code))
        member = supervisor.members[0]
        first = member.child.pid
        killed: list[int] = []

        def one_is_killed_and_another_lives() -> bool:
            if not lives.exists():
                return False
            if not killed and first is not None:
                os.kill(first, signal.SIGKILL)
                killed.append(first)
            return lives.read_text() == "xx" and member.child.running()

        supervisor.watch(until(one_is_killed_and_another_lives, supervisor))
        assert member.child.pid != first
    assert said == ["worker ended with code -9: starting it again in 0.2 s", "stopping worker"]


def test_what_dies_again_and_again_ends_it_with_its_last_words(
    program: Callable[..., Program], said: list[str]
) -> None:
    with Supervisor(said.append) as supervisor:
        supervisor.add(program("beat", "raise SystemExit('no such schedule')"))
        with pytest.raises(GaveUp, match=r"beat ended 5 times within 30 s.*\n.*no such schedule"):
            supervisor.watch(lambda: None)
    pauses = [words.rpartition(" in ")[2] for words in said[:-1]]
    assert pauses == ["0.2 s", "0.4 s", "0.8 s", "1.6 s"]


def test_all_stop_in_the_opposite_order_of_their_start(
    tmp_path: Path, program: Callable[..., Program], said: list[str]
) -> None:
    ends = tmp_path / "ends"
    code = (
        "import signal, sys\n"
        "def end(*_):\n"
        f"    open({str(ends)!r}, 'a').write(sys.argv[1] + ' '); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True)\n"
        "while True: signal.pause()"
    )
    names = ["postgres", "redis", "worker", "beat", "web"]
    with Supervisor(said.append) as supervisor:
        for name in names:
            made = program(name, code)
            supervisor.add(Program(**{**vars(made), "command": (*made.command, name)}))
        logs = [tmp_path / f"{name}.log" for name in names]
        supervisor.watch(until(lambda: all("up" in log.read_text() for log in logs), supervisor))
    assert ends.read_text().split() == ["web", "beat", "worker", "redis", "postgres"]


def test_a_signal_ends_the_watch_and_what_does_not_stop_is_killed(
    tmp_path: Path, program: Callable[..., Program], said: list[str]
) -> None:
    with Supervisor(said.append) as supervisor:
        supervisor.add(program("web", STUBBORN + LIVES, grace=0.3))
        child = supervisor.members[0].child
        sent: list[bool] = []

        def send_once_it_is_up() -> None:
            if not sent and "up" in (tmp_path / "web.log").read_text():
                os.kill(os.getpid(), signal.SIGTERM)
                sent.append(True)

        supervisor.watch(send_once_it_is_up)
    assert not child.running()
    assert said[-1] == "web did not stop within 0 s and was killed"


def test_a_step_that_fails_says_why(program: Callable[..., Program], said: list[str]) -> None:
    with Supervisor(said.append) as supervisor:
        supervisor.run_step(program("collectstatic", "pass"))
        with pytest.raises(StepFailed, match="migrate ended with code 1:\nno such table"):
            supervisor.run_step(program("migrate", "raise SystemExit('no such table')"))


def test_a_step_ends_when_all_is_to_end(program: Callable[..., Program], said: list[str]) -> None:
    with Supervisor(said.append) as supervisor:
        supervisor.stop()
        with pytest.raises(Stopped):
            supervisor.run_step(program("load_demo", LIVES))


def test_nothing_is_left_behind_by_what_died(
    tmp_path: Path, program: Callable[..., Program], said: list[str]
) -> None:
    """A killed process's own children end with it."""
    grandchild = tmp_path / "grandchild"
    code = (
        "import os, subprocess, sys, time\n"
        f"left = subprocess.Popen([sys.executable, '-c', {LIVES!r}])\n"
        f"open({str(grandchild)!r}, 'w').write(str(left.pid)); time.sleep(60)"
    )
    with Supervisor(said.append) as supervisor:
        supervisor.add(program("worker", code))
        supervisor.watch(
            until(lambda: grandchild.exists() and bool(grandchild.read_text()), supervisor)
        )
    assert ends(int(grandchild.read_text()))


def ends(pid: int) -> bool:
    """Whether the process, which is nobody's child here, is gone within five seconds."""
    clock = threading.Event()
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        clock.wait(0.05)
    return False
