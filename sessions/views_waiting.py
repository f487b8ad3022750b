"""Joining and leaving the waiting list of an offer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from sessions import waiting
from sessions.models import ShadowingOffer
from sessions.refusals import Refused


def _offer_of(request: OrganizationRequest, public_id: str) -> ShadowingOffer:
    offers = ShadowingOffer.objects.visible_to(request.employee).select_related("host")
    found: ShadowingOffer = get_visible_or_404(offers, public_id)
    return found


def _to_offer(offer: ShadowingOffer) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("offer", kwargs={"public_id": offer.public_id}))


@require_POST
@allow(EVERYONE)
def waiting_join(request: OrganizationRequest, public_id: str) -> HttpResponse:
    offer = _offer_of(request, public_id)
    try:
        waiting.join(offer, request.employee, at=now())
        words = _("You are on the waiting list. As soon as a place is yours, you are told.")
        messages.success(request, words)
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return _to_offer(offer)


@require_POST
@allow(EVERYONE)
def waiting_leave(request: OrganizationRequest, public_id: str) -> HttpResponse:
    offer = _offer_of(request, public_id)
    waiting.leave(offer, request.employee, at=now())
    messages.success(request, _("You wait no more."))
    return _to_offer(offer)
