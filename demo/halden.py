"""Halden Grid, a grid operator in Norway: about 240 people, and a year of shadowing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property, partial
from operator import itemgetter

from django.db.models import Q

from demo.acting import Act, Book
from demo.chapters import Chapter
from demo.days import Days, at
from demo.events import Confirms, Event
from demo.levels import Story, levels
from demo.offers import CONTROL_ROOM, OFFERS
from demo.roster import NEW_YORK, WARSAW, Person, Roster, roster
from demo.sessions_told import Host
from demo.shadowings import PLANNED, Shadowing, shadowings
from demo.taking_over import take_over
from demo.teams import COST_BANDS, DOMAIN, TEAMS
from demo.trade import catalogue
from demo.unsettled import Ill
from peerlearn.organizations.founding import found
from peerlearn.organizations.granting import grant
from peerlearn.organizations.hiring import amend
from peerlearn.organizations.models import (
    Assignment,
    CompanyDay,
    CostBand,
    Employee,
    Organization,
    Team,
)
from sessions.models import HandOver, LearningSession, ShadowingOffer, ShiftPattern, ShiftWork
from sessions.offering import revise
from skills.catalogue import Entry, add, ict_pack
from skills.models import Proficiency, Skill

NAME, SLUG = "Halden Grid", "halden-grid"
_ENOUGH = 3  # confirmations, so that one is found even when somebody changed another
_ABROAD = {WARSAW: ("PL", ""), NEW_YORK: ("US", "NY")}
_OPERATOR, _SHOWS_SHIFTS = "Control room operator", "Elin Strand"
_FOUNDER = f"per.aune@{DOMAIN}"


def organization(today: date) -> Organization:
    """The organization itself, with its founder alone if it was not there."""
    there = Organization.objects.filter(slug=SLUG).first()
    if there is not None:
        return there
    made, _founder = found(
        name=NAME,
        slug=SLUG,
        time_zone="Europe/Oslo",
        founder_name="Per Aune",
        founder_email=_FOUNDER,
        at=at(Days(today).founded),
    )
    return made


class Halden:
    """The story of an organization that exists, on the days on which it was begun."""

    def __init__(self, there: Organization) -> None:
        self.there = there
        self.days = Days.since(there.created_at.date())

    @cached_property
    def roster(self) -> Roster:
        return roster(self.days)

    @cached_property
    def story(self) -> Story:
        return levels(self.roster, self.days)

    @cached_property
    def shadowings(self) -> list[Shadowing]:
        return shadowings(self.roster, self.story, self.days)

    def chapters(self) -> list[Chapter]:
        return [
            Chapter("teams and people", Team.objects.exists, self.people),
            Chapter("who moved", _somebody_moved, self.moves),
            Chapter("the catalogue of skills", Skill.objects.exists, self.catalogue),
            Chapter("hosts and what they offer", ShadowingOffer.objects.exists, self.offers),
            *self.months(),
            Chapter("where people work", CompanyDay.objects.exists, self.holidays),
            Chapter("the shifts of the control room", ShiftPattern.objects.exists, self.shifts),
            Chapter("absences and what is booked", self._is_booked, self.booked),
            Chapter("a host who fell ill", HandOver.objects.exists, self.illness),
        ]

    # --- Who ------------------------------------------------------------------------------------
    def people(self) -> None:
        for name, who, cost in COST_BANDS:
            CostBand.objects.create(name=name, description=who, hourly_cost=cost)
        for ranks in TEAMS:
            above = Team.objects.filter(name=ranks.under).first()
            Team.add(name=ranks.name, parent=above)
        founder = Employee.objects.select_related("organization").get(email=_FOUNDER)
        everybody = [person for person in self.roster.people if person.email != _FOUNDER]
        take_over(everybody, by=founder, at=at(self.days.founded))
        book = Book()
        for person in everybody:
            self._settle_in(book.employees[person.email], person)
        self._settle_the_founder(book, self.roster.by_email()[_FOUNDER])

    def _settle_in(self, employee: Employee, person: Person) -> None:
        """What people say about themselves, and the role that an admin gives."""
        employee.keep(
            time_zone=person.time_zone,
            working_days=list(person.working_days),
            day_starts=person.hours[0],
            day_ends=person.hours[1],
            twelve_hour_clock=person.twelve_hour_clock,
            language="",
        )
        if person.is_hr:
            grant(employee, is_hr=True, is_admin=False, at=at(self.days.founded))

    def _settle_the_founder(self, book: Book, person: Person) -> None:
        """He began it as admin and HR; HR is Ingrid's."""
        founder = book.employees[_FOUNDER]
        amend(
            founder,
            name=person.name,
            email=person.email,
            number=person.number,
            hired_on=person.hired_on,
            leaving_on=None,
            time_zone=person.time_zone,
            working_days=list(person.working_days),
            day_starts=person.hours[0],
            day_ends=person.hours[1],
            team=book.teams[person.team],
            manager=book.employees[person.manager],
            job_title=person.title,
            cost_band=book.bands[person.band],
            on=person.hired_on,
            at=at(self.days.founded),
        )
        grant(founder, is_hr=False, is_admin=True, at=at(self.days.founded))

    def moves(self) -> None:
        act = Act(Book())
        for move in sorted(self.roster.moves, key=lambda move: move.on):
            act.perform(move)

    # --- What -----------------------------------------------------------------------------------
    def catalogue(self) -> None:
        pack = {entry.name: entry for entry in ict_pack()}
        add(
            pack[trade.name]
            if trade.is_esco
            else Entry(trade.name, trade.also_called, trade.category)
            for trade in catalogue()
        )

    def offers(self) -> None:
        book = Book()
        for offer in OFFERS:
            Host(book, self.days).publish(offer)

    # --- When -----------------------------------------------------------------------------------
    def months(self) -> list[Chapter]:
        """One chapter for each month of the story, with its sessions.

        What happens in a month with hardly any confirmations goes with the one before: they
        tell whether a chapter is there.
        """
        events = self.story.events
        changes = Counter(_month(e.on) for e in events if isinstance(e, Confirms))
        told = [month for month, number in sorted(changes.items()) if number >= _ENOUGH]
        parts: dict[date, _Month] = {month: _Month(self.days) for month in told}
        for event in events:
            parts[_chapter_of(event.on, told)].events.append(event)
        for shadowing in self.shadowings:
            if shadowing.outcome != PLANNED:
                parts[_chapter_of(shadowing.on, told)].shadowings.append(shadowing)
        return [
            Chapter(f"{month:%B %Y}", part.is_there, part.write) for month, part in parts.items()
        ]

    def holidays(self) -> None:
        """Norway's, and an afternoon of their own; who works abroad has those of there."""
        self.there.settle_in(country="NO", region="")
        for employee in Employee.objects.filter(time_zone__in=_ABROAD):
            country, region = _ABROAD[employee.time_zone]
            employee.work_in(country=country, region=region)
        for year in (self.days.today.year, self.days.today.year + 1):
            CompanyDay.rest(day=date(year, 12, 24), name="Christmas Eve", free_from=time(12))

    def shifts(self) -> None:
        """Five crews, two days apart; who lets others see two shifts there works in them."""
        pattern = ShiftPattern.add(name="Control room A", rotation=CONTROL_ROOM)
        crews = Employee.objects.current().filter(Q(job_title=_OPERATOR) | Q(name=_SHOWS_SHIFTS))
        for number, employee in enumerate(crews.order_by("name")):
            anchor = self.days.today - timedelta(days=2 * (number % 5))
            ShiftWork.begin(employee, pattern, anchor=anchor, first_day=self.days.ago(1))
        offer = ShadowingOffer.objects.select_related("host").get(host__name=_SHOWS_SHIFTS)
        offer.follows_hours = True
        plan = [(step.day, step.stage, step.text) for step in offer.plan.all()]
        revise(offer, skills=list(offer.skills.all()), plan=plan, at=at(self.days.yesterday))

    def booked(self) -> None:
        host = Host(Book(), self.days)
        host.plan_absences()
        for shadowing in self.shadowings:
            if shadowing.outcome == PLANNED:
                host.hold(shadowing)

    def illness(self) -> None:
        Ill(self.days.today).happens()

    def _is_booked(self) -> bool:
        today = at(self.days.today, 0)
        coming = LearningSession.objects.filter(
            starts_at__gte=today + timedelta(days=2), created_at__lt=today
        )
        return bool(coming.exists())


@dataclass
class _Month:
    days: Days
    events: list[Event] = field(default_factory=list)
    shadowings: list[Shadowing] = field(default_factory=list)

    def is_there(self) -> bool:
        """By its own confirmations: sessions that begin in a month reach into the next."""
        told = {
            (event.on, event.by, event.email, event.skill)
            for event in self.events
            if isinstance(event, Confirms)
        }
        rows = Proficiency.objects.filter(confirmed_on__in={on for on, *_rest in told})
        fields = ("confirmed_on", "confirmed_by__email", "employee__email", "skill__name")
        return not told.isdisjoint(rows.values_list(*fields))

    def write(self) -> None:
        book = Book()
        act, host = Act(book), Host(book, self.days)
        happens = [(event.on, partial(act.perform, event)) for event in self.events]
        happens += [(told.on, partial(host.hold, told)) for told in self.shadowings]
        for _on, happen in sorted(happens, key=itemgetter(0)):
            happen()


def _month(day: date) -> date:
    return day.replace(day=1)


def _chapter_of(day: date, months: list[date]) -> date:
    return max((month for month in months if month <= day), default=months[0])


def _somebody_moved() -> bool:
    return bool(Assignment.objects.exclude(valid_to=None).exists())
