"""When somebody is there: the hours of their week, and the days that are different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.forms_holidays import PlaceForm
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.public_holidays import Closing
from peerlearn.web.dates import days_words
from sessions.agenda import agenda
from sessions.availability import without_a_day
from sessions.forms_hours import AvailabilityForm, WeekForm
from sessions.free_time import Hours, WorkingTime
from sessions.models import AvailabilityException, ShadowingOffer, ShiftWork, WeeklyHours
from sessions.working_times import WorkingTimes, usual_week

A_YEAR = timedelta(days=365)
HOLIDAYS_SHOWN, SHIFTS_SHOWN = 6, 14


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def availability(request: OrganizationRequest) -> HttpResponse:
    form = AvailabilityForm(
        typed(request),
        instance=AvailabilityException(employee=request.employee),
        in_shifts=ShiftWork.objects.filter(employee=request.employee).exists(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                absence = form.save()
        except IntegrityError:
            form.add_error(None, _("You have already said something about these days."))
        else:
            _warn_of_bookings(request, absence)
            return _saved(request)
    return _page(request, form, _week_form(request))


@require_POST
@allow(EVERYONE)
def availability_week(request: OrganizationRequest) -> HttpResponse:
    if "usual" in request.POST:
        WeeklyHours.keep(request.employee, {})
        return _saved(request)
    form = _week_form(request, posted=True)
    if not form.is_valid():
        return _page(request, AvailabilityForm(), form)
    WeeklyHours.keep(request.employee, form.week())
    return _saved(request)


def _saved(request: OrganizationRequest) -> HttpResponse:
    messages.success(request, _("Saved. Bookings that stand are not changed by it."))
    return HttpResponseRedirect(reverse("availability"))


def _warn_of_bookings(request: OrganizationRequest, absence: AvailabilityException) -> None:
    """What stands on days on which they are away is theirs to cancel."""
    mine, at = request.employee, now()
    words = _("You are booked on some of these days, and that stands: %(subject)s, %(days)s.")
    for one in agenda(mine, at=at):
        days = [block.starts_at.astimezone(mine.zone).date() for block in one.blocks]
        if not one.held and any(absence.first_day <= day <= absence.last_day for day in days):
            when = days_words(days, mine, at.astimezone(mine.zone).date())
            messages.warning(request, words % {"subject": one.session.subject, "days": when})


def _week_form(request: OrganizationRequest, *, posted: bool = False) -> WeekForm:
    return _week_of(request, request.employee, posted=posted)


def _week_of(request: OrganizationRequest, person: Employee, *, posted: bool) -> WeekForm:
    own = WeeklyHours.objects.filter(employee=person).week()
    data = request.POST if posted else None
    return WeekForm(data, week=own or usual_week(person), kept=bool(own))


def _page(request: OrganizationRequest, form: AvailabilityForm, week: WeekForm) -> HttpResponse:
    today = now().astimezone(request.employee.zone).date()
    times = _times(request.employee, today)
    working = times.of(request.employee)
    exceptions = AvailabilityException.objects.visible_to(request.employee)
    open_offers = ShadowingOffer.objects.visible_to(request.employee).filter(
        host=request.employee, active=True
    )
    context = {
        "here": "my_sessions",
        "form": form,
        "week": week,
        "coming": exceptions.filter(last_day__gte=today),
        "unfit": without_a_day(open_offers.with_subject(), working, today),
        "holidays": _holidays(times, request.employee, today),
        "shifts": coming_shifts(working, today),
        "action": reverse("availability_week"),
        "heading": _("My week"),
    }
    status = 422 if form.errors or week.errors else 200
    return render(request, "sessions/availability.html", context, status=status)


def _times(person: Employee, today: date) -> WorkingTimes:
    return WorkingTimes([person.pk], person.organization, first=today, last=today + A_YEAR)


def _holidays(times: WorkingTimes, person: Employee, today: date) -> list[tuple[date, Closing]]:
    """The next days on which everybody is off where they work."""
    return [one for one in times.closings(person).items() if one[0] >= today][:HOLIDAYS_SHOWN]


def coming_shifts(working: WorkingTime, today: date) -> list[tuple[date, Sequence[Hours]]]:
    """The days of the next two weeks, when they are in shifts on some of them."""
    days = [today + timedelta(days=i) for i in range(SHIFTS_SHOWN)]
    if not any(stint.covers(day) for stint in working.stints for day in days):
        return []
    return [(day, working.hours(day)) for day in days]


@require_POST
@allow(EVERYONE)
def availability_remove(request: OrganizationRequest, public_id: str) -> HttpResponse:
    own = AvailabilityException.objects.visible_to(request.employee)
    get_visible_or_404(own, public_id).delete()
    return HttpResponseRedirect(reverse("availability"))


# --- What HR keeps of somebody ----------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allow(HR)
def employee_hours(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = _person_of(request, public_id)
    form = _week_of(request, person, posted=request.method == "POST")
    usual = "usual" in request.POST
    if request.method == "POST" and (usual or form.is_valid()):
        WeeklyHours.keep(person, {} if usual else form.week())
        return _kept(request, person)
    return _person_page(request, person, form, _place_form(person))


@require_POST
@allow(HR)
def employee_place(request: OrganizationRequest, public_id: str) -> HttpResponse:
    person = _person_of(request, public_id)
    form = _place_form(person, request)
    if attempt(form, lambda: person.work_in(**form.cleaned_data)):
        return _kept(request, person)
    return _person_page(request, person, _week_of(request, person, posted=False), form)


def _person_of(request: OrganizationRequest, public_id: str) -> Employee:
    found: Employee = get_visible_or_404(Employee.objects.visible_to(request.employee), public_id)
    return found


def _place_form(person: Employee, request: OrganizationRequest | None = None) -> PlaceForm:
    return PlaceForm(
        typed(request) if request else None,
        nowhere=_("As the organization"),
        initial={"country": person.country, "region": person.region},
    )


def _kept(request: OrganizationRequest, person: Employee) -> HttpResponse:
    told = _("The working time of %(name)s is kept. Bookings that stand are not changed by it.")
    messages.success(request, told % {"name": person.name})
    return HttpResponseRedirect(reverse("employee_hours", kwargs={"public_id": person.public_id}))


def _person_page(
    request: OrganizationRequest, person: Employee, week: WeekForm, place: PlaceForm
) -> HttpResponse:
    today = now().astimezone(person.zone).date()
    times = _times(person, today)
    # What they said about single days is theirs alone.
    pattern = replace(times.of(person), exceptions={})
    context = {
        "here": "employees",
        "person": person,
        "week": week,
        "form": place,
        "holidays": _holidays(times, person, today),
        "shifts": coming_shifts(pattern, today),
        "action": reverse("employee_hours", kwargs={"public_id": person.public_id}),
        "heading": _("Hours by weekday"),
    }
    status = 422 if week.errors or place.errors else 200
    return render(request, "sessions/employee_hours.html", context, status=status)
