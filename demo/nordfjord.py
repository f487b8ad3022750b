"""Nordfjord Hydro: twelve people who began last week. What is empty or too early shows here."""

from __future__ import annotations

from datetime import date, timedelta

from demo.acting import Act, Book
from demo.chapters import Chapter
from demo.days import at
from demo.events import Claims, Requires, Teaches, Wants
from demo.names import address
from demo.teams import DOMAIN as HALDEN
from demo.unsettled import ask_the_manager
from peerlearn.organizations.founding import found
from peerlearn.organizations.hiring import hire
from peerlearn.organizations.models import CostBand, Organization, Team
from sessions.choices import Stage
from sessions.models import Request, ShadowingOffer
from sessions.offering import publish
from skills.catalogue import add, from_lines
from skills.models import Proficiency, Skill

NAME, SLUG, DOMAIN = "Nordfjord Hydro", "nordfjord-hydro", "nordfjord.example"
FOUNDER = "Solveig Aasen"
_WEEK = timedelta(days=7)

# name, job title, team, manager, cost band, years here
_PEOPLE = (
    ("Gudrun Nesse", "Managing director", NAME, "", "C", 11),
    ("Even Haug", "Head of operation", "Turbines", "Gudrun Nesse", "C", 9),
    ("Siri Fagerbakke", "Turbine mechanic", "Turbines", "Even Haug", "B", 6),
    ("Linh Tran", "Automation technician", "Turbines", "Even Haug", "B", 3),
    ("Piotr Walczak", "Turbine mechanic", "Turbines", "Even Haug", "B", 12),
    ("Amir Farhadi", "Apprentice", "Turbines", "Even Haug", "A", 0),
    ("Oddny Rygg", "Dam inspector", "Dams & waterways", "Gudrun Nesse", "B", 21),
    ("Halvor Sunde", "Dam inspector", "Dams & waterways", "Oddny Rygg", "B", 4),
    ("Idunn Holmen", "Hydrologist", "Dams & waterways", "Oddny Rygg", "C", 2),
    ("Terje Ness", "Accountant", "Office", "Solveig Aasen", "B", 15),
)
NOT_YET_HERE = [address(name, DOMAIN) for name in ("Amir Farhadi", "Halvor Sunde", "Terje Ness")]
_BANDS = (("A", "Apprentice", 36), ("B", "Technician, clerk", 58), ("C", "Engineer, lead", 79))
_SKILLS = """
Turbine governor tuning | speed governor
Runner inspection
Dam inspection | NVE inspection
Gate and hatch operation
Runoff forecasting | inflow forecast
Vibration measurement
Lock-out and tag-out | LOTO
"""
_CLAIMS = (
    ("Piotr Walczak", "Turbine governor tuning", 4),
    ("Piotr Walczak", "Runner inspection", 4),
    ("Siri Fagerbakke", "Runner inspection", 3),
    ("Siri Fagerbakke", "Lock-out and tag-out", 3),
    ("Linh Tran", "Turbine governor tuning", 2),
    ("Oddny Rygg", "Dam inspection", 4),
    ("Oddny Rygg", "Gate and hatch operation", 4),
    ("Halvor Sunde", "Dam inspection", 3),
    ("Idunn Holmen", "Runoff forecasting", 3),
)


def organization(today: date) -> Organization:
    """The organization itself, with its founder alone if it was not there."""
    there = Organization.objects.filter(slug=SLUG).first()
    if there is not None:
        return there
    made, _founder = found(
        name=NAME,
        slug=SLUG,
        time_zone="Europe/Oslo",
        founder_name=FOUNDER,
        founder_email=address(FOUNDER, DOMAIN),
        at=at(today - _WEEK, 8, 40),
    )
    return made


class Nordfjord:
    def __init__(self, there: Organization) -> None:
        self.there, self.began = there, there.created_at.date()

    def chapters(self) -> list[Chapter]:
        return [
            Chapter("teams and people", Team.objects.exists, self.people),
            Chapter("the first skills", Skill.objects.exists, self.catalogue),
            Chapter("the first levels", Proficiency.objects.exists, self.levels),
            Chapter("the first offer", ShadowingOffer.objects.exists, self.offer),
            Chapter("the first request", Request.objects.exists, self.request),
        ]

    def people(self) -> None:
        for name, who, cost in _BANDS:
            CostBand.objects.create(name=name, description=who, hourly_cost=cost)
        top = Team.add(name=NAME, parent=None)
        for name in ("Turbines", "Dams & waterways", "Office"):
            Team.add(name=name, parent=top)
        book = Book()
        known = {FOUNDER: book.employees[address(FOUNDER, DOMAIN)]}
        for name, title, team, manager, band, years in _PEOPLE:
            known[name] = hire(
                name=name,
                email=address(name, DOMAIN),
                hired_on=self.began.replace(year=self.began.year - years, day=1),
                team=book.teams[team],
                manager=known.get(manager),
                job_title=title,
                cost_band=book.bands[band],
            )
        known[FOUNDER].assign(
            team=book.teams["Office"],
            manager=known["Gudrun Nesse"],
            job_title="People and office",
            cost_band=book.bands["C"],
            on=self.began,
        )
        hire(
            name="Marta Kowalczyk",
            email=address("Marta Kowalczyk", HALDEN),
            hired_on=self.began + timedelta(days=3),
            team=book.teams["Turbines"],
            manager=known["Even Haug"],
            job_title="Guest from Halden Grid",
            time_zone="Europe/Warsaw",
        )

    def catalogue(self) -> None:
        add(from_lines(_SKILLS, category="Hydropower"))

    def levels(self) -> None:
        act, day = Act(Book()), self.began + timedelta(days=3)
        for name, skill, level in _CLAIMS:
            act.perform(Claims(day, address(name, DOMAIN), skill, level))
        piotr, linh = (address(name, DOMAIN) for name in ("Piotr Walczak", "Linh Tran"))
        act.perform(Teaches(day, piotr, "Turbine governor tuning"))
        act.perform(Wants(day, linh, "Turbine governor tuning", 3))
        act.perform(Requires(day, "Turbines", "Turbine governor tuning", 2))

    def offer(self) -> None:
        book = Book()
        host = book.employees[address("Piotr Walczak", DOMAIN)]
        offer = ShadowingOffer(
            time_zone=host.time_zone,
            days=2,
            place="Power house, lower floor",
            bring="Hearing protection",
        )
        publish(
            offer,
            host=host,
            skills=[book.skills["Turbine governor tuning"]],
            plan=[
                (1, Stage.WATCH, "A start and a stop, explained"),
                (2, Stage.LEAD, "You tune, Piotr watches"),
            ],
            at=at(self.began + timedelta(days=4), 12),
        )

    def request(self) -> None:
        """Here managers approve; Even's word is awaited."""
        self.there.shadowings_need_approval = True
        self.there.save(update_fields=["shadowings_need_approval"])
        learner = Book().employees[address("Linh Tran", DOMAIN)]
        offer = ShadowingOffer.objects.select_related("host").get()
        ask_the_manager(learner, offer, goal="Tune a governor with somebody who has done it often")
