"""Waiting for a place: join, leave, and who gets what becomes free.

A place that a learner frees is held for the first who waits and could come, in the transaction that
frees it: for a day, at most until the host's notice. Not taken, it goes to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import OperationalError, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import enqueue, withdraw
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.availability import Availability
from sessions.choices import SessionState
from sessions.claiming import let_go, lock_people, lock_sessions
from sessions.deadlines import cut_off
from sessions.holding import EXPIRE_HOLD, LOCK_NOT_AVAILABLE, hold_start
from sessions.models import LearningSession, OfferSkill, Participation, ShadowingOffer, Waiting
from sessions.refusals import Busy, Clash, NotOpen, Taken
from sessions.starts import Start, Verdict

HELD_FOR = timedelta(hours=24)
FREED = "place_freed"


# --- The list ----------------------------------------------------------------------------------
def join(offer: ShadowingOffer, learner: Employee, *, at: datetime) -> Waiting:
    """Wait for a place of an offer, behind those who wait already. Joining twice keeps the first
    position. Raises Refused for the host and for an offer that takes no bookings."""
    if offer.host_id == learner.pk:
        raise NotOpen(_("You cannot shadow yourself."))
    with transaction.atomic():
        # Nobody leaves the organization meanwhile, and of two presses the second waits.
        people = lock_people(offer.host_id, learner.pk)
        offer.refresh_from_db(fields=["active"])
        if not offer.active or not all(one.active for one in people.values()):
            raise NotOpen
        row: Waiting
        row, _made = Waiting.objects.get_or_create(
            offer=offer, employee=learner, left_at=None, defaults={"joined_at": at}
        )
    return row


def leave(offer: ShadowingOffer, learner: Employee, *, at: datetime) -> None:
    """Wait no more. A place that is held for them already stays so until they let it go."""
    Waiting.objects.standing().filter(offer=offer, employee=learner).update(left_at=at)


def end_waiting(employee: Employee, *, at: datetime) -> None:
    """They leave the organization: neither do they wait, nor anybody for them."""
    theirs = Q(employee=employee) | Q(offer__host=employee)
    Waiting.objects.standing().filter(theirs).update(left_at=at)


# --- What becomes free -------------------------------------------------------------------------
@dataclass
class Queue:
    """Who waits for an offer, in order; they and the host are locked."""

    offer: ShadowingOffer | None = None
    rows: list[Waiting] = field(default_factory=list)

    def pass_on(
        self, session: LearningSession, *, lost: Iterable[Participation] = (), at: datetime
    ) -> None:
        """One place of `session` is free; and those that `lost` theirs, which was only held, with
        the last one who had booked get it first."""
        places = 1 + sum(one.waiting_id is not None for one in lost)
        if self.offer is not None and self.rows:
            for _place in range(places):
                self._offer(self.offer, session, at=at)

    def _offer(
        self, offer: ShadowingOffer, session: LearningSession, *, at: datetime
    ) -> Participation | None:
        """Hold the days of `session`, or a place in it, for the first who could come, and tell
        them. Whoever had these days offered already is passed by."""
        had = self._had(session)
        day = session.starts_at.astimezone(offer.zone).date()
        days = days_apart(session, offer)
        for row in self.rows:
            if row.employee_id in had:
                continue
            last = max([day, *days])
            ahead = Availability([offer], row.employee, first=day, last=last, at=at)
            start = ahead.start_on(offer, day)
            joins = isinstance(start, Start) and start.session_id is not None
            if days and not joins:  # the same days, not those in a row from the first
                start = ahead.together(offer, days)
            if isinstance(start, Start):
                if held := _hold_for(row, offer, start, at=at):
                    return held
            elif start != Verdict.OWN_TIME:  # free for nobody, or too late
                return None
        return None

    def _had(self, session: LearningSession) -> set[int]:
        """Who had these days offered, whether they have joined again since or not."""
        offered = Participation.objects.filter(
            session__offer=self.offer, session__starts_at=session.starts_at
        )
        return set(offered.exclude(waiting=None).values_list("employee", flat=True))


def days_apart(session: LearningSession, offer: ShadowingOffer) -> list[date]:
    """All days of a session when they could have been chosen one by one; else none."""
    if offer.within_days is None:
        return []
    blocks = session.blocks.order_by("number").values_list("starts_at", flat=True)
    days = [starts_at.astimezone(offer.zone).date() for starts_at in blocks]
    near = (days[-1] - days[0]).days < offer.within_days
    return days if near and len(days) == offer.days else []


def _hold_for(
    row: Waiting, offer: ShadowingOffer, start: Start, *, at: datetime
) -> Participation | None:
    """None when they hold something else at that time just now: then it is the next one's."""
    last = cut_off(start.blocks[0].start, notice_days=offer.notice_days, zone=offer.zone)
    until = min(at + HELD_FOR, last)
    try:
        with transaction.atomic():
            let_go(at=at, people=[offer.host_id, row.employee_id])
            held = hold_start(offer, row.employee, start, waiting=row, held_until=until, at=at)
    except (Taken, Clash):
        return None
    notices.tell_place_free(held, at=at)
    return held


def lock_queue(session: LearningSession) -> Queue:
    """Who waits for the offer of a session that is about to lose somebody.

    Called before the session is locked: people come first, as when somebody books.
    """
    if session.offer_id is None:
        return Queue()
    waiting = Waiting.objects.standing().filter(offer=session.offer_id)
    rows = list(waiting.select_related("offer__host", "employee"))
    if not rows:
        return Queue()
    people = _people(session, rows)
    # What was decided while this waited for them.
    stands = set(waiting.values_list("pk", flat=True))
    offer: ShadowingOffer = rows[0].offer
    offer.refresh_from_db(fields=["active"])
    if not offer.active or not people[session.host_id].active:
        return Queue()
    there = [row for row in rows if row.pk in stands and people[row.employee_id].active]
    return Queue(offer, there)


def _people(session: LearningSession, rows: list[Waiting]) -> dict[int, Employee]:
    try:
        return lock_people(session.host_id, *(row.employee_id for row in rows))
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        words = _("Somebody is booking beside this host this very moment. Press again.")
        raise Busy(words) from error


def pass_on_what_ran_out(participation_id: int, *, at: datetime) -> None:
    """A place that was offered, and was not taken: let it go, and offer it to the next."""
    held = (
        Participation.objects.filter(
            pk=participation_id, state__in=[SessionState.HELD, SessionState.EXPIRED], kept=""
        )
        .exclude(waiting=None)
        .select_related("session")
        .first()
    )
    if held is not None and not held.is_held(at):
        give_back(held, at=at)


def give_back(held: Participation, *, at: datetime) -> None:
    """Let go of an offered place, for the next who waits."""
    with transaction.atomic():
        queue = lock_queue(held.session)
        lock_sessions(held.session_id)  # what is locked by others is not let go
        let_go(at=at, holds=[held.pk])
        withdraw(EXPIRE_HOLD, held.pk)
        held.refresh_from_db()
        if held.state == SessionState.EXPIRED:
            queue.pass_on(held.session, at=at)


def freed_by_leaving(sessions: Iterable[LearningSession], *, at: datetime) -> None:
    """Places of somebody who leaves: offered right after, when nobody is locked any more."""
    for session in sessions:
        if Waiting.objects.standing().filter(offer=session.offer_id).exists():
            enqueue(FREED, session.pk, due_at=at, occurrence=f"{at:%Y%m%dT%H%M%S%f}")


def pass_on_freed(session_id: int, *, at: datetime) -> None:
    session = LearningSession.objects.filter(pk=session_id).first()
    if session is not None:
        with transaction.atomic():
            lock_queue(session).pass_on(session, at=at)


# --- What pages show ---------------------------------------------------------------------------
def position(offer: ShadowingOffer, learner: Employee) -> tuple[int, int]:
    """One's position on the list, 0 when not on it, and how many wait (see `with_queue`)."""
    employees = getattr(offer, "queue", None)
    if employees is None:
        rows = Waiting.objects.standing().filter(offer=offer)
        employees = list(rows.values_list("employee", flat=True))
    mine = employees.index(learner.pk) + 1 if learner.pk in employees else 0
    return mine, len(employees)


def waits_for(learner: Employee) -> list[Waiting]:
    """Where they wait, with their position. One query."""
    before = Waiting.objects.standing().filter(
        Q(joined_at__lt=OuterRef("joined_at"))
        | Q(joined_at=OuterRef("joined_at"), pk__lte=OuterRef("pk")),
        offer=OuterRef("offer"),
    )
    count = before.order_by().values("offer").annotate(n=Count("pk")).values("n")
    names = OfferSkill.objects.filter(offer=OuterRef("offer")).order_by("pk")
    theirs = Waiting.objects.standing().filter(
        employee=learner, offer__active=True, offer__host__active=True
    )
    found: Any = theirs.select_related("offer__host").annotate(
        position=Subquery(count), skill_names=ArraySubquery(names.values("skill__name"))
    )
    for row in (rows := list(found)):
        row.offer.skill_names = row.skill_names
    return rows
