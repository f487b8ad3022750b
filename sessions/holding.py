"""Holding days while the learner decides: hold, lengthen, let go.

Each verb is called inside a scope and takes the time as `at`. A hold needs no job to end: what has
run out is ignored, and swept by the next one in its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import enqueue, reschedule
from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import written
from sessions.availability import LOOK_AHEAD, Availability
from sessions.choices import Kept, Seat, SessionState
from sessions.claiming import claim_blocks, let_go, lock_people, open_session
from sessions.models import (
    Block,
    Claim,
    LearningSession,
    Participation,
    Place,
    ShadowingOffer,
    Waiting,
)
from sessions.refusals import (
    Busy,
    Clash,
    Holiday,
    MonthFull,
    NotOpen,
    Refused,
    RunOut,
    Taken,
    TooFar,
    TooSoon,
    refusal_of,
)
from sessions.starts import Moving, Start

T = TypeVar("T")
HOLD_FOR = timedelta(minutes=10)
LONGEST_HOLD = timedelta(minutes=30)
_KEPT_FOR = timedelta(days=7)  # what ran out; links to it lead somewhere for so long
_AT_ONCE = 5_000
EXPIRE_HOLD = "expire_hold"
LOCK_NOT_AVAILABLE = "55P03"
_OF_ONE_LEARNER = {"participation_one_hold", "participation_once"}


def hold(
    offer: ShadowingOffer,
    learner: Employee,
    start_day: date,
    *,
    goal: str = "",
    days: Sequence[date] = (),
    moves: Participation | None = None,
    at: datetime,
) -> Participation:
    """Keep the days that begin on `start_day` (a day in the offer's zone) for ten minutes.

    `days` are all of them when they were chosen one by one, `start_day` the first.

    The learner's earlier hold is let go; `goal` is kept for them when they typed one already.
    `moves` is a booking of theirs that is to come here; it stands until `moving.confirm`.
    Raises a Refused with the next two free starts, and then changes nothing. `offer` comes with
    its host; `subject` wants its skills.
    """

    def attempt() -> Participation:
        participation = _hold(offer, learner, start_day, days=days, moves=moves, at=at)
        if wanted := goal.strip():
            participation.goal = wanted
            participation.save(update_fields=["goal"])
        return participation

    moving = Moving.of(moves) if moves is not None else None
    return or_say_why(attempt, offer, learner, start_day, days=days, moving=moving, at=at)


def or_say_why(
    attempt: Callable[[], T],
    offer: ShadowingOffer,
    learner: Employee,
    day: date,
    *,
    days: Sequence[date] = (),
    moving: Moving | None,
    at: datetime,
) -> T:
    """What `attempt` does in one transaction; refused, with the starts that are free instead."""
    try:
        return _or_be_busy(
            attempt, lambda: look(offer, learner, day, days=days, moving=moving, at=at)
        )
    except (Taken, Holiday, TooSoon, TooFar, MonthFull, Clash) as refusal:
        # Only now, when nobody waits for the people any more.
        refusal.next_starts = next_starts(offer, learner, at=at, after=day, moving=moving)
        raise


def _or_be_busy(attempt: Callable[[], T], look: Callable[[], Start]) -> T:
    try:
        with transaction.atomic():
            return attempt()
    except (OperationalError, IntegrityError) as error:
        if not _is_in_each_others_way(error):
            raise
        # Whoever waited in vain looks once more without waiting: most often it has been decided.
        look()
        raise Busy from error


def _is_in_each_others_way(error: OperationalError | IntegrityError) -> bool:
    """Waiting for a lock took too long, or the learner's other hold is being given more time or
    booked this very moment."""
    return (
        getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE
        or _broken_constraint(error) in _OF_ONE_LEARNER
    )


def _broken_constraint(error: Exception) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def _hold(
    offer: ShadowingOffer,
    learner: Employee,
    start_day: date,
    *,
    days: Sequence[date],
    moves: Participation | None,
    at: datetime,
) -> Participation:
    _lock(offer, learner)
    moving = on_its_way(moves, at=at) if moves is not None else None
    start = look(offer, learner, start_day, days=days, moving=moving, at=at)
    let_go(at=at, owner=learner.pk, people=[offer.host_id, learner.pk])
    return hold_start(
        offer, learner, start, moves=moves, moving=moving, held_until=at + HOLD_FOR, at=at
    )


def hold_start(
    offer: ShadowingOffer,
    learner: Employee,
    start: Start,
    *,
    moves: Participation | None = None,
    moving: Moving | None = None,
    waiting: Waiting | None = None,
    kept: str = "",
    held_until: datetime,
    at: datetime,
) -> Participation:
    """Write a hold of a start that is free, the people being locked."""
    if start.session_id is None:
        participation = _open(
            offer,
            learner,
            start,
            moves=moves,
            moving=moving,
            waiting=waiting,
            kept=kept,
            held_until=held_until,
            at=at,
        )
    else:
        session = LearningSession.objects.locked(start.session_id)
        participation = _join(
            session,
            learner,
            moves=moves,
            waiting=waiting,
            kept=kept,
            held_until=held_until,
            at=at,
        )
    enqueue(EXPIRE_HOLD, participation.pk, due_at=held_until)
    return participation


def lock_and_look(offer: ShadowingOffer, learner: Employee, day: date, *, at: datetime) -> Start:
    """The start on a day, for nobody else to take until the transaction ends."""
    _lock(offer, learner)
    return look(offer, learner, day, at=at)


def _lock(offer: ShadowingOffer, learner: Employee) -> None:
    """One booking of a person's time at a time, so that the month's limit holds."""
    people = lock_people(offer.host_id, learner.pk)
    if offer.host_id == learner.pk:
        raise NotOpen(_("You cannot shadow yourself."))
    if not (offer.active and people[offer.host_id].active and people[learner.pk].active):
        raise NotOpen


def on_its_way(booking: Participation, *, at: datetime) -> Moving:
    """As it is now, the people being locked; Refused when it cannot be moved any more."""
    booking.refresh_from_db(fields=["state", "session"])
    if not booking.may_move(at):
        raise Refused(_("This booking cannot be moved any more."))
    # Both would be held for the same booking, which the constraint on claims lets overlap.
    asked = Participation.objects.filter(moves=booking, kept=Kept.REQUEST)
    if asked.filter(state=SessionState.HELD, held_until__gt=at).exists():
        raise Refused(_("You have asked to move it already. Withdraw that first."))
    return Moving.of(booking)


def look(
    offer: ShadowingOffer,
    learner: Employee,
    day: date,
    *,
    days: Sequence[date] = (),
    moving: Moving | None = None,
    at: datetime,
) -> Start:
    last = max([day, *days])
    near = Availability([offer], learner, first=day, last=last, at=at, moving=moving)
    start = near.together(offer, days) if days else near.start_on(offer, day)
    if isinstance(start, Start):
        return start
    raise refusal_of(start)


def next_starts(
    offer: ShadowingOffer,
    learner: Employee,
    *,
    at: datetime,
    after: date | None = None,
    count: int = 2,
    moving: Moving | None = None,
) -> list[Start]:
    """The next free starts within half a year, those from the day `after` on before others."""
    today = at.astimezone(offer.zone).date()
    last = today + LOOK_AHEAD
    ahead = Availability([offer], learner, first=today, last=last, at=at, moving=moving)
    return ahead.next_starts(offer, after=after, count=count)


def _open(
    offer: ShadowingOffer,
    learner: Employee,
    start: Start,
    *,
    moves: Participation | None,
    moving: Moving | None,
    waiting: Waiting | None,
    kept: str,
    held_until: datetime,
    at: datetime,
) -> Participation:
    public_id = open_session(
        offer,
        learner.pk,
        start,
        held_until=held_until,
        at=at,
        moves=moves,
        waiting=waiting,
        kept=kept,
        host_moves=moving.host if moving is not None else None,
    )
    if public_id is None:
        raise Taken
    participation: Participation
    (participation,) = _learner_in(session=public_id)
    return participation


@written
def _learner_in(session: Any) -> Any:
    """The one learner of a session that was only just opened."""
    learners = Participation.objects.learners().filter(session__public_id=session)
    return learners.select_related("session").order_by()


def _join(
    session: LearningSession,
    learner: Employee,
    *,
    moves: Participation | None,
    waiting: Waiting | None,
    kept: str,
    held_until: datetime,
    at: datetime,
) -> Participation:
    """Take a place in a session that stands already."""
    participation: Participation = Participation.objects.create(
        session=session,
        employee=learner,
        seat=Seat.SHADOW,
        state=SessionState.HELD,
        held_at=at,
        held_until=held_until,
        moves=moves,
        waiting=waiting,
        kept=kept,
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
    _until(session, hosts.values("employee"), held_until)
    hosts.update(held_until=held_until)


def _until(session: LearningSession, people: Any, held_until: datetime) -> None:
    claims = Claim.objects.filter(block__session=session, employee__in=people, active=True)
    claims.update(held_until=held_until)


def extend_hold(participation: Participation, *, at: datetime) -> datetime:
    """Ten more minutes from now, at most half an hour in all; raises RunOut when it is over.

    Each learner's half hour is their own, whoever else is in the session.
    """
    with transaction.atomic():
        session = LearningSession.objects.locked(participation.session_id)
        participation.refresh_from_db(fields=["held_at", "held_until"])
        latest = min(at + HOLD_FOR, participation.held_at + LONGEST_HOLD)
        until = max(participation.held_until or latest, latest)
        changed = Participation.objects.filter(
            pk=participation.pk, state=SessionState.HELD, held_until__gt=at, kept=""
        ).update(held_until=until)
        if not changed:
            raise RunOut
        claim_until(session, participation, until)
    return until


def claim_until(
    session: LearningSession, participation: Participation, held_until: datetime
) -> None:
    """Let the time of a hold, which says so already, and its end follow; the session is locked."""
    _until(session, [participation.employee_id], held_until)
    if session.state == SessionState.HELD:
        _hold_the_host(session, held_until)
    if not reschedule(EXPIRE_HOLD, participation.pk, due_at=held_until):
        enqueue(EXPIRE_HOLD, participation.pk, due_at=held_until)
    participation.held_until = held_until


def release(participation: Participation, *, at: datetime) -> None:
    """Let one's own hold go; what is booked stays, and what others decide about."""
    with transaction.atomic():
        let_go(at=at, holds=[participation.pk])


def forget_run_out(*, at: datetime) -> None:
    """Delete sessions of which nothing came, once nobody has their page open any more."""
    gone = LearningSession.objects.never_booked(at - _KEPT_FOR).order_by("pk")
    LearningSession.objects.filter(
        pk__in=list(gone.values_list("pk", flat=True)[:_AT_ONCE])
    ).delete()


def expire_holds(*, at: datetime) -> None:
    """Sweep every hold that has run out."""
    with transaction.atomic():
        let_go(at=at, everyone=True)
