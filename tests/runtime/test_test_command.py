"""`manage.py test`: what is passed on to pytest, and that its servers end whatever happens."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.test import needs_browser, spread


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    "arguments",
    [[], ["-q"], ["-k", "booking"], ["-k", "booking or " * 99], ["tests"], ["tests/browser"]],
)
def test_a_browser_is_needed_where_pages_may_be_opened(arguments: list[str]) -> None:
    assert needs_browser(arguments)


@pytest.mark.parametrize("arguments", [["tests/runtime"], ["tests/runtime/test_roles.py::test_x"]])
def test_no_browser_is_needed_elsewhere(arguments: list[str]) -> None:
    assert not needs_browser(arguments)


def test_a_whole_run_is_spread_over_processes() -> None:
    assert spread([])[0] == "-n"
    assert "loadgroup" in spread(["-q"])


@pytest.mark.parametrize("arguments", [["tests/runtime"], ["-n0"], ["-n", "3"], ["--pdb"]])
def test_a_run_of_a_part_is_not(arguments: list[str]) -> None:
    assert spread(arguments) == []


WAITS = """
import os, threading
import pytest

def test_waits():
    open(os.environ["SAYS"], "w").write(os.environ["DATABASE_SUPERUSER_URL"])
    threading.Event().wait(60)
"""


def kill_it(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def press_ctrl_c(pid: int) -> None:
    """The terminal sends it to the whole group."""
    os.killpg(pid, signal.SIGINT)


@pytest.mark.parametrize("stop", [kill_it, press_ctrl_c])
def test_the_servers_end_when_it_is_stopped(tmp_path: Path, stop: Callable[[int], None]) -> None:
    says, temporary = tmp_path / "says", tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "test_waits.py").write_text(WAITS)
    running = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "test", tmp_path / "test_waits.py"],
        env={**os.environ, "SAYS": str(says), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    clock = threading.Event()
    while not says.exists() and running.poll() is None:
        clock.wait(0.05)
    stop(running.pid)
    output, _ = running.communicate(timeout=30)
    assert running.returncode == 2, output
    assert "KeyboardInterrupt" in output
    assert [path.name for path in temporary.iterdir() if path.name.startswith("peerlearn-")] == []
