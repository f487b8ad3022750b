"""PEERLEARN_HOME, the folder in which the demo keeps all that it writes. Standard library alone."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from pathlib import Path

from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.faults import CannotStart

_ROOM_NEEDED = 500_000_000  # bytes: Postgres' first data folder, its journal and the logs


def folder() -> Path:
    return Path(os.environ.get("PEERLEARN_HOME") or ROOT / ".peerlearn").resolve()


class Home:
    """The folder, held by one demo at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "log"
        self._variables = path / "environment.json"
        self._lock: int | None = None

    def open(self) -> None:
        """Make it and hold it. Raises CannotStart: held by another, no room, not writable."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            probe = self.path / "probe"
            probe.write_bytes(b"x" * 4096)
            probe.unlink()
            free = shutil.disk_usage(self.path).free
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CannotStart(words_about(self.path, error)) from error
        if free < _ROOM_NEEDED:
            raise CannotStart(
                f"the disk of {self.path} is full: {free // 1_000_000} MB are free, the demo needs "
                f"{_ROOM_NEEDED // 1_000_000}. Make room, or name another folder: PEERLEARN_HOME=…"
            )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"a demo is already running from {self.path}. Stop it first (Ctrl-C where it "
                "runs), or start a second one: PEERLEARN_HOME=.peerlearn-2 PORT=8001"
            ) from None

    def close(self) -> None:
        if self._lock is not None:
            self._variables.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def publish(self, variables: dict[str, str]) -> None:
        """Let `manage.py <command>` in another terminal find the running demo."""
        draft = self._variables.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(variables, file)
        draft.replace(self._variables)

    def published(self) -> dict[str, str]:
        """What the running demo published; empty when none runs."""
        with contextlib.suppress(OSError, ValueError):
            lock = os.open(self.path / "lock", os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return dict(json.loads(self._variables.read_text()))
            finally:
                os.close(lock)
        return {}


def variables_of_the_demo() -> dict[str, str]:
    """For a Django command in a bare checkout: the demo's settings, and its servers if it runs."""
    return {"DEMO": "1"} | Home(folder()).published()


def words_about(path: Path, error: OSError) -> str:
    """Why the folder cannot be used, and what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        reason = "the disk is full"
    else:
        reason = error.strerror or str(error)
    return f"{path} cannot be written: {reason}. Name another folder: PEERLEARN_HOME=…"
