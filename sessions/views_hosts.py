"""Who offers days: panels that other pages load."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.web.pages import page_or_fragment
from sessions.hosts import days_beside, teachers_of
from skills.days import business_day
from skills.models import Skill

FIRST_SHOWN, ALL_SHOWN = 8, 100


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
