"""Shadowings of the story, done by the verbs of booking and running. Belongs in a scope."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from demo.acting import Book
from demo.days import Days, at, next_date
from demo.names import address
from demo.offers import Offer
from demo.settling import KEPT_FOR, settle
from demo.shadowings import CANCELLED, PLANNED, RUNNING, Learner, Shadowing, Talk
from demo.teams import DOMAIN
from peerlearn.clock import now
from peerlearn.organizations.models import Employee
from sessions import booking, cancelling, holding, offering
from sessions.availability import Availability
from sessions.choices import Decision, Seat
from sessions.models import (
    AvailabilityException,
    Block,
    LearningSession,
    Note,
    Participation,
    ProposedLevel,
    SessionStep,
    ShadowingOffer,
)
from sessions.refusals import Refused
from sessions.running import Answers, answer_level, complete_day, submit_debrief
from sessions.starts import Start

_LOOK = timedelta(days=16)
_MINUTES = timedelta(minutes=1)


class Host:
    def __init__(self, book: Book, days: Days) -> None:
        self.book, self.days = book, days
        self.now = now()
        self._offers: dict[str, ShadowingOffer] = {}

    # --- Offers ---------------------------------------------------------------------------------
    def publish(self, offer: Offer) -> None:
        host = self.book.employees[address(offer.host, DOMAIN)]
        row = ShadowingOffer(
            title=offer.title,
            days=offer.days,
            within_days=offer.within_days,
            starts_at=offer.starts_at,
            minutes=offer.minutes,
            time_zone=host.time_zone,
            place=offer.place,
            bring=offer.bring,
            notice_days=offer.notice_days,
            per_month=offer.per_month,
            capacity=offer.capacity,
        )
        offering.publish(
            row,
            host=host,
            skills=[self.book.skills[name] for name in offer.skills],
            plan=[(step.day, step.stage, step.text) for step in offer.plan],
            at=at(self.days.founded + timedelta(days=60)),
        )

    def _all_offers(self) -> dict[str, ShadowingOffer]:
        """By the host's name."""
        if not self._offers:
            rows = ShadowingOffer.objects.select_related("host").prefetch_related("skills")
            self._offers = {row.host.name: row for row in rows}
        return self._offers

    def plan_absences(self) -> None:
        """Hosts are away between the years, and some of them soon."""
        begins = next_date(12, 24, after=self.days.today)
        today = self.days.today
        away = [(name, begins, begins + timedelta(days=8)) for name in self._all_offers()]
        if begins > today + timedelta(days=30):
            away += [
                ("Henrik Dahl", today, today + timedelta(days=16)),
                ("Sofia Lindgren", today + timedelta(days=5), today + timedelta(days=9)),
            ]
        AvailabilityException.objects.bulk_create(
            AvailabilityException(
                employee=self._all_offers()[name].host, first_day=first, last_day=last
            )
            for name, first, last in away
        )

    # --- A session ------------------------------------------------------------------------------
    def hold(self, told: Shadowing) -> None:
        """From the booking to the last answer; nothing when the host has no such days."""
        offer = self._all_offers()[told.offer.host]
        booked_at = at(told.on - timedelta(days=told.ahead), 10, 20)
        start = self._start(offer, told, booked_at)
        if start is None:
            return
        there = self._book(offer, told, start, booked_at)
        if not there:
            return
        session = there[0][0].session
        self._settle(booked_at + timedelta(hours=3))
        if told.outcome == CANCELLED:
            there = self._cancel(session, told, there, start)
        if there and told.outcome != PLANNED:
            self._spend(session, told, there)

    def _settle(self, until: datetime) -> None:
        """What is older is not kept, so it may wait for the end."""
        if self.now - until < KEPT_FOR:
            settle(min(until, self.now), present=self.now)

    def _start(self, offer: ShadowingOffer, told: Shadowing, booked_at: datetime) -> Start | None:
        learner = self.book.employees[told.learners[0].email]
        times = Availability([offer], learner, first=told.on, last=told.on + _LOOK, at=booked_at)
        for start in times.starts(offer):
            if start.session_id is None and self._suits(told, start.days):
                return start
        return None

    def _suits(self, told: Shadowing, days: tuple[date, ...]) -> bool:
        if told.outcome == RUNNING:
            return days[0] == told.on
        if told.outcome == PLANNED:
            return days[0] > self.days.today
        return days[-1] < self.days.today

    def _book(
        self, offer: ShadowingOffer, told: Shadowing, start: Start, booked_at: datetime
    ) -> list[tuple[Participation, Learner]]:
        there = []
        for i, learner in enumerate(told.learners):
            moment = booked_at + timedelta(minutes=20 * i)
            employee = self.book.employees[learner.email]
            try:
                place = holding.hold(offer, employee, start.day, at=moment)
            except Refused:  # booked elsewhere on these days
                continue
            booking.book(place, goal=learner.goal, at=moment + 2 * _MINUTES)
            there.append((place, learner))
        return there

    def _cancel(
        self,
        session: LearningSession,
        told: Shadowing,
        there: list[tuple[Participation, Learner]],
        start: Start,
    ) -> list[tuple[Participation, Learner]]:
        """Who still comes: without one of the learners it takes place, without the host not."""
        moment = start.blocks[0].start - timedelta(hours=22 + 24 * (told.ahead % 3))
        by = session.host if told.host_cancels else there[0][0].employee
        cancelling.cancel(session, by=by, reason=told.reason, at=moment)
        self._settle(moment + _MINUTES)
        return [] if told.host_cancels else there[1:]

    # --- The days themselves --------------------------------------------------------------------
    def _spend(
        self, session: LearningSession, told: Shadowing, there: list[tuple[Participation, Learner]]
    ) -> None:
        blocks = list(Block.objects.filter(session=session).order_by("number"))
        self._settle(blocks[0].starts_at)
        learner = there[0][0].employee
        for block in blocks[: 1 if told.outcome == RUNNING else None]:
            for step in SessionStep.objects.filter(session=session, day=block.number):
                step.tick(by=learner, at=block.starts_at + 90 * _MINUTES)
            complete_day(session, block.number, by=session.host, at=block.ends_at + 5 * _MINUTES)
        if told.note:
            Note.objects.create(
                session=session,
                author=learner,
                text=told.note,
                shared=True,
                written_at=blocks[0].starts_at + 200 * _MINUTES,
            )
        if told.outcome != RUNNING:
            self._settle(blocks[-1].ends_at + _MINUTES)
            self._look_back(session, told, there, blocks[-1].ends_at)

    def _look_back(
        self,
        session: LearningSession,
        told: Shadowing,
        there: list[tuple[Participation, Learner]],
        ended_at: datetime,
    ) -> None:
        """The debriefs of both sides, and what the host says to the levels that are proposed."""
        if told.host_debrief is not None:
            host = Participation.objects.get(session=session, seat=Seat.HOST)
            submit_debrief(host, _answers(told.host_debrief), at=ended_at + 40 * _MINUTES)
        for place, learner in there:
            if learner.debrief is None:
                continue
            levels = {self.book.skills[name]: level for name, level in learner.levels}
            moment = min(ended_at + 100 * _MINUTES, self.now)
            submit_debrief(place, _answers(learner.debrief), levels, at=moment)
            if learner.answer is not None:
                self._answer(place, session.host, learner.answer, ended_at)

    def _answer(
        self, place: Participation, host: Employee, confirm: bool, ended_at: datetime
    ) -> None:
        moment = min(ended_at + timedelta(hours=19), self.now)
        open_ones = ProposedLevel.objects.select_related(
            "participation__session", "participation__employee", "skill"
        ).filter(participation=place, decision=Decision.OPEN)
        for proposed in open_ones:
            answer_level(proposed, confirm=confirm, by=host, at=moment)


def _answers(talk: Talk) -> Answers:
    return Answers(talk.can_now, talk.differently, talk.may_show)
