"""Choosing days one by one, where an offer lets them lie apart."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from sessions.choices import Seat
from sessions.choosing import choose, choose_to_move
from sessions.picker import picked
from sessions.views_booking import offer_of, to_booking
from sessions.views_moving import own_booking


def _days(request: OrganizationRequest) -> list[date]:
    """Those of the address, and the one that was just pressed. It has a name of its own: htmx lets
    a pressed button stand for every field of its form that is named as it is."""
    return picked([*request.GET.getlist("day"), *request.GET.getlist("press")])


@require_GET
@allow(EVERYONE)
def offer_days(request: OrganizationRequest, public_id: str) -> HttpResponse:
    return choose(request, offer_of(request, public_id), _days(request))


@require_GET
@allow(EVERYONE)
def booking_move_days(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session, mine, there = own_booking(request, public_id)
    if mine.seat == Seat.HOST or not mine.may_move(now()):
        return to_booking(session)
    return choose_to_move(request, mine, there, _days(request))
