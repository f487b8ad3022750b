"""Rolls interactions up by month and employee, so that no page reads them one by one.

Safe to run at any time, twice, or by two at once: it writes what the interactions say now.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from analytics.disclosure import following, month_of, preceding
from analytics.models import CohortMember, RollupMark
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import require_organization_id
from sessions.models import Interaction

MONTHS_KEPT = 24
# Longer than any transaction may last (statement and idle time-outs): afterwards no interaction
# with a lower id can still appear.
SETTLES_AFTER = timedelta(minutes=10)

_CLOSE_MONTH = """
WITH RECURSIVE place AS (
  SELECT a.employee_id, a.team_id, a.manager_id
  FROM organizations_assignment a
  JOIN organizations_employee e ON e.organization_id = a.organization_id AND e.id = a.employee_id
  WHERE a.organization_id = %(organization)s
    AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
    AND e.hired_on <= %(day)s AND (e.leaving_on IS NULL OR e.leaving_on >= %(day)s)
    AND (e.deactivated_at IS NULL
         OR (e.deactivated_at AT TIME ZONE %(zone)s)::date > %(day)s)),
up AS (
  SELECT employee_id, manager_id FROM place WHERE manager_id IS NOT NULL
  UNION
  SELECT up.employee_id, place.manager_id FROM up
  JOIN place ON place.employee_id = up.manager_id WHERE place.manager_id IS NOT NULL),
line AS (SELECT employee_id, array_agg(manager_id) AS managers FROM up GROUP BY employee_id)
INSERT INTO analytics_cohortmember (organization_id, month, employee_id, team_id, line)
SELECT %(organization)s, %(month)s, employee_id, team_id, coalesce(managers, '{}')
FROM place LEFT JOIN line USING (employee_id)
ON CONFLICT (organization_id, month, employee_id) DO NOTHING
"""

_ROLL_UP = """
WITH fresh AS (
  SELECT DISTINCT date_trunc('month', occurred_on)::date AS month, source, giver_id, receiver_id
  FROM learning_sessions_interaction
  WHERE organization_id = %(organization)s AND id > %(settled)s),
touched AS (
  SELECT month, source, giver_id AS employee_id FROM fresh
  UNION SELECT month, source, receiver_id FROM fresh),
sides AS (
  SELECT t.month, t.source, t.employee_id, i.minutes AS given, 0 AS received
  FROM touched t JOIN learning_sessions_interaction i
    ON i.organization_id = %(organization)s AND i.giver_id = t.employee_id
   AND i.source = t.source AND i.occurred_on >= t.month
   AND i.occurred_on < t.month + interval '1 month'
  UNION ALL
  SELECT t.month, t.source, t.employee_id, 0, i.minutes
  FROM touched t JOIN learning_sessions_interaction i
    ON i.organization_id = %(organization)s AND i.receiver_id = t.employee_id
   AND i.source = t.source AND i.occurred_on >= t.month
   AND i.occurred_on < t.month + interval '1 month')
INSERT INTO analytics_monthlyactivity
  (organization_id, month, employee_id, kind, minutes_given, minutes_received)
SELECT %(organization)s, month, employee_id, source, sum(given), sum(received)
FROM sides GROUP BY month, employee_id, source
ON CONFLICT (organization_id, month, kind, employee_id) DO UPDATE
SET minutes_given = excluded.minutes_given, minutes_received = excluded.minutes_received
"""


def refresh(*, at: datetime) -> None:
    """Bring the rollups of the scope's organization up to date. Belongs inside a scope."""
    organization = Organization.objects.get(pk=require_organization_id())
    mark = _locked_mark()
    for month in _months_to_close(organization, at):
        _close(month, organization)
    newest: int = Interaction.objects.aggregate(newest=Max("id"))["newest"] or 0
    if newest > mark.settled_id:
        with connection.cursor() as cursor:
            cursor.execute(_ROLL_UP, {"organization": organization.pk, "settled": mark.settled_id})
    present = timezone.now()
    if mark.seen_at is None or present - mark.seen_at >= SETTLES_AFTER:
        mark.settled_id, mark.seen_id, mark.seen_at = mark.seen_id, newest, present
    mark.refreshed_at = at
    mark.save()


def _locked_mark() -> RollupMark:
    """One refresh of an organization at a time."""
    RollupMark.objects.bulk_create([RollupMark()], ignore_conflicts=True)
    mark: RollupMark = RollupMark.objects.select_for_update().get()
    return mark


def _months_to_close(organization: Organization, at: datetime) -> list[date]:
    """The months that are over and have no cohort yet, since the organization began."""
    present = month_of(at.astimezone(organization.zone).date())
    began = month_of(organization.created_at.astimezone(organization.zone).date())
    month = max(began, preceding(present, MONTHS_KEPT))
    closed = set(CohortMember.objects.order_by().values_list("month", flat=True).distinct())
    months = []
    while month < present:
        if month not in closed:
            months.append(month)
        month = following(month)
    return months


def _close(month: date, organization: Organization) -> None:
    values: dict[str, int | str | date] = {
        "organization": organization.pk,
        "month": month,
        "day": following(month) - timedelta(days=1),
        "zone": organization.time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_MONTH, values)
