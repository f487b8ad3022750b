"""How often something was tried. Stands outside the fence: who tries is not signed in yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models.functions import Now

# One statement counts any number of keys, exactly, however many try at the same moment. In the
# order of the keys, so that two never wait for each other.
_COUNT = """
INSERT INTO organizations_trycount AS before (key, count, ends_at)
SELECT key, %(times)s::int, now() + seconds * interval '1 second'
  FROM unnest(%(keys)s::text[], %(seconds)s::int[]) AS tried(key, seconds) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  count = excluded.count + CASE WHEN before.ends_at <= now() THEN 0 ELSE before.count END,
  ends_at = CASE WHEN before.ends_at <= now() THEN excluded.ends_at ELSE before.ends_at END
RETURNING key, count, extract(epoch FROM ends_at - now())::int
"""
_COUNT_AGAIN = """
UPDATE organizations_trycount SET count = count + 1 WHERE key IN (
  SELECT key FROM organizations_trycount
   WHERE key = ANY(%(keys)s) AND ends_at > now() ORDER BY key FOR UPDATE)
RETURNING key, count, extract(epoch FROM ends_at - now())::int
"""
_LOOK = """
SELECT key, count, extract(epoch FROM ends_at - now())::int FROM organizations_trycount
 WHERE key = ANY(%(keys)s) AND ends_at > now()
"""
_TAKE_BACK = """
UPDATE organizations_trycount SET count = greatest(count - %(times)s, 0) WHERE key IN (
  SELECT key FROM organizations_trycount WHERE key = ANY(%(keys)s) ORDER BY key FOR UPDATE)
"""


class Counted(NamedTuple):
    """How many tries, and for how many seconds more they count."""

    tries: int
    seconds: int


class TryCountQuerySet(models.QuerySet["TryCount"]):
    def add(self, seconds: Mapping[str, int], times: int = 1) -> dict[str, Counted]:
        """Count a try, or several, under each key; one that is new counts for those seconds."""
        keys, lasting = list(seconds), list(seconds.values())
        return self._ask(_COUNT, {"keys": keys, "seconds": lasting, "times": times})

    def add_again(self, keys: Iterable[str]) -> dict[str, Counted]:
        """Count a try under those keys alone that count already."""
        return self._ask(_COUNT_AGAIN, {"keys": list(keys)})

    def look(self, keys: Iterable[str]) -> dict[str, Counted]:
        """What stands under those keys, without counting."""
        return self._ask(_LOOK, {"keys": list(keys)})

    def take_back(self, keys: Iterable[str], times: int = 1) -> None:
        """What was counted last was none."""
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_BACK, {"keys": list(keys), "times": times})

    def forget_ended(self) -> None:
        self.filter(ends_at__lte=Now()).delete()

    @staticmethod
    def _ask(statement: str, values: dict[str, Any]) -> dict[str, Counted]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return {key: Counted(tries, seconds) for key, tries, seconds in cursor.fetchall()}


class TryCount(models.Model):
    """Tries of one kind in one stretch of time. `key` is a keyed hash: it names nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    objects = models.Manager.from_queryset(TryCountQuerySet)()

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
