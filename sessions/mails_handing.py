"""How it is told that a host cannot go on, and what becomes of the days. As `mails.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import organization_url
from sessions import notices
from sessions.choices import Answer, BlockState, Outcome, Seat, SessionState
from sessions.holding import next_starts
from sessions.mails import context_of, participation_of, who_else
from sessions.models import Block, HandOver, HandOverRequest, LearningSession, Participation
from sessions.starts import Start


@renders(notices.HOST_OUT, _("A host cannot go on"))
def host_out(notification: Notification) -> dict[str, Any] | None:
    """To the learner, as long as it is open, or when days fell away at once."""
    booking = participation_of(notification)
    if booking is None:
        return None
    hand_over = HandOver.objects.open().filter(session=booking.session).first()
    context = context_of(notification, booking)
    if hand_over is None:
        falls = [one for one in context["blocks"] if one.state == BlockState.CANCELLED]
        if not falls or booking.state == SessionState.OPEN:
            return None
        return context | {"blocks": falls, "open": False, "reason": ""}
    return context | {"open": True, "reason": hand_over.reason, "until": booking.session.starts_at}


@renders(notices.HOST_BACK, _("The host goes on after all"))
def host_back(notification: Notification) -> dict[str, Any] | None:
    own = participation_of(notification)
    if own is None or own.state != SessionState.BOOKED:
        return None
    return context_of(notification, own)


@renders(notices.HAND_OVER_ASKED, _("You are asked to take over"))
def hand_over_asked(notification: Notification) -> dict[str, Any] | None:
    request = _request(notification)
    if request is None or not request.is_open(now()):
        return None
    return _about(notification, request)


@renders(notices.HAND_OVER_ANSWERED, _("Nobody took over yet"))
def hand_over_answered(notification: Notification) -> dict[str, Any] | None:
    """To who asked, until it is settled."""
    request = _request(notification)
    if request is None or request.hand_over.outcome != Outcome.OPEN:
        return None
    if request.answer not in (Answer.DECLINED, Answer.RUN_OUT, Answer.ENDED):
        return None
    place = {"public_id": request.hand_over.session.public_id}
    context = _about(notification, request)
    context["link"] = organization_url(notification.organization, "hand_over", **place)
    return context | {"declined": request.answer != Answer.RUN_OUT}


@renders(notices.HOST_CHANGED, _("Another host takes over"))
def host_changed(notification: Notification) -> dict[str, Any] | None:
    request = _request(notification)
    if request is None or request.answer != Answer.ACCEPTED:
        return None
    session = request.hand_over.session
    place = {"public_id": session.public_id}
    context = _about(notification, request)
    context["link"] = organization_url(notification.organization, "booking", **place)
    context["hosting"] = request.host_id == notification.recipient_id
    context["learning"] = notification.recipient.name in context["learners"]
    return context


@renders(notices.REST_MOVED, _("The rest is moved"))
def rest_moved(notification: Notification) -> dict[str, Any] | None:
    own = participation_of(notification)
    if own is None or own.state != SessionState.BOOKED:
        return None
    return context_of(notification, own)


@renders(notices.REST_ENDED, _("The rest does not take place"))
def rest_ended(notification: Notification) -> dict[str, Any] | None:
    """With the next two free starts of the same offer, or who else teaches it."""
    own = participation_of(notification)
    if own is None or own.state != SessionState.CANCELLED:
        return None
    context = context_of(notification, own)
    context["starts"] = starts_instead(own)
    _skill, context["others"] = who_else(own.session, own.employee)
    return context


def starts_instead(own: Participation) -> list[Start]:
    """When a learner could begin anew; none when nothing can be booked by that offer."""
    offer, session = own.session.offer, own.session
    if offer is None or own.seat != Seat.SHADOW or not (offer.active and session.host.active):
        return []
    offer.host = session.host
    after = session.ends_at.astimezone(offer.zone).date() + timedelta(days=1)
    return next_starts(offer, own.employee, at=now(), after=after)


def _request(notification: Notification) -> HandOverRequest | None:
    rows = HandOverRequest.objects.filter(pk=notification.subject_id)
    found: HandOverRequest | None = rows.select_related(
        "host", "asked_by", "hand_over__session__host", "hand_over__host"
    ).first()
    return found


def _about(notification: Notification, request: HandOverRequest) -> dict[str, Any]:
    session: LearningSession = request.hand_over.session
    planned = Block.objects.filter(session=session).exclude(state=BlockState.CANCELLED)
    there = Participation.objects.learners().who_stand().filter(session=session)
    return {
        "request": request,
        "session": session,
        "before": request.hand_over.host,
        "learners": list(there.order_by("pk").values_list("employee__name", flat=True)),
        "blocks": list(planned.order_by("number")),
        "zone": notification.recipient.time_zone,
        "link": organization_url(
            notification.organization, "hand_over_answer", public_id=request.public_id
        ),
    }
