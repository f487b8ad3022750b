"""What becomes of days whose host cannot go on: another host takes over, they move, or they end.

Called inside a scope; takes the time as `at`, and writes its notifications with it. Whoever is
asked agrees before anything is theirs; the claims of the new host go in under the constraint of
every booking.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import enqueue
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.availability import LOOK_AHEAD, Availability
from sessions.calendar_entries import follow
from sessions.cancelling import call_off, give_up
from sessions.choices import Answer, BlockState, Outcome, Seat, SessionState
from sessions.claiming import claim_blocks, let_go
from sessions.cutting import lock_everybody, may_hand_over
from sessions.free_time import Interval, instant
from sessions.holding import look
from sessions.hosts import soonest
from sessions.models import (
    Block,
    Claim,
    HandOver,
    HandOverRequest,
    LearningSession,
    Participation,
    ShadowingOffer,
)
from sessions.refusals import Clash, Refused, Taken
from sessions.starts import Moving, Start

ASKED_FOR = timedelta(hours=24)
REQUEST_OVER = "hand_over_request_over"
MOST_ASKED = 50
_NEAR = timedelta(days=45)
_AS_OFTEN = 32_767  # a month that is full is no reason to lose what was booked in it


@dataclass(frozen=True)
class Candidate:
    """Another host who is free on these very days."""

    offer: ShadowingOffer
    start: Start | None  # their own first free start

    @property
    def host(self) -> Employee:
        host: Employee = self.offer.host
        return host


# --- What is left, and who could host it ---------------------------------------------------------
@dataclass(frozen=True)
class Rest:
    """The days that are left, with those who learn in them. Six queries, however many hosts."""

    hand_over: HandOver
    blocks: list[Block]  # what fell away at once is among them
    learners: list[Participation]
    at: datetime

    @classmethod
    def of(cls, hand_over: HandOver, *, at: datetime) -> Rest:
        blocks = Block.objects.filter(session=hand_over.session).order_by("number")
        return cls(hand_over, list(blocks), _learners(hand_over.session), at)

    @property
    def session(self) -> LearningSession:
        session: LearningSession = self.hand_over.session
        return session

    @property
    def days(self) -> list[Interval]:
        planned = [one for one in self.blocks if one.state == BlockState.PLANNED]
        return [Interval(one.starts_at, one.ends_at) for one in planned]

    @property
    def moving(self) -> Moving:
        others = tuple(one.employee_id for one in self.learners[1:])
        return Moving(self.session, tuple(self.learners), others, by_host=True)

    def candidates(self) -> list[Candidate]:
        """Hosts of the same skills who are free on these days and were not asked yet: who has days
        free first before others, as hosts of a skill are listed."""
        if not self._others:
            return []
        offers = [one for one in self._others if self._ahead.is_free(one.host, self.days)]
        starts = [(one, next(iter(self._ahead.first_starts(one)), None)) for one in offers]
        found = [Candidate(offer, start) for offer, start in starts]
        return sorted(found, key=lambda one: soonest(one.start, at=self.at))

    def later_starts(self, count: int = 3) -> list[Start]:
        """The next days, after these, on which the same host could go on with everybody."""
        if self.own_offer is None:
            return []
        after = self.session.ends_at.astimezone(self.own_offer.zone).date() + timedelta(days=1)
        near = self._ahead.starts(self.own_offer, first=after, last=after + _NEAR)
        return (near if len(near) >= count else self._ahead.starts(self.own_offer, after))[:count]

    @cached_property
    def own_offer(self) -> ShadowingOffer | None:
        """The host's, for as many days as are left; None where nothing can be booked by it."""
        session, days = self.session, len(self.days)
        stands = session.offer is not None and session.offer.active and session.host.active
        if not stands or not days or not self.learners:
            return None
        offer: ShadowingOffer = copy(session.offer)
        offer.host, offer.days, offer.per_month = session.host, days, _AS_OFTEN
        return offer

    @cached_property
    def _others(self) -> list[ShadowingOffer]:
        """The newest offer of each other host that has every skill of the session."""
        if not self.learners or not self.days:
            return []
        offers = (
            ShadowingOffer.objects.for_all_of(self.session.pk)
            .exclude(host=self.hand_over.host_id)
            .exclude(host__in=self.hand_over.requests.values("host"))
            .with_subject()
        )
        newest = {one.host_id: one for one in offers.order_by("created_at", "pk")}
        return list(newest.values())[-MOST_ASKED:]

    @cached_property
    def _ahead(self) -> Availability:
        own = [self.own_offer] if self.own_offer is not None else []
        first = self.at.date()
        return Availability(
            [*self._others, *own],
            self.learners[0].employee,
            first=first,
            last=first + LOOK_AHEAD,
            at=self.at,
            moving=self.moving,
        )


def _learners(session: LearningSession) -> list[Participation]:
    there = Participation.objects.learners().filter(session=session, state=SessionState.OPEN)
    return list(there.select_related("employee__organization").order_by("pk"))


# --- Asking --------------------------------------------------------------------------------------
def ask(
    hand_over: HandOver, offer: ShadowingOffer, *, by: Employee, at: datetime
) -> HandOverRequest:
    """Ask the host of `offer`; whoever was asked before and has not answered is asked no more.

    Raises Refused for somebody who has no say in it, once it is settled, and for a host who is not
    free on these days or has answered already.
    """
    with transaction.atomic():
        _lock(hand_over, by)
        asked = hand_over.requests.filter(answer=Answer.OPEN)
        before: HandOverRequest | None = asked.first()
        if before is not None and before.host_id == offer.host_id:
            return before  # pressed twice
        if offer.pk not in {one.offer.pk for one in Rest.of(hand_over, at=at).candidates()}:
            raise Refused(_("They are not free on these days, or have answered already."))
        if before is not None:
            before.settle(Answer.WITHDRAWN, at=at)
        made: HandOverRequest = HandOverRequest.objects.create(
            hand_over=hand_over,
            host=offer.host,
            offer=offer,
            asked_by=by,
            asked_at=at,
            expires_at=last_answer(hand_over.session, at=at),
        )
        enqueue(REQUEST_OVER, made.pk, due_at=made.expires_at)
        notices.tell_hand_over_asked(made, at=at)
    return made


def ask_first(hand_over: HandOver, *, by: Employee, at: datetime) -> HandOverRequest:
    """Ask the first of those who could; Refused when nobody could."""
    able = Rest.of(hand_over, at=at).candidates()
    if not able:
        raise Refused(_("No other host of these skills is free on all of these days."))
    return ask(hand_over, able[0].offer, by=by, at=at)


def last_answer(session: LearningSession, *, at: datetime) -> datetime:
    """A day from now; at most until the notice of the days is over. Where it is over already, until
    they begin: nobody else could book them."""
    return min(at + ASKED_FOR, answered_until(session, at=at))


def answered_until(session: LearningSession, *, at: datetime) -> datetime:
    """The same, for whoever is asked later."""
    notice = session.offer.notice_days if session.offer is not None else 0
    after = session.first_day - timedelta(days=notice) + timedelta(days=1)
    kept = instant(after, time(), session.zone)
    return min(kept if kept > at else session.starts_at, session.starts_at)


def _lock(hand_over: HandOver, by: Employee) -> LearningSession:
    """Its session, for nobody else to settle; Refused when it is settled, or not theirs."""
    session = LearningSession.objects.locked(hand_over.session_id)
    hand_over.refresh_from_db(fields=["outcome"])
    hand_over.session = session
    if hand_over.outcome != Outcome.OPEN or session.state != SessionState.OPEN:
        raise Refused(_("This is settled already."))
    if not may_hand_over(session, by):
        raise Refused(_("Only the host, their managers and HR can do this."))
    return session


# --- Answering -----------------------------------------------------------------------------------
def accept(request: HandOverRequest, *, by: Employee, at: datetime) -> LearningSession:
    """Whoever is asked takes the days over, and all sides are told. Accepting twice accepts once.

    Raises Refused when the request is over, and Taken when some of the time is claimed already;
    then nothing is changed.
    """
    with transaction.atomic():
        people = lock_everybody(request.hand_over.session, by.pk)
        session = LearningSession.objects.locked(request.hand_over.session_id)
        request.refresh_from_db(fields=["answer"])
        if request.host_id != by.pk or not people[by.pk].active:
            raise Refused(_("Only who is asked can answer this."))
        if request.answer == Answer.ACCEPTED:
            return session
        if not request.is_open(at) or session.state != SessionState.OPEN:
            raise Refused(_("You are not asked any more: the time is over, or it is settled."))
        request.settle(Answer.ACCEPTED, at=at)
        let_go(at=at, people=[by.pk])
        _take_over(session, request, at=at)
        request.hand_over.end(Outcome.HANDED, at=at)
        follow(session, at=at)
    return session


def _take_over(session: LearningSession, request: HandOverRequest, *, at: datetime) -> None:
    before, offer = session.host, request.offer
    Participation.objects.filter(session=session, seat=Seat.HOST, state=SessionState.OPEN).update(
        state=SessionState.HANDED
    )
    host: Participation = Participation.objects.create(
        session=session,
        employee=request.host,
        seat=Seat.HOST,
        state=SessionState.BOOKED,
        held_at=at,
        booked_at=at,
    )
    planned = Block.objects.filter(session=session, state=BlockState.PLANNED)
    if claim_blocks(session, host) != planned.count():
        raise Taken(_("You are booked elsewhere on some of these days."))
    session.host, session.state = request.host, SessionState.BOOKED
    session.place, session.bring = offer.place or session.place, offer.bring or session.bring
    session.offer = _if_as_long(session, offer)
    session.save(update_fields=["host", "state", "place", "bring", "offer"])
    learners = _stand_again(session)
    notices.tell_host_changed(request, host, learners, before=before, at=at)


def _if_as_long(session: LearningSession, offer: ShadowingOffer) -> ShadowingOffer | None:
    """That offer, if all of its days are these: only then can they be joined, or moved by it."""
    states = list(Block.objects.filter(session=session).values_list("state", flat=True))
    return offer if states == [BlockState.PLANNED] * offer.days else None


def _stand_again(session: LearningSession) -> list[Participation]:
    learners = _learners(session)
    Participation.objects.filter(pk__in=[one.pk for one in learners]).update(
        state=SessionState.BOOKED
    )
    return learners


def decline(request: HandOverRequest, *, by: Employee, at: datetime) -> None:
    """Whoever is asked would rather not; who asked is told, and can ask the next. Raises Refused
    for anybody else. Declining twice declines once."""
    if request.host_id != by.pk:
        raise Refused(_("Only who is asked can answer this."))
    with transaction.atomic():
        LearningSession.objects.locked(request.hand_over.session_id)
        if request.settle(Answer.DECLINED, at=at):
            notices.tell_hand_over_answered(request, at=at)


def run_out(request: HandOverRequest, *, at: datetime) -> None:
    """Nobody answered in time."""
    with transaction.atomic():
        LearningSession.objects.locked(request.hand_over.session_id)
        if request.expires_at <= at and request.settle(Answer.RUN_OUT, at=at):
            notices.tell_hand_over_answered(request, at=at)


def end_requests_to_take_over(host: Employee, *, at: datetime) -> None:
    """Whoever is asked leaves the organization: the next can be asked."""
    asked = HandOverRequest.objects.filter(host=host, answer=Answer.OPEN)
    for request in asked.select_related("asked_by"):
        if request.settle(Answer.ENDED, at=at):
            notices.tell_hand_over_answered(request, at=at)


# --- Other ends ----------------------------------------------------------------------------------
def move_rest(hand_over: HandOver, day: date, *, by: Employee, at: datetime) -> LearningSession:
    """The same host goes on from a later day, with everybody. Raises a Refused when it is settled
    already, or when those days are not free any more."""
    with transaction.atomic():
        lock_everybody(hand_over.session)
        session = _lock(hand_over, by)
        rest = Rest.of(hand_over, at=at)
        offer, learners = rest.own_offer, rest.learners
        if offer is None:
            raise Refused(_("The host cannot be booked any more."))
        let_go(at=at, people=[session.host_id, *(one.employee_id for one in learners)])
        start = look(offer, learners[0].employee, day, moving=rest.moving, at=at)
        host: Participation = Participation.objects.get(
            session=session, seat=Seat.HOST, state=SessionState.OPEN
        )
        _place(session, start)
        for one in sorted([host, *learners], key=lambda one: one.employee_id):
            if claim_blocks(session, one) != len(start.blocks):
                raise Clash(_("Somebody is booked elsewhere on some of these days."))
        session.state = SessionState.BOOKED
        session.offer = session.offer and _if_as_long(session, session.offer)
        session.save(update_fields=["state", "offer", "starts_at", "ends_at"])
        Participation.objects.filter(pk=host.pk).update(state=SessionState.BOOKED)
        notices.tell_rest_moved(session, host, _stand_again(session), by=by, at=at)
        hand_over.end(Outcome.MOVED, at=at)
        follow(session, at=at)
    return session


def _place(session: LearningSession, start: Start) -> None:
    """The days that are left lie elsewhere from now on."""
    planned = Block.objects.filter(session=session, state=BlockState.PLANNED).order_by("number")
    Claim.objects.filter(block__in=planned.values("pk")).delete()
    for one, when in zip(list(planned), start.blocks, strict=True):
        one.starts_at, one.ends_at = when.start, when.end
        one.save(update_fields=["starts_at", "ends_at"])
    session.starts_at, session.ends_at = start.blocks[0].start, start.blocks[-1].end


def finish(hand_over: HandOver, *, by: Employee, at: datetime) -> None:
    """It ends with what was done, and the learners are told, with what is free instead. Raises
    Refused for somebody who has no say in it. Said twice is said once."""
    with transaction.atomic():
        session = LearningSession.objects.locked(hand_over.session_id)
        if not may_hand_over(session, by):
            raise Refused(_("Only the host, their managers and HR can do this."))
        _end(hand_over, session, by=by, at=at)


def end_with_the_first_day(hand_over: HandOver, *, at: datetime) -> None:
    """Nobody has taken over what begins now."""
    with transaction.atomic():
        session = LearningSession.objects.locked(hand_over.session_id)
        if session.starts_at <= at:
            _end(hand_over, session, by=hand_over.host, at=at)


def _end(hand_over: HandOver, session: LearningSession, *, by: Employee, at: datetime) -> None:
    if not hand_over.end(Outcome.ENDED, at=at):
        return
    there = list(
        Participation.objects.filter(session=session, state=SessionState.OPEN).select_related(
            "employee"
        )
    )
    call_off(session, by=by, reason=hand_over.reason, at=at)
    give_up(there, reason=hand_over.reason, at=at)
    notices.tell_rest_ended(there, at=at)
    follow(session, at=at)
