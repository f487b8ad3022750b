"""What `manage.py demo` says when it cannot start, and that nothing is left running then."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from peerlearn.runtime import home
from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.home import Home
from peerlearn.runtime.processes import free_port

SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "REDIS_URL", "TESTING")


def start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in SERVERS}
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "demo"],
        env={**inherited, "PEERLEARN_HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = start(tmp_path, PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"error: port {port} is taken. Stop what uses it, or choose another: "
        f"PORT={port + 1} python3 manage.py demo\n"
    )
    assert not list(tmp_path.glob("postgres-*"))


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_what_is_no_port(tmp_path: Path, port: str) -> None:
    assert f"PORT={port} is not a port number" in start(tmp_path, PORT=port).stderr


def test_a_second_start_from_the_same_folder(tmp_path: Path) -> None:
    first = Home(tmp_path)
    first.open()
    try:
        ended = start(tmp_path, PORT=str(free_port()))
    finally:
        first.close()
    assert ended.returncode == 1
    assert f"a demo is already running from {tmp_path}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = start(tmp_path / "file" / "home")
    assert ended.returncode == 1
    assert "cannot be written: Not a directory. Name another folder" in ended.stderr


class _Usage(NamedTuple):
    total: int = 1000
    used: int = 1000
    free: int = 0


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: _Usage())
    with pytest.raises(CannotStart, match=r"the disk of .* is full: 0 MB are free"):
        Home(tmp_path).open()
    words = home.words_about(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    assert words.startswith(f"{tmp_path} cannot be written: the disk is full.")


def test_a_database_that_is_away(tmp_path: Path) -> None:
    url = f"postgres://app:secret@127.0.0.1:{free_port()}/peerlearn"
    ended = start(tmp_path, PORT=str(free_port()), DATABASE_URL=url, DATABASE_OWNER_URL=url)
    assert ended.returncode == 1
    assert "DATABASE_OWNER_URL: no connection to 127.0.0.1" in ended.stderr
    assert "secret" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_serving_role_without_an_owner(tmp_path: Path) -> None:
    ended = start(tmp_path, PORT=str(free_port()), DATABASE_URL="postgres://app@db/peerlearn")
    assert "DATABASE_OWNER_URL is not set" in ended.stderr


def test_the_running_demo_is_found_by_other_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEERLEARN_HOME", str(tmp_path))
    running = Home(tmp_path)
    running.open()
    running.publish({"DATABASE_URL": "postgres://app@db/peerlearn"})
    assert home.variables_of_the_demo() == {
        "DEMO": "1",
        "DATABASE_URL": "postgres://app@db/peerlearn",
    }
    assert (tmp_path / "environment.json").stat().st_mode & 0o077 == 0
    running.close()
    assert home.variables_of_the_demo() == {"DEMO": "1"}
