"""What a colleague can, teaches and wants: a panel of their profile."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.web.pages import page_or_fragment
from skills.days import business_day
from skills.figures import answered_by, my_rows
from skills.models import Skill

FIRST_SHOWN = 12


@require_GET
@allow(EVERYONE)
def employee_skills(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """By name, for everybody who works here: the highest level first, wishes last."""
    people = Employee.objects.visible_to(request.employee)
    person: Employee = get_visible_or_404(people, public_id)
    skills = Skill.objects.visible_to(request.employee).current().filter(answered_by(person))
    rows = my_rows(skills, employee=person, today=business_day(request.organization))
    rows.sort(key=lambda row: -row.level)
    shown = len(rows) if request.GET.get("all") else FIRST_SHOWN
    context = {
        "here": "employees",
        "person": person,
        "is_me": person == request.employee,
        "rows": rows[:shown],
        "in_all": len(rows),
    }
    return page_or_fragment(request, "skills/employee_skills.html", context, fragment="panel")
