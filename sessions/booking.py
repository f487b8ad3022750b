"""Booking a shadowing: hold, book, cancel. Pages, commands and the demo call these verbs.

Each is called inside a scope, takes the time as `at`, and writes its notifications with it. A hold
needs no job to end: what has run out is ignored, and swept by the next one in its way.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, OperationalError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import enqueue, reschedule
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.availability import LOOK_AHEAD, Availability, Start, Verdict
from sessions.choices import BlockState, Seat, SessionState
from sessions.claiming import claim_blocks, let_go, open_session
from sessions.models import Block, Claim, LearningSession, Participation, Place, ShadowingOffer
from sessions.offering import copy_to

HOLD_FOR = timedelta(minutes=10)
LONGEST_HOLD = timedelta(minutes=30)
EXPIRE_HOLD = "expire_hold"
_LOCK_NOT_AVAILABLE = "55P03"


class Refused(Exception):
    """It cannot be done; `reason` tells the person why, `next_starts` what is free instead."""

    reason: str | Promise = _("This cannot be booked.")

    def __init__(self, reason: str | Promise = "") -> None:
        super().__init__(reason or self.reason)
        self.reason = reason or self.reason
        self.next_starts: list[Start] = []


class Taken(Refused):
    """Somebody else has some of these days."""

    reason = _("These days were just taken.")


class TooSoon(Refused):
    reason = _("That is sooner than the host can prepare for.")


class MonthFull(Refused):
    reason = _("The host has no more sessions in that month.")


class Clash(Refused):
    """The learner is booked elsewhere on some of these days."""

    reason = _("You are booked elsewhere on some of these days.")


class NotOpen(Refused):
    reason = _("This offer takes no bookings.")


class Busy(Refused):
    """The same people's time is being changed at this moment, and waiting took too long."""

    reason = _("These days are being booked or held this very moment. Choose the day again.")


class RunOut(Refused):
    reason = _("Your hold has run out.")


_REFUSALS: dict[Verdict, type[Refused]] = {
    Verdict.TOO_SOON: TooSoon,
    Verdict.MONTH_FULL: MonthFull,
    Verdict.OWN_TIME: Clash,
    Verdict.NOT_FREE: Taken,
}


# --- Holding ---------------------------------------------------------------------------------
def hold(
    offer: ShadowingOffer, learner: Employee, start_day: date, *, goal: str = "", at: datetime
) -> Participation:
    """Keep the days that begin on `start_day` (a day in the offer's zone) for ten minutes.

    The learner's earlier hold is let go; `goal` is kept for them when they typed one already.
    Raises a Refused with the next two free starts, and then changes nothing. `offer` comes with
    its host; `subject` wants its skills.
    """
    try:
        return _hold_or_be_busy(offer, learner, start_day, goal=goal.strip(), at=at)
    except (Taken, TooSoon, MonthFull, Clash) as refusal:
        # Only now, when nobody waits for the people any more.
        refusal.next_starts = next_starts(offer, learner, at=at, after=start_day)
        raise


def _hold_or_be_busy(
    offer: ShadowingOffer, learner: Employee, start_day: date, *, goal: str, at: datetime
) -> Participation:
    try:
        with transaction.atomic():
            participation = _hold(offer, learner, start_day, at=at)
            if goal:
                participation.goal = goal
                participation.save(update_fields=["goal"])
            return participation
    except (OperationalError, IntegrityError) as error:
        if not _is_in_each_others_way(error):
            raise
        # Whoever waited in vain looks once more without waiting: most often it has been decided.
        _look(offer, learner, start_day, at=at)
        raise Busy from error


def _is_in_each_others_way(error: OperationalError | IntegrityError) -> bool:
    """Waiting for a lock took too long, or the learner's other hold is being given more time."""
    return (
        getattr(error.__cause__, "pgcode", None) == _LOCK_NOT_AVAILABLE
        or _broken_constraint(error) == "participation_one_hold"
    )


def _broken_constraint(error: Exception) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def _hold(
    offer: ShadowingOffer, learner: Employee, start_day: date, *, at: datetime
) -> Participation:
    _lock(offer, learner)
    start = _look(offer, learner, start_day, at=at)
    let_go(at=at, owner=learner.pk, people=[offer.host_id, learner.pk])
    held_until = at + HOLD_FOR
    if start.session_id is None:
        participation = _open(offer, learner, start, held_until=held_until, at=at)
    else:
        session = _locked(start.session_id)
        participation = _join(session, learner, held_until=held_until, at=at)
    enqueue(EXPIRE_HOLD, participation.pk, due_at=held_until)
    return participation


def _lock(offer: ShadowingOffer, learner: Employee) -> None:
    """One booking of a person's time at a time, in the order of the people: no deadlock, and the
    month's limit holds. The constraint on claims would keep two from overlapping without it."""
    people = {
        employee.pk: employee
        for employee in Employee.objects.select_for_update(no_key=True)
        .filter(pk__in=[offer.host_id, learner.pk])
        .order_by("pk")
    }
    if offer.host_id == learner.pk:
        raise NotOpen(_("You cannot shadow yourself."))
    if not (offer.active and people[offer.host_id].active and people[learner.pk].active):
        raise NotOpen


def _look(offer: ShadowingOffer, learner: Employee, day: date, *, at: datetime) -> Start:
    near = Availability([offer], learner, first=day, last=day, at=at)
    start = near.start_on(offer, day)
    if isinstance(start, Start):
        return start
    raise _REFUSALS[start]


def next_starts(
    offer: ShadowingOffer,
    learner: Employee,
    *,
    at: datetime,
    after: date | None = None,
    count: int = 2,
) -> list[Start]:
    """The next free starts within half a year, those from the day `after` on before others."""
    today = at.astimezone(offer.zone).date()
    ahead = Availability([offer], learner, first=today, last=today + LOOK_AHEAD, at=at)
    if after is not None and after > today:
        later = ahead.starts(offer, first=after)[:count]
        if len(later) == count:
            return later
    return ahead.first_starts(offer, count)


def _open(
    offer: ShadowingOffer, learner: Employee, start: Start, *, held_until: datetime, at: datetime
) -> Participation:
    public_id = open_session(offer, learner.pk, start, held_until=held_until, at=at)
    if public_id is None:
        raise Taken
    participation: Participation = Participation.objects.select_related("session").get(
        session__public_id=public_id, seat=Seat.SHADOW
    )
    return participation


def _join(
    session: LearningSession, learner: Employee, *, held_until: datetime, at: datetime
) -> Participation:
    """Take a place in a session that stands already."""
    participation: Participation = Participation.objects.create(
        session=session,
        employee=learner,
        seat=Seat.SHADOW,
        state=SessionState.HELD,
        held_at=at,
        held_until=held_until,
    )
    taken = set(Place.objects.filter(session=session).values_list("number", flat=True))
    free = [number for number in range(1, session.capacity + 1) if number not in taken]
    if not free:
        raise Taken
    Place.objects.create(session=session, number=free[0], participation=participation)
    # A booking of the same days that was cancelled leaves its claims behind, inactive.
    Claim.objects.filter(block__session=session, employee=learner, active=False).delete()
    if claim_blocks(session, participation) != Block.objects.filter(session=session).count():
        raise Clash
    if session.state == SessionState.HELD:
        _hold_the_host(session, held_until)
    return participation


def _hold_the_host(session: LearningSession, held_until: datetime) -> None:
    """The host's time is held for as long as the longest hold of a learner."""
    hosts = Participation.objects.filter(
        session=session, seat=Seat.HOST, state=SessionState.HELD, held_until__lt=held_until
    )
    Claim.objects.filter(held_for__in=hosts.values("pk"), active=True).update(held_until=held_until)
    hosts.update(held_until=held_until)


def extend_hold(participation: Participation, *, at: datetime) -> datetime:
    """Ten more minutes from now, at most half an hour in all; raises RunOut when it is over.

    Each learner's half hour is their own, whoever else is in the session.
    """
    with transaction.atomic():
        session = _locked(participation.session_id)
        participation.refresh_from_db(fields=["held_at", "held_until"])
        latest = min(at + HOLD_FOR, participation.held_at + LONGEST_HOLD)
        until = max(participation.held_until or latest, latest)
        changed = Participation.objects.filter(
            pk=participation.pk, state=SessionState.HELD, held_until__gt=at
        ).update(held_until=until)
        if not changed:
            raise RunOut
        Claim.objects.filter(held_for=participation, active=True).update(held_until=until)
        if session.state == SessionState.HELD:
            _hold_the_host(session, until)
        reschedule(EXPIRE_HOLD, participation.pk, due_at=until)
        participation.held_until = until
    return until


def release(participation: Participation, *, at: datetime) -> None:
    """Let one's own hold go; what is booked stays."""
    with transaction.atomic():
        let_go(at=at, owner=participation.employee_id)


def expire_holds(*, at: datetime) -> None:
    """Sweep every hold that has run out."""
    with transaction.atomic():
        let_go(at=at, everyone=True)


# --- Booking ---------------------------------------------------------------------------------
def book(participation: Participation, *, goal: str, at: datetime) -> LearningSession:
    """Make a hold a booking and tell host and learner.

    Raises RunOut when the hold is over or was let go. Booking twice books once.
    """
    with transaction.atomic():
        session = _locked(participation.session_id)
        changed = Participation.objects.filter(
            pk=participation.pk, state=SessionState.HELD, held_until__gt=at
        ).update(state=SessionState.BOOKED, held_until=None, goal=goal.strip(), booked_at=at)
        if not changed:
            participation.refresh_from_db()
            if participation.state == SessionState.BOOKED:
                return session
            raise RunOut
        host = _participation_of_host(session)
        Claim.objects.filter(held_for__in=[participation.pk, host.pk], active=True).update(
            held_until=None
        )
        if session.state == SessionState.HELD:
            _confirm(session, host, at=at)
        participation.state, participation.held_until = SessionState.BOOKED, None
        participation.goal, participation.booked_at = goal.strip(), at
        notices.tell_booked(session, host, participation, at=at)
    return session


def _confirm(session: LearningSession, host: Participation, *, at: datetime) -> None:
    """The first learner books: the session stands, with its own copy of plan and skills."""
    LearningSession.objects.filter(pk=session.pk).update(state=SessionState.BOOKED, booked_at=at)
    session.state, session.booked_at = SessionState.BOOKED, at
    Participation.objects.filter(pk=host.pk).update(
        state=SessionState.BOOKED, held_until=None, booked_at=at
    )
    copy_to(session)


# --- Cancelling ------------------------------------------------------------------------------
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
        session = _locked(session.pk)
        there = _standing(session)
        mine = next((p for p in there if p.employee_id == by.pk), None)
        if session.state == SessionState.CANCELLED or (
            mine is None and session.participations.filter(employee=by).exists()
        ):
            return session
        if mine is None or session.state != SessionState.BOOKED:
            raise Refused(_("Only those who take part can cancel, and only what is booked."))
        if Block.objects.filter(session=session, state=BlockState.DONE).exists():
            raise Refused(_("The session has begun, so it can no longer be cancelled."))
        learners = [p for p in there if p.seat == Seat.SHADOW]
        others = [p for p in learners if p.pk != mine.pk and p.state == SessionState.BOOKED]
        if mine.seat == Seat.HOST or not others:
            _call_off(session, by=by, reason=reason, at=at)
            leaving = there
        else:
            leaving = [mine]
        give_up(leaving)
        _tell(there, mine, learners, at=at)
    return session


def told_of_cancelling(session: LearningSession, by: Employee) -> list[Employee]:
    """Whom `cancel` would tell."""
    there = _standing(session)
    if session.host_id == by.pk:
        return [p.employee for p in there if p.seat == Seat.SHADOW]
    return [p.employee for p in there if p.seat == Seat.HOST]


def _standing(session: LearningSession) -> list[Participation]:
    return list(
        Participation.objects.filter(
            session=session, state__in=[SessionState.HELD, SessionState.BOOKED]
        ).select_related("employee")
    )


def _call_off(session: LearningSession, *, by: Employee, reason: str, at: datetime) -> None:
    session.state, session.cancelled_at = SessionState.CANCELLED, at
    session.cancelled_by, session.cancel_reason = by, reason.strip()
    session.save(update_fields=["state", "cancelled_at", "cancelled_by", "cancel_reason"])
    Block.objects.filter(session=session, state=BlockState.PLANNED).update(
        state=BlockState.CANCELLED
    )


def give_up(leaving: list[Participation]) -> None:
    """Free the time and the places of these people, and take back what they would be told."""
    ids = [participation.pk for participation in leaving]
    people = Participation.objects.filter(pk__in=ids)
    people.filter(state=SessionState.BOOKED).update(state=SessionState.CANCELLED)
    people.filter(state=SessionState.HELD).update(state=SessionState.EXPIRED, held_until=None)
    Claim.objects.filter(held_for__in=ids).update(active=False, held_until=None)
    Place.objects.filter(participation__in=ids).delete()
    notices.withdraw(leaving)


def _tell(
    there: list[Participation], mine: Participation, learners: list[Participation], *, at: datetime
) -> None:
    """A learner's leaving is told to the host, the host's to every learner who had booked."""
    if mine.seat == Seat.SHADOW:
        hosts = [p.employee for p in there if p.seat == Seat.HOST]
        notices.tell_cancelled(hosts, mine, at=at)
        return
    for learner in learners:
        if learner.state == SessionState.BOOKED:
            notices.tell_cancelled([learner.employee], learner, at=at)


# --- Shared ----------------------------------------------------------------------------------
def _locked(session_id: int) -> LearningSession:
    session: LearningSession = LearningSession.objects.select_for_update().get(pk=session_id)
    return session


def _participation_of_host(session: LearningSession) -> Participation:
    host: Participation = Participation.objects.select_related("employee").get(
        session=session, seat=Seat.HOST
    )
    return host
