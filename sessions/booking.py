"""Booking days that are held: the session stands, and host and learner are told. Where it needs
approval, that is asked for first, and the days stay held until there is an answer.

Called inside a scope; takes the time as `at`, and writes its notifications with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from peerlearn.organizations.written import Statement, written
from sessions import notices
from sessions.asking import NeedsApproval, approver_for, ask, close_proposal
from sessions.calendar_entries import follow
from sessions.choices import Answer, Kept, Seat, SessionState
from sessions.models import LearningSession, Participation, Waiting
from sessions.offering import copy_to
from sessions.refusals import RunOut

# The learner's place if it is still held, and with it the time of both. For the first learner the
# session stands from now on, and the host is in it.
_STAND = Statement(
    """
WITH mine AS (
  UPDATE learning_sessions_participation
     SET state = 'booked', held_until = NULL, kept = '', goal = %(goal)s, booked_at = %(at)s
   WHERE organization_id = %(organization)s AND id = %(learner)s
     AND state = 'held' AND held_until > %(at)s AND kept = ANY(%(kept)s)
  RETURNING id),
claims AS (
  UPDATE learning_sessions_claim SET held_until = NULL
   WHERE organization_id = %(organization)s AND active
     AND held_for_id IN (%(learner)s, %(host)s) AND EXISTS (SELECT FROM mine)
     AND block_id IN (SELECT id FROM learning_sessions_block
       WHERE organization_id = %(organization)s AND session_id = %(session)s)),
session AS (
  UPDATE learning_sessions_learningsession SET state = 'booked', booked_at = %(at)s
   WHERE organization_id = %(organization)s AND id = %(session)s AND state = 'held'
     AND EXISTS (SELECT FROM mine)
  RETURNING id),
host AS (
  UPDATE learning_sessions_participation
     SET state = 'booked', held_until = NULL, booked_at = %(at)s
   WHERE organization_id = %(organization)s AND id = %(host)s AND EXISTS (SELECT FROM session))
SELECT FROM mine
""",
    **dict.fromkeys(("session", "host", "learner"), "bigint"),
    goal="text",
    kept="text[]",
    at="timestamptz",
)


def book(participation: Participation, *, goal: str, at: datetime) -> LearningSession:
    """Make a hold a booking and tell host and learner; or ask for the approval that it needs.

    Raises RunOut when the hold is over or was let go. Booking twice books once.
    """
    if participation.moves_id is not None:
        raise RunOut
    try:
        return stand(participation, goal=goal, at=at)
    except NeedsApproval as needs:  # the session is locked no more: people come first
        return ask(participation, needs.approver, goal=goal, at=at)


def stand(
    participation: Participation, *, goal: str, approved: bool = False, at: datetime
) -> LearningSession:
    """Make a hold a booking and tell host and learner; what is requested only when `approved`.

    Raises NeedsApproval, and RunOut as `book` does.
    """
    with transaction.atomic():
        session = LearningSession.objects.locked(participation.session_id)
        participation.session = session
        if not approved and (approver := approver_for(participation, at=at)):
            raise NeedsApproval(approver)
        kept: list[str] = [Kept.REQUEST] if approved else ["", Kept.PROPOSAL]
        (host,) = _host_of(session=session.pk, host=session.host_id)
        if not _write(session, host, participation, goal=goal.strip(), kept=kept, at=at):
            participation.refresh_from_db()
            if participation.state == SessionState.BOOKED:
                return session
            raise RunOut
        if session.state == SessionState.HELD:
            session.state, session.booked_at = SessionState.BOOKED, at
            copy_to(session)
        if participation.kept == Kept.PROPOSAL:
            close_proposal(participation, Answer.ACCEPTED, at=at)
        participation.state, participation.held_until = SessionState.BOOKED, None
        participation.kept = ""
        participation.goal, participation.booked_at = goal.strip(), at
        notices.tell_booked(session, host, participation, at=at)
        follow(session, at=at)
        if participation.waiting_id is not None:
            Waiting.objects.filter(pk=participation.waiting_id, left_at=None).update(left_at=at)
    return session


def _write(
    session: LearningSession,
    host: Participation,
    learner: Participation,
    *,
    goal: str,
    kept: list[str],
    at: datetime,
) -> bool:
    """Whether the hold, kept in one of these ways, became a booking."""
    return bool(
        _STAND.run(
            session=session.pk,
            host=host.pk,
            learner=learner.pk,
            goal=goal,
            kept=[str(one) for one in kept],
            at=at,
        )
    )


@written
def _host_of(session: Any, host: Any) -> Any:
    hosts = Participation.objects.filter(session=session, seat=Seat.HOST, employee=host)
    return hosts.select_related("employee").order_by()
