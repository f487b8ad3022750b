"""Closes calendar months: who was here, in which groups, and how many of each took part.

A month is closed by the first refresh after `disclosure.closes_on`, a week after its end in the
organization's zone, with the organization's smallest group of that moment. Its rows are written
once and never changed, which the database holds too (docs/decisions/0005-closed-months.md).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from analytics.disclosure import Person, following, last_closed, month_of, preceding, publish
from analytics.models import ClosedMonth, CohortMember, PublishedGroup
from analytics.scopes import TeamTree
from peerlearn.organizations.models import Organization

MONTHS_KEPT = 24
SHADOWING = "shadowing"
_MANY = 2000  # rows of one INSERT

_COHORT = """
SELECT p.employee_id, p.team_id, p.manager_id, coalesce(m.took_part, false)
FROM organizations_assignment p
JOIN organizations_employee e ON e.organization_id = p.organization_id AND e.id = p.employee_id
LEFT JOIN LATERAL (
  SELECT a.minutes_given > 0 OR a.minutes_received > 0 AS took_part
  FROM analytics_monthlyactivity a
  WHERE a.organization_id = p.organization_id AND a.month = %(month)s AND a.kind = %(kind)s
    AND a.employee_id = p.employee_id) m ON true
WHERE p.organization_id = %(organization)s
  AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
  AND e.hired_on <= %(day)s AND (e.leaving_on IS NULL OR e.leaving_on >= %(day)s)
  AND (e.deactivated_at IS NULL
       OR (e.deactivated_at AT TIME ZONE %(zone)s)::date > %(day)s)
  AND NOT EXISTS (SELECT FROM organizations_timeaway o
    WHERE o.organization_id = e.organization_id AND o.employee_id = e.id
      AND o.valid_from <= %(day)s AND o.valid_to > %(day)s)
ORDER BY p.employee_id
"""


def close_months(organization: Organization, *, at: datetime, settled_by: datetime) -> None:
    """Close every month that was due by `settled_by`. One caller at a time: the rollup's lock."""
    last = last_closed(settled_by.astimezone(organization.zone).date())
    began = month_of(organization.created_at.astimezone(organization.zone).date())
    month = max(began, preceding(last, MONTHS_KEPT - 1))
    closed = set(ClosedMonth.objects.values_list("month", flat=True))
    while month <= last:
        if month not in closed:
            _close(month, organization, at)
        month = following(month)


def _close(month: date, organization: Organization, at: datetime) -> None:
    cohort = _cohort(month, organization)
    tree, k = TeamTree(), organization.smallest_group
    people = [Person(key, manager, tree.path(team)) for key, team, manager, _ in cohort]
    figures = publish(people, {key for key, *_, took_part in cohort if took_part}, k)
    group_of = {key: one.number for one in figures if one.smallest for key in one.members}
    ClosedMonth.objects.create(month=month, smallest_group=k, closed_at=at)
    PublishedGroup.objects.bulk_create(
        [
            PublishedGroup(
                month=month,
                number=one.number,
                parent=one.parent,
                people=one.people,
                at_least=one.at_least,
                at_most=one.at_most,
                line=list(one.line),
                path=list(one.path),
                teams=one.teams,
                smallest=one.smallest,
            )
            for one in figures
        ],
        batch_size=_MANY,
    )
    CohortMember.objects.bulk_create(
        [
            CohortMember(month=month, employee_id=key, team_id=team, group=group_of.get(key))
            for key, team, *_ in cohort
        ],
        batch_size=_MANY,
    )


def _cohort(month: date, organization: Organization) -> list[tuple[int, int | None, int, bool]]:
    """(employee, team, manager, took part) of everybody employed on the month's last day."""
    values: dict[str, Any] = {
        "organization": organization.pk,
        "month": month,
        "day": following(month) - timedelta(days=1),
        "zone": organization.time_zone,
        "kind": SHADOWING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COHORT, values)
        return list(cursor.fetchall())
