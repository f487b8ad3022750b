"""Who offers days: the list to choose from, and the panels that other pages load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee, Team
from peerlearn.web.pages import page_or_fragment, paginate
from sessions.hosts import days_beside, first_starts, teachers_of
from sessions.models import ShadowingOffer
from sessions.queries import OfferQuerySet
from skills.days import business_day
from skills.models import Skill

PER_PAGE = 20
FIRST_SHOWN, ALL_SHOWN = 8, 100


@require_GET
@allow(EVERYONE)
def shadowing(request: OrganizationRequest) -> HttpResponse:
    """What others offer; what the reader wants to learn comes first."""
    asked = Asked.of(request)
    visible = ShadowingOffer.objects.visible_to(request.employee)
    wanted: Any = asked.among(visible.open_to(request.employee)).with_wish_of(request.employee)
    offers = wanted.with_subject().order_by("-wished", "host__name", "pk")
    page = paginate(request, offers, per_page=PER_PAGE)
    own = visible.filter(active=True, host=request.employee)
    context = {
        "here": "shadowing",
        "page": page,
        "rows": first_starts(list(page), request.employee, at=now()),
        "own": [] if page or not asked else asked.among(own).with_subject()[:1],
        "text": asked.text,
        "skill": asked.skill,
        "team_id": asked.team_id,
        "teams": [] if asked.skill_id else Team.objects.current().filter(_hosts()).distinct(),
        "filtered": bool(asked),
    }
    return page_or_fragment(request, "sessions/shadowing.html", context, fragment="hosts")


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; comes with the address, so nothing is ever refused."""

    text: str
    skill_id: str
    team_id: str
    skill: Skill | None

    @classmethod
    def of(cls, request: OrganizationRequest) -> Asked:
        text, skill_id, team_id = (_typed(request, name) for name in ("q", "skill", "team"))
        skills = Skill.objects.visible_to(request.employee).filter(public_id=skill_id)
        return cls(text, skill_id, team_id, skills.first() if skill_id else None)

    def __bool__(self) -> bool:
        return bool(self.text or self.skill_id or self.team_id)

    def among(self, offers: OfferQuerySet) -> OfferQuerySet:
        if self.skill_id:
            offers = offers.filter(offer_skills__skill__public_id=self.skill_id)
        if self.team_id:
            offers = offers.filter(host__team__public_id=self.team_id)
        return offers.about(self.text) if self.text else offers


def _typed(request: OrganizationRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]


def _hosts() -> Q:
    """Of teams: those with somebody who offers days."""
    return Q(employees__shadowing_offers__active=True, employees__active=True)


@require_GET
@allow(EVERYONE)
def skill_hosts(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Who teaches a skill; its page loads this."""
    visible = Skill.objects.visible_to(request.employee).filter(merged_into=None)
    skill: Skill = get_visible_or_404(visible, public_id)
    shown = ALL_SHOWN if request.GET.get("all") else FIRST_SHOWN
    today = business_day(request.organization)
    teachers = teachers_of(skill, request.employee, on=today, at=now(), most=shown + 1)
    context = {
        "here": "skills",
        "skill": skill,
        "teachers": teachers[:shown],
        "goes_on": len(teachers) > shown and shown < ALL_SHOWN,
    }
    return page_or_fragment(request, "sessions/skill_hosts.html", context, fragment="panel")


@require_GET
@allow(EVERYONE)
def employee_offers(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """The days that one colleague offers; their profile loads this."""
    people = Employee.objects.visible_to(request.employee)
    person: Employee = get_visible_or_404(people, public_id)
    context = {
        "here": "employees",
        "person": person,
        "is_me": person == request.employee,
        "offers": days_beside(person, request.employee, at=now(), most=ALL_SHOWN),
    }
    return page_or_fragment(request, "sessions/employee_offers.html", context, fragment="panel")
