"""Somebody's access ends: what was to come with them falls away, and the others are told.

What is behind them stays: days that were done, days that began and can still be marked, levels,
interactions, notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import ngettext

from peerlearn.notifications.models import Notice, Notification
from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.asking import requests_of_leaver
from sessions.calendar_entries import follow
from sessions.cancelling import give_up, settle_hand_over
from sessions.choices import BlockState, Decision, Seat, SessionState
from sessions.claiming import let_go
from sessions.cutting import cut
from sessions.handing import end_requests_to_take_over
from sessions.models import (
    Block,
    Claim,
    LearningSession,
    Participation,
    ProposedLevel,
    ShadowingOffer,
)
from sessions.waiting import end_waiting, freed_by_leaving

_AGREED = (SessionState.BOOKED, SessionState.OPEN)
_STANDS = (SessionState.HELD, *_AGREED)


@dataclass
class Ahead:
    """A session of somebody's of which a day is still to come."""

    session: LearningSession
    people: list[Participation] = field(default_factory=list)  # those who hold or have booked

    def of(self, employee: Employee) -> Participation | None:
        return next((one for one in self.people if one.employee_id == employee.pk), None)

    def learners(self, *, besides: Participation | None = None) -> list[Participation]:
        """Those who have booked."""
        return [
            one
            for one in self.people
            if one.seat == Seat.SHADOW and one.state in _AGREED and one != besides
        ]

    def hosts(self) -> list[Participation]:
        return [one for one in self.people if one.seat == Seat.HOST]

    def is_hosted_by(self, employee: Employee) -> bool:
        """Whether it is booked beside them."""
        return self.session.host_id == employee.pk and self.session.state == SessionState.BOOKED

    def has_begun(self, at: datetime) -> bool:
        return self.session.starts_at <= at


def ahead_of(employee: Employee, *, at: datetime, lock: bool = False) -> list[Ahead]:
    """Where they hold or have booked days that have not begun, the sessions locked if asked for.

    Two queries, however many there are.
    """
    to_come = Block.objects.filter(
        session=OuterRef("pk"), state=BlockState.PLANNED, starts_at__gt=at
    )
    theirs = Participation.objects.filter(
        employee=employee, session=OuterRef("pk"), state__in=_STANDS
    )
    rows = LearningSession.objects.filter(
        Exists(to_come), Exists(theirs), state__in=_STANDS
    ).order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = {session.pk: Ahead(session) for session in rows}
    people = Participation.objects.filter(session__in=list(found), state__in=_STANDS)
    for one in people.select_related("employee__manager").order_by("pk"):
        found[one.session_id].people.append(one)
    return list(found.values())


@ends_with_access
class Bookings(Ending):
    def foretell(self, employee: Employee, *, at: datetime) -> list[str]:
        ahead = [one for one in ahead_of(employee, at=at) if one.learners()]
        others = _with_another_host(ahead)
        hosted = [one for one in ahead if one.session.host_id == employee.pk]
        handed = [one for one in hosted if one.session.pk in others]
        booked = len(ahead) - len(hosted)
        hosted = [one for one in hosted if one not in handed]
        told = {learner.employee_id for one in hosted for learner in one.learners()}
        offers = ShadowingOffer.objects.filter(host=employee, active=True).count()
        lines = []
        if hosted:
            lines.append(_hosted(len(hosted)) + " " + _learners_told(len(told)))
        if handed:
            lines.append(_handed(len(handed)))
        if booked:
            lines.append(_booked(booked))
        if offers:
            lines.append(_offers(offers))
        return lines

    def end(self, employee: Employee, *, at: datetime) -> None:
        asked = requests_of_leaver(employee, at=at)
        let_go(at=at, owner=employee.pk, host=employee.pk, offered=True, kept=True)
        end_waiting(employee, at=at)
        ShadowingOffer.objects.filter(host=employee, active=True).update(active=False)
        end_requests_to_take_over(employee, at=at)
        falls = _Falls(employee, at)
        ahead = ahead_of(employee, at=at, lock=True)
        others = _with_another_host(ahead)
        for one in ahead:
            if one.session.pk in others and one.is_hosted_by(employee):
                _look_for_another_host(one, at=at)
            else:
                falls.look_at(one)
        falls.fall()
        freed_by_leaving([*asked, *(one.session for one in falls.freed)], at=at)
        unanswered = ProposedLevel.objects.filter(participation__session__host=employee)
        unanswered.filter(decision=Decision.OPEN).update(decision=Decision.ENDED, decided_at=at)


def _with_another_host(ahead: list[Ahead]) -> set[int]:
    """The sessions of all of whose skills somebody else offers days. One query."""
    able = LearningSession.objects.filter(pk__in=[one.session.pk for one in ahead])
    return set(able.with_another_host().values_list("pk", flat=True))


def _look_for_another_host(one: Ahead, *, at: datetime) -> None:
    """Their manager or HR hand it over; until then the learners keep their time."""
    ahead = Block.objects.filter(
        session=one.session, state=BlockState.PLANNED, starts_at__gt=at
    ).order_by("number")
    first = ahead.values_list("number", flat=True)[0]
    cut(one.session, first, by=one.session.host, reason="", at=at)


class _Falls:
    """What falls away with one person, gathered first and then written in few statements."""

    def __init__(self, employee: Employee, at: datetime) -> None:
        self.employee, self.at = employee, at
        self.run_out: list[LearningSession] = []
        self.off: list[LearningSession] = []
        self.cut: list[Ahead] = []
        self.gone: list[Participation] = []
        self.freed: list[Ahead] = []  # a learner's place, for who waits
        self.stays_behind: list[Participation] = []  # left in the middle; the others go on
        self.notices: list[Notice] = []
        self.touched: list[LearningSession] = []

    def look_at(self, one: Ahead) -> None:
        mine = one.of(self.employee)
        if mine is None:  # let go while this waited for the session
            return
        self.touched.append(one.session)
        if one.session.state == SessionState.HELD:
            self.run_out.append(one.session)
            self.gone += one.people
            return
        if mine.state == SessionState.HELD:
            self.gone.append(mine)
            return
        if one.session.state == SessionState.OPEN and mine.seat == Seat.HOST:
            return  # it looks for another host already
        whole = mine.seat == Seat.HOST or not one.learners(besides=mine)
        if one.has_begun(self.at):
            if whole:
                self.cut.append(one)
            else:
                self.stays_behind.append(mine)
        elif whole:
            self.off.append(one.session)
            self.gone += one.people
        else:
            self.gone.append(mine)
        open_ = one.session.state == SessionState.OPEN
        if mine.seat == Seat.SHADOW and not open_ and not one.has_begun(self.at):
            self.freed.append(one)
        self.notices += self._told(one, mine)

    def _told(self, one: Ahead, mine: Participation) -> Iterable[Notice]:
        if mine.seat == Seat.SHADOW:
            for host in one.hosts():
                yield from self._notice(host.employee, notices.LEARNER_LEFT, mine)
            return
        for learner in one.learners():
            yield from self._notice(learner.employee, notices.HOST_LEFT, learner)
            if learner.employee.manager is not None:
                yield from self._notice(learner.employee.manager, notices.HOST_LEFT, learner)

    def _notice(self, to: Employee, kind: str, about: Participation) -> Iterable[Notice]:
        if to.active and to.pk != self.employee.pk:
            yield Notice(to, kind, about.pk, self.at)

    def fall(self) -> None:
        give_up(self.gone, at=self.at)
        for session in self.off:
            if session.state == SessionState.OPEN:
                settle_hand_over(session, at=self.at)
        self._sessions(self.run_out).update(state=SessionState.EXPIRED)
        self._sessions(self.off).update(
            state=SessionState.CANCELLED,
            cancelled_at=self.at,
            cancelled_by=self.employee,
            by_leaving=True,
        )
        Block.objects.filter(
            session__in=[session.pk for session in self.off], state=BlockState.PLANNED
        ).update(state=BlockState.CANCELLED)
        left = [one.pk for one in self.stays_behind]
        Participation.objects.filter(pk__in=left).update(state=SessionState.COMPLETED)
        Claim.objects.filter(held_for__in=left, block__starts_at__gt=self.at).update(active=False)
        for one in self.cut:  # one at most, or two: nobody is in two places at once
            one.session.cut_short(at=self.at)
            notices.debriefs_due_earlier(one.session, one.people, at=self.at)
        Notification.deliver_all(self.notices)
        follow(*self.touched, at=self.at)

    @staticmethod
    def _sessions(chosen: list[LearningSession]) -> QuerySet[LearningSession]:
        return LearningSession.objects.filter(pk__in=[session.pk for session in chosen])


def _hosted(number: int) -> str:
    return ngettext(
        "%(number)s session that they host is cancelled.",
        "%(number)s sessions that they host are cancelled.",
        number,
    ) % {"number": number}


def _handed(number: int) -> str:
    return ngettext(
        "%(number)s session that they host looks for another host: see Bookings, To hand over.",
        "%(number)s sessions that they host look for another host: see Bookings, To hand over.",
        number,
    ) % {"number": number}


def _learners_told(number: int) -> str:
    return ngettext(
        "%(number)s learner is told, with others who teach the same.",
        "%(number)s learners are told, with others who teach the same.",
        number,
    ) % {"number": number}


def _booked(number: int) -> str:
    return ngettext(
        "%(number)s booking of theirs is cancelled; the host is told.",
        "%(number)s bookings of theirs are cancelled; the hosts are told.",
        number,
    ) % {"number": number}


def _offers(number: int) -> str:
    return ngettext(
        "%(number)s offer of theirs closes.", "%(number)s offers of theirs close.", number
    ) % {"number": number}
