"""A host cannot go on from a day on: what was done stays, the days ahead look for another host.

Called inside a scope; takes the time as `at`, and writes its notifications with it. What can become
of the days is in `handing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import enqueue
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.absent import end_undone
from sessions.asking import end_requests
from sessions.calendar_entries import follow
from sessions.cancelling import call_off, give_up
from sessions.choices import BlockState, Seat, SessionState
from sessions.claiming import fit_places, let_go, lock_people
from sessions.holding import LOCK_NOT_AVAILABLE
from sessions.models import (
    Block,
    Claim,
    HandOver,
    LearningSession,
    Participation,
    Place,
    SessionSkill,
    SessionStep,
)
from sessions.refusals import Busy, Refused

HAND_OVER_OVER = "hand_over_over"  # when the first of the days begins
_STANDS = (SessionState.HELD, SessionState.BOOKED)


def may_hand_over(session: LearningSession, by: Employee) -> bool:
    """The host, whoever the host reports to, and HR."""
    if not by.active:
        return False
    if session.host_id == by.pk or by.is_hr:
        return True
    return by.is_manager and Employee.objects.below(by).filter(pk=session.host_id).exists()


def days_ahead(session: LearningSession, *, at: datetime) -> list[Block]:
    """The days from which on a host can say that they cannot go on."""
    planned = Block.objects.filter(session=session, state=BlockState.PLANNED, ends_at__gt=at)
    return list(planned.order_by("number"))


def after_the_last_day(reader: Employee, *, at: datetime) -> list[tuple[LearningSession, Block]]:
    """Sessions of hosts who leave, of whom `reader` has a say, with the first of the days on which
    they are there no more. Two queries."""
    hosts = Employee.objects.exclude(leaving_on=None).filter(active=True)
    if not reader.is_hr:
        hosts = hosts.filter(pk__in=Employee.objects.below(reader).values("pk"))
    rows = LearningSession.objects.filter(
        host__in=hosts, state=SessionState.BOOKED, ends_at__gt=at
    ).select_related("host")
    planned = Block.objects.filter(state=BlockState.PLANNED, starts_at__gt=at).order_by("number")
    found: list[tuple[LearningSession, Block]] = []
    each: Any
    for each in rows.prefetch_related(Prefetch("blocks", planned, to_attr="ahead")):
        last = each.host.leaving_on
        days = [one for one in each.ahead if _day_of(one, each.host) > last]
        found += [(each, days[0])] if days else []
    return found


def _day_of(block: Block, host: Employee) -> date:
    return block.starts_at.astimezone(host.zone).date()


def cut_off(
    session: LearningSession, number: int, *, by: Employee, reason: str = "", at: datetime
) -> HandOver | None:
    """From day `number` on the host cannot go on, and the learners are told.

    Their time stays theirs until the days are settled, the host's is free at once. A day that has
    begun falls away; None when no other is left. Raises Refused for somebody who has no say in it
    and when no such day stands.
    """
    with transaction.atomic():
        lock_everybody(session)
        session = LearningSession.objects.locked(session.pk)
        if not may_hand_over(session, by):
            raise Refused(_("Only the host, their managers and HR can say this."))
        if session.state != SessionState.BOOKED:
            raise Refused(_("This session does not stand any more."))
        return cut(session, number, by=by, reason=reason, at=at)


def lock_everybody(session: LearningSession, *others: int) -> dict[int, Employee]:
    """The host, all who are in it, and `others`: nobody joins or is booked meanwhile."""
    there = Participation.objects.filter(session=session).values_list("employee", flat=True)
    try:
        return lock_people(session.host_id, *there, *others)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        raise Busy(
            _("Somebody is booking beside these people this very moment. Press again.")
        ) from error


def cut(
    session: LearningSession, number: int, *, by: Employee, reason: str, at: datetime
) -> HandOver | None:
    """As `cut_off`, the people and the session being locked."""
    days = _Days.of(session, number, at=at)
    if not days.falls:
        raise Refused(_("No such day is to come."))
    learners = _without_holds(session, at=at)
    _fall_away(days.begun)
    if not days.ahead:
        _end_what_stays(session, days, by=by, reason=reason, at=at)
        notices.tell_host_out(learners, at=at)
        follow(session, at=at)
        return None
    Claim.objects.filter(block__in=[b.pk for b in days.ahead], employee=session.host_id).delete()
    if days.stays:
        rest, booked = _split(session, days, learners, at=at), session
        _end_what_stays(session, days, by=by, reason=reason, at=at)
    else:
        rest, booked = _open(session, days, learners), None
    hand_over: HandOver = HandOver.objects.create(
        session=rest, cut_from=booked, host=rest.host, said_by=by, said_at=at, reason=reason.strip()
    )
    enqueue(HAND_OVER_OVER, hand_over.pk, due_at=rest.starts_at)
    waiting = Participation.objects.learners().filter(session=rest, state=SessionState.OPEN)
    notices.tell_host_out(waiting.select_related("employee"), at=at)
    follow(session, rest, at=at)
    return hand_over


@dataclass(frozen=True)
class _Days:
    """The days of a session whose host cannot go on from one of them on."""

    stays: list[Block]
    begun: list[Block]
    ahead: list[Block]

    @property
    def falls(self) -> list[Block]:
        return [*self.begun, *self.ahead]

    @classmethod
    def of(cls, session: LearningSession, number: int, *, at: datetime) -> _Days:
        blocks = Block.objects.filter(session=session).exclude(state=BlockState.CANCELLED)
        every = list(blocks.order_by("number"))
        falls = [one for one in every if one.number >= number and one.state == BlockState.PLANNED]
        begun = [one for one in falls if one.starts_at <= at]
        return cls(
            [one for one in every if one not in falls],
            begun,
            [one for one in falls if one not in begun],
        )


def _without_holds(session: LearningSession, *, at: datetime) -> list[Participation]:
    """The learners who have booked; what is only held, here or to move one of them, is let go."""
    there = Participation.objects.filter(session=session, state__in=_STANDS, seat=Seat.SHADOW)
    people = list(there.select_related("employee").order_by("pk"))
    booked = [one for one in people if one.state == SessionState.BOOKED]
    held = [one for one in people if one.state == SessionState.HELD]
    moves = [one.pk for one in booked]
    elsewhere = Participation.objects.filter(moves__in=moves, state=SessionState.HELD)
    gone = [*held, *elsewhere]
    let_go(at=at, moves=moves, holds=[one.pk for one in held], kept=True)
    end_requests(gone, at=at)
    return booked


def _fall_away(begun: list[Block]) -> None:
    ids = [one.pk for one in begun]
    Block.objects.filter(pk__in=ids).update(state=BlockState.CANCELLED)
    Claim.objects.filter(block__in=ids).update(active=False, held_until=None)


def _open(session: LearningSession, days: _Days, learners: list[Participation]) -> LearningSession:
    """Nothing of it was done: all of it looks for another host."""
    session.state, session.starts_at = SessionState.OPEN, days.ahead[0].starts_at
    session.capacity = len(learners)
    session.save(update_fields=["state", "starts_at", "capacity"])
    there = Participation.objects.filter(session=session, state=SessionState.BOOKED)
    notices.withdraw(list(there))
    there.update(state=SessionState.OPEN)
    fit_places(session)
    return session


def _split(
    session: LearningSession, days: _Days, learners: list[Participation], *, at: datetime
) -> LearningSession:
    """The days ahead become a session of their own; whoever learns in it keeps their time."""
    rest: LearningSession = LearningSession.objects.create(
        kind=session.kind,
        state=SessionState.OPEN,
        host=session.host,
        offer=session.offer,
        subject=session.subject,
        capacity=len(learners),
        place=session.place,
        bring=session.bring,
        time_zone=session.time_zone,
        starts_at=days.ahead[0].starts_at,
        ends_at=days.ahead[-1].ends_at,
        created_at=at,
        booked_at=session.booked_at,
    )
    ahead = Block.objects.filter(pk__in=[one.pk for one in days.ahead])
    ahead.update(session=rest)
    for number, one in enumerate(learners, start=1):
        goes_on = _part_of(one, rest, at=at)
        Place.objects.create(session=rest, number=number, participation=goes_on)
        Claim.objects.filter(held_for=one, block__in=ahead).update(held_for=goes_on)
    Claim.objects.filter(block__in=ahead, active=False).delete()  # of who gave up a place
    for host in Participation.objects.filter(
        session=session, seat=Seat.HOST, employee=session.host, state=SessionState.BOOKED
    ):
        _part_of(host, rest, at=at)
    SessionStep.objects.filter(session=session, day__gte=days.ahead[0].number).update(session=rest)
    SessionSkill.objects.bulk_create(
        SessionSkill(session=rest, skill_id=skill)
        for skill in session.session_skills.values_list("skill", flat=True)
    )
    return rest


def _part_of(one: Participation, rest: LearningSession, *, at: datetime) -> Participation:
    made: Participation = Participation.objects.create(
        session=rest,
        employee_id=one.employee_id,
        seat=one.seat,
        state=SessionState.OPEN,
        held_at=at,
        booked_at=one.booked_at,
        goal=one.goal,
    )
    return made


def _end_what_stays(
    session: LearningSession, days: _Days, *, by: Employee, reason: str, at: datetime
) -> None:
    """What was done is for good; a day that began before can still be marked."""
    people = list(Participation.objects.filter(session=session, state=SessionState.BOOKED))
    if not days.stays:
        call_off(session, by=by, reason=reason, at=at)
        give_up(people, at=at)
        return
    session.ends_at = days.stays[-1].ends_at
    if session.starts_at > at:  # shorter than the offer: nobody joins, and it is not moved by it
        session.offer = None
    session.save(update_fields=["ends_at", "offer"])
    notices.debriefs_due_earlier(session, people, at=at)
    states = {one.state for one in days.stays}
    if BlockState.PLANNED in states:
        return
    if BlockState.DONE in states:
        session.complete(at=at)
    else:
        end_undone(session, at=at)
