"""The pages on which days are chosen: in a row, or one by one; to be booked, or moved to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from peerlearn.clock import now
from peerlearn.organizations.access import OrganizationRequest
from peerlearn.organizations.models import Employee
from peerlearn.web.pages import page_or_fragment
from sessions.booker import Booker
from sessions.models import Participation, ShadowingOffer
from sessions.picker import Picker
from sessions.refusals import Refused
from sessions.starts import Moving


# --- In a row ----------------------------------------------------------------------------------
def booker_of(
    request: OrganizationRequest,
    offer: ShadowingOffer,
    learner: Employee,
    near: date | None = None,
    **more: Any,
) -> Booker:
    """Of the month that is asked for, or that of the day `near`."""
    month = f"{near:%Y-%m}" if near else request.GET.get("month")
    start = request.GET.get("start")
    return Booker(offer, learner, month=month, start=start, at=now(), **more)


def show_booker(
    request: OrganizationRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page, or the `booker` in it alone, where a chosen day's heading gets the focus and
    a month that was turned is said."""
    response = page_or_fragment(request, template, context, fragment="booker", status=status)
    if request.htmx and "start" not in request.GET:
        response["HX-Trigger"] = context["booker"].announcement()
    return response


# --- One by one --------------------------------------------------------------------------------
def choose(
    request: OrganizationRequest,
    offer: ShadowingOffer,
    days: Sequence[date],
    *,
    goal: str = "",
    refusal: Refused | None = None,
) -> HttpResponse:
    """The days of an offer that are chosen, and those that can be."""
    back = reverse("offer", kwargs={"public_id": offer.public_id})
    if offer.within_days is None:
        return HttpResponseRedirect(back)
    context = {
        "back": back,
        "address": reverse("offer_days", kwargs={"public_id": offer.public_id}),
        "action": reverse("hold", kwargs={"public_id": offer.public_id}),
        "mine": offer.host_id == request.employee.pk or not offer.active,
        "goal": goal,
    }
    return _page(request, offer, days, None, refusal, context)


def choose_to_move(
    request: OrganizationRequest,
    mine: Participation,
    there: list[Participation],
    days: Sequence[date],
    *,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The same of a booking that is to go to other days."""
    session, offer = mine.session, mine.session.offer
    if offer is None or offer.within_days is None:
        raise Http404
    back = reverse("booking_move", kwargs={"public_id": session.public_id})
    context = {
        "back": back,
        "address": reverse("booking_move_days", kwargs={"public_id": session.public_id}),
        "action": back,
        "moving": True,
    }
    return _page(request, offer, days, Moving.of(mine, there), refusal, context)


def _page(
    request: OrganizationRequest,
    offer: ShadowingOffer,
    days: Sequence[date],
    moving: Moving | None,
    refusal: Refused | None,
    context: dict[str, Any],
) -> HttpResponse:
    month = request.GET.get("month")
    booker = Picker(offer, request.employee, month=month, asked=days, moving=moving, at=now())
    context |= {"here": "shadowing", "offer": offer, "booker": booker, "refusal": refusal}
    status = 409 if refusal else 200
    return page_or_fragment(
        request, "sessions/days.html", context, fragment="booker", status=status
    )
