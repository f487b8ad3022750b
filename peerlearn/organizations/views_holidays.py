"""Public holidays where people work, and the days off of the organization's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    ADMIN,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.forms_holidays import (
    CompanyDayForm,
    PlaceForm,
    SwitchForm,
    country_name,
    place_name,
)
from peerlearn.organizations.models import CompanyDay, Employee
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.public_holidays import public_holidays


@dataclass(frozen=True)
class Line:
    """A day of the page: a public holiday, or one of the organization's own."""

    day: date
    name: str
    worked: bool = False
    own: CompanyDay | None = None

    @property
    def free_from(self) -> time | None:
        return self.own.free_from if self.own else None


@dataclass(frozen=True)
class Somewhere:
    """A place in which people work."""

    country: str
    region: str
    people: int = 0

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def name(self) -> str:
        return place_name(self.country, self.region)

    @property
    def address(self) -> str:
        asked = QueryDict(mutable=True)
        asked.update({"country": self.country, "region": self.region})
        return f"{reverse('holidays')}?{asked.urlencode()}"


def _to(place: Somewhere) -> HttpResponseRedirect:
    return HttpResponseRedirect(place.address)


@require_http_methods(["GET", "POST"])
@allow(HR, ADMIN)
def holidays(request: OrganizationRequest) -> HttpResponse:
    here = request.organization
    form = PlaceForm(
        typed(request),
        nowhere=_("None yet"),
        initial={"country": here.country, "region": here.region},
    )
    if attempt(form, lambda: here.settle_in(**form.cleaned_data)):
        told = _("Kept. Bookings that stand are not changed by it.")
        if here.country and not here.region and _differs(here.country):
            told = _("Kept. Choose the region, too: holidays of this country differ by region.")
        messages.success(request, told)
        return HttpResponseRedirect(reverse("holidays"))
    return _page(request, form, _day_form(request))


def _differs(country: str) -> bool:
    return PlaceForm({"country": country}, nowhere="").has_regions


@require_POST
@allow(HR, ADMIN)
def company_day_add(request: OrganizationRequest) -> HttpResponse:
    form = _day_form(request, posted=True)
    if attempt(form, lambda: CompanyDay.rest(**form.cleaned_data)):
        messages.success(request, _("Added. Bookings that stand are not changed by it."))
        return HttpResponseRedirect(reverse("holidays"))
    here = request.organization
    initial = {"country": here.country, "region": here.region}
    return _page(request, PlaceForm(nowhere=_("None yet"), initial=initial), form)


@require_POST
@allow(HR, ADMIN)
def company_day_remove(request: OrganizationRequest, public_id: str) -> HttpResponse:
    day = get_visible_or_404(CompanyDay.objects.visible_to(request.employee), public_id)
    day.delete()
    messages.success(request, _("“%(name)s” is removed.") % {"name": day.name})
    return HttpResponseRedirect(reverse("holidays"))


@require_POST
@allow(HR, ADMIN)
def holiday_switch(request: OrganizationRequest) -> HttpResponse:
    form = SwitchForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("That day is no public holiday there."))
        return HttpResponseRedirect(reverse("holidays"))
    asked = form.cleaned_data
    switch = CompanyDay.work if asked["worked"] else CompanyDay.keep_free
    switch(day=asked["day"], country=asked["country"])
    return _to(Somewhere(asked["country"], asked["region"]))


def _day_form(request: OrganizationRequest, *, posted: bool = False) -> CompanyDayForm:
    countries = sorted({one.country for one in _places(request)})
    return CompanyDayForm(
        request.POST if posted else None, places=countries if len(countries) > 1 else []
    )


def _page(request: OrganizationRequest, form: PlaceForm, day_form: CompanyDayForm) -> HttpResponse:
    places = _places(request)
    asked = request.GET.get("country", ""), request.GET.get("region", "")
    shown = next((one for one in places if (one.country, one.region) == asked), None)
    shown = shown or (places[0] if places else None)
    context = {
        "here": "settings",
        "form": form,
        "day_form": day_form,
        "places": places,
        "shown": shown,
        "years": _years(request, shown),
    }
    status = 422 if form.errors or day_form.errors else 200
    return render(request, "organizations/holidays.html", context, status=status)


def _places(request: OrganizationRequest) -> list[Somewhere]:
    """Where people work: the organization's own place first, then others by how many."""
    here = request.organization
    own = [Somewhere(here.country, here.region)] if here.country else []
    rows = (
        Employee.objects.current()
        .exclude(country="")
        .order_by()
        .values_list("country", "region")
        .annotate(people=Count("pk"))
    )
    others = sorted((Somewhere(*row) for row in rows), key=lambda one: -one.people)
    mine = (here.country, here.region)
    return own + [one for one in others if (one.country, one.region) != mine]


def _years(
    request: OrganizationRequest, shown: Somewhere | None
) -> list[tuple[int, list[Line], list[Line]]]:
    """The days of this year and of the next, in order: those to come, and those that are over."""
    today = now().astimezone(request.organization.zone).date()
    years = today.year, today.year + 1
    rows = CompanyDay.objects.filter(day__year__in=years)
    own = [row for row in rows if not shown or row.country in ("", shown.country)]
    found = [(year, _lines(shown, own, year)) for year in years]
    return [
        (
            year,
            [line for line in lines if line.day >= today],
            [line for line in lines if line.day < today],
        )
        for year, lines in found
    ]


def _lines(shown: Somewhere | None, own: list[CompanyDay], year: int) -> list[Line]:
    worked = {row.day for row in own if not row.name}
    lines = [Line(row.day, row.name, own=row) for row in own if row.name and row.day.year == year]
    place = shown or Somewhere("", "")
    named = public_holidays(place.country, place.region, year, get_language() or "en")
    for day, name in named.items():
        lines.append(Line(day, name, worked=day in worked))
    return sorted(lines, key=lambda line: line.day)
