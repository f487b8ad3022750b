"""Who took part in shadowing, by closed month, as far as it may be shown to one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from analytics.disclosure import Cell, Figure, by_team, holding, total
from analytics.models import ClosedMonth
from analytics.scopes import Scope, TeamTree
from peerlearn.organizations.scoping import require_organization_id

# Without `in_detail`, the largest groups alone, which make up the total.
_SEEN = """
WITH mine AS (
  SELECT month, number, parent, people, at_least, at_most, path, teams, smallest
  FROM analytics_publishedgroup
  WHERE organization_id = %(organization)s AND month = ANY(%(months)s::date[])
    AND (%(manager)s::bigint IS NULL OR %(manager)s = ANY(line))
    AND (%(team)s::bigint IS NULL OR %(team)s = ANY(path)))
SELECT one.month, one.number, one.parent, one.people, one.at_least, one.at_most, one.path,
  one.teams, one.smallest
FROM mine one LEFT JOIN mine larger
  ON larger.month = one.month AND larger.number = one.parent
WHERE larger.number IS NULL OR one.month = ANY(%(in_detail)s::date[])
ORDER BY one.month, one.number
"""


@dataclass(frozen=True)
class Participation:
    """The figures of one reader, by month; `smallest` is each closed month's smallest group."""

    tree: TeamTree
    smallest: Mapping[date, int]
    figures: Mapping[date, Sequence[Figure]]

    def closed(self, month: date) -> bool:
        return month in self.smallest

    def total(self, month: date) -> Cell | None:
        return total(self.figures.get(month, ()))

    def by_team(self, month: date) -> list[Cell]:
        """Of a month that was asked for in detail."""
        return by_team(self.figures.get(month, ()))

    def name_of(self, cell: Cell, month: date) -> str:
        """The team that a cell stands for; "Other" for what remains of several."""
        if cell.key is None and cell.mixed:
            return _("Other")
        key = cell.key or holding(self.figures.get(month, ()))
        return self.tree.name(key) if key else _("Without a team")


def participation(
    scope: Scope, months: Sequence[date], *, in_detail: Sequence[date] = ()
) -> Participation:
    """What may be shown to the scope's reader of those months; two queries."""
    values = {
        "organization": require_organization_id(),
        "months": list(months),
        "in_detail": list(in_detail),
        "manager": None if scope.line is None else scope.reader.pk,
        "team": scope.team.pk if scope.team else None,
    }
    figures: dict[date, list[Figure]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, values)  # type: ignore[arg-type]  # the stubs know no lists of dates
        for month, number, parent, people, low, high, path, teams, smallest in cursor.fetchall():
            figures.setdefault(month, []).append(
                Figure(
                    number, parent, people, low, high, tuple(path), teams=teams, smallest=smallest
                )
            )
    closed = ClosedMonth.objects.filter(month__in=months).values_list("month", "smallest_group")
    return Participation(scope.tree, dict(closed), figures)
