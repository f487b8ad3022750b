"""An employee's home: what matters now, what comes next, who wants to learn what they know."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from peerlearn.web.pages import page_or_fragment
from sessions.home import SHOWN, compose, offers_for
from sessions.models import Suggestion


@require_GET
@allow(EVERYONE)
def home(request: OrganizationRequest) -> HttpResponse:
    context = {"here": "home", "home": compose(request.employee, at=now())}
    return render(request, "sessions/home.html", context)


@require_GET
@allow(EVERYONE)
def home_offers(request: OrganizationRequest) -> HttpResponse:
    at = now()
    suggested = Suggestion.objects.visible_to(request.employee).open_for(request.employee, at)
    context = {
        "here": "home",
        "offers": offers_for(request.employee, at=at),
        "suggested": suggested.select_related("by", "skill", "offer__host")[:SHOWN],
    }
    return page_or_fragment(request, "sessions/home_offers.html", context, fragment="panel")
