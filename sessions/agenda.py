"""What lies before somebody and behind them: sessions, debriefs, levels to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from peerlearn.organizations.models import Employee
from sessions.choices import BlockState, Kept, Seat, SessionState
from sessions.models import Block, Debrief, HandOverRequest, Participation, ProposedLevel

MOST = 50
CLOSED = (
    SessionState.COMPLETED,
    SessionState.CANCELLED,
    SessionState.DECLINED,
    SessionState.HANDED,
)


@dataclass(frozen=True)
class Entry:
    """One session as one of its people sees it."""

    mine: Participation
    learners: list[Participation]  # who stand; as long as nobody does, who waits for approval
    waiting: list[Participation]  # for approval
    blocks: list[Block]

    @property
    def session(self) -> Any:
        return self.mine.session

    @property
    def hosting(self) -> bool:
        return self.mine.seat == Seat.HOST

    @property
    def held(self) -> bool:
        """Whether it waits for one's own word."""
        return self.mine.state == SessionState.HELD and not self.requested

    @property
    def proposed(self) -> bool:
        return self.held and self.mine.kept == Kept.PROPOSAL

    @property
    def requested(self) -> bool:
        """Whether it waits for the approval of somebody above the learner."""
        waits = any(one.kept == Kept.REQUEST for one in self.waiting)
        return self.mine.kept == Kept.REQUEST or (
            self.mine.state == SessionState.HELD and self.hosting and waits
        )

    @property
    def open(self) -> bool:
        """Whether it looks for another host."""
        return self.mine.state == SessionState.OPEN

    @property
    def sure(self) -> bool:
        """Whether it waits for nobody else's word."""
        return not (self.requested or self.open)

    @property
    def next_block(self) -> Block:
        """The first day that is not done yet."""
        return next((b for b in self.blocks if b.state == BlockState.PLANNED), self.blocks[-1])


def _rows(employee: Employee) -> Any:
    learners = Participation.objects.learners().who_stand_or_wait()
    return (
        Participation.objects.filter(employee=employee)
        .select_related("session__host")
        .prefetch_related(
            Prefetch(
                "session__participations",
                learners.select_related("employee").order_by("pk"),
                to_attr="learners",
            ),
        )
    )


def _entry(row: Participation) -> Entry:
    session: Any = row.session
    waiting = [one for one in session.learners if one.state == SessionState.HELD]
    standing = [one for one in session.learners if one not in waiting]
    return Entry(row, standing or waiting, waiting, list(session.blocks.all()))


def agenda(employee: Employee, *, at: datetime, most: int = MOST) -> list[Entry]:
    """What is held or booked and not closed: a hold first, since it waits for a word, then the
    next."""
    own = Q(seat=Seat.SHADOW) | Exists(
        Participation.objects.filter(session=OuterRef("session"), kept=Kept.REQUEST)
    )
    held = Q(state=SessionState.HELD, held_until__gt=at) & own
    rows = _rows(employee).filter(held | Q(state__in=[SessionState.BOOKED, SessionState.OPEN]))
    standing = Block.objects.exclude(state=BlockState.CANCELLED).order_by("number")
    rows = rows.prefetch_related(Prefetch("session__blocks", standing))
    rows = rows.annotate(
        waits=Q(state=SessionState.HELD, seat=Seat.SHADOW, kept__in=["", Kept.PROPOSAL])
    )
    return [_entry(row) for row in rows.order_by("-waits", "session__starts_at", "pk")[:most]]


def past(employee: Employee, text: str = "") -> Any:
    """What was completed or cancelled, the latest first: participations with their sessions. With
    a text, those about it or together with somebody of that name."""
    rows = _rows(employee).filter(state__in=CLOSED)
    if text:
        named = Participation.objects.filter(employee__name__icontains=text).values("session")
        rows = rows.filter(Q(session__subject__icontains=text) | Q(session__in=named))
    return rows.order_by("-session__starts_at", "-pk")


def debriefs_due(employee: Employee, *, at: datetime) -> list[Participation]:
    """Sessions that are over, took place, and wait for this side's four answers."""
    answered = Debrief.objects.filter(participation=OuterRef("pk"))
    done = Block.objects.filter(session=OuterRef("session"), state=BlockState.DONE)
    rows = (
        Participation.objects.filter(employee=employee)
        .filter(
            ~Exists(answered),
            Q(state=SessionState.COMPLETED) | (Q(session__ends_at__lte=at) & Exists(done)),
            state__in=[SessionState.BOOKED, SessionState.COMPLETED],
        )
        .select_related("session__host")
        .order_by("session__ends_at")[:MOST]
    )
    return list(rows)


def levels_to_answer(host: Employee, *, at: datetime) -> list[ProposedLevel]:
    """Levels that learners propose and this host has not answered."""
    rows = (
        ProposedLevel.objects.waiting(at.astimezone(host.zone).date())
        .filter(participation__session__host=host)
        .select_related("participation__employee", "participation__session", "skill")
    )
    return list(rows[:MOST])


def asked_to_take_over(host: Employee, *, at: datetime) -> list[HandOverRequest]:
    """Days of colleagues that they are asked to take over, and can still answer."""
    rows = HandOverRequest.objects.visible_to(host).waiting(at)
    return list(rows.select_related("asked_by", "hand_over__session", "hand_over__host")[:MOST])
