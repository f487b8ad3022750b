"""The test database: made and migrated by the owner, used as the role that serves.

One template is migrated in each run; each process of pytest-xdist copies it. Start the tests with
`python3 manage.py test`, which brings the servers.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from peerlearn.runtime.roles import Login, from_environment, grant
from tests.gate import Gate
from tests.world import world  # noqa: F401

_RUN = pytest.StashKey[str]()
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
_ADVISORY_LOCK = 7_316_001  # held while the template is made or copied
# Names a template that runs one after the other share, as `make sabotage` does: nobody drops it.
_KEPT = os.environ.get("TEST_TEMPLATE", "")

# No test is timed: a busy machine says nothing about a property.
settings.register_profile("peerlearn", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("peerlearn")


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_OWNER_URL"):
        raise pytest.UsageError("no servers: start the tests with `python3 manage.py test`")
    # The same in the processes of one run, different between runs on the same server.
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    config.stash[_RUN] = worker.get("testrunuid", _KEPT or uuid.uuid4().hex)[:8]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes and shares nothing begins first: at the end everybody would wait for it,
    which is where pytest-django puts tests without a database."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    """A request leaves its language behind until the next one begins."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Organizations have the same number in every process: each keeps its files elsewhere."""
    folder = tmp_path_factory.mktemp("media")
    default = {**django_settings.STORAGES["default"], "OPTIONS": {"location": folder}}
    storages = {**django_settings.STORAGES, "default": default}
    with override_settings(MEDIA_ROOT=folder, STORAGES=storages):
        yield folder


@pytest.fixture(autouse=True)
def _files_of_its_own(_media: Path) -> Iterator[None]:
    """No transaction takes a file back, and the next test's organization has the same number."""
    yield
    for folder in _media.iterdir():
        shutil.rmtree(folder)


def _template(config: pytest.Config) -> Login:
    owner = from_environment("DATABASE_OWNER_URL")
    return replace(owner, database=f"test_peerlearn_{config.stash[_RUN]}")


@contextmanager
def _owner_alone() -> Iterator[Any]:
    """A cursor of the owner, outside the test databases; one process at a time."""
    with from_environment("DATABASE_OWNER_URL").cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        yield cursor


def _use(login: Login) -> None:
    connection.close()
    connection.settings_dict.update(NAME=login.database, USER=login.user, PASSWORD=login.password)


def _grant(owner: Login, app: Login) -> None:
    has_backup = "DATABASE_BACKUP_URL" in os.environ
    backup = from_environment("DATABASE_BACKUP_URL").user if has_backup else None
    grant(owner, app=app.user, backup=backup)


def _make_template(cursor: Any, template: Login, app: Login) -> None:
    from django.core.management import call_command

    cursor.execute("SELECT FROM pg_database WHERE datname = %s", [template.database])
    if cursor.fetchone() is not None:
        return
    cursor.execute(f'CREATE DATABASE "{template.database}"')
    try:
        _grant(template, app)
        _use(template)
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as migrated:
            # Transactional tests empty the tables with TRUNCATE; never granted outside tests.
            migrated.execute(f'GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO "{app.user}"')
        connection.close()
    except BaseException:  # a half-made template is copied by nobody
        connection.close()
        cursor.execute(f'DROP DATABASE "{template.database}" WITH (FORCE)')
        raise


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    app, template = from_environment("DATABASE_URL"), _template(request.config)
    worker = os.environ.get("PYTEST_XDIST_WORKER", f"main{os.getpid()}")
    mine = replace(app, database=f"{template.database}_{worker}")
    with django_db_blocker.unblock():
        with _owner_alone() as cursor:
            _make_template(cursor, template, app)
            cursor.execute(f'CREATE DATABASE "{mine.database}" TEMPLATE "{template.database}"')
        # A copy does not carry the grants on the database itself.
        _grant(replace(template, database=mine.database), app)
        _use(mine)
    yield
    with django_db_blocker.unblock():
        connection.close()  # a test may have let Postgres end it
        with connection.cursor() as cursor:  # of threads; the owner may not end the other role's
            cursor.execute(_END_OTHERS)
        connection.close()
        with _owner_alone() as cursor:
            cursor.execute(f'DROP DATABASE "{mine.database}" WITH (FORCE)')


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last process of the run, which has no `workerinput`, drops the template."""
    if hasattr(config, "workerinput") or _RUN not in config.stash or _KEPT:
        return
    with _owner_alone() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{_template(config).database}" WITH (FORCE)')


@pytest.fixture(scope="session")
def live_server(live_server: LiveServer) -> LiveServer:
    """The live server, with a gate before the application."""
    server = live_server.thread.httpd
    server.set_app(Gate(server.get_app()))
    return live_server


@pytest.fixture(autouse=True)
def _unthrottled(request: pytest.FixtureRequest) -> Iterator[None]:
    """The cache's table is no model's: nothing else empties it after tests that are not rolled
    back."""
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not names and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    if "live_server" in names:
        with request.getfixturevalue("live_server").thread.httpd.get_app().opened():
            yield
    else:
        yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM peerlearn_cache")
