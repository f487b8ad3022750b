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
from peerlearn.web.pages import page_or_fragment
from sessions.hosts import teachers_of
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
