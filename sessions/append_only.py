"""Takes from the serving role what it must not do to interactions; used by the first migration.

What the role may do comes from default privileges, which whoever makes the roles sets.
"""

from django.conf import settings
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


APPEND_ONLY: list[Operation] = [
    RunSQL(
        "REVOKE UPDATE, DELETE, TRUNCATE ON learning_sessions_interaction "
        f"FROM {_quoted(settings.SERVING_ROLE)}",
        RunSQL.noop,
    )
]
