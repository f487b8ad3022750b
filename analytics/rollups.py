"""Rolls interactions up by month and employee, so that no page reads them one by one.

Safe to run at any time, twice, or by two at once: it writes what the interactions say now. What
they say of a closed month does not change any more: an interaction that is recorded after its
month was closed counts in the month of its recording, and one that is taken back after the month
in which it counts stays counted (docs/decisions/0005-closed-months.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from analytics.closing import close_months
from analytics.disclosure import GRACE
from analytics.models import RollupMark
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import require_organization_id
from sessions.models import Interaction

# Longer than any transaction may last (statement and idle time-outs): afterwards no interaction
# with a lower id can still appear.
SETTLES_AFTER = timedelta(minutes=10)

# The month in which an interaction counts; a retraction counts with what it retracts.
_COUNTED = """
counted AS NOT MATERIALIZED (
  SELECT i.id, i.source, i.giver_id, i.receiver_id, i.minutes, i.recorded_at, i.retracts_id,
    CASE WHEN first.recorded_at <
        (date_trunc('month', first.occurred_on::timestamp) + interval '1 month' + %(grace)s)
        AT TIME ZONE %(zone)s
      THEN date_trunc('month', first.occurred_on::timestamp)
      ELSE date_trunc('month', first.recorded_at AT TIME ZONE %(zone)s) END AS begins
  FROM learning_sessions_interaction i
  JOIN learning_sessions_interaction first
    ON first.organization_id = i.organization_id AND first.id = coalesce(i.retracts_id, i.id)
  WHERE i.organization_id = %(organization)s),
in_time AS NOT MATERIALIZED (
  SELECT *, begins::date AS month FROM counted
  WHERE retracts_id IS NULL
    OR recorded_at < (begins + interval '1 month' + %(grace)s) AT TIME ZONE %(zone)s)
"""

_ROLL_UP = f"""
WITH {_COUNTED},
fresh AS (
  SELECT DISTINCT month, source, giver_id, receiver_id FROM in_time
  WHERE id > %(settled)s
    AND month NOT IN (SELECT month FROM analytics_closedmonth
                      WHERE organization_id = %(organization)s)),
touched AS (
  SELECT month, source, giver_id AS employee_id FROM fresh
  UNION SELECT month, source, receiver_id FROM fresh),
since AS (SELECT min(month)::timestamp - interval '1 day' AS first FROM fresh),
sides AS (
  SELECT t.month, t.source, t.employee_id, i.minutes AS given, 0 AS received
  FROM touched t JOIN in_time i
    ON i.giver_id = t.employee_id AND i.source = t.source AND i.month = t.month
   AND i.recorded_at >= (SELECT first AT TIME ZONE %(zone)s FROM since)
  UNION ALL
  SELECT t.month, t.source, t.employee_id, 0, i.minutes
  FROM touched t JOIN in_time i
    ON i.receiver_id = t.employee_id AND i.source = t.source AND i.month = t.month)
INSERT INTO analytics_monthlyactivity
  (organization_id, month, employee_id, kind, minutes_given, minutes_received)
SELECT %(organization)s, month, employee_id, source, sum(given), sum(received)
FROM sides GROUP BY month, employee_id, source
ON CONFLICT (organization_id, month, kind, employee_id) DO UPDATE
SET minutes_given = excluded.minutes_given, minutes_received = excluded.minutes_received
"""  # noqa: S608 - one constant in another  # nosec B608


def refresh(*, at: datetime) -> None:
    """Bring the rollups of the scope's organization up to date. Belongs inside a scope."""
    organization = Organization.objects.get(pk=require_organization_id())
    mark = _locked_mark()
    newest: int = Interaction.objects.aggregate(newest=Max("id"))["newest"] or 0
    if newest > mark.settled_id:
        _roll_up(organization, mark.settled_id)
    close_months(organization, at=at, settled_by=at - SETTLES_AFTER)
    present = timezone.now()
    if mark.seen_at is None or present - mark.seen_at >= SETTLES_AFTER:
        mark.settled_id, mark.seen_id, mark.seen_at = mark.seen_id, newest, present
    mark.refreshed_at = at
    mark.save()


def _roll_up(organization: Organization, settled: int) -> None:
    values: dict[str, Any] = {
        "organization": organization.pk,
        "settled": settled,
        "zone": organization.time_zone,
        "grace": GRACE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, values)


def _locked_mark() -> RollupMark:
    """One refresh of an organization at a time."""
    RollupMark.objects.bulk_create([RollupMark()], ignore_conflicts=True)
    mark: RollupMark = RollupMark.objects.select_for_update().get()
    return mark
