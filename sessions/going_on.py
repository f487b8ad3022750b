"""A host can go on after all: what was cut off by mistake stands again, as if nothing was said.

Called inside a scope; takes the time as `at`, and writes its notifications with it. Only as long as
nothing came of it: nobody is asked, nobody has left, no debrief is given.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.calendar_entries import follow, stand_again
from sessions.choices import BlockState, Outcome, SessionState
from sessions.claiming import claim_blocks, let_go, lock_sessions
from sessions.cutting import lock_everybody, may_hand_over
from sessions.models import (
    Block,
    Claim,
    Debrief,
    HandOver,
    HandOverRequest,
    LearningSession,
    Participation,
    Place,
    SessionStep,
    ShadowingOffer,
)
from sessions.refusals import Refused, Taken

_STAND = (SessionState.BOOKED, SessionState.COMPLETED)


def go_on(hand_over: HandOver, *, by: Employee, at: datetime) -> LearningSession:
    """The days stand as before, beside the same host, and the learners are told. Returns the
    session in which they stand.

    Raises Refused when something came of it already, or for somebody who has no say in it, and
    Taken when the host is booked elsewhere by now; then nothing is changed.
    """
    with transaction.atomic():
        people = lock_everybody(hand_over.session)
        parts = [one for one in (hand_over.cut_from_id, hand_over.session_id) if one]
        sessions = lock_sessions(*parts)
        rest, whole = sessions[hand_over.session_id], sessions[parts[0]]
        _refuse(hand_over, rest, by=by, at=at)
        let_go(at=at, people=list(people))
        ahead = Block.objects.filter(session=rest, state=BlockState.PLANNED).count()
        told = _join(rest, whole) if whole != rest else _reopen(rest)
        host = told.pop(0)
        if whole != rest:
            whole.offer = _offer_of(whole, rest, at=at)
        _stand_up(hand_over, whole)
        if claim_blocks(whole, host) != ahead:
            raise _taken()
        hand_over.end(Outcome.BACK, at=at)
        stand_again([host, *told], host=host.employee, since=hand_over.said_at, at=at)
        follow(whole, rest, at=at)
        notices.tell_host_back(hand_over, whole, host, told, by=by, at=at)
    return whole


def _taken() -> Taken:
    return Taken(
        _("The host is booked elsewhere on some of these days by now. Ask another host, or move.")
    )


def _refuse(hand_over: HandOver, rest: LearningSession, *, by: Employee, at: datetime) -> None:
    hand_over.refresh_from_db(fields=["outcome"])
    if hand_over.outcome != Outcome.OPEN or rest.state != SessionState.OPEN:
        raise Refused(_("This is settled already."))
    if not may_hand_over(rest, by):
        raise Refused(_("Only the host, their managers and HR can do this."))
    if not hand_over.host.active:
        raise Refused(_("The host cannot be booked any more."))
    if rest.starts_at <= at:
        raise Refused(_("The first of these days has begun, so it cannot be taken back."))
    if HandOverRequest.objects.waiting(at).filter(hand_over=hand_over).exists():
        raise Refused(_("Another host is asked. Wait for their answer, then look here again."))


def _join(rest: LearningSession, whole: LearningSession) -> list[Participation]:
    """The days come back to the session from which they were cut; the host first of those in it.
    What was cut stays as a trace that leads there."""
    there = Participation.objects.filter(session=whole, state__in=_STAND).select_related("employee")
    before = {(one.seat, one.employee_id): one for one in there}
    after = list(
        Participation.objects.filter(session=rest).order_by("seat", "pk")
    )  # the host first
    if any((one.seat, one.employee_id) not in before for one in after) or any(
        one.state != SessionState.OPEN for one in after
    ):
        raise Refused(_("Somebody has left meanwhile, so it cannot be taken back. Choose below."))
    if Debrief.objects.filter(participation__session=whole).exists():
        raise Refused(_("A debrief is given already, so it cannot be taken back. Choose below."))
    Place.objects.filter(session=rest).delete()
    Block.objects.filter(session=rest).update(session=whole)
    SessionStep.objects.filter(session=rest).update(session=whole)
    for one in after:
        own = before[one.seat, one.employee_id]
        Claim.objects.filter(held_for=one).update(held_for=own)
        Participation.objects.filter(pk=one.pk).update(state=SessionState.MOVED, moves=own)
    LearningSession.objects.filter(pk=rest.pk).update(state=SessionState.MOVED)
    whole.ends_at = max(whole.ends_at, rest.ends_at)  # later days may have come back before
    own_parts = [before[one.seat, one.employee_id] for one in after]
    Participation.objects.filter(pk__in=[one.pk for one in own_parts]).update(
        state=SessionState.BOOKED
    )
    notices.withdraw_host_out(after)
    return own_parts


def _offer_of(
    whole: LearningSession, rest: LearningSession, *, at: datetime
) -> ShadowingOffer | None:
    """That of what was cut first, once all of its days are there again: shorter than the offer,
    nobody joins, and it is not moved by it."""
    back = HandOver.objects.filter(cut_from=whole, outcome=Outcome.BACK).order_by("pk")
    before = [one.session.offer for one in back.select_related("session__offer")]
    offer = next((one for one in (whole.offer, rest.offer, *before) if one is not None), None)
    days = Block.objects.filter(session=whole).exclude(state=BlockState.CANCELLED).count()
    is_short = offer is not None and whole.starts_at > at and days < offer.days
    return None if is_short else offer


def _reopen(session: LearningSession) -> list[Participation]:
    """Nothing of it was done: all of it stands again, the host first of those in it."""
    there = Participation.objects.filter(session=session, state=SessionState.OPEN)
    people = list(there.select_related("employee").order_by("seat", "pk"))
    there.update(state=SessionState.BOOKED)
    if session.offer is not None:
        session.capacity = max(session.capacity, session.offer.capacity)
    notices.withdraw_host_out(people)
    return people


def _stand_up(hand_over: HandOver, session: LearningSession) -> None:
    """It is booked again, with the days that fell away because they had begun."""
    said = HandOver.objects.filter(Q(session=session) | Q(cut_from=session), pk__lt=hand_over.pk)
    earlier = said.aggregate(at=Max("said_at"))["at"]
    fell = Block.objects.filter(
        session=session, state=BlockState.CANCELLED, starts_at__lte=hand_over.said_at
    )
    fell = fell.filter(starts_at__gt=earlier) if earlier else fell
    begun = list(fell.values_list("pk", flat=True))
    Block.objects.filter(pk__in=begun).update(state=BlockState.PLANNED)
    mine = Claim.objects.filter(block__in=begun, held_for__state=SessionState.BOOKED)
    try:
        with transaction.atomic():
            mine.update(active=True)
    except IntegrityError as error:
        raise _taken() from error
    stand = Block.objects.filter(session=session).exclude(state=BlockState.CANCELLED)
    first = stand.order_by("number")[0]
    session.state, session.completed_at = SessionState.BOOKED, None
    session.starts_at = first.starts_at
    session.save(
        update_fields=["state", "completed_at", "starts_at", "ends_at", "offer", "capacity"]
    )
