"""All tables in one file, and back: `manage.py backup --to FILE`, `manage.py restore --from FILE`.

One snapshot, read by Postgres's own COPY as the backup role, past row security; no programs of
Postgres are needed, so it runs wherever peerlearn does. Restoring is into a database that this
release has migrated and in which nothing stands: what migrations make and take away, row security
and the serving role's rights among it, is as it was then.

The file is a ZIP: `manifest.json` and a CSV for each table. Files of reports are not in it; which
organizations were removed since is known to `removed.py`, and they are removed again.
"""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
from psycopg2 import sql

from peerlearn.runtime import removed
from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.roles import Login, check_reachable, from_environment

FORMAT = 1
# Migrations fill these by themselves; the first stays as it is.
_HISTORY, _FILLED = "django_migrations", ("auth_permission", "django_content_type")
_TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum), c.relforcerowsecurity
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> %s
GROUP BY c.oid ORDER BY c.relname
"""
_SEQUENCES = (
    "SELECT sequencename, last_value FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1"
)


def back_up(role: Login, file: Path) -> dict[str, int]:
    """Write the file; how many rows of which table. Raises CannotStart."""
    if file.exists():
        raise CannotStart(f"{file} is there already: name another one")
    check_bypasses(role)
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with (
            _connected(role) as cursor,
            open(unfinished, "xb", opener=_for_me_alone) as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as whole,
        ):
            manifest = _written(cursor, whole)
            whole.writestr("manifest.json", json.dumps(manifest, indent=1))
        unfinished.rename(file)
    except OSError as error:
        raise CannotStart(f"{file} cannot be written: {error.strerror}") from None
    except psycopg2.Error as error:
        raise CannotStart(f"no backup was made: {str(error).strip()}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return {name: table["rows"] for name, table in manifest["tables"].items()}


def check_bypasses(role: Login) -> None:
    """Raises CannotStart for a role that row security would show less than everything."""
    with role.cursor() as cursor:
        cursor.execute("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() != (True,):
            raise CannotStart(
                f"DATABASE_BACKUP_URL: row security hides rows from {role.user}, so its backup "
                "would lack them. Use the backup role, which manage.py make_roles makes"
            )


@contextmanager
def _connected(role: Login) -> Iterator[Any]:
    """A cursor in one snapshot that only reads. Row security off: Postgres refuses what it would
    filter, instead of leaving it out."""
    connection = psycopg2.connect(role.url())
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            refuse_to_filter(cursor)
            yield cursor
    finally:
        connection.close()


def refuse_to_filter(cursor: Any) -> None:
    cursor.execute("SET row_security = off")


def _written(cursor: Any, whole: zipfile.ZipFile) -> dict[str, Any]:
    cursor.execute(_SEQUENCES)
    sequences = dict(cursor.fetchall())
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": _migrations(cursor),
        "sequences": sequences,
        "tables": {},
    }
    for name, columns, _forced in _tables(cursor):
        with whole.open(f"{name}.csv", "w", force_zip64=True) as part:
            cursor.copy_expert(_copy(name, columns, "TO STDOUT"), part)
        manifest["tables"][name] = {"columns": columns, "rows": cursor.rowcount}
    return manifest


def _tables(cursor: Any) -> list[tuple[str, list[str], bool]]:
    cursor.execute(_TABLES, [_HISTORY])
    rows: list[tuple[str, list[str], bool]] = cursor.fetchall()
    return rows


def _migrations(cursor: Any) -> list[list[str]]:
    cursor.execute("SELECT to_regclass('public.django_migrations')")
    if cursor.fetchone() == (None,):
        return []
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [list(row) for row in cursor.fetchall()]


def _copy(table: str, columns: list[str], way: str) -> Any:
    return sql.SQL("COPY {} ({}) {} WITH (FORMAT csv, HEADER true)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(way)
    )


# --- And back ------------------------------------------------------------------------------------
class Restored(NamedTuple):
    """How many rows of which table came back, and which organizations were removed again."""

    rows: dict[str, int]
    removed: list[str]


def restore(owner: Login, file: Path, ledger: Path) -> Restored:
    """Fill the owner's empty, migrated database: all of it or, after any fault, nothing. What the
    ledger names is gone before anybody sees it. Raises CannotStart."""
    try:
        with zipfile.ZipFile(file) as whole, closing(psycopg2.connect(owner.url())) as connection:
            manifest = json.loads(whole.read("manifest.json"))
            with connection, connection.cursor() as cursor:  # all of it or nothing
                forced = _check_target(cursor, manifest)
                rows = _filled(cursor, whole, manifest)
                made_at = datetime.fromisoformat(manifest["made_at"])
                again = removed.remove_again(cursor, ledger, made_at=made_at)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                _force(cursor, forced, on=True)
                return Restored(rows, again)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CannotStart(f"{file} is no whole backup of peerlearn: {error}") from None
    except psycopg2.Error as error:
        raise CannotStart(f"nothing was restored: {str(error).strip()}") from None


def _check_target(cursor: Any, manifest: dict[str, Any]) -> list[str]:
    """The tables whose row security holds for the owner too: for this transaction it does not."""
    if manifest["format"] != FORMAT:
        raise CannotStart(
            f"the backup has format {manifest['format']}; this release reads {FORMAT}"
        )
    if _migrations(cursor) != manifest["migrations"]:
        raise CannotStart(
            "the database was not migrated by the release that made the backup. Take that release, "
            "run migrate on an empty database, restore, and then migrate with the new release"
        )
    tables = _tables(cursor)
    forced = [name for name, _columns, is_forced in tables if is_forced]
    _force(cursor, forced, on=False)
    filled = []
    for name, _columns, _forced in tables:
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name)))
        if cursor.fetchone() == (True,) and name not in _FILLED:
            filled.append(name)
    if filled:
        raise CannotStart(
            f"the database is not empty: {', '.join(filled[:5])} hold rows. Restore into a new one"
        )
    return forced


def _filled(cursor: Any, whole: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, int]:
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for name in _FILLED:
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    rows = {}
    for name, table in manifest["tables"].items():
        with whole.open(f"{name}.csv") as part:
            cursor.copy_expert(_copy(name, table["columns"], "FROM STDIN"), part)
        rows[name] = cursor.rowcount
        if rows[name] != table["rows"]:
            raise CannotStart(f"{name}: {rows[name]} rows instead of {table['rows']}")
    for name, last in manifest["sequences"].items():
        cursor.execute("SELECT setval(%s::regclass, %s)", [f'public."{name}"', last])
    return rows


def _force(cursor: Any, tables: list[str], *, on: bool) -> None:
    how = sql.SQL("FORCE" if on else "NO FORCE")
    for name in map(sql.Identifier, tables):
        cursor.execute(sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY").format(name, how))


# --- Commands --------------------------------------------------------------------------------
def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _parser(command: str, option: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"manage.py {command}", description=__doc__)
    parser.add_argument(option, dest="file", type=Path, required=True, metavar="FILE")
    return parser


def main_backup(arguments: list[str]) -> int:
    """`manage.py backup --to FILE`, with DATABASE_BACKUP_URL."""
    file: Path = _parser("backup", "--to").parse_args(arguments).file
    role = from_environment("DATABASE_BACKUP_URL")
    check_reachable(role, "DATABASE_BACKUP_URL")
    rows = back_up(role, file)
    print(f"{file}: {sum(rows.values())} rows of {len(rows)} tables")
    print("Files of reports are not in it: they are kept for seven days and can be made again.")
    return 0


def main_restore(arguments: list[str]) -> int:
    """`manage.py restore --from FILE [--removed LEDGER]`, with DATABASE_OWNER_URL."""
    parser = _parser("restore", "--from")
    words = f"what remove_organization wrote; without it {removed.NAME} beside FILE"
    parser.add_argument("--removed", type=Path, metavar="LEDGER", help=words)
    given = parser.parse_args(arguments)
    file, ledger = given.file, given.removed or given.file.with_name(removed.NAME)
    if given.removed and not ledger.exists():
        raise CannotStart(f"{ledger} is not there, so nothing was restored")
    owner = from_environment("DATABASE_OWNER_URL")
    check_reachable(owner, "DATABASE_OWNER_URL")
    rows, again = restore(owner, file, ledger)
    print(f"{owner.database}: {sum(rows.values())} rows of {len(rows)} tables")
    print(_what_of_the_removed(ledger, again))
    print("Files of reports did not come back: their pages say that they can be made again.")
    return 0


def _what_of_the_removed(ledger: Path, again: list[str]) -> str:
    if not ledger.exists():
        return f"There is no {ledger}: what was removed since that backup is here again."
    return f"Removed again, as {ledger} says: {', '.join(again) or 'nothing was here'}."
