"""The servers that a command needs: those named by the environment, else embedded ones."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import redis

from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.postgres import Postgres
from peerlearn.runtime.processes import kept_secret
from peerlearn.runtime.roles import Login, check_reachable, check_serving_role, grant, make_roles
from peerlearn.runtime.valkey import Valkey

DATABASE = "peerlearn"


def make_embedded_roles(postgres: Postgres) -> dict[str, str]:
    """The addresses of the three roles on the embedded server, by environment variable."""
    superuser = Login.from_url(postgres.url(), "the embedded server")

    def login(kind: str) -> Login:
        password = kept_secret(postgres.home / f"{kind}.password")
        return replace(superuser, user=f"peerlearn_{kind}", password=password, database=DATABASE)

    owner, app, backup = login("owner"), login("app"), login("backup")
    make_roles(superuser, owner=owner, app=app, backup=backup)
    return {
        "DATABASE_URL": app.url(),
        "DATABASE_OWNER_URL": owner.url(),
        "DATABASE_BACKUP_URL": backup.url(),
    }


def use_own_database(url: str, owner_url: str, *, prefix: str = "") -> dict[str, str]:
    """Check a server of one's own and set the grants there. Raises CannotStart."""
    serving, owning = f"{prefix}DATABASE_URL", f"{prefix}DATABASE_OWNER_URL"
    for variable, given in ((serving, url), (owning, owner_url)):
        if not given:
            raise CannotStart(
                f"{serving} (the role that serves) and {owning} (the role that migrates) belong "
                f"together: {variable} is not set"
            )
    app, owner = Login.from_url(url, serving), Login.from_url(owner_url, owning)
    check_reachable(owner, owning)
    check_reachable(app, serving)
    grant(owner, app=app.user, backup=None)
    check_serving_role(app, serving)
    return {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url}


def check_redis(url: str, variable: str = "REDIS_URL") -> None:
    """Raises CannotStart when the server does not answer."""
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        raise CannotStart(f"{variable}: the server does not answer: {error}") from None


@contextmanager
def throw_away_servers() -> Iterator[dict[str, str]]:
    """Environment variables that point at fast servers in a temporary folder, removed at the end.

    TEST_DATABASE_URL with TEST_DATABASE_OWNER_URL (which may make databases), and TEST_REDIS_URL,
    name one's own instead; the tests of the roles then need TEST_DATABASE_BACKUP_URL and
    TEST_DATABASE_SUPERUSER_URL too.
    """
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="peerlearn-test-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        variables: dict[str, str] = {"PEERLEARN_HOME": str(home / "home")}
        own, owner = (os.environ.get(f"TEST_DATABASE_{part}", "") for part in ("URL", "OWNER_URL"))
        if own or owner:
            variables |= use_own_database(own, owner, prefix="TEST_")
            variables |= _further_roles()
        else:
            postgres = Postgres(home, home, lasting=False)
            stack.callback(postgres.stop)
            postgres.start()
            variables |= make_embedded_roles(postgres)
            variables["DATABASE_SUPERUSER_URL"] = postgres.url()
        if redis_url := os.environ.get("TEST_REDIS_URL"):
            check_redis(redis_url, "TEST_REDIS_URL")
            variables["REDIS_URL"] = redis_url
        else:
            valkey = Valkey(home, home, lasting=False)
            stack.callback(valkey.stop)
            valkey.start()
            variables["REDIS_URL"] = valkey.url()
        yield variables


def _further_roles() -> dict[str, str]:
    names = ("DATABASE_BACKUP_URL", "DATABASE_SUPERUSER_URL")
    return {name: os.environ[f"TEST_{name}"] for name in names if os.environ.get(f"TEST_{name}")}
