"""Booking days that are held: the session stands, and host and learner are told. Where it needs
approval, that is asked for first, and the days stay held until there is an answer.

Called inside a scope; takes the time as `at`, and writes its notifications with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from peerlearn.organizations.scoping import require_organization_id
from sessions import notices
from sessions.asking import NeedsApproval, approver_for, ask, close_proposal
from sessions.calendar_entries import follow
from sessions.choices import Answer, Kept, Seat, SessionState
from sessions.models import Claim, LearningSession, Participation, Waiting
from sessions.offering import copy_to
from sessions.refusals import RunOut

# Session and host in one statement.
_CONFIRM = """
WITH session AS (
  UPDATE learning_sessions_learningsession SET state = %(booked)s, booked_at = %(at)s
   WHERE organization_id = %(organization)s AND id = %(session)s)
UPDATE learning_sessions_participation
   SET state = %(booked)s, held_until = NULL, booked_at = %(at)s
 WHERE organization_id = %(organization)s AND id = %(host)s
"""


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
        kept = (Kept.REQUEST,) if approved else ("", Kept.PROPOSAL)
        changed = Participation.objects.filter(
            pk=participation.pk, state=SessionState.HELD, held_until__gt=at, kept__in=kept
        ).update(
            state=SessionState.BOOKED, held_until=None, kept="", goal=goal.strip(), booked_at=at
        )
        if not changed:
            participation.refresh_from_db()
            if participation.state == SessionState.BOOKED:
                return session
            raise RunOut
        host = _participation_of_host(session)
        Claim.objects.filter(
            block__session=session, held_for__in=[participation.pk, host.pk], active=True
        ).update(held_until=None)
        if session.state == SessionState.HELD:
            _confirm(session, host, at=at)
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


def _confirm(session: LearningSession, host: Participation, *, at: datetime) -> None:
    """The first learner books: the session stands, with its own copy of plan and skills."""
    values: dict[str, Any] = {
        "organization": require_organization_id(),
        "session": session.pk,
        "host": host.pk,
        "booked": SessionState.BOOKED,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRM, values)
    session.state, session.booked_at = SessionState.BOOKED, at
    copy_to(session)


def _participation_of_host(session: LearningSession) -> Participation:
    host: Participation = Participation.objects.select_related("employee").get(
        session=session, seat=Seat.HOST, employee=session.host_id
    )
    return host
