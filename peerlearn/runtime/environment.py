"""Makes `.venv` from the hashed locks. Standard library alone: it runs before anything exists.

The running interpreter is left alone when it already has every locked version (an image, an
active environment). `.venv` carries a stamp of its Python and its locks, written last, and a mark
while it is being made: an environment whose making was interrupted is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peerlearn.runtime.faults import CannotStart

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
READY = "PEERLEARN_ENVIRONMENT"  # tells a re-executed command which environment was made for it

# A line of a lock: name==version, perhaps a marker, a backslash before the hashes.
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?P<marker>;[^\\]*)?")


@dataclass(frozen=True)
class Lock:
    """One file of `requirements/`. An optional lock may fail to install (no wheel for here)."""

    name: str
    optional: bool = False
    contains: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return LOCKS / f"{self.name}.lock"

    def digest(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


BASE = Lock("base")
TEST = Lock("test", contains=("base",))
EMBEDDED = Lock("embedded", optional=True)


def installed_here(lock: Lock) -> bool:
    """Whether the running interpreter has every version that the lock names for it."""
    for line in lock.path.read_text().splitlines():
        pinned = _PINNED.match(line)
        if pinned is None:
            continue
        try:
            version = importlib.metadata.version(pinned["name"])
        except importlib.metadata.PackageNotFoundError:
            if pinned["marker"]:  # not for this platform or Python
                continue
            return False
        if version != pinned["version"]:
            return False
    return True


class Environment:
    """A virtual environment below `path`, made from locks with the Python `python`."""

    def __init__(self, path: Path = ROOT / ".venv", python: str | None = None) -> None:
        self.path = path
        self.base_python: str = python or getattr(sys, "_base_executable", "") or sys.executable
        self.python = path / "bin" / "python"
        self._stamp = path / "peerlearn.json"
        self._making = path / "peerlearn-making"

    def missing(self, locks: Sequence[Lock]) -> list[Lock]:
        """The locks that the environment does not hold whole, in the order given."""
        held = self._held()
        return [lock for lock in locks if held.get(lock.name) != lock.digest()]

    def ensure(self, locks: Sequence[Lock]) -> None:
        """Bring the environment to the locks; returns at once when it is there.

        Raises CannotStart with the way out when it cannot be made.
        """
        if not self.missing(locks):
            return
        with self._alone() as turn:
            if self._must_be_made_anew():
                self._make(turn)
            for lock in self.missing(locks):
                self._install(lock, turn)

    def _held(self) -> dict[str, str]:
        if self._making.exists() or not self.python.exists():
            return {}
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return {}
        if stamp.get("python") != sys.version:
            return {}
        return {str(name): str(digest) for name, digest in stamp.get("locks", {}).items()}

    def _must_be_made_anew(self) -> bool:
        if self._making.exists() or not self.python.exists():
            return True
        answer = subprocess.run(
            [self.python, "-c", "import sys, pip; print(sys.version, end='')"],
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.returncode != 0 or answer.stdout != sys.version

    def _make(self, turn: int) -> None:
        print(f"making {self.path} (the first time this takes about a minute)", flush=True)
        try:
            import ensurepip  # noqa: F401
            import venv  # noqa: F401
        except ImportError:
            raise CannotStart(
                "this Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
            ) from None
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        self._making.touch()
        made = subprocess.run(
            [self.base_python, "-m", "venv", str(self.path)],
            pass_fds=[turn],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise CannotStart(
                f"{self.path} could not be made. On Debian and Ubuntu: apt-get install "
                f"python3-venv\n{(made.stdout + made.stderr).strip()}"
            )

    def _install(self, lock: Lock, turn: int) -> None:
        print(f"installing {lock.path.relative_to(lock.path.parents[1])}", flush=True)
        held = self._held()
        self._making.touch()
        options = "--quiet --no-input --disable-pip-version-check --require-hashes"
        installed = subprocess.run(
            [
                *(str(self.python), "-m", "pip", "install", *options.split()),
                *("--only-binary", ":all:", "-r", str(lock.path)),
            ],
            env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"},
            pass_fds=[turn],
            check=False,
        )
        if installed.returncode and not lock.optional:
            raise CannotStart(f"pip could not install {lock.path} (its words are above)")
        if installed.returncode:
            print(
                f"note: {lock.path.name} could not be installed (pip's words are above): "
                "the servers that are on PATH are used instead",
                flush=True,
            )
        else:
            held[lock.name] = lock.digest()
            held.update({part: Lock(part).digest() for part in lock.contains})
        self._write_stamp(held)
        self._making.unlink()

    def _write_stamp(self, held: dict[str, str]) -> None:
        draft = self._stamp.with_suffix(".new")
        draft.write_text(json.dumps({"python": sys.version, "locks": held}, indent=1))
        draft.replace(self._stamp)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """One maker at a time; the others wait and then find it made.

        The descriptor of the lock goes to pip too: a pip that outlives its killed maker keeps it.
        """
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"waiting for another command that makes {self.path}", flush=True)
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)


def enter(locks: Sequence[Lock], argv: Sequence[str]) -> None:
    """Return when this interpreter has the locks; else go on inside `.venv` (does not return).

    An optional lock whose wheels do not exist for this platform is not waited for.
    """
    if os.environ.get(READY) == sys.prefix:
        return
    if all(installed_here(lock) for lock in locks):
        return
    environment = Environment()
    try:
        environment.ensure(locks)
    except OSError as error:
        raise CannotStart(f"{environment.path} could not be made: {error}") from error
    os.environ[READY] = str(environment.path)
    os.environ.pop("PYTHONHOME", None)
    os.environ["PATH"] = f"{environment.path / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    sys.stdout.flush()
    os.execv(environment.python, [str(environment.python), *argv])  # noqa: S606  # nosec B606
