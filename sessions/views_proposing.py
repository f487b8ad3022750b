"""Proposing fixed days to somebody: for whom, then which days; and taking it back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
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
from peerlearn.organizations.posting import typed
from sessions.choosing import booker_of, show_booker
from sessions.forms import ProposeForm
from sessions.limits import count_proposal
from sessions.models import Proposal, ShadowingOffer
from sessions.proposing import people_for, take_back
from sessions.proposing import propose as keep_for
from sessions.refusals import Refused

SHOWN = 20


def _offer_of(request: OrganizationRequest, public_id: str) -> ShadowingOffer:
    offers = ShadowingOffer.objects.visible_to(request.employee).with_subject()
    found: ShadowingOffer = get_visible_or_404(offers, public_id)
    return found


@require_GET
@allow(MANAGER, HR)
def propose_to(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """For whom? Who came last stands on top."""
    found = _offer_of(request, public_id)
    name = request.GET.get("name", "").replace("\x00", "").strip()[:200]
    people = people_for(found, request.employee).select_related("team")
    context = {
        "here": "shadowing",
        "offer": found,
        "name": name,
        "people": (people.found(name) if name else people.order_by("-hired_on", "pk"))[:SHOWN],
    }
    return render(request, "sessions/propose_to.html", context)


@require_http_methods(["GET", "POST"])
@allow(MANAGER, HR)
def propose(request: OrganizationRequest, public_id: str, learner: str) -> HttpResponse:
    """Which days? They are kept for the learner, who is told."""
    found = _offer_of(request, public_id)
    person: Employee = get_visible_or_404(people_for(found, request.employee), learner)
    form = ProposeForm(typed(request), learner=person.name)
    if request.method != "POST":
        return _choose(request, found, person, form)
    if not form.is_valid():
        return _choose(request, found, person, form, status=422)
    day, words = form.cleaned_data["start"], form.cleaned_data["words"]
    try:
        count_proposal(request.employee, person)
        keep_for(found, person, day, by=request.employee, words=words, at=now())
    except Refused as refusal:
        return _choose(request, found, person, form, refusal=refusal, day=day, status=409)
    messages.success(request, _("%(name)s is told, and confirms.") % {"name": person.name})
    return HttpResponseRedirect(reverse("requests"))


def _choose(
    request: OrganizationRequest,
    found: ShadowingOffer,
    person: Employee,
    form: ProposeForm,
    *,
    refusal: Refused | None = None,
    day: date | None = None,
    status: int = 200,
) -> HttpResponse:
    near = refusal.near(day) if refusal and day else day
    place = {"public_id": found.public_id, "learner": person.public_id}
    address = reverse("propose", kwargs=place)
    context: dict[str, Any] = {
        "here": "shadowing",
        "offer": found,
        "learner": person,
        "form": form,
        "refusal": refusal,
        "address": address,
        "action": address,
    }
    context["booker"] = booker_of(request, found, person, near, reader=request.employee)
    return show_booker(request, "sessions/propose.html", context, status=status)


@require_POST
@allow(MANAGER, HR)
def proposal_take_back(request: OrganizationRequest, public_id: str) -> HttpResponse:
    own = Proposal.objects.visible_to(request.employee).filter(by=request.employee)
    try:
        take_back(get_visible_or_404(own, public_id), by=request.employee, at=now())
        messages.success(request, _("Taken back. The days are free again."))
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return HttpResponseRedirect(reverse("requests"))
