"""Keeping people's own calendars in step with what is booked.

Every verb that books, moves or ends days of somebody calls `follow` last, in its transaction. What
a calendar ought to show is compared with what it was told: what is new, other or gone is written,
with a higher SEQUENCE, and a message of each is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from peerlearn.notifications.outbox import Due, enqueue_all
from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import Statement
from sessions.models import CalendarEntry, LearningSession, Participation

CALENDAR_MESSAGE = "calendar_message"  # about the entry; its SEQUENCE is the occurrence

# One statement for any number of people and days. Another host is another meeting: the old entry
# ends and a new one, of another UID, begins. What is over is told to nobody.
_FOLLOW = Statement(
    """
WITH there AS (
  SELECT id, employee_id, session_id, state FROM learning_sessions_participation
   WHERE organization_id = %(organization)s AND session_id = ANY(%(sessions)s)),
wanted AS (
  SELECT there.id AS participation_id, there.employee_id, session.host_id, block.number,
         lower(claim.during) AS starts_at, upper(claim.during) AS ends_at, session.time_zone,
         session.place, session.subject
    FROM there
    JOIN learning_sessions_learningsession session
      ON session.organization_id = %(organization)s AND session.id = there.session_id
    JOIN learning_sessions_claim claim
      ON claim.organization_id = %(organization)s AND claim.held_for_id = there.id
     AND claim.active AND claim.held_until IS NULL
    JOIN learning_sessions_block block
      ON block.organization_id = %(organization)s AND block.id = claim.block_id
     AND block.session_id = session.id AND block.state <> 'cancelled'
   WHERE there.state IN ('booked', 'completed')),
standing AS (
  SELECT entry.id, entry.participation_id, entry.number, entry.host_id
    FROM learning_sessions_calendarentry entry JOIN there ON there.id = entry.participation_id
   WHERE entry.organization_id = %(organization)s AND entry.cancelled_at IS NULL),
gone AS (
  UPDATE learning_sessions_calendarentry entry
     SET cancelled_at = %(at)s, changed_at = %(at)s, sequence = entry.sequence + 1
    FROM standing
   WHERE entry.id = standing.id AND entry.organization_id = %(organization)s
     AND NOT EXISTS (SELECT FROM wanted WHERE (wanted.participation_id, wanted.number,
       wanted.host_id) = (standing.participation_id, standing.number, standing.host_id))
  RETURNING entry.id, entry.sequence, entry.ends_at),
other AS (
  UPDATE learning_sessions_calendarentry entry
     SET starts_at = wanted.starts_at, ends_at = wanted.ends_at, time_zone = wanted.time_zone,
         place = wanted.place, subject = wanted.subject, changed_at = %(at)s,
         sequence = entry.sequence + 1
    FROM standing JOIN wanted USING (participation_id, number, host_id)
   WHERE entry.id = standing.id AND entry.organization_id = %(organization)s
     AND (entry.starts_at, entry.ends_at, entry.time_zone, entry.place, entry.subject)
         IS DISTINCT FROM (wanted.starts_at, wanted.ends_at, wanted.time_zone, wanted.place,
         wanted.subject)
  RETURNING entry.id, entry.sequence, entry.ends_at),
fresh AS (
  INSERT INTO learning_sessions_calendarentry (organization_id, participation_id, employee_id,
    host_id, number, uid, sequence, starts_at, ends_at, time_zone, place, subject, changed_at)
  SELECT %(organization)s, participation_id, employee_id, host_id, number,
         gen_random_uuid()::text, 0, starts_at, ends_at, time_zone, place, subject, %(at)s
    FROM wanted
   WHERE NOT EXISTS (SELECT FROM standing WHERE (wanted.participation_id, wanted.number,
     wanted.host_id) = (standing.participation_id, standing.number, standing.host_id))
  RETURNING id, sequence, ends_at)
INSERT INTO notifications_outbox (organization_id, public_id, kind, subject, occurrence, due_at,
  attempts, failure)
SELECT %(organization)s, left(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'),
       12), %(kind)s, id, sequence::text, %(at)s, 0, ''
  FROM (TABLE gone UNION ALL TABLE other UNION ALL TABLE fresh) changed
 WHERE ends_at > %(at)s ORDER BY id
ON CONFLICT DO NOTHING
""",
    sessions="bigint[]",
    kind="text",
    at="timestamptz",
)


def follow(*sessions: LearningSession, at: datetime) -> None:
    """Let the calendars of all who are or were in these sessions say what holds by now.

    Also when the host of a block changed: whoever comes gets a CANCEL of the old entry and a
    REQUEST of a new one, the old host the first, the new host the second. Twice is once.
    """
    if sessions:
        ids = sorted({session.pk for session in sessions})
        _FOLLOW.run(sessions=ids, kind=CALENDAR_MESSAGE, at=at)


def catch_up(employee: Employee, *, at: datetime) -> None:
    """Mail them what stands and was never mailed, as after they have asked for mails again."""
    rows: Iterable[CalendarEntry] = CalendarEntry.objects.standing().filter(
        employee=employee, mailed_at=None, ends_at__gt=at
    )
    enqueue_all(Due(CALENDAR_MESSAGE, row.pk, at, str(row.sequence)) for row in rows)


def stand_again(
    people: Iterable[Participation], *, host: Employee, since: datetime, at: datetime
) -> None:
    """What was cancelled at `since` was a mistake: the same entries stand, at a higher SEQUENCE."""
    rows = CalendarEntry.objects.filter(
        participation__in=[one.pk for one in people], host=host, cancelled_at=since
    )
    again = list(rows.values_list("pk", flat=True))
    rows.update(cancelled_at=None, changed_at=at, sequence=F("sequence") + 1)
    told = CalendarEntry.objects.filter(pk__in=again, ends_at__gt=at)
    enqueue_all(Due(CALENDAR_MESSAGE, row.pk, at, str(row.sequence)) for row in told)
