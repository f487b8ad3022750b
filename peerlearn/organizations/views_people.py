"""The directory, a person's page, and what each person keeps about themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.forms import DirectoryForm, MyWeekForm
from peerlearn.organizations.models import (
    Assignment,
    EmailChange,
    Employee,
    Invitation,
    RoleChange,
)
from peerlearn.organizations.models.invitations import DELIVERED_WITHIN, InvitationState
from peerlearn.organizations.posting import attempt, came_from, typed
from peerlearn.web.pages import page_or_fragment, paginate

REPORTS_SHOWN = 30
CHANGES_SHOWN = 20


@require_GET
@allow(EVERYONE)
def employees(request: OrganizationRequest) -> HttpResponse:
    form = DirectoryForm(request.GET, viewer=request.employee)
    page = paginate(request, form.results())
    asked = any(request.GET.get(name) for name in ("q", "team", "left"))
    context = {
        "here": "employees",
        "form": form,
        "page": page,
        "asked": asked,
        "teams": form.teams_to_choose(),
    }
    return page_or_fragment(request, "organizations/employees.html", context, fragment="list")


@require_GET
@allow(EVERYONE)
def employee(request: OrganizationRequest, public_id: str) -> HttpResponse:
    people = Employee.objects.visible_to(request.employee)
    person = get_visible_or_404(people.select_related("team", "manager", "membership"), public_id)
    viewer = request.employee
    reports = people.filter(manager=person, active=True)
    context = {
        "here": "employees",
        "person": person,
        "at": now(),
        "is_me": person == viewer,
        "reports": reports[: REPORTS_SHOWN + 1],
        "reports_shown": REPORTS_SHOWN,
        "sees_leaving": person.leaving_on and (viewer.is_hr or viewer.leads(person)),
        "history": _history(person) if viewer.is_hr else None,
        "email_changes": _changes(EmailChange, person, viewer),
        "role_changes": _changes(RoleChange, person, viewer),
        "never_here": person.active and person.membership and not person.membership.entered_at,
        "invitations": _invitations(person, viewer),
        "overdue": now() - DELIVERED_WITHIN,
    }
    return render(request, "organizations/employee.html", context)


def _history(person: Employee) -> list[Assignment]:
    places = Assignment.objects.filter(employee=person).select_related(
        "team", "manager", "cost_band"
    )
    return list(places.order_by("-valid_from"))


def _changes(
    kind: type[EmailChange | RoleChange], person: Employee, viewer: Employee
) -> list[EmailChange | RoleChange]:
    """Seen by HR, by admins and by the person."""
    if not (viewer.is_hr or viewer.is_admin or viewer == person):
        return []
    changes = kind.objects.filter(employee=person).select_related("by")
    return list(changes[:CHANGES_SHOWN])


def _invitations(person: Employee, viewer: Employee) -> list[tuple[Invitation, InvitationState]]:
    """The newest first, with what became of each."""
    at = now()
    rows = Invitation.objects.visible_to(viewer).filter(employee=person)
    found = list(rows.select_related("employee__membership", "by")[:CHANGES_SHOWN])
    return [(row, row.state(at)) for row in found]


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def my_profile(request: OrganizationRequest) -> HttpResponse:
    me = request.employee
    initial = {name: getattr(me, name) for name in MyWeekForm.base_fields}
    form = MyWeekForm(typed(request), initial=initial)
    if attempt(form, lambda: me.keep(**form.cleaned_data)):
        with translation.override(me.language or translation.get_language()):
            messages.success(request, _("Kept. Times are shown like this from now on."))
        return HttpResponseRedirect(came_from(request) or reverse("my_profile"))
    status = 422 if form.errors else 200
    context = {"here": "my_profile", "form": form, "at": now()}
    return render(request, "organizations/my_profile.html", context, status=status)
