"""Which organizations were removed: a file beside the backups, so that no restore brings one back.

`manage.py remove_organization` adds a line before it deletes anything; `manage.py restore` deletes
each of them again, in the transaction that fills the database. A line holds a slug and two times.
The line is there before the deed, which may have failed: what a backup holds that was made long
after it was never removed, and stays.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from psycopg2 import sql

from peerlearn.runtime.faults import CannotStart

NAME = "removed.jsonl"
_LONGEST = timedelta(days=1)  # that removing takes
_ORGANIZATIONS, _USERS = "organizations_organization", "organizations_user"
_MEMBERS = "SELECT user_id FROM organizations_membership WHERE organization_id = %s"
_WITHOUT = (
    "SELECT id FROM organizations_user WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM "
    "organizations_membership WHERE user_id = organizations_user.id)"
)
# What names its organization, and what refers to a table by its id alone.
_OF_ORGANIZATIONS = """
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND a.attname = 'organization_id' AND NOT a.attisdropped ORDER BY 1
"""
_REFERRING = """
SELECT c.conrelid::regclass::text, a.attname::text FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND cardinality(c.conkey) = 1 ORDER BY 1, 2
"""


class Removed(NamedTuple):
    """A line of the ledger."""

    slug: str
    created_at: datetime
    removed_at: datetime


def note(ledger: Path, *, slug: str, created_at: datetime, at: datetime) -> None:
    """Add a line, and see it written. Raises OSError."""
    line = {"slug": slug, "created_at": created_at.isoformat(), "removed_at": at.isoformat()}
    with open(ledger, "a", encoding="utf-8", opener=_for_me_alone) as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read(ledger: Path) -> list[Removed]:
    """None without the file. Raises CannotStart for a line that does not say which it was."""
    if not ledger.exists():
        return []
    try:
        lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines() if line]
        return [
            Removed(
                str(one["slug"]),
                datetime.fromisoformat(one["created_at"]),
                datetime.fromisoformat(one["removed_at"]),
            )
            for one in lines
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{ledger} cannot be read, so nothing was restored: {error}") from None


def remove_again(cursor: Any, ledger: Path, *, made_at: datetime) -> list[str]:
    """Delete what a backup made at that time brought back of them: every row, and the users who
    belong to no other organization. References are looked at when the transaction ends. The slugs
    of those found."""
    found = []
    for one in read(ledger):
        if made_at > one.removed_at + _LONGEST:
            continue
        cursor.execute(
            "SELECT id FROM organizations_organization WHERE slug = %s AND created_at = %s",
            [one.slug, one.created_at],
        )
        for (organization,) in cursor.fetchall():
            _remove(cursor, organization)
            found.append(one.slug)
    return found


def _remove(cursor: Any, organization: int) -> None:
    users = _ids(cursor, _MEMBERS, organization)
    cursor.execute(_OF_ORGANIZATIONS)
    for (table,) in cursor.fetchall():
        _delete(cursor, table, "organization_id", [organization])
    _delete(cursor, _ORGANIZATIONS, "id", [organization])
    _delete_with_all(cursor, _USERS, _ids(cursor, _WITHOUT, users))


def _delete_with_all(cursor: Any, table: str, ids: list[int]) -> None:
    """With the rows of other tables that refer to them, and so on."""
    cursor.execute(_REFERRING, [table])
    for other, column in cursor.fetchall():
        same = sql.SQL("SELECT {} FROM {} WHERE {} = ANY(%s)").format(
            *map(sql.Identifier, (_key_of(cursor, other), other, column))
        )
        _delete_with_all(cursor, other, _ids(cursor, same, ids))
    _delete(cursor, table, _key_of(cursor, table), ids)


def _key_of(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
        "AND a.attnum = i.indkey[0] WHERE i.indisprimary AND i.indrelid = %s::regclass",
        [table],
    )
    return str(cursor.fetchone()[0])


def _ids(cursor: Any, statement: Any, given: Any) -> list[Any]:
    cursor.execute(statement, [given])
    return [row[0] for row in cursor.fetchall()]


def _delete(cursor: Any, table: str, column: str, ids: list[Any]) -> None:
    statement = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)")
    cursor.execute(statement.format(sql.Identifier(table), sql.Identifier(column)), [ids])
