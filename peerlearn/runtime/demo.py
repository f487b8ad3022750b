"""`manage.py demo`: servers, demo organizations, web, worker and beat in one terminal."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

from peerlearn.runtime import home
from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.home import Home, words_about
from peerlearn.runtime.postgres import Postgres
from peerlearn.runtime.processes import Program, kept_secret, port_is_taken
from peerlearn.runtime.roles import Login
from peerlearn.runtime.servers import check_redis, make_embedded_roles, use_own_database
from peerlearn.runtime.supervisor import GaveUp, StepFailed, Stopped, Supervisor
from peerlearn.runtime.valkey import Valkey

_BEGUN = time.monotonic()
_PROGRAMS = Path(sys.executable).parent
_MANAGE = (sys.executable, str(ROOT / "manage.py"))
_SLOW = 90.0  # seconds after which not being ready is worth a word


def main(arguments: list[str]) -> int:
    """Run the demo until Ctrl-C; the exit code."""
    if arguments:
        raise CannotStart("demo takes no arguments. PORT and PEERLEARN_HOME are read, if set")
    port = _port()
    place = Home(home.folder())
    place.open()
    try:
        if port_is_taken(port):
            raise CannotStart(
                f"port {port} is taken. Stop what uses it, or choose another: "
                f"PORT={port + 1} python3 manage.py demo"
            )
        with Supervisor(say) as supervisor:
            _Demo(place, port, supervisor).run()
    except Stopped:
        pass
    except (StepFailed, GaveUp) as failure:
        raise CannotStart(str(failure)) from failure
    except OSError as error:
        raise CannotStart(words_about(place.path, error)) from error
    finally:
        place.close()
    say("all stopped")
    return 0


def say(words: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(f"[{time.monotonic() - _BEGUN:5.1f} s] {words}", flush=True)


def _port() -> int:
    written = os.environ.get("PORT") or "8000"
    if not (written.isdecimal() and 0 < int(written) < 65_536):
        raise CannotStart(f"PORT={written} is not a port number")
    return int(written)


class _Demo:
    def __init__(self, place: Home, port: int, supervisor: Supervisor) -> None:
        self.place = place
        self.port = port
        self.supervisor = supervisor
        self.owner_url = ""
        self.environment = os.environ | {
            "DEMO": "1",
            "PORT": str(port),
            "PEERLEARN_HOME": str(place.path),
            "DJANGO_SETTINGS_MODULE": "peerlearn.settings",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": kept_secret(place.path / "secret-key"),
            "STATIC_ROOT": str(place.path / "static"),
        }
        self.environment.pop("DATABASE_OWNER_URL", None)  # not for what serves
        self._announced = False
        self._patience = 0.0

    def run(self) -> None:
        self._start_servers()
        self._manage("migrate", as_owner=True)
        say("the database is up to date")
        self._manage("collectstatic", "--noinput")
        say("loading the demo organizations (the first time this takes a while)")
        self._manage("load_demo")
        self._analyse()
        self._start_processes()
        self._patience = time.monotonic() + _SLOW
        self.supervisor.watch(self._announce)

    # --- servers ------------------------------------------------------------------------------
    def _start_servers(self) -> None:
        served = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        if served["DATABASE_URL"]:
            owner_url = os.environ.get("DATABASE_OWNER_URL", "")
            addresses = use_own_database(served["DATABASE_URL"], owner_url)
        else:
            postgres = Postgres(self.place.path, self.place.logs)
            self.supervisor.adopt(postgres.start())
            addresses = make_embedded_roles(postgres)
            say(f"PostgreSQL {postgres.major} runs, its data in {postgres.data}")
        if served["REDIS_URL"]:
            check_redis(served["REDIS_URL"])
            redis_url = served["REDIS_URL"]
        else:
            valkey = Valkey(self.place.path, self.place.logs)
            self.supervisor.adopt(valkey.start())
            redis_url = valkey.url()
            say("the Redis-compatible server runs")
        self.owner_url = addresses["DATABASE_OWNER_URL"]
        self.environment |= {"DATABASE_URL": addresses["DATABASE_URL"], "REDIS_URL": redis_url}
        names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT", "PEERLEARN_HOME")
        self.place.publish(
            {name: self.environment[name] for name in names}
            | {"DATABASE_OWNER_URL": self.owner_url}
        )

    # --- steps --------------------------------------------------------------------------------
    def _manage(self, *command: str, as_owner: bool = False) -> None:
        owner = {"AS_OWNER": "1", "DATABASE_OWNER_URL": self.owner_url} if as_owner else {}
        self.supervisor.run_step(
            Program(
                name=f"manage.py {command[0]}",
                command=(*_MANAGE, *command),
                log=self.place.logs / f"{command[0]}.log",
                environment=self.environment | owner,
                folder=ROOT,
            )
        )

    def _analyse(self) -> None:
        """Freshly loaded tables look empty to the planner until it has read them."""
        with Login.from_url(self.owner_url, "DATABASE_OWNER_URL").cursor() as cursor:
            cursor.execute("ANALYZE")

    def _who_may_sign_in(self) -> str:
        answer = subprocess.run(
            [*_MANAGE, "load_demo", "--who"],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout if answer.returncode == 0 else answer.stderr

    # --- processes ----------------------------------------------------------------------------
    def _start_processes(self) -> None:
        celery = (str(_PROGRAMS / "celery"), "-A", "peerlearn")
        beat_file = str(self.place.path / "beat")
        quiet = ("--without-gossip", "--without-mingle")
        self._add(
            "worker",
            *(*celery, "worker", "--concurrency=2", "-l", "INFO", *quiet),
            grace=20,
            STATEMENT_TIMEOUT_MS="60000",
        )
        self._add("beat", *celery, "beat", "-s", beat_file, "--pidfile=", "-l", "INFO")
        self._add(
            "web",
            *(str(_PROGRAMS / "gunicorn"), "peerlearn.wsgi", "--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "5", "--no-control-socket"),
        )

    def _add(self, name: str, *command: str, grace: float = 15, **variables: str) -> None:
        self.supervisor.add(
            Program(
                name=name,
                command=command,
                log=self.place.logs / f"{name}.log",
                environment={**self.environment, **variables},
                folder=ROOT,
                stop_signal=signal.SIGTERM,
                grace=grace,
            )
        )

    # --- readiness ----------------------------------------------------------------------------
    def _announce(self) -> None:
        """Once, when everything answers: the address and who may sign in."""
        if self._announced:
            return
        answer = self._ask_ready()
        if answer is None:
            self._announced = True
            say(f"ready: http://localhost:{self.port}\n")
            with contextlib.suppress(OSError):
                print(self._who_may_sign_in(), flush=True)
            say(f"Ctrl-C stops everything; the data stay in {self.place.path}")
        elif time.monotonic() > self._patience:
            self._patience = time.monotonic() + _SLOW
            say(f"not ready yet: {answer}. The processes' words are in {self.place.logs}")

    def _ask_ready(self) -> str | None:
        """None when ready, else the answer's text."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            if answer.status == HTTPStatus.OK:
                return None
            return f"{answer.status} {answer.read(300).decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            return str(error)
        finally:
            connection.close()
