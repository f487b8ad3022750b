"""When somebody is there: the hours of their week, and the days that are different."""

from __future__ import annotations

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
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.posting import typed
from peerlearn.web.dates import day_range
from sessions.agenda import agenda
from sessions.availability import usual_week, without_a_day
from sessions.forms_hours import AvailabilityForm, WeekForm
from sessions.models import AvailabilityException, ShadowingOffer, WeeklyHours


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def availability(request: OrganizationRequest) -> HttpResponse:
    form = AvailabilityForm(
        typed(request), instance=AvailabilityException(employee=request.employee)
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
            when = day_range(days[0], days[-1], mine, at.astimezone(mine.zone).date())
            messages.warning(request, words % {"subject": one.session.subject, "days": when})


def _week_form(request: OrganizationRequest, *, posted: bool = False) -> WeekForm:
    own = WeeklyHours.objects.visible_to(request.employee).week()
    data = request.POST if posted else None
    return WeekForm(data, week=own or usual_week(request.employee), kept=bool(own))


def _page(request: OrganizationRequest, form: AvailabilityForm, week: WeekForm) -> HttpResponse:
    today = now().astimezone(request.employee.zone).date()
    exceptions = AvailabilityException.objects.visible_to(request.employee)
    open_offers = ShadowingOffer.objects.visible_to(request.employee).filter(
        host=request.employee, active=True
    )
    context = {
        "here": "shadowing",
        "form": form,
        "week": week,
        "coming": exceptions.filter(last_day__gte=today),
        "unfit": without_a_day(open_offers.with_subject(), week.before),
    }
    status = 422 if form.errors or week.errors else 200
    return render(request, "sessions/availability.html", context, status=status)


@require_POST
@allow(EVERYONE)
def availability_remove(request: OrganizationRequest, public_id: str) -> HttpResponse:
    own = AvailabilityException.objects.visible_to(request.employee)
    get_visible_or_404(own, public_id).delete()
    return HttpResponseRedirect(reverse("availability"))
