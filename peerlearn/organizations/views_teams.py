"""The tree of teams and a team's page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.forms_settings import TeamForm
from peerlearn.organizations.models import Employee, Team
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.tree import arrange
from peerlearn.web.pages import page_or_fragment, paginate, searched_for


def team_of(request: OrganizationRequest, public_id: str) -> Team:
    teams = Team.objects.visible_to(request.employee).select_related("parent")
    found: Team = get_visible_or_404(teams, public_id)
    return found


def _to(found: Team) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("team", kwargs={"public_id": found.public_id}))


@require_GET
@allow(EVERYONE)
def teams(request: OrganizationRequest) -> HttpResponse:
    everyone = Employee.objects.current()
    own = dict(everyone.values_list("team").annotate(number=Count("pk")).order_by())
    visible = Team.objects.visible_to(request.employee)
    branches = arrange(visible.current(), own)
    text = searched_for(request)
    named = [one for one in branches if text.casefold() in one.node.name.casefold()]
    context = {
        "here": "teams",
        "branches": branches,
        "text": text,
        "found": named if text else [],
        "without_team": own.get(None, 0),
        "archived": visible.exclude(archived_at=None) if request.employee.is_hr else [],
    }
    return page_or_fragment(request, "organizations/teams.html", context, fragment="list")


@require_GET
@allow(EVERYONE)
def team(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = team_of(request, public_id)
    people = Employee.objects.visible_to(request.employee).current()
    members = people.filter(team=found).select_related("manager")
    text = searched_for(request)
    context = {
        "here": "teams",
        "team": found,
        "text": text,
        "page": paginate(request, members.found(text, request.organization.alphabet)),
        "managers": people.who_lead(found),
        "parts": Team.objects.visible_to(request.employee).current().filter(parent=found),
    }
    return render(request, "organizations/team.html", context)


@require_http_methods(["GET", "POST"])
@allow(HR)
def team_add(request: OrganizationRequest) -> HttpResponse:
    form = TeamForm(typed(request), initial={"parent": request.GET.get("under")})
    made: list[Team] = []
    if attempt(form, lambda: made.append(Team.add(**form.cleaned_data))):
        messages.success(request, _("%(team)s is added.") % {"team": made[0].name})
        return _to(made[0])
    status = 422 if form.errors else 200
    context = {"here": "teams", "form": form}
    return render(request, "organizations/team_add.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(HR)
def team_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = team_of(request, public_id)
    form = TeamForm(typed(request), team=found)
    name = found.name
    if attempt(form, lambda: found.revise(**form.cleaned_data)):
        messages.success(request, _("%(team)s is kept as you typed.") % {"team": found.name})
        return _to(found)
    status = 422 if form.errors else 200
    context = {"here": "teams", "form": form, "team": found, "name": name}
    return render(request, "organizations/team_edit.html", context, status=status)


@require_POST
@allow(HR)
def team_archive(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = team_of(request, public_id)
    try:
        found.archive(at=now())
    except ValidationError as refused:
        form = TeamForm(team=found)
        context = {"here": "teams", "form": form, "team": found, "name": found.name}
        context["refused"] = refused.messages[0]
        return render(request, "organizations/team_edit.html", context, status=422)
    messages.success(request, _("%(team)s is archived.") % {"team": found.name})
    return HttpResponseRedirect(reverse("teams"))


@require_POST
@allow(HR)
def team_reopen(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = team_of(request, public_id)
    found.reopen(at=now())
    messages.success(request, _("%(team)s is back.") % {"team": found.name})
    return _to(found)
