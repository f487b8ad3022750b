"""The story's events, done by the verbs that pages use. Everything here belongs in a scope."""

from __future__ import annotations

from functools import cached_property

from demo.days import at
from demo.events import (
    Claims,
    Confirms,
    Event,
    Leaves,
    Moves,
    Requires,
    Teaches,
    Wants,
    Withdraws,
)
from peerlearn.organizations.models import CostBand, Employee, Team
from skills.models import Need, Offer, Proficiency, Requirement, Skill


class Book:
    """Who and what the story's names stand for, read once in each chapter."""

    @cached_property
    def employees(self) -> dict[str, Employee]:
        """By e-mail."""
        people = Employee.objects.select_related("team", "manager", "cost_band")
        return {employee.email: employee for employee in people}

    @cached_property
    def teams(self) -> dict[str, Team]:
        return {team.name: team for team in Team.objects.all()}

    @cached_property
    def bands(self) -> dict[str, CostBand]:
        return {band.name: band for band in CostBand.objects.all()}

    @cached_property
    def skills(self) -> dict[str, Skill]:
        return {skill.name: skill for skill in Skill.objects.all()}


class Act:
    def __init__(self, book: Book) -> None:
        self.book = book

    def perform(self, event: Event) -> None:
        match event:
            case Claims():
                self._claim(event)
            case Confirms():
                self._confirm(event)
            case Withdraws():
                self._level(event.email, event.skill).withdraw(on=event.on)
            case Teaches():
                employee, skill = self._pair(event.email, event.skill)
                Offer.make(employee=employee, skill=skill, on=event.on)
            case Wants():
                employee, skill = self._pair(event.email, event.skill)
                Need.make(employee=employee, skill=skill, urgency=event.urgency, on=event.on)
            case Requires():
                team, skill = self.book.teams[event.team], self.book.skills[event.skill]
                Requirement.want(team=team, skill=skill, wanted=event.wanted, on=event.on)
            case Moves():
                self._move(event)
            case Leaves():
                self.book.employees[event.email].deactivate(at=at(event.on, 18))
            case _:
                raise TypeError(f"nobody knows how to perform {event!r}")

    def _pair(self, email: str, skill: str) -> tuple[Employee, Skill]:
        return self.book.employees[email], self.book.skills[skill]

    def _claim(self, event: Claims) -> None:
        employee, skill = self._pair(event.email, event.skill)
        Proficiency.claim(employee=employee, skill=skill, level=event.level, on=event.on)

    def _confirm(self, event: Confirms) -> None:
        level = self._level(event.email, event.skill)
        level.confirm(by=self.book.employees[event.by], at=at(event.on, 10))

    def _level(self, email: str, skill: str) -> Proficiency:
        employee, chosen = self._pair(email, skill)
        found: Proficiency = Proficiency.objects.select_related("employee", "skill").get(
            employee=employee, skill=chosen, valid_to=None
        )
        return found

    def _move(self, event: Moves) -> None:
        book, employee = self.book, self.book.employees[event.email]
        employee.assign(
            team=book.teams[event.team] if event.team else employee.team,
            manager=book.employees[event.manager] if event.manager else employee.manager,
            job_title=event.title or employee.job_title,
            cost_band=book.bands[event.band] if event.band else employee.cost_band,
            on=event.on,
        )
