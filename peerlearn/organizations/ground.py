"""What must stand in the database before the first fenced table: used by the first migration."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

from peerlearn.organizations import people_search

# STABLE and in SQL: the planner inlines it, knows its value for estimates and may use it as an
# index key. Without an organization it is an error, not an empty result. Never IMMUTABLE: a
# generic plan then serves one organization's rows to another.
_FUNCTION = RunSQL(
    "CREATE FUNCTION app_organization_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE "
    "RETURN current_setting('app.organization_id')::bigint",
    "DROP FUNCTION app_organization_id()",
)

# As `createcachetable` makes it. Holds sign-in throttles: hashed keys and counters.
_CACHE = RunSQL(
    [
        "CREATE TABLE peerlearn_cache (cache_key varchar(255) PRIMARY KEY, "
        "value text NOT NULL, expires timestamptz NOT NULL)",
        "CREATE INDEX peerlearn_cache_expires ON peerlearn_cache (expires)",
    ],
    "DROP TABLE peerlearn_cache",
)

GROUND: list[Operation] = [
    BtreeGistExtension(),
    TrigramExtension(),
    _FUNCTION,
    _CACHE,
    *people_search.FUNCTIONS,
]
