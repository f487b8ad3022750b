"""What stands on an employee's home. A fixed number of queries, however much there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from peerlearn.organizations.models import Employee
from sessions.agenda import Entry, agenda, asked_to_take_over, debriefs_due, levels_to_answer
from sessions.choices import Seat, SessionState
from sessions.hosts import first_starts
from sessions.models import (
    HandOverRequest,
    OfferSkill,
    Participation,
    ProposedLevel,
    Request,
    SessionSkill,
    ShadowingOffer,
)
from sessions.starts import Start
from skills.levels import Level
from skills.models import Need, Offer, Proficiency, Skill

SHOWN = 5
_MOST_NEEDS = 500
MOST_REQUESTS = 50
_UPCOMING = (SessionState.HELD, SessionState.BOOKED)


@dataclass
class Wanted:
    """A skill that colleagues want and this employee could pass on, most urgent first."""

    skill: Skill
    teaches: bool  # said so, otherwise only does it alone
    offer: str  # the public id of the open offer of one's own that holds it
    people: list[Employee] = field(default_factory=list)
    urgency: str = ""


@dataclass
class Home:
    today: date
    lead: str  # which sentence stands on top
    entries: list[Entry]
    due: list[Participation]
    levels: list[ProposedLevel]
    asks: list[HandOverRequest]
    wanted: list[Wanted]
    wanted_in_all: int
    requests: int  # that wait for this employee's answer
    first_request: Request | None  # what runs out first

    @property
    def waiting_due(self) -> list[Participation]:
        """Without the one that stands on top."""
        return self.due[1:] if self.lead == "due" else self.due

    @property
    def waiting_levels(self) -> list[ProposedLevel]:
        return self.levels[1:] if self.lead == "levels" else self.levels

    @property
    def next(self) -> Entry | None:
        """The first that needs nobody else's word; else what waits for it."""
        sure = [one for one in self.entries if one.sure]
        return next(iter(sure or self.entries), None)


def compose(employee: Employee, *, at: datetime) -> Home:
    entries = agenda(employee, at=at, most=SHOWN)
    due = debriefs_due(employee, at=at)
    levels = levels_to_answer(employee, at=at)
    wanted = _wanted(employee)
    asked = Request.objects.open(at).asked_of(employee).with_days()
    requests = list(asked[:MOST_REQUESTS]) if employee.is_manager or employee.is_hr else []
    return Home(
        today=at.astimezone(employee.zone).date(),
        lead=_lead(employee, entries, due, levels, at=at),
        entries=entries,
        due=due,
        levels=levels,
        asks=asked_to_take_over(employee, at=at),
        wanted=wanted[:SHOWN],
        wanted_in_all=len(wanted),
        requests=len(requests),
        first_request=requests[0] if requests else None,
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
    asked, entries = entries, [one for one in entries if one.sure]
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
    if entries or not asked:
        return "next" if entries else "begin"
    return "open" if asked[0].open else "requested"


def _wanted(employee: Employee) -> list[Wanted]:
    """Open wishes of colleagues in what this employee teaches, offers days of or does alone.
    Whoever is booked beside them for it already waits for nothing."""
    skill = {"skill": OuterRef("skill")}
    teaches = Offer.objects.filter(employee=employee, **skill)
    alone = Proficiency.objects.current().filter(employee=employee, level__gte=Level.ALONE, **skill)
    offered = OfferSkill.objects.filter(offer__host=employee, offer__active=True, **skill)
    booked = SessionSkill.objects.filter(
        session__host=employee,
        session__participations__employee=OuterRef("employee"),
        session__participations__state__in=_UPCOMING,
        **skill,
    )
    needs: Any = (
        Need.objects.filter(employee__active=True, skill__archived_at=None)
        .exclude(employee=employee)
        .annotate(
            teaches=Exists(teaches),
            offer=Coalesce(Subquery(offered.values("offer__public_id")[:1]), Value("")),
        )
        .filter(Q(teaches=True) | Exists(alone) | ~Q(offer=""))
        .filter(~Exists(booked))
        .select_related("skill", "employee")
        .order_by("-urgency", "since", "pk")[:_MOST_NEEDS]
    )
    found: dict[int, Wanted] = {}
    for need in needs:
        wanted = found.setdefault(
            need.skill_id,
            Wanted(need.skill, need.teaches, need.offer, urgency=need.get_urgency_display()),
        )
        wanted.people.append(need.employee)
    return list(found.values())


def offers_for(employee: Employee, *, at: datetime) -> list[tuple[ShadowingOffer, Start | None]]:
    """Three that could be booked, with their first free start.

    First what the employee wants to learn, the most urgent first, then their own team's, then
    what is new. Not what they have booked, and nothing of which they do all alone already."""
    skills = OfferSkill.objects.filter(offer=OuterRef("pk"))
    alone = Proficiency.objects.current().filter(employee=employee, level__gte=Level.ALONE)
    booked = Participation.objects.filter(
        employee=employee, seat=Seat.SHADOW, state__in=_UPCOMING, session__offer=OuterRef("pk")
    )
    offers: Any = ShadowingOffer.objects.open_to(employee).with_subject().with_wish_of(employee)
    offers = (
        offers.annotate(
            of_my_team=ExpressionWrapper(Q(host__team=employee.team_id or 0), BooleanField())
        )
        .filter(~Exists(booked))
        .filter(Q(wished__gt=0) | Exists(skills.exclude(skill__in=alone.values("skill"))))
        .order_by("-wished", "-of_my_team", "-created_at", "-pk")
    )
    return first_starts(list(offers[:3]), employee, at=at)
