"""The few statements on which everybody's time rests.

Claims go in with ON CONFLICT DO NOTHING, in the order of the employees, and are counted: what was
not inserted was taken. Whoever inserts claims has locked the people first (`lock_people`), so that
two bookings on overlapping time wait for each other instead of deadlocking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peerlearn.organizations.fence import random_public_id
from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import Statement, written
from sessions.choices import SessionState
from sessions.models import LearningSession, Participation, Place, ShadowingOffer, Waiting
from sessions.starts import Start

# Holds that ran out, and whether they did or not: those of `owner` (what was offered to them from
# a waiting list only with `offered`), beside `host`, to move one of `moves`, and `holds`. Of those
# of `owner` and of `holds`, what others decide about goes only with `kept`. A session
# that nobody holds or has booked any more runs out with them. The days to which a booking was to be
# moved are claimed for the booking itself, until a time; its own without one.
_LET_GO = Statement(
    """
WITH gone AS (
  UPDATE learning_sessions_participation p SET state = 'expired', held_until = NULL
  WHERE p.organization_id = %(organization)s AND p.seat = 'shadow' AND p.state = 'held'
    AND p.id IN (
      SELECT h.id FROM learning_sessions_participation h
      JOIN learning_sessions_learningsession s
        ON s.organization_id = h.organization_id AND s.id = h.session_id
      WHERE h.organization_id = %(organization)s AND h.seat = 'shadow' AND h.state = 'held'
        AND ((h.employee_id = %(owner)s AND (h.waiting_id IS NULL OR %(offered)s)
            AND (h.kept = '' OR %(kept)s))
          OR (h.id = ANY(%(holds)s) AND (h.kept = '' OR %(kept)s))
          OR s.host_id = %(host)s OR h.moves_id = ANY(%(moves)s)
          OR (h.held_until <= %(at)s AND (%(everyone)s
            OR h.employee_id = ANY(%(people)s) OR s.host_id = ANY(%(people)s))))
      FOR NO KEY UPDATE OF h, s SKIP LOCKED)
  RETURNING p.id, p.session_id, p.moves_id),
freed AS (
  DELETE FROM learning_sessions_place USING gone
  WHERE organization_id = %(organization)s AND participation_id = gone.id),
emptied AS (
  UPDATE learning_sessions_learningsession s SET state = 'expired'
  WHERE s.organization_id = %(organization)s AND s.state = 'held'
    AND s.id IN (SELECT session_id FROM gone)
    AND NOT EXISTS (
      SELECT FROM learning_sessions_participation q
      WHERE q.organization_id = %(organization)s AND q.session_id = s.id AND q.seat = 'shadow'
        AND q.state IN ('held', 'booked') AND q.id NOT IN (SELECT id FROM gone))
  RETURNING s.id),
hosts AS (
  UPDATE learning_sessions_participation h SET state = 'expired', held_until = NULL
  FROM emptied
  WHERE h.organization_id = %(organization)s AND h.session_id = emptied.id AND h.seat = 'host'
  RETURNING h.id, h.moves_id)
DELETE FROM learning_sessions_claim WHERE organization_id = %(organization)s
  AND held_until IS NOT NULL
  AND held_for_id IN (SELECT id FROM gone UNION ALL SELECT id FROM hosts
    UNION ALL SELECT moves_id FROM gone UNION ALL SELECT moves_id FROM hosts)
""",
    at="timestamptz",
    owner="bigint",
    host="bigint",
    people="bigint[]",
    everyone="boolean",
    moves="bigint[]",
    holds="bigint[]",
    offered="boolean",
    kept="boolean",
)

_OPEN = Statement(
    """
WITH session AS (
  INSERT INTO learning_sessions_learningsession (organization_id, public_id, kind, state, host_id,
    offer_id, subject, capacity, place, bring, time_zone, starts_at, ends_at, created_at,
    cancel_reason, by_leaving)
  VALUES (%(organization)s, %(public_id)s, 'shadowing', 'held', %(host)s, %(offer)s, %(subject)s,
    %(capacity)s, %(place)s, %(bring)s, %(zone)s, %(first)s, %(last)s, %(at)s, '', false)
  RETURNING id),
people AS (
  INSERT INTO learning_sessions_participation
    (organization_id, session_id, employee_id, seat, state, held_at, held_until, goal,
      cancel_reason, moves_id, waiting_id, kept)
  SELECT %(organization)s, session.id, person.employee_id, person.seat, %(state)s, %(at)s,
    %(held_until)s, '', '', person.moves_id, person.waiting_id, person.kept
  FROM session, (VALUES (%(host)s, 'host', %(host_moves)s::bigint, NULL::bigint, ''),
    (%(learner)s, 'shadow', %(learner_moves)s::bigint, %(waiting)s::bigint, %(kept)s))
    person (employee_id, seat, moves_id, waiting_id, kept)
  RETURNING id, employee_id, seat, moves_id),
seated AS (
  INSERT INTO learning_sessions_place (organization_id, session_id, number, participation_id)
  SELECT %(organization)s, session.id, 1, people.id FROM session, people WHERE seat = 'shadow'),
blocks AS (
  INSERT INTO learning_sessions_block
    (organization_id, session_id, number, starts_at, ends_at, state, marking)
  SELECT %(organization)s, session.id, day.number, day.starts_at, day.ends_at, 'planned', 1
  FROM session, unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY day (starts_at, ends_at, number)
  RETURNING id, number, starts_at, ends_at)
INSERT INTO learning_sessions_claim
  (organization_id, employee_id, block_id, held_for_id, during, held_until, active)
SELECT %(organization)s, people.employee_id, blocks.id, coalesce(people.moves_id, people.id),
  tstzrange(blocks.starts_at, blocks.ends_at), %(held_until)s, true
FROM people, blocks ORDER BY people.employee_id, blocks.number
ON CONFLICT DO NOTHING
""",
    **dict.fromkeys(("public_id", "subject", "place", "bring", "zone", "state", "kept"), "text"),
    **dict.fromkeys(("host", "learner", "offer", "capacity"), "bigint"),
    **dict.fromkeys(("learner_moves", "host_moves", "waiting"), "bigint"),
    **dict.fromkeys(("first", "last", "held_until", "at"), "timestamptz"),
    **dict.fromkeys(("starts", "ends"), "timestamptz[]"),
)

_CLAIM = Statement(
    """
INSERT INTO learning_sessions_claim
  (organization_id, employee_id, block_id, held_for_id, during, held_until, active)
SELECT %(organization)s, %(employee)s, id, %(held_for)s, tstzrange(starts_at, ends_at),
  %(held_until)s, true
FROM learning_sessions_block
WHERE organization_id = %(organization)s AND session_id = %(session)s AND state = 'planned'
ORDER BY number
ON CONFLICT DO NOTHING
""",
    **dict.fromkeys(("employee", "held_for", "session"), "bigint"),
    held_until="timestamptz",
)


def lock_people(*people: int) -> dict[int, Employee]:
    """Let nobody else change the time of these employees until the transaction ends.

    They are locked in one order: no deadlock. The constraint on claims would keep two from
    overlapping without it. Waiting for more than two seconds raises an OperationalError.
    """
    return {employee.pk: employee for employee in _locked(people=people)}


@written
def _locked(people: Any) -> Any:
    return Employee.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")


def lock_sessions(*sessions: int) -> dict[int, LearningSession]:
    """Let nobody else change these sessions until the transaction ends; locked in one order."""
    rows = LearningSession.objects.select_for_update().filter(pk__in=sessions).order_by("pk")
    return {session.pk: session for session in rows}


def let_go(
    *,
    at: datetime,
    owner: int | None = None,
    host: int | None = None,
    people: Sequence[int] = (),
    everyone: bool = False,
    moves: Sequence[int] = (),
    holds: Sequence[int] = (),
    offered: bool = False,
    kept: bool = False,
) -> None:
    """Free what is held: by `owner` (with `offered` what was offered to them, with `kept` what was
    requested or proposed, too), beside `host`, to move the bookings `moves` and the `holds` at all;
    by others in sessions of `people`, or of everyone, if it ran out."""
    values = {"owner": owner, "host": host, "at": at, "people": list(people), "everyone": everyone}
    chosen = {"moves": list(moves), "holds": list(holds), "offered": offered, "kept": kept}
    _LET_GO.run(**values, **chosen)


def open_session(
    offer: ShadowingOffer,
    learner_id: int,
    start: Start,
    *,
    held_until: datetime | None,
    at: datetime,
    moves: Participation | None = None,
    waiting: Waiting | None = None,
    kept: str = "",
    host_moves: Participation | None = None,
    capacity: int = 1,
) -> str | None:
    """Write a held session with its people, place, blocks and claims.

    `moves` and `host_moves` are the bookings that are to come here: the time is claimed for them.
    Without `held_until` they are about to: the people are written as moved.
    Returns its public id, or None when some of the time was taken: then the caller rolls back.
    """
    public_id = random_public_id()
    claims = _OPEN.run(
        public_id=public_id,
        host=offer.host_id,
        learner=learner_id,
        offer=offer.pk,
        subject=offer.subject[:500],
        capacity=max(offer.capacity, capacity),
        place=offer.place,
        bring=offer.bring,
        zone=offer.time_zone,
        first=start.blocks[0].start,
        last=start.blocks[-1].end,
        starts=[block.start for block in start.blocks],
        ends=[block.end for block in start.blocks],
        held_until=held_until,
        state=SessionState.HELD if held_until else SessionState.MOVED,
        learner_moves=moves and moves.pk,
        host_moves=host_moves and host_moves.pk,
        waiting=waiting and waiting.pk,
        kept=str(kept),
        at=at,
    )
    return public_id if claims == 2 * len(start.blocks) else None


def claim_blocks(session: LearningSession, participation: Participation) -> int:
    """Claim the time of one more person in a session, for the booking that is to come there if
    one is; returns how many blocks went in, of those that are to come."""
    return _CLAIM.run(
        employee=participation.employee_id,
        held_for=participation.moves_id or participation.pk,
        held_until=participation.held_until,
        session=session.pk,
    )


def fit_places(session: LearningSession) -> None:
    """Number the places that are taken from one on, in their order; the session is locked."""
    taken = Place.objects.filter(session=session).order_by("number")
    for number, place in enumerate(taken, start=1):
        if place.number != number:
            Place.objects.filter(pk=place.pk).update(number=number)
