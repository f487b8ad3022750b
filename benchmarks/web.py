"""Real web processes: gunicorn with the words of the Dockerfile and the settings of production."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from peerlearn.runtime.processes import Child, Program, free_port

HOST = "bench.example"
ROOT = Path(__file__).resolve().parent.parent
_READY_WITHIN = 60.0


@dataclass(frozen=True)
class Web:
    port: int
    processes: int


class Webs:
    """Starts web processes that share static files, logs and a secret. Needs the servers in the
    environment; use it as a context manager."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="peerlearn-bench-")
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Webs:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=ROOT,
            env=self._environment({}),
            check=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # the processes' words say why
            for log in self.folder.glob("*.log"):
                lines = log.read_text().splitlines()
                faults = [line for line in lines if '"exception"' in line]
                print(log.name, *faults[:1], *lines[-5:], sep="\n", file=sys.stderr)
        self._folder.cleanup()

    @contextmanager
    def running(
        self, application: str = "peerlearn.wsgi", *, processes: int = 2, **variables: str
    ) -> Iterator[Web]:
        """The application behind so many processes, until the end of the block."""
        web = Web(free_port(), processes)
        name = f"{application}-{web.port}"
        child = Child(
            Program(
                name=name,
                command=_gunicorn(application, web),
                log=self.folder / f"{name}.log",
                environment=self._environment({**variables, "METRICS": name}),
                folder=ROOT,
                stop_signal=signal.SIGQUIT,  # at once: nobody waits for an answer any more
            )
        )
        child.start()
        try:
            _wait(web, child)
            yield web
        finally:
            child.stop()

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        """Production's settings. What belongs to the owner or to tests is left out."""
        left_out = ("TESTING", "DEMO", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
        own = {key: value for key, value in os.environ.items() if key not in left_out}
        metrics = self.folder / variables.get("METRICS", "metrics")
        return {
            **own,
            "DJANGO_SETTINGS_MODULE": "peerlearn.settings",
            "ALLOWED_HOSTS": HOST,
            "PUBLIC_ADDRESS": f"https://{HOST}",
            "BEHIND_PROXY": "1",
            "TRUSTED_PROXY_COUNT": "1",
            "STATIC_ROOT": str(self.folder / "static"),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            **variables,
        }


def _gunicorn(application: str, web: Web) -> tuple[str, ...]:
    """The image's own command with another address and number of processes."""
    words = re.search(r"^CMD (\[.*\])", _dockerfile(), re.MULTILINE)
    if words is None:
        raise LookupError("the Dockerfile has no CMD")
    command: list[str] = json.loads(words[1])
    command[command.index("peerlearn.wsgi")] = application
    command[command.index("--bind") + 1] = f"127.0.0.1:{web.port}"
    command[command.index("--workers") + 1] = str(web.processes)
    if not Path("/dev/shm").exists():
        at = command.index("--worker-tmp-dir")
        del command[at : at + 2]
    return (str(Path(sys.executable).parent / command[0]), *command[1:])


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def _wait(web: Web, child: Child) -> None:
    """Until it answers anything at all."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and child.running():
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": HOST})
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"the web process does not answer:\n{child.last_words(40)}")
