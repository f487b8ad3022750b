"""The rows of an organization, read once and written back as they were in a few milliseconds.

Making the small world by the verbs takes a quarter of a second; two thousand tests begin with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope
from tests.factories import inside

# Those that name an organization, and both that it stands on; generated columns make themselves.
# In any order: all foreign keys are looked at when the transaction ends.
_TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
 GROUP BY c.relname
HAVING bool_or(a.attname = 'organization_id') OR c.relname IN (
  'organizations_organization', 'organizations_user')
 ORDER BY c.relname
"""
_WHOSE = {
    "organizations_organization": "t.id = %(organization)s",
    "organizations_user": "t.id IN (SELECT user_id FROM organizations_membership "
    "WHERE organization_id = %(organization)s)",
}


@dataclass(frozen=True)
class KeptRows:
    """`rows`: table → (its columns, its rows as JSON)."""

    organization: int
    rows: dict[str, tuple[list[str], str]]

    @classmethod
    def of(cls, organization: Organization) -> KeptRows:
        rows = {}
        with inside(organization), connection.cursor() as cursor:
            cursor.execute(_TABLES)
            for table, columns in cursor.fetchall():
                whose = _WHOSE.get(table, "t.organization_id = %(organization)s")
                cursor.execute(
                    f'SELECT json_agg(t)::text FROM "{table}" t WHERE {whose}',
                    {"organization": organization.pk},
                )
                if found := cursor.fetchone()[0]:
                    rows[table] = (columns, found)
        return cls(organization.pk, rows)

    def write(self) -> None:
        """All in one round trip, with the ids they had: sequences have gone on since."""
        statements, values = [], []
        for table, (columns, rows) in self.rows.items():
            names = ", ".join(f'"{name}"' for name in columns)
            statements.append(
                f'INSERT INTO "{table}" ({names}) SELECT {names} '
                f'FROM json_populate_recordset(NULL::"{table}", %s)'
            )
            values.append(rows)
        with scope(self.organization), connection.cursor() as cursor:
            cursor.execute("; ".join(statements), values)
