"""The three database roles, the same on the embedded server and on servers of one's own.

owner:  migrations alone; owns every table.
app:    serves; owns nothing, bypasses nothing, may not truncate.
backup: reads everything, past row security, and writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg2
from psycopg2 import sql

from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.postgres import OLDEST

_CONNECT_SECONDS = 5
_NO_POWERS = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION"
_POWERS = {
    "owner": f"{_NO_POWERS} NOBYPASSRLS CREATEDB",
    "app": f"{_NO_POWERS} NOBYPASSRLS NOCREATEDB NOINHERIT",
    "backup": f"{_NO_POWERS} BYPASSRLS NOCREATEDB INHERIT",
}


@dataclass(frozen=True)
class Login:
    """The parts of a database address, `postgres://user:password@host:port/database`."""

    user: str
    password: str
    host: str
    port: int
    database: str

    @classmethod
    def from_url(cls, url: str, variable: str) -> Login:
        """Raises CannotStart, which names the variable, when the address is not one."""
        parts = urlsplit(url)
        database = unquote(parts.path.lstrip("/"))
        try:
            port = parts.port or 5432
        except ValueError:
            port = 0
        named = parts.scheme in {"postgres", "postgresql"} and parts.username and parts.hostname
        if not (named and database and port):
            raise CannotStart(
                f"{variable} must look like postgres://user:password@host:5432/database"
            )
        return cls(
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "",
            port=port,
            database=database,
        )

    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        name, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"postgres://{name}:{password}@{host}:{self.port}/{quote(self.database, safe='')}"

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor outside transactions; the connection is closed afterwards."""
        connection = psycopg2.connect(
            user=self.user,
            password=self.password,
            host=self.host,
            port=self.port,
            dbname=self.database,
            connect_timeout=_CONNECT_SECONDS,
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def check_reachable(login: Login, variable: str) -> None:
    """Raises CannotStart when the server is away, refuses the login or is too old."""
    try:
        with login.cursor() as cursor:
            version: int = cursor.connection.server_version
    except psycopg2.OperationalError as error:
        raise CannotStart(
            f"{variable}: no connection to {login.host}:{login.port}, database {login.database}, "
            f"as {login.user}: {str(error).strip().splitlines()[-1]}"
        ) from None
    if version < OLDEST * 10_000:
        raise CannotStart(
            f"{variable}: PostgreSQL {OLDEST} or newer is needed; {login.host} has "
            f"{version // 10_000}.{version % 10_000}"
        )


def check_serving_role(app: Login, variable: str) -> None:
    """Raises CannotStart when the role could pass over row security."""
    with app.cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper, rolbypassrls, EXISTS (
                SELECT FROM pg_class AS owned
                WHERE pg_has_role(current_user, owned.relowner, 'MEMBER')
                AND owned.relkind IN ('r', 'p', 'v', 'm')
                AND owned.relnamespace = 'public'::regnamespace)
            FROM pg_roles WHERE rolname = current_user
            """
        )
        is_superuser, bypasses, owns_tables = cursor.fetchone()
    reasons = [
        words
        for true, words in (
            (is_superuser, "is a superuser"),
            (bypasses, "bypasses row security"),
            (owns_tables, "owns tables"),
        )
        if true
    ]
    if reasons:
        raise CannotStart(
            f"{variable}: the role {app.user} {' and '.join(reasons)}, so that organizations would "
            "not be kept apart. Make the roles with: python3 manage.py make_roles"
        )


def make_roles(superuser: Login, *, owner: Login, app: Login, backup: Login | None) -> None:
    """Make the roles and the owner's database, or bring them to what they should be."""
    logins = {"owner": owner, "app": app} | ({"backup": backup} if backup else {})
    with superuser.cursor() as cursor:
        for kind, login in logins.items():
            _make_role(cursor, login, _POWERS[kind])
        if backup is not None:
            name = sql.Identifier(backup.user)
            cursor.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(name))
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name)
            )
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [owner.database])
        if cursor.fetchone() is None:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(owner.database), sql.Identifier(owner.user)
                )
            )
    grant(owner, app=app.user, backup=backup.user if backup else None)


def _make_role(cursor: Any, login: Login, powers: str) -> None:
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [login.user])
    verb = "CREATE" if cursor.fetchone() is None else "ALTER"
    cursor.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(login.user), sql.SQL(powers), sql.Literal(login.password)
        )
    )


def grant(owner: Login, *, app: str, backup: str | None) -> None:
    """In the owner's database: what the other roles may do with tables made from now on.

    Run as the owner and before the first migration; again is harmless. What a migration takes
    away from the app later stays taken away.
    """
    statements = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}",
    ]
    if backup is not None:
        statements.append("GRANT CONNECT ON DATABASE {database} TO {backup}")
    names = {
        "database": sql.Identifier(owner.database),
        "app": sql.Identifier(app),
        "backup": sql.Identifier(backup or "nobody"),
    }
    with owner.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(**names))
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'USAGE')", [app])
        if cursor.fetchone() != (True,):
            raise CannotStart(
                f"{owner.user} may not open the schema public to {app}: {owner.user} must own the "
                f"database {owner.database}"
            )


def from_environment(variable: str) -> Login:
    url = os.environ.get(variable, "")
    if not url:
        raise CannotStart(f"{variable} is not set")
    return Login.from_url(url, variable)


def main(arguments: list[str]) -> int:
    """`manage.py make_roles`: on a server of one's own, before the first migration.

    DATABASE_SUPERUSER_URL may make roles; DATABASE_OWNER_URL, DATABASE_URL and, if set,
    DATABASE_BACKUP_URL say their names and passwords.
    """
    if arguments:
        raise CannotStart("make_roles takes no arguments: all comes from the environment")
    superuser = from_environment("DATABASE_SUPERUSER_URL")
    has_backup = bool(os.environ.get("DATABASE_BACKUP_URL"))
    backup = from_environment("DATABASE_BACKUP_URL") if has_backup else None
    check_reachable(superuser, "DATABASE_SUPERUSER_URL")
    owner, app = from_environment("DATABASE_OWNER_URL"), from_environment("DATABASE_URL")
    make_roles(superuser, owner=owner, app=app, backup=backup)
    names = [login.user for login in (owner, app, backup) if login is not None]
    print(f"roles and grants are in place: {', '.join(names)}")
    return 0
