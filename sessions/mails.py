"""How the notifications of this app are told: templates/emails/booking_*.* and debrief_due.*.

Every link leads to the booking as it is when it is opened.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import organization_url
from sessions import notices
from sessions.choices import Seat, SessionState
from sessions.models import Block, Debrief, Participation


@renders(notices.BOOKED, _("A session is booked"))
def booking_booked(notification: Notification) -> dict[str, Any] | None:
    booking = _participation(notification)
    if booking is None or booking.state != SessionState.BOOKED:
        return None
    return _context(notification, booking)


@renders(notices.CANCELLED, _("A session is cancelled"))
def booking_cancelled(notification: Notification) -> dict[str, Any] | None:
    booking = _participation(notification)
    if booking is None or booking.state != SessionState.CANCELLED:
        return None
    session = booking.session
    called_off = session.state == SessionState.CANCELLED
    context = _context(notification, booking)
    context["by"] = session.cancelled_by if called_off else booking.employee
    context["reason"] = session.cancel_reason if called_off else ""
    return context


@renders(notices.TOMORROW, _("The day before a session"))
def booking_tomorrow(notification: Notification) -> dict[str, Any] | None:
    own = _participation(notification)
    if own is None or own.state != SessionState.BOOKED:
        return None
    context = _context(notification, own)
    context["first"] = context["blocks"][0]
    return context


@renders(notices.DEBRIEF_DUE, _("A debrief is due"))
def debrief_due(notification: Notification) -> dict[str, Any] | None:
    own = _participation(notification)
    if own is None or own.state not in (SessionState.BOOKED, SessionState.COMPLETED):
        return None
    if Debrief.objects.filter(participation=own).exists():
        return None
    context = _context(notification, own)
    context["link"] = organization_url(
        notification.organization, "debrief", public_id=own.session.public_id
    )
    return context


def _participation(notification: Notification) -> Participation | None:
    found: Participation | None = (
        Participation.objects.filter(pk=notification.subject_id)
        .select_related("session__host", "session__cancelled_by", "employee")
        .first()
    )
    return found


def _context(notification: Notification, participation: Participation) -> dict[str, Any]:
    session = participation.session
    recipient = notification.recipient
    return {
        "session": session,
        "learner": participation if participation.seat == Seat.SHADOW else None,
        "hosting": session.host_id == notification.recipient_id,
        "blocks": list(Block.objects.filter(session=session)),
        "zone": recipient.time_zone,
        "link": organization_url(notification.organization, "booking", public_id=session.public_id),
    }
