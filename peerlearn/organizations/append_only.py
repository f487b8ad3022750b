"""Takes from the serving role the right to change rows that stay; used by first migrations.

What the role may do comes from default privileges, which whoever makes the roles sets.
"""

from django.conf import settings
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def append_only(table: str) -> Operation:
    """Leave the serving role SELECT and INSERT on a table."""
    return RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {_quoted(table)} "
        f"FROM {_quoted(settings.SERVING_ROLE)}",
        RunSQL.noop,
    )
