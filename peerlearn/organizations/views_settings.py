"""The organization's settings and cost bands, and the first steps of a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from peerlearn.clock import now
from peerlearn.organizations.access import (
    ADMIN,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.first_steps import Step, further_steps
from peerlearn.organizations.forms_settings import CostBandForm, OrganizationForm
from peerlearn.organizations.models import CostBand, Employee, Team
from peerlearn.organizations.posting import attempt, typed


def _to_settings() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("settings"))


@require_http_methods(["GET", "POST"])
@allow(ADMIN, HR)
def settings(request: OrganizationRequest) -> HttpResponse:
    may_change = request.employee.has_role(ADMIN)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = OrganizationForm(typed(request), organization=request.organization)
    if attempt(form, lambda: request.organization.keep(form.cleaned_data)):
        messages.success(request, _("The settings are kept."))
        return _to_settings()
    context = {
        "here": "settings",
        "form": form,
        "bands": CostBand.objects.all(),
        "may_change": may_change,
    }
    status = 422 if form.errors else 200
    return render(request, "organizations/settings.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(ADMIN)
def cost_band_add(request: OrganizationRequest) -> HttpResponse:
    form = CostBandForm(typed(request))
    if attempt(form, lambda: CostBand.objects.create(**form.cleaned_data)):
        messages.success(request, _("The band is added."))
        return _to_settings()
    status = 422 if form.errors else 200
    context = {"here": "settings", "form": form}
    return render(request, "organizations/cost_band.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(ADMIN)
def cost_band_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    band = get_visible_or_404(CostBand.objects.all(), public_id)
    form = CostBandForm(typed(request), band=band)
    name = band.name
    today = now().astimezone(request.organization.zone).date()
    if attempt(form, lambda: band.revise(**form.cleaned_data, on=today)):
        messages.success(request, _("The band is kept as you typed."))
        return _to_settings()
    status = 422 if form.errors else 200
    context = {"here": "settings", "form": form, "band": band, "name": name}
    return render(request, "organizations/cost_band.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(ADMIN)
def cost_band_remove(request: OrganizationRequest, public_id: str) -> HttpResponse:
    band = get_visible_or_404(CostBand.objects.all(), public_id)
    form = forms.Form(typed(request))
    if attempt(form, band.remove):
        messages.success(request, _("Band %(band)s is removed.") % {"band": band.name})
        return _to_settings()
    status = 422 if form.errors else 200
    context = {"here": "settings", "form": form, "band": band}
    return render(request, "organizations/cost_band_remove.html", context, status=status)


@require_GET
@allow(HR, ADMIN)
def start(request: OrganizationRequest) -> HttpResponse:
    steps = _first_steps(request.employee) + further_steps(request.employee)
    context = {
        "here": "home",
        "steps": steps,
        "all_done": all(step.done for step in steps),
        "next_step": next((step for step in steps if step.mine and not step.done), None),
    }
    return render(request, "organizations/start.html", context)


def _first_steps(me: Employee) -> tuple[Step, ...]:
    return (
        Step(
            _("Teams"),
            _("A tree: departments, and the teams in them."),
            Team.objects.current().exists(),
            me.is_hr,
            _("by HR"),
            "team_add",
            _("Add a team"),
        ),
        Step(
            _("People"),
            _("They sign in with a code by e-mail; no password is handed out."),
            Employee.objects.current().exclude(pk=me.pk).exists(),
            me.is_hr,
            _("by HR"),
            "employee_add",
            _("Add a person"),
        ),
        Step(
            _("Cost bands"),
            _("What an hour of work costs in full, for the value figures."),
            CostBand.objects.exists(),
            me.is_admin,
            _("by an admin"),
            "cost_band_add",
            _("Add a band"),
        ),
    )
