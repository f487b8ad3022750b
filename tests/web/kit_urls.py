"""The organization's routes, and a page that shows every component in every state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from peerlearn import urls_organization
from peerlearn.organizations.access import EVERYONE, HR, OrganizationRequest, allow
from peerlearn.web import charts
from peerlearn.web.pages import page_or_fragment
from tests.web.kit_form import KitForm

handler400 = urls_organization.handler400
handler403 = urls_organization.handler403
handler404 = urls_organization.handler404
handler500 = urls_organization.handler500

MONTHS = list("NDJFMAMJJASO")
SHARES = [41, 43, 38, 46, 49, 52, 50, 44, 47, 55, 58, 62]


def _context(request: OrganizationRequest) -> dict[str, Any]:
    return {
        "here": "kit",
        "form": KitForm(),
        "wrong": KitForm({"name": "Nils", "email": "nils@halden"}, prefix="wrong"),
        "spark": charts.spark(SHARES),
        "bars": charts.bars(SHARES, MONTHS, shown=["41%", *[""] * 10, "62%"], goal=60, highest=70),
        "steps": charts.steps(
            [("without", "bad", [1, 1, 1, 0, 0]), ("with shadowing", "", [1, 2, 3, 2, 2])],
            ["Nov", "Dec", "Jan", "Feb", "Mar"],
        ),
        "page": Paginator(range(120), 50).page(2),
    }


@require_GET
@allow(EVERYONE)
def kit(request: OrganizationRequest) -> HttpResponse:
    for level in (messages.SUCCESS, messages.WARNING, messages.ERROR, messages.INFO):
        messages.add_message(request, level, "Booked. Marta is told.")
    return render(request, "kit.html", _context(request))


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def searched(request: OrganizationRequest) -> HttpResponse:
    """A list that htmx fetches a part of; a post leads elsewhere, or is refused with 422."""
    if request.method == "POST":
        if not request.POST.get("q"):
            context = {"words": "Say what you look for"}
            return page_or_fragment(request, "search.html", context, fragment="found", status=422)
        messages.success(request, "Kept.")
        return HttpResponseRedirect("/o/halden-grid/kit/search/")
    context = {"words": f"Found: {request.GET.get('q', 'all')}"}
    return page_or_fragment(request, "search.html", context, fragment="found")


@require_GET
@allow(HR)
def for_hr(request: OrganizationRequest) -> HttpResponse:
    return HttpResponse("for HR")


@require_GET
@allow(EVERYONE)
def broken(request: OrganizationRequest) -> HttpResponse:
    raise RuntimeError("broken for the test")


@require_GET
@allow(EVERYONE)
def panels(request: OrganizationRequest) -> HttpResponse:
    return render(request, "panels.html")


urlpatterns = [
    *urls_organization.urlpatterns,
    path("kit/", kit, name="kit"),
    path("kit/search/", searched, name="kit_search"),
    path("kit/panels/", panels, name="kit_panels"),
    path("kit/hr/", for_hr, name="kit_hr"),
    path("kit/broken/", broken, name="kit_broken"),
]
