"""The three roles on the real server of this run."""

import os
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from django.db import connection

from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.processes import free_port
from peerlearn.runtime.roles import (
    Login,
    check_reachable,
    check_serving_role,
    from_environment,
    make_roles,
)


def here(variable: str) -> Login:
    """The role of the variable, in the test database of this process."""
    return replace(from_environment(variable), database=connection.settings_dict["NAME"])


def asked(login: Login, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with login.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@pytest.mark.django_db
def test_tests_run_as_the_serving_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (from_environment("DATABASE_URL").user,)


@pytest.mark.django_db
def test_no_plan_is_compiled() -> None:
    """Servers with LLVM compiled the overview's plans for seconds; some have none and hide it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


@pytest.mark.django_db
@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL"])
def test_no_role_has_more_power_than_it_needs(variable: str) -> None:
    role = here(variable)
    query = (
        "SELECT rolsuper, rolcreaterole, rolreplication, rolcreatedb, rolbypassrls "
        "FROM pg_roles WHERE rolname = current_user"
    )
    superuser, create_role, replication, create_database, bypass = asked(role, query)[0]
    assert (superuser, create_role, replication) == (False, False, False)
    assert create_database == (variable == "DATABASE_OWNER_URL")
    assert bypass == (variable == "DATABASE_BACKUP_URL")


@pytest.mark.django_db
def test_the_app_owns_nothing_and_belongs_to_nobody() -> None:
    app = here("DATABASE_URL")
    owned = asked(app, "SELECT relname FROM pg_class WHERE relowner = current_user::regrole")
    belongs = asked(app, "SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole")
    assert owned == belongs == []
    check_serving_role(app, "DATABASE_URL")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE of_the_app (id int)",
        "CREATE TEMPORARY TABLE of_the_app (id int)",
        "ALTER TABLE django_content_type DISABLE ROW LEVEL SECURITY",
        "DROP TABLE django_content_type",
        "SET ROLE {owner}",
        "SET session_replication_role = replica",
        "CREATE DATABASE of_the_app",
    ],
)
def test_the_app_cannot_change_the_ground_it_stands_on(statement: str) -> None:
    with pytest.raises(psycopg2.Error), here("DATABASE_URL").cursor() as cursor:
        cursor.execute(statement.format(owner=here("DATABASE_OWNER_URL").user))


@pytest.mark.django_db
def test_the_app_may_not_truncate_outside_tests() -> None:
    """A table made after the grants shows what migrations give: TRUNCATE is the tests' addition."""
    owner, app = here("DATABASE_OWNER_URL"), here("DATABASE_URL")
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE fresh (id int)")
        try:
            query = "SELECT has_table_privilege(current_user, 'fresh', %s)"
            may = {
                privilege: asked(app, query, privilege)[0][0]
                for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
            }
        finally:
            cursor.execute("DROP TABLE fresh")
    assert [name for name, allowed in may.items() if not allowed] == ["TRUNCATE", "TRIGGER"]


@pytest.mark.django_db
def test_the_backup_reads_past_row_security_and_writes_nothing() -> None:
    owner, app, backup = map(here, ("DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_BACKUP_URL"))
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE fenced AS SELECT 1 AS id")
        cursor.execute("ALTER TABLE fenced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        try:
            assert asked(app, "SELECT id FROM fenced") == []
            assert asked(owner, "SELECT id FROM fenced") == []
            assert asked(backup, "SELECT id FROM fenced") == [(1,)]
            for statement in ("INSERT INTO fenced VALUES (2)", "DELETE FROM fenced"):
                with backup.cursor() as writing:
                    writing.execute("SET default_transaction_read_only = off")
                    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                        writing.execute(statement)
        finally:
            cursor.execute("DROP TABLE fenced")


@pytest.mark.django_db
def test_an_owner_or_superuser_is_refused_as_serving_role() -> None:
    with pytest.raises(CannotStart, match=r"owns tables.*make_roles"):
        check_serving_role(here("DATABASE_OWNER_URL"), "DATABASE_URL")
    with pytest.raises(CannotStart, match="bypasses row security"):
        check_serving_role(here("DATABASE_BACKUP_URL"), "DATABASE_URL")


@pytest.mark.django_db
def test_roles_are_made_on_a_server_of_ones_own() -> None:
    """As `manage.py make_roles` does it, twice, with names and passwords of one's own."""
    superuser = from_environment("DATABASE_SUPERUSER_URL")
    mark = os.urandom(4).hex()
    new = {
        kind: replace(superuser, user=f"{kind}_{mark}", password=f"it's {mark}", database=mark)
        for kind in ("owner", "app", "backup")
    }
    try:
        for _ in range(2):
            make_roles(superuser, owner=new["owner"], app=new["app"], backup=new["backup"])
        with new["owner"].cursor() as cursor:
            cursor.execute("CREATE TABLE lesson (id int); INSERT INTO lesson VALUES (1)")
        assert asked(new["app"], "SELECT id FROM lesson") == [(1,)]
        assert asked(new["backup"], "SELECT id FROM lesson") == [(1,)]
        check_serving_role(new["app"], "DATABASE_URL")
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            asked(replace(here("DATABASE_URL"), database=mark), "SELECT 1")
    finally:
        with superuser.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{mark}" WITH (FORCE)')
            for login in new.values():
                cursor.execute(f'DROP ROLE IF EXISTS "{login.user}"')


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    away = Login("app", "secret", "127.0.0.1", free_port(), "peerlearn")
    with pytest.raises(CannotStart, match=r"DATABASE_URL: no connection to 127\.0\.0\.1") as caught:
        check_reachable(away, "DATABASE_URL")
    assert "secret" not in str(caught.value)


def test_a_server_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peerlearn.runtime.roles.OLDEST", 99)
    with pytest.raises(CannotStart, match=r"PostgreSQL 99 or newer is needed; .* has 1"):
        check_reachable(from_environment("DATABASE_URL"), "DATABASE_URL")


@pytest.mark.parametrize(
    "url", ["", "peerlearn", "mysql://a@b/c", "postgres://a@b", "postgres://a@b:port/c"]
)
def test_what_is_no_address_is_named_by_its_variable(url: str) -> None:
    with pytest.raises(CannotStart, match="DATABASE_URL must look like postgres://"):
        Login.from_url(url, "DATABASE_URL")


def test_an_address_survives_odd_characters() -> None:
    login = Login("a b", "p:/@%?", "127.0.0.1", 5432, "peer/learn")
    assert Login.from_url(login.url(), "DATABASE_URL") == login
