"""Shift patterns: HR and managers make them, see four weeks of them, and put people on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.queries import EmployeeQuerySet
from sessions.forms_shifts import PatternForm, ShiftWorkForm
from sessions.models import ShiftPattern, ShiftWork
from sessions.rotations import Shift, Stint

FOUR_WEEKS = 28


@dataclass(frozen=True)
class Line:
    """Four weeks of a rotation: of one person, or of whoever begins it on the first day."""

    days: list[tuple[date, Shift | None]]
    work: ShiftWork | None = None


def _line(stint: Stint, days: Iterable[date], work: ShiftWork | None = None) -> Line:
    rotation, anchor = stint.rotation, stint.anchor
    return Line(
        [(day, rotation.on(day, anchor) if stint.covers(day) else None) for day in days], work
    )


def _four_weeks(today: date) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(days=i) for i in range(FOUR_WEEKS)]


def _today(request: OrganizationRequest) -> date:
    return now().astimezone(request.organization.zone).date()


def _pattern(request: OrganizationRequest, public_id: str) -> ShiftPattern:
    patterns = ShiftPattern.objects.visible_to(request.employee)
    found: ShiftPattern = get_visible_or_404(patterns, public_id)
    return found


def _to(pattern: ShiftPattern) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("shift_pattern", kwargs={"public_id": pattern.public_id}))


@require_GET
@allow(HR, MANAGER)
def shift_patterns(request: OrganizationRequest) -> HttpResponse:
    today = _today(request)
    now_on = Q(work__employee__active=True, work__first_day__lte=today) & (
        Q(work__last_day=None) | Q(work__last_day__gte=today)
    )
    patterns = ShiftPattern.objects.visible_to(request.employee)
    context = {
        "here": "shifts",
        "patterns": patterns.annotate(people=Count("work", filter=now_on)).order_by("name"),
    }
    return render(request, "sessions/shift_patterns.html", context)


@require_http_methods(["GET", "POST"])
@allow(HR, MANAGER)
def shift_pattern_add(request: OrganizationRequest) -> HttpResponse:
    form = PatternForm(typed(request))
    made: list[ShiftPattern] = []
    if _wants_to_save(request) and attempt(
        form, lambda: made.append(ShiftPattern.add(**form.chosen()))
    ):
        messages.success(request, _("The pattern is kept. Now put people on it."))
        return _to(made[0])
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@allow(HR)
def shift_pattern_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    pattern = _pattern(request, public_id)
    form = PatternForm(typed(request), pattern=pattern)
    name = pattern.name
    if _wants_to_save(request) and attempt(form, lambda: pattern.revise(**form.chosen())):
        messages.success(request, _("Kept. Bookings that stand are not changed by it."))
        return _to(pattern)
    return _form_page(request, form, pattern=pattern, name=name)


def _wants_to_save(request: OrganizationRequest) -> bool:
    return request.method == "POST" and "preview" not in request.POST


def _form_page(request: OrganizationRequest, form: PatternForm, **context: Any) -> HttpResponse:
    """With four weeks of what was typed, when it makes sense."""
    context |= {"here": "shifts", "form": form}
    if form.is_bound and form.is_valid():
        days = _four_weeks(_today(request))
        stint = Stint(form.rotation(), anchor=days[0], first=days[0])
        context |= {"days": days, "lines": [_line(stint, days)], "shifts": form.shifts}
    status = 422 if form.errors else 200
    return render(request, "sessions/shift_form.html", context, status=status)


@require_GET
@allow(HR, MANAGER)
def shift_pattern(request: OrganizationRequest, public_id: str) -> HttpResponse:
    pattern = _pattern(request, public_id)
    today = _today(request)
    form = ShiftWorkForm(
        people=_people(request), initial={"anchor": _four_weeks(today)[7], "first_day": today}
    )
    return _show(request, pattern, form)


@require_POST
@allow(HR, MANAGER)
def shift_work_add(request: OrganizationRequest, public_id: str) -> HttpResponse:
    pattern = _pattern(request, public_id)
    form = ShiftWorkForm(request.POST, people=_people(request))

    def save() -> None:
        asked = form.cleaned_data
        ShiftWork.begin(asked.pop("employee"), pattern, **asked)

    if attempt(form, save):
        messages.success(request, _("They are on it. Bookings that stand are not changed by it."))
        return _to(pattern)
    return _show(request, pattern, form)


@require_POST
@allow(HR, MANAGER)
def shift_work_end(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Whoever may see it and leads them, or is HR."""
    rows = ShiftWork.objects.visible_to(request.employee).filter(employee__in=_people(request))
    work: ShiftWork = get_visible_or_404(rows.select_related("pattern", "employee"), public_id)
    work.end(on=_today(request))
    messages.success(request, _("%(name)s is off it.") % {"name": work.employee.name})
    return _to(work.pattern)


@require_http_methods(["GET", "POST"])
@allow(HR)
def shift_pattern_remove(request: OrganizationRequest, public_id: str) -> HttpResponse:
    pattern = _pattern(request, public_id)
    form = forms.Form(typed(request))
    if attempt(form, pattern.remove):
        messages.success(request, _("“%(name)s” is removed.") % {"name": pattern.name})
        return HttpResponseRedirect(reverse("shift_patterns"))
    context = {"here": "shifts", "form": form, "pattern": pattern}
    status = 422 if form.errors else 200
    return render(request, "sessions/shift_remove.html", context, status=status)


def _people(request: OrganizationRequest) -> EmployeeQuerySet:
    """HR puts anybody on a pattern, a manager those who report to them, directly or below."""
    me = request.employee
    people = Employee.objects.current()
    return people if me.is_hr else people.filter(pk__in=Employee.objects.below(me).values("pk"))


def _show(request: OrganizationRequest, pattern: ShiftPattern, form: ShiftWorkForm) -> HttpResponse:
    days = _four_weeks(_today(request))
    rows = (
        ShiftWork.objects.visible_to(request.employee)
        .filter(pattern=pattern, employee__active=True)
        .exclude(last_day__lt=days[0])
        .select_related("employee")
        .order_by("employee__name", "first_day")
    )
    rotation = pattern.rotation
    lines = [
        _line(Stint(rotation, row.anchor, row.first_day, row.last_day), days, row) for row in rows
    ]
    context = {
        "here": "shifts",
        "pattern": pattern,
        "form": form,
        "days": days,
        "lines": lines,
        "alone": [_line(Stint(rotation, days[0], days[0]), days)],
        "shifts": rotation.shifts,
        "me": request.employee.pk,
    }
    status = 422 if form.errors else 200
    return render(request, "sessions/shift_pattern.html", context, status=status)
