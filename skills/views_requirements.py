"""How many people of a team should be able to do a skill alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peerlearn.organizations.access import (
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee, Team
from skills.days import business_day
from skills.figures import for_team
from skills.forms import WantedForm
from skills.models import Requirement, Skill
from skills.views_catalogue import GET_OR_POST, may_edit, public_ids, typed

FOUND = 8


@require_http_methods(GET_OR_POST)
@allow(MANAGER, HR)
def requirements(request: OrganizationRequest, public_id: str) -> HttpResponse:
    team: Team = get_visible_or_404(Team.objects.visible_to(request.employee).current(), public_id)
    if not may_set(request.employee, team):
        raise PermissionDenied
    return _save(request, team) if request.method == "POST" else _page(request, team)


def may_set(employee: Employee, team: Team) -> bool:
    """HR, and whoever leads people of that team."""
    if employee.is_hr:
        return True
    return Employee.objects.below(employee).filter(team=team, active=True).exists()


def _page(
    request: OrganizationRequest, team: Team, forms: dict[str, WantedForm] | None = None
) -> HttpResponse:
    today = business_day(request.organization)
    added = _added(request)
    rows = _rows(team, added, today)
    text = typed(request)
    skills = {row["skill"].pk for row in rows}
    for row in rows:
        row["form"] = (forms or {}).get(row["skill"].public_id)
    found: Any = []
    if text:
        found = Skill.objects.current().looked_up(text)[0].exclude(pk__in=skills)[:FOUND]
    context = {
        "here": "teams",
        "team": team,
        "rows": rows,
        "added": added,
        "text": text,
        "found": found,
        "may_edit": may_edit(request),
        "wrong": [row for row in rows if row["form"] and row["form"].errors],
    }
    status = 422 if forms else 200
    return render(request, "skills/requirements.html", context, status=status)


def _added(request: OrganizationRequest) -> list[str]:
    """Public ids of skills that stand on the page without anything being wanted yet."""
    posted = request.POST.getlist("added") + request.POST.getlist("add")
    return public_ids(request.GET.getlist("add") + posted)


def _rows(team: Team, added: list[str], today: date) -> list[dict[str, Any]]:
    skills: Any = for_team(team, on=today, added=added)
    return [
        {
            "skill": skill,
            "alone": skill.alone,
            "wanted": skill.wanted,
            "missing": max(skill.wanted - skill.alone, 0),
        }
        for skill in skills
    ]


def _save(request: OrganizationRequest, team: Team) -> HttpResponse:
    today, added = business_day(request.organization), _added(request)
    forms = {}
    rows = _rows(team, added, today)
    for row in rows:
        skill = row["skill"]
        if f"{skill.public_id}-wanted" in request.POST:
            forms[skill.public_id] = WantedForm(request.POST, prefix=skill.public_id)
    if any(form.errors for form in forms.values()):
        return _page(request, team, forms)
    changed = 0
    for row in rows:
        form = forms.get(row["skill"].public_id)
        number = (form.cleaned_data["wanted"] or 0) if form else row["wanted"]
        if number != row["wanted"]:
            try:
                Requirement.want(team=team, skill=row["skill"], wanted=number, on=today)
                changed += 1
            except ValidationError as refused:
                messages.error(request, " ".join(refused.messages))
    if changed:
        messages.success(request, _("Saved. It holds from today."))
    query = [("add", one) for one in dict.fromkeys(added)]
    if text := request.POST.get("q", "").strip()[:200]:
        query.append(("q", text))
    address = reverse("requirements", kwargs={"public_id": team.public_id})
    return redirect(f"{address}{'?' + urlencode(query) if query else ''}")
