"""How the notifications of this app are told: templates/emails/ has three files for each kind.

Every link leads to the booking as it is when it is opened.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import organization_url
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.choices import Answer, BlockState, Decision, Seat, SessionState
from sessions.models import (
    Block,
    Debrief,
    LearningSession,
    NoShow,
    Participation,
    Proposal,
    ProposedLevel,
    Request,
    ShadowingOffer,
    Suggestion,
)
from skills.models import Skill


@renders(notices.BOOKED, _("A session is booked"))
def booking_booked(notification: Notification) -> dict[str, Any] | None:
    booking = participation_of(notification)
    if booking is None or booking.state != SessionState.BOOKED:
        return None
    return context_of(notification, booking)


@renders(notices.CANCELLED, _("A session is cancelled"))
def booking_cancelled(notification: Notification) -> dict[str, Any] | None:
    booking = participation_of(notification)
    if booking is None or booking.state != SessionState.CANCELLED:
        return None
    session = booking.session
    called_off = session.state == SessionState.CANCELLED
    context = context_of(notification, booking)
    context["by"] = session.cancelled_by if called_off else booking.employee
    context["reason"] = session.cancel_reason if called_off else booking.cancel_reason
    context["still_come"] = () if called_off else _still_come(session)
    return context


def _still_come(session: LearningSession) -> list[str]:
    """The learners of a group who are left when one has given up their place."""
    booked = Participation.objects.learners().filter(session=session, state=SessionState.BOOKED)
    return list(booked.order_by("pk").values_list("employee__name", flat=True))


@renders(notices.MOVED, _("A booking is moved"))
def booking_moved(notification: Notification) -> dict[str, Any] | None:
    """To host or learner, as long as nothing newer is to be told of it."""
    trace = participation_of(notification)
    booking = trace and trace.moves
    if not trace or not booking or booking.state != SessionState.BOOKED:
        return None
    if Participation.objects.filter(moves=booking, state=SessionState.MOVED, pk__gt=trace.pk):
        return None
    context = context_of(notification, booking)
    context["old_blocks"] = list(Block.objects.filter(session=trace.session))
    context["by"], context["reason"] = trace.moved_by, trace.cancel_reason
    context["mine"] = trace.moved_by_id == notification.recipient_id
    return context


@renders(notices.DECLINED, _("A booking is declined"))
def booking_declined(notification: Notification) -> dict[str, Any] | None:
    """To the learner, with who else teaches it."""
    booking = participation_of(notification)
    if booking is None or booking.state != SessionState.DECLINED:
        return None
    context = context_of(notification, booking)
    context["reason"] = booking.cancel_reason
    _skill, context["others"] = who_else(booking.session, booking.employee)
    return context


@renders(notices.PLACE_FREE, _("A place is free for you"))
def place_free(notification: Notification) -> dict[str, Any] | None:
    """As long as it is held for them."""
    held = participation_of(notification)
    if held is None or not held.is_held(now()):
        return None
    return context_of(notification, held) | {"until": held.held_until}


@renders(notices.APPROVAL_ASKED, _("A request waits for your approval"))
def approval_asked(notification: Notification) -> dict[str, Any] | None:
    """As long as it can be answered."""
    request = Request.objects.open(now()).with_days().filter(pk=notification.subject_id).first()
    if request is None:
        return None
    context = context_of(notification, request.participation)
    link = organization_url(notification.organization, "request", public_id=request.public_id)
    again = notification.occurrence == "again"
    return context | {"request_made": request, "again": again, "link": link}


@renders(notices.REQUEST_ANSWERED, _("A request is declined or has run out"))
def request_answered(notification: Notification) -> dict[str, Any] | None:
    """To the learner, with who else teaches it; what is approved is told as a booking."""
    request = Request.objects.with_days().filter(pk=notification.subject_id).first()
    if request is None or request.answer in (Answer.OPEN, Answer.ACCEPTED, Answer.WITHDRAWN):
        return None
    held = request.participation
    context = context_of(notification, held)
    _skill, context["others"] = who_else(held.session, held.employee)
    return context | {"request_made": request}


@renders(notices.DAYS_PROPOSED, _("Days are proposed to you"))
def days_proposed(notification: Notification) -> dict[str, Any] | None:
    """As long as they can be confirmed."""
    found = Proposal.objects.open(now()).with_days().filter(pk=notification.subject_id).first()
    if found is None:
        return None
    return context_of(notification, found.participation) | {"proposal": found}


@renders(notices.PROPOSAL_ANSWERED, _("An answer to days that you have proposed"))
def proposal_answered(notification: Notification) -> dict[str, Any] | None:
    found = Proposal.objects.with_days().filter(pk=notification.subject_id).first()
    if found is None or found.answer in (Answer.OPEN, Answer.WITHDRAWN):
        return None
    context = context_of(notification, found.participation)
    if found.answer != Answer.ACCEPTED:
        context["link"] = organization_url(notification.organization, "requests")
    return context | {"proposal": found}


# Admins read the label beside the name: that somebody did not come is not theirs to know.
@renders(notices.NO_SHOW, _("Shadowing"))
def no_show(notification: Notification) -> dict[str, Any] | None:
    """To the learner of whom it is said, until they have answered."""
    return _said(notification, answered=False)


@renders(notices.NO_SHOW_ANSWERED, _("Shadowing"))
def no_show_answered(notification: Notification) -> dict[str, Any] | None:
    return _said(notification, answered=True)


def _said(notification: Notification, *, answered: bool) -> dict[str, Any] | None:
    said = (
        NoShow.objects.filter(pk=notification.subject_id)
        .select_related("block__session__host", "participation__employee")
        .first()
    )
    if said is None or bool(said.answer) != answered:
        return None
    session = said.block.session
    place = {"public_id": session.public_id}
    if answered:
        link = organization_url(notification.organization, "session_run", **place)
    else:
        place["number"] = said.block.number
        link = organization_url(notification.organization, "no_show_answer", **place)
    return {"said": said, "session": session, "learner": said.participation, "link": link}


@renders(notices.HOST_LEFT, _("A host has left"))
def host_left(notification: Notification) -> dict[str, Any] | None:
    """To the learner, with who else teaches it, and to their manager."""
    context = _fallen(notification)
    if context is None:
        return None
    session, learner = context["session"], context["learner"]
    context["mine"] = learner.employee_id == notification.recipient_id
    if context["mine"]:
        skill, context["others"] = who_else(session, learner.employee)
        if skill is not None:
            found = organization_url(notification.organization, "shadowing")
            context["link"] = f"{found}?skill={skill.public_id}"
    return context


@renders(notices.LEARNER_LEFT, _("A learner has left"))
def learner_left(notification: Notification) -> dict[str, Any] | None:
    return _fallen(notification)


def _fallen(notification: Notification) -> dict[str, Any] | None:
    """With the days that fell away as `blocks`; None when none did, or when the learner had
    cancelled by themself."""
    booking = participation_of(notification)
    if booking is None or booking.seat != Seat.SHADOW:
        return None
    session = booking.session
    if session.state == SessionState.CANCELLED and not session.by_leaving:
        return None
    context = context_of(notification, booking)
    falls = [block for block in context["blocks"] if block.state == BlockState.CANCELLED]
    context["goes_on"] = not falls  # for the others of a group
    context["cut_short"] = bool(falls) and session.state != SessionState.CANCELLED
    context["blocks"] = falls or context["blocks"]
    return context


def who_else(session: LearningSession, learner: Employee) -> tuple[Skill | None, int]:
    """A skill of the session that others offer days for, and how many of them there are."""
    open_to = ShadowingOffer.objects.open_to(learner).filter(offer_skills__skill=OuterRef("pk"))
    hosts = open_to.exclude(host=session.host_id).order_by().values("offer_skills__skill")
    numbered = session.skills.annotate(
        others=Coalesce(Subquery(hosts.annotate(n=Count("host", distinct=True)).values("n")), 0)
    )
    skill: Any = numbered.filter(others__gt=0).order_by("-others", "pk").first()
    return (skill, skill.others) if skill is not None else (None, 0)


@renders(notices.LEVEL_PROPOSED, _("A learner proposes a level"))
def level_proposed(notification: Notification) -> dict[str, Any] | None:
    proposed = _proposed(notification)
    if proposed is None or str(proposed.level) != notification.occurrence:
        return None
    day = now().astimezone(notification.recipient.zone).date()
    if not ProposedLevel.objects.waiting(day).filter(pk=proposed.pk).exists():
        return None
    return _about_the_level(notification, proposed)


@renders(notices.LEVEL_ANSWERED, _("A proposed level is answered"))
def level_answered(notification: Notification) -> dict[str, Any] | None:
    proposed = _proposed(notification)
    if proposed is None or proposed.decision not in (Decision.CONFIRMED, Decision.NOT_YET):
        return None
    return _about_the_level(notification, proposed)


def _proposed(notification: Notification) -> ProposedLevel | None:
    found: ProposedLevel | None = (
        ProposedLevel.objects.filter(pk=notification.subject_id)
        .select_related("participation__session__host", "participation__employee", "skill")
        .first()
    )
    return found


def _about_the_level(notification: Notification, proposed: ProposedLevel) -> dict[str, Any]:
    session = proposed.participation.session
    link = organization_url(notification.organization, "session_run", public_id=session.public_id)
    return {"proposed": proposed, "session": session, "link": f"{link}#levels-h"}


@renders(notices.TOMORROW, _("The day before a session"))
def booking_tomorrow(notification: Notification) -> dict[str, Any] | None:
    own = participation_of(notification)
    if own is None or own.state != SessionState.BOOKED:
        return None
    context = context_of(notification, own)
    context["first"] = first = context["blocks"][0]
    zone = notification.recipient.zone
    tomorrow = now().astimezone(zone).date() + timedelta(days=1)
    # A mail that was held up for a day would say "tomorrow" of today.
    return context if first.starts_at.astimezone(zone).date() == tomorrow else None


@renders(notices.DEBRIEF_DUE, _("A debrief is due"))
def debrief_due(notification: Notification) -> dict[str, Any] | None:
    own = participation_of(notification)
    if own is None or own.state not in (SessionState.BOOKED, SessionState.COMPLETED):
        return None
    if Debrief.objects.filter(participation=own).exists():
        return None
    context = context_of(notification, own)
    context["link"] = organization_url(
        notification.organization, "debrief", public_id=own.session.public_id
    )
    return context


@renders(notices.DAYS_SUGGESTED, _("Days are suggested to you"))
def days_suggested(notification: Notification) -> dict[str, Any] | None:
    one = _suggestion(notification)
    if one is None or one.offer is None or not (one.offer.active and one.offer.host.active):
        return None
    link = organization_url(notification.organization, "offer", public_id=one.offer.public_id)
    return {"suggestion": one, "link": link}


@renders(notices.DAYS_ASKED, _("You are asked to offer days"))
def days_asked(notification: Notification) -> dict[str, Any] | None:
    one = _suggestion(notification)
    if one is None or one.skill.archived_at is not None:
        return None
    link = organization_url(notification.organization, "offer_add")
    return {"suggestion": one, "link": f"{link}?skill={one.skill.public_id}"}


def _suggestion(notification: Notification) -> Suggestion | None:
    found: Suggestion | None = (
        Suggestion.objects.filter(pk=notification.subject_id, declined_at=None)
        .select_related("by", "skill", "offer__host")
        .first()
    )
    return found


def participation_of(notification: Notification) -> Participation | None:
    found: Participation | None = (
        Participation.objects.filter(pk=notification.subject_id)
        .select_related(
            "session__host",
            "session__cancelled_by",
            "employee",
            "moved_by",
            "moves__session__host",
            "moves__employee",
        )
        .first()
    )
    return found


def context_of(notification: Notification, participation: Participation) -> dict[str, Any]:
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
