"""What stands on an employee's home. A fixed number of queries, however much there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from peerlearn.organizations.models import Employee
from sessions.agenda import Entry, agenda, debriefs_due, levels_to_answer
from sessions.availability import LOOK_AHEAD, Availability, Start
from sessions.models import OfferSkill, Participation, ProposedLevel, ShadowingOffer
from skills.levels import Level
from skills.models import Need, Offer, Proficiency, Skill

SHOWN = 5
_MOST_NEEDS = 500


@dataclass
class Wanted:
    """A skill that colleagues want and this employee could pass on, most urgent first."""

    skill: Skill
    teaches: bool  # said so, otherwise only does it alone
    people: list[Employee] = field(default_factory=list)
    urgency: str = ""


@dataclass
class Home:
    today: date
    lead: str  # which sentence stands on top
    entries: list[Entry]
    due: list[Participation]
    levels: list[ProposedLevel]
    wanted: list[Wanted]
    wanted_in_all: int

    @property
    def next(self) -> Entry | None:
        return self.entries[0] if self.entries else None


def compose(employee: Employee, *, at: datetime) -> Home:
    entries = agenda(employee, at=at, most=SHOWN)
    due = debriefs_due(employee, at=at)
    levels = levels_to_answer(employee, at=at)
    wanted = _wanted(employee)
    return Home(
        today=at.astimezone(employee.zone).date(),
        lead=_lead(employee, entries, due, levels, at=at),
        entries=entries,
        due=due,
        levels=levels,
        wanted=wanted[:SHOWN],
        wanted_in_all=len(wanted),
    )


def _lead(
    employee: Employee,
    entries: list[Entry],
    due: list[Participation],
    levels: list[ProposedLevel],
    *,
    at: datetime,
) -> str:
    """The one thing that matters now."""
    today = at.astimezone(employee.zone).date()
    if entries:
        if entries[0].held:
            return "held"
        day = entries[0].next_block.starts_at.astimezone(employee.zone).date()
        if day < today or entries[0].session.ends_at <= at:
            return "unmarked"
        if day == today:
            return "today"
    if due:
        return "due"
    if levels:
        return "levels"
    return "next" if entries else "begin"


def _wanted(employee: Employee) -> list[Wanted]:
    """Open wishes of colleagues in what this employee teaches or does alone."""
    teaches = Offer.objects.filter(employee=employee, skill=OuterRef("skill"))
    alone = Proficiency.objects.current().filter(
        employee=employee, skill=OuterRef("skill"), level__gte=Level.ALONE
    )
    needs: Any = (
        Need.objects.filter(employee__active=True, skill__archived_at=None)
        .exclude(employee=employee)
        .annotate(teaches=Exists(teaches))
        .filter(Q(teaches=True) | Exists(alone))
        .select_related("skill", "employee")
        .order_by("-urgency", "since", "pk")[:_MOST_NEEDS]
    )
    found: dict[int, Wanted] = {}
    for need in needs:
        wanted = found.setdefault(
            need.skill_id,
            Wanted(need.skill, need.teaches, urgency=need.get_urgency_display()),
        )
        wanted.people.append(need.employee)
    return list(found.values())


def offers_for(employee: Employee, *, at: datetime) -> list[tuple[ShadowingOffer, Start | None]]:
    """Three that could be booked, with their first free start.

    First what the employee wants to learn, the most urgent first, then what is new."""
    wants = Need.objects.filter(
        employee=employee,
        skill__in=OfferSkill.objects.filter(offer=OuterRef(OuterRef("pk"))).values("skill"),
    )
    offers = list(
        ShadowingOffer.objects.open_to(employee)
        .with_subject()
        .annotate(wished=Coalesce(Subquery(wants.order_by("-urgency").values("urgency")[:1]), 0))
        .order_by("-wished", "-created_at", "-pk")[:3]
    )
    if not offers:
        return []
    today = at.astimezone(employee.zone).date()
    ahead = Availability(offers, employee, first=today, last=today + LOOK_AHEAD, at=at)
    return [(offer, next(iter(ahead.first_starts(offer)), None)) for offer in offers]
