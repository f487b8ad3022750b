"""What HR and admins do with people: add, correct, let in, end access."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.organizations import hiring, inviting
from peerlearn.organizations.access import (
    ADMIN,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.ending import endings
from peerlearn.organizations.forms import EmployeeEditForm, EmployeeForm, RolesForm
from peerlearn.organizations.granting import grant
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.queries import normalized_email
from peerlearn.organizations.throttles import WELCOME, Try


def today_in(organization: Organization) -> date:
    return now().astimezone(organization.zone).date()


def person_of(request: OrganizationRequest, public_id: str) -> Employee:
    """The employee of that public id as far as the caller may see them."""
    people = Employee.objects.visible_to(request.employee)
    person: Employee = get_visible_or_404(
        people.select_related("team", "manager", "cost_band"), public_id
    )
    return person


def _refuse_many_mails(request: OrganizationRequest) -> None:
    """What HR types becomes the address of a mail: not of any number to anybody."""
    another = Try(request, WELCOME, str(request.organization.pk))
    if not another.count():
        why = _("Many people were added or got another e-mail, and each is sent a mail.")
        raise ValidationError(f"{why} {another.wait}", code="too_many_mails")


def _refuse_admins(person: Employee, request: OrganizationRequest) -> None:
    if person.is_admin and not request.employee.is_admin:
        raise PermissionDenied


def _to(person: Employee) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("employee", kwargs={"public_id": person.public_id}))


@require_http_methods(["GET", "POST"])
@allow(HR)
def employee_add(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    week = ("time_zone", "working_days", "day_starts", "day_ends")
    initial = {name: getattr(organization, name) for name in week}
    initial |= {"hired_on": today_in(organization), "team": request.GET.get("team")}
    form = EmployeeForm(typed(request), initial=initial)
    made: list[Employee] = []

    def save() -> None:
        _refuse_many_mails(request)
        made.append(hiring.hire(**form.cleaned_data))
        inviting.invite(made[0], by=request.employee, at=now())

    if attempt(form, save):
        told = _("%(name)s is added, and an invitation goes to %(email)s.")
        messages.success(request, told % {"name": made[0].name, "email": made[0].email})
        Notification.deliver(made[0], "welcome", subject_id=made[0].pk, due_at=now())
        return _to(made[0])
    context = {"here": "employees", "form": form}
    status = 422 if form.errors else 200
    return render(request, "organizations/employee_add.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(HR)
def employee_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = person_of(request, public_id)
    form = EmployeeEditForm(
        typed(request),
        employee=person,
        by=request.employee,
        today=today_in(request.organization),
    )
    name = person.name

    def save() -> None:
        if normalized_email(form.cleaned_data["email"]) != person.email:
            _refuse_many_mails(request)
        hiring.amend(person, by=request.employee, at=now(), **form.cleaned_data)

    if attempt(form, save):
        messages.success(request, _("%(name)s is kept as you typed.") % {"name": person.name})
        return _to(person)
    context = {"here": "employees", "form": form, "person": person, "name": name}
    status = 422 if form.errors else 200
    return render(request, "organizations/employee_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(ADMIN)
def employee_roles(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = person_of(request, public_id)
    initial = {"is_hr": person.is_hr, "is_admin": person.is_admin}
    form = RolesForm(typed(request), initial=initial)

    def save() -> None:
        grant(person, by=request.employee, at=now(), **form.cleaned_data)

    if attempt(form, save):
        messages.success(request, _("The roles of %(name)s are kept.") % {"name": person.name})
        return _to(person)
    context = {"here": "employees", "form": form, "person": person}
    status = 422 if form.errors else 200
    return render(request, "organizations/employee_roles.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(HR)
def employee_deactivate(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = person_of(request, public_id)
    _refuse_admins(person, request)
    form = forms.Form(typed(request))
    if attempt(form, lambda: person.deactivate(at=now(), by=request.employee)):
        told = _("%(name)s has no access any more.")
        messages.success(request, told % {"name": person.name})
        return _to(person)
    reports = Employee.objects.current().filter(manager=person).count()
    context = {
        "here": "employees",
        "form": form,
        "person": person,
        "reports": reports,
        "ends": [line for one in endings() for line in one.foretell(person, at=now())],
    }
    status = 422 if form.errors else 200
    return render(request, "organizations/employee_deactivate.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(HR)
def employee_reactivate(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = person_of(request, public_id)
    _refuse_admins(person, request)  # they would come back with the role
    if request.method == "POST":
        person.reactivate(at=now())
        messages.success(request, _("%(name)s may sign in again.") % {"name": person.name})
        return _to(person)
    context = {"here": "employees", "person": person}
    return render(request, "organizations/employee_reactivate.html", context)
