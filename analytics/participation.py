"""Who took part in shadowing, month by month, as far as it may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from analytics.disclosure import WHOLE, Group, Publication, publish
from analytics.scopes import Scope
from peerlearn.organizations.scoping import require_organization_id

SHADOWING = "shadowing"

_COUNTED = """
SELECT c.month, coalesce(c.team_id, 0), count(*), count(a.id)
FROM analytics_cohortmember c
LEFT JOIN analytics_monthlyactivity a
  ON a.organization_id = c.organization_id AND a.month = c.month AND a.kind = %(kind)s
 AND a.employee_id = c.employee_id AND (a.minutes_given > 0 OR a.minutes_received > 0)
WHERE c.organization_id = %(organization)s AND c.month = ANY(%(months)s::date[])
  AND (%(manager)s::bigint IS NULL OR %(manager)s = ANY(c.line))
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Participation:
    """The figures of one reader, by month. A month without a cohort is absent."""

    months: Mapping[date, Publication]

    def of(self, month: date) -> Publication | None:
        return self.months.get(month)


def participation(scope: Scope, months: Sequence[date], smallest: int) -> Participation:
    """What may be shown to the scope's reader: for each month one publication over all teams that
    the reader may see, whichever of them is chosen, so that no switch tells more. One query."""
    values = {
        "organization": require_organization_id(),
        "kind": SHADOWING,
        "months": list(months),
        "manager": None if scope.line is None else scope.reader.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, values)  # type: ignore[arg-type]  # the stubs know no lists of dates
        rows = cursor.fetchall()
    by_month: dict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    for month, team, people, count in rows:
        by_month[month][team] = (people, count)
    return Participation(
        {month: publish(_groups(scope, teams), smallest) for month, teams in by_month.items()}
    )


def _groups(scope: Scope, teams: Mapping[int, tuple[int, int]]) -> list[Group]:
    tree = scope.tree
    whole = Group(WHOLE, WHOLE, *teams.get(WHOLE, (0, 0)))
    return [whole] + [Group(key, tree.parent(key), *teams.get(key, (0, 0))) for key in tree.teams]
