"""Cancelling a session or one's own place in it, or declining a booking: the time is free again,
and the others are told.

Called inside a scope; takes the time as `at`, and writes its notifications with it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.asking import end_requests
from sessions.calendar_entries import follow
from sessions.choices import BlockState, Outcome, Seat, SessionState
from sessions.claiming import let_go
from sessions.models import Block, Claim, HandOver, LearningSession, Participation, Place
from sessions.refusals import Refused
from sessions.waiting import lock_queue

_STANDS = (SessionState.HELD, SessionState.BOOKED, SessionState.OPEN)
_AGREED = (SessionState.BOOKED, SessionState.OPEN)


def cancel(
    session: LearningSession, *, by: Employee, reason: str = "", at: datetime
) -> LearningSession:
    """Call a booked session off and tell the others.

    The host calls it off for everyone. A learner gives up their own place; with the last one that
    is booked the session is off, and whoever only held a place in it holds it no more. Raises
    Refused once a day was done, or for somebody who is not in it.
    Cancelling twice cancels once.
    """
    with transaction.atomic():
        queue = lock_queue(session)
        session = LearningSession.objects.locked(session.pk)
        there, moves = _standing(session)
        mine = next((p for p in there if p.employee_id == by.pk), None)
        if session.state == SessionState.CANCELLED or (
            mine is None and session.participations.filter(employee=by).exists()
        ):
            return session
        if mine is None or session.state not in _AGREED:
            raise Refused(_("Only those who take part can cancel, and only what is booked."))
        if Block.objects.filter(session=session, state=BlockState.DONE).exists():
            raise Refused(_("The session has begun, so it can no longer be cancelled."))
        without_host = session.state == SessionState.OPEN
        learners = [p for p in there if p.seat == Seat.SHADOW]
        others = [p for p in learners if p.pk != mine.pk and p.state in _AGREED]
        if mine.seat == Seat.HOST or not others:
            call_off(session, by=by, reason=reason, at=at)
            if without_host:
                settle_hand_over(session, at=at)
            leaving = there
        else:
            leaving = [mine]
        told = _told(there, by)
        _let_moves_go(leaving, moves, at=at)
        give_up(leaving, reason=reason.strip(), at=at)
        _tell(told, mine, at=at)
        follow(session, at=at)
        if mine.seat == Seat.SHADOW and not without_host:
            queue.pass_on(session, lost=[one for one in leaving if one != mine], at=at)
    return session


def foretell(session: LearningSession, by: Employee) -> tuple[list[Employee], int]:
    """Whom `cancel` would tell, and how many learners would still come."""
    there, _moves = _standing(session)
    told = [one.employee for one in _told(there, by)]
    if session.host_id == by.pk:
        return told, 0
    others = [p for p in there if p.seat == Seat.SHADOW and p.employee_id != by.pk]
    return told, sum(p.state in _AGREED for p in others)


def _told(there: list[Participation], by: Employee) -> list[Participation]:
    """Of the host those who have booked, of a learner the host: of a hold nobody knows."""
    hosts = any(p.seat == Seat.HOST and p.employee_id == by.pk for p in there)
    told = [p for p in there if p.seat == (Seat.SHADOW if hosts else Seat.HOST)]
    return [p for p in told if p.state in _AGREED and p.employee.active]


def decline(booking: Participation, *, by: Employee, reason: str, at: datetime) -> None:
    """The host refuses a learner's booking before it begins, says why, and the learner is told.

    With the last one that is booked the session is off. Raises Refused without a reason, once the
    first day has begun, and for anybody but the host. Declining twice declines once.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: the learner reads it."))
    with transaction.atomic():
        queue = lock_queue(booking.session)
        session = LearningSession.objects.locked(booking.session_id)
        there, moves = _standing(session)
        booking.refresh_from_db(fields=["state", "session"])
        if booking.state == SessionState.DECLINED:
            return
        if session.host_id != by.pk or booking.seat != Seat.SHADOW:
            raise Refused(_("Only the host can decline a booking."))
        if booking.state != SessionState.BOOKED or booking.session_id != session.pk:
            raise Refused(_("This booking does not stand any more."))
        if session.starts_at <= at:
            raise Refused(_("The session has begun. Say at the day who did not come."))
        booked = [p for p in there if p.seat == Seat.SHADOW and p.state == SessionState.BOOKED]
        leaving = [p for p in there if p.pk == booking.pk]
        if len(booked) == 1:
            call_off(session, by=by, reason="", at=at)  # it is the learner's alone
            leaving = there
        _let_moves_go(leaving, moves, at=at)
        give_up(leaving, at=at)
        Participation.objects.filter(pk=booking.pk).update(
            state=SessionState.DECLINED, cancel_reason=reason
        )
        notices.tell_declined(booking, at=at)
        follow(session, at=at)
        if session.state == SessionState.BOOKED:
            queue.pass_on(session, at=at)


def _let_moves_go(
    leaving: list[Participation], moves: list[Participation], *, at: datetime
) -> None:
    """Days that are held for those to move to who leave."""
    gone = {one.pk for one in leaving}
    if held := [one for one in moves if one.moves_id in gone]:
        let_go(at=at, moves=[one.moves_id for one in held if one.moves_id])
        end_requests(held, at=at)


def _standing(session: LearningSession) -> tuple[list[Participation], list[Participation]]:
    """Who holds or has booked, and what is held elsewhere to move one of them."""
    rows = Participation.objects.filter(
        Q(session=session) | Q(moves__session=session, state=SessionState.HELD),
        state__in=_STANDS,
    ).select_related("employee")
    there = [one for one in rows if one.session_id == session.pk]
    return there, [one for one in rows if one.session_id != session.pk]


def call_off(session: LearningSession, *, by: Employee, reason: str, at: datetime) -> None:
    """The session is off, the days that were to come with it; the session is locked."""
    session.state, session.cancelled_at = SessionState.CANCELLED, at
    session.cancelled_by, session.cancel_reason = by, reason.strip()
    session.save(update_fields=["state", "cancelled_at", "cancelled_by", "cancel_reason"])
    Block.objects.filter(session=session, state=BlockState.PLANNED).update(
        state=BlockState.CANCELLED
    )


def settle_hand_over(session: LearningSession, *, at: datetime) -> None:
    """Nobody is left who waits for another host."""
    for one in HandOver.objects.open().filter(session=session):
        one.end(Outcome.ENDED, at=at)


def give_up(leaving: list[Participation], *, reason: str = "", at: datetime) -> None:
    """Free the time and the places of these people, and take back what they would be told.

    The reason stands in the booking of each: who left before has one of their own.
    """
    ids = [participation.pk for participation in leaving]
    people = Participation.objects.filter(pk__in=ids, state__in=_STANDS)
    ended = Case(
        When(state__in=_AGREED, then=Value(SessionState.CANCELLED)),
        default=Value(SessionState.EXPIRED),
    )
    # A place that was offered is lost by no doing of theirs: it may be offered to them again.
    kept = Case(When(state__in=_AGREED, then=F("waiting")), default=None)
    why = Case(When(state__in=_AGREED, then=Value(reason)), default=F("cancel_reason"))
    people.update(state=ended, held_until=None, waiting=kept, cancel_reason=why)
    Claim.objects.filter(held_for__in=ids).update(active=False, held_until=None)
    Place.objects.filter(participation__in=ids).delete()
    notices.withdraw(leaving)
    end_requests((one for one in leaving if one.state == SessionState.HELD), at=at)


def _tell(told: list[Participation], mine: Participation, *, at: datetime) -> None:
    """A learner's leaving is told to the host, the host's to every learner who had booked."""
    for one in told:
        notices.tell_cancelled([one.employee], mine if mine.seat == Seat.SHADOW else one, at=at)
