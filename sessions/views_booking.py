"""Booking days beside a colleague: when, confirm, cancel."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.posting import typed
from peerlearn.organizations.written import written
from sessions import booking as verbs
from sessions import cancelling, holding, proposing
from sessions import waiting as queue
from sessions.booker import Booker
from sessions.choices import Kept, Seat, SessionState
from sessions.choosing import booker_of, choose, show_booker
from sessions.forms import CancelForm, GoalForm, HoldForm
from sessions.limits import count_booking, count_hold
from sessions.models import Block, LearningSession, Participation, Proposal, ShadowingOffer
from sessions.picker import picked
from sessions.receipt import latest, receipt
from sessions.refusals import Refused, RunOut, why_not
from sessions.standing import has_plans


def offer_of(request: OrganizationRequest, public_id: str) -> ShadowingOffer:
    me = request.employee
    found: ShadowingOffer
    try:
        (found,) = _offer(employee=me.pk, public_id=public_id) if me.active else []
    except ValueError:  # none, or no text that Postgres can hold
        raise Http404 from None
    return found


@written
def _offer(employee: Any, public_id: Any) -> Any:
    found = ShadowingOffer.objects.shown_to(employee).filter(public_id=public_id)
    return found.with_subject().with_queue().order_by()


def session_of(
    request: OrganizationRequest, public_id: str, *, once_held: bool = False
) -> LearningSession:
    sessions = LearningSession.objects.visible_to(request.employee, once_held=once_held)
    found: LearningSession = get_visible_or_404(
        sessions.select_related("host__team", "offer", "cancelled_by", "organization"), public_id
    )
    return found


def my_participation(
    request: OrganizationRequest, session: LearningSession
) -> Participation | None:
    """One's own, the last one when somebody came back."""
    own = Participation.objects.filter(session=session, employee=request.employee)
    return latest(list(own.select_related("employee", "session__organization")))


def my_place(request: OrganizationRequest, public_id: str) -> Participation:
    """One's own as a learner, in one look: whoever is in a session may see it."""
    own = [] if "\x00" in public_id else _own(employee=request.employee.pk, session=public_id)
    mine = latest(own)
    if mine is None:
        session_of(request, public_id, once_held=True)
    if mine is None or mine.seat != Seat.SHADOW or not request.employee.active:
        raise PermissionDenied
    return mine


@written
def _own(employee: Any, session: Any) -> Any:
    own = Participation.objects.filter(employee=employee, session__public_id=session)
    return own.select_related("employee", "session__organization").order_by()


def learner_of(session: LearningSession, public_id: str) -> Participation:
    """A learner who takes part or took part; anybody else is nowhere."""
    if "\x00" in public_id:  # Postgres refuses it
        raise Http404
    rows = Participation.objects.learners().filter(
        session=session, employee__public_id=public_id, booked_at__isnull=False
    )
    found = latest(list(rows.select_related("employee", "session")))
    if found is None or found.state == SessionState.MOVED:
        raise Http404
    return found


def to_booking(session: LearningSession) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("booking", kwargs={"public_id": session.public_id}))


# --- When ------------------------------------------------------------------------------------
@require_GET
@allow(EVERYONE)
def offer(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = offer_of(request, public_id)
    context = _when(request, found, _booker(request, found))
    return show_booker(request, "sessions/offer.html", context)


def _booker(
    request: OrganizationRequest, found: ShadowingOffer, near: date | None = None
) -> Booker:
    return booker_of(request, found, request.employee, near, others=not request.htmx)


def _when(request: OrganizationRequest, found: ShadowingOffer, booker: Booker) -> dict[str, Any]:
    """What the page shows."""
    position, waiting = queue.position(found, request.employee)
    return {
        "here": "shadowing",
        "offer": found,
        "booker": booker,
        "address": reverse("offer", kwargs={"public_id": found.public_id}),
        "action": reverse("hold", kwargs={"public_id": found.public_id}),
        "mine": found.host_id == request.employee.pk,
        "may_propose": request.employee.has_role(MANAGER) or request.employee.is_hr,
        "position": position,
        "waiting": waiting,
        "others": booker.others,
    }


@require_POST
@allow(EVERYONE)
def hold(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = offer_of(request, public_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        url = reverse("offer", kwargs={"public_id": found.public_id})
        return HttpResponseRedirect(url)
    day, goal = form.cleaned_data["start"], form.cleaned_data["goal"]
    days = picked(request.POST.getlist("day"))
    if not days and (late := _too_late(request, found, day, goal=goal)):
        return late
    try:
        count_hold(request.employee, found)
        held = holding.hold(found, request.employee, day, days=days, goal=goal, at=now())
    except Refused as refusal:
        if days:
            return choose(request, found, days, goal=goal, refusal=refusal)
        return _refused(request, found, refusal, day, goal=goal)
    return to_booking(held.session)


def _too_late(
    request: OrganizationRequest, found: ShadowingOffer, day: date, *, goal: str
) -> HttpResponse | None:
    """Of many who press for the same days all but one come here: they wait for nobody, and what
    is free instead is read once, for the answer and for its page."""
    if found.capacity > 1 or found.host_id == request.employee.pk:
        return None
    if not has_plans(found, day, at=now()):
        return None
    booker = _booker(request, found, day)
    if (refusal := why_not(found, day, ahead=booker.ahead)) is None:
        return None
    return _refused(request, found, refusal, day, goal=goal, booker=booker)


def _refused(
    request: OrganizationRequest,
    found: ShadowingOffer,
    refusal: Refused,
    day: date,
    *,
    goal: str,
    booker: Booker | None = None,
) -> HttpResponse:
    """The booker again, with what is free instead and all that was typed."""
    near = refusal.near(day)
    booker = booker or _booker(request, found, near)
    booker.turn_to(near)
    context = _when(request, found, booker) | {"refusal": refusal, "goal": goal}
    return render(request, "sessions/offer.html", context, status=409)


# --- Confirm ---------------------------------------------------------------------------------
@require_GET
@allow(EVERYONE)
def booking(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Whatever the state is when the link is opened."""
    session = session_of(request, public_id, once_held=True)
    return show_booking(request, session, GoalForm())


def show_booking(
    request: OrganizationRequest, session: LearningSession, form: GoalForm, status: int = 200
) -> HttpResponse:
    shown = receipt(session, request.employee, at=now())
    if shown["state"] == SessionState.MOVED and shown["mine"] and shown["mine"].moves:
        return to_booking(shown["mine"].moves.session)
    if shown["state"] == SessionState.EXPIRED and shown["mine"] and session.offer:
        again = Participation.objects.instead_of(shown["mine"], now()).select_related("session")
        if (there := again.first()) is not None and there.session_id != session.pk:
            return to_booking(there.session)
    for one in shown["hand_overs"]:
        if one.cut_from and one.came_back(session):
            return to_booking(one.cut_from)
    if shown["holding"] and not form.is_bound:
        form = GoalForm(initial={"goal": shown["mine"].goal})
    context = {"here": "my_sessions", "session": session, "form": form, **shown}
    return render(request, "sessions/booking.html", context, status=status)


@require_POST
@allow(EVERYONE)
def book(request: OrganizationRequest, public_id: str) -> HttpResponse:
    mine = my_place(request, public_id)
    form = GoalForm(request.POST)
    if not form.is_valid():
        session = session_of(request, public_id, once_held=True)
        return show_booking(request, session, form, status=422)
    goal = form.cleaned_data["goal"]
    try:
        count_booking(request.employee)
        verbs.book(mine, goal=goal, at=now())
    except RunOut:
        return _hold_again(request, mine, goal)
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return to_booking(mine.session)


def _hold_again(request: OrganizationRequest, mine: Participation, goal: str) -> HttpResponse:
    """The hold ran out while the goal was typed: the same days again, if nobody has them."""
    session = mine.session
    if session.offer is None or mine.state not in (SessionState.HELD, SessionState.EXPIRED):
        return to_booking(session)
    found = offer_of(request, session.offer.public_id)
    day = session.starts_at.astimezone(found.zone).date()
    own = session.state in (SessionState.HELD, SessionState.EXPIRED)
    days = queue.days_apart(session, found) if own else []
    try:
        count_hold(request.employee, found)
        held = holding.hold(found, request.employee, day, days=days, goal=goal, at=now())
    except Refused as refusal:
        if days:
            return choose(request, found, days, goal=goal, refusal=refusal)
        return _refused(request, found, refusal, day, goal=goal)
    messages.warning(
        request, _("Your ten minutes were over. The days were still free and are held again.")
    )
    return to_booking(held.session)


@require_POST
@allow(EVERYONE)
def hold_extend(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session = session_of(request, public_id, once_held=True)
    mine = my_participation(request, session)
    if mine is None or mine.seat != Seat.SHADOW:
        raise PermissionDenied
    try:
        before = mine.held_until
        until = holding.extend_hold(mine, at=now())
        if until == before:
            messages.info(request, _("Half an hour is the longest that days can be held."))
    except RunOut:
        messages.warning(request, _("Your hold has run out."))
    return to_booking(session)


@require_POST
@allow(EVERYONE)
def hold_release(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session = session_of(request, public_id, once_held=True)
    mine = my_participation(request, session)
    if mine is None or session.offer is None:
        raise PermissionDenied
    if mine.state == SessionState.HELD and mine.seat == Seat.SHADOW:
        try:
            if mine.kept == Kept.PROPOSAL:
                return _decline_proposal(request, session, mine)
            queue.give_back(mine, at=now()) if mine.waiting_id else holding.release(mine, at=now())
        except Refused as refusal:
            messages.warning(request, str(refusal.reason))
            return to_booking(session)
    if mine.moves is not None:
        to_move = {"public_id": mine.moves.session.public_id}
        return HttpResponseRedirect(reverse("booking_move", kwargs=to_move))
    return HttpResponseRedirect(reverse("offer", kwargs={"public_id": session.offer.public_id}))


def _decline_proposal(
    request: OrganizationRequest, session: LearningSession, mine: Participation
) -> HttpResponse:
    """What somebody has proposed is not wanted; they are told, with the reason if there is one."""
    proposal = Proposal.objects.visible_to(request.employee).get(participation=mine)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:500]
    proposing.decline(proposal, by=request.employee, reason=reason, at=now())
    messages.success(request, _("Declined. Who has proposed it is told."))
    return to_booking(session)


# --- Cancel ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def booking_cancel(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session = session_of(request, public_id)
    mine = my_participation(request, session)
    if mine is None:
        raise PermissionDenied
    if mine.state not in (SessionState.BOOKED, SessionState.OPEN):
        return to_booking(session)
    told, others = cancelling.foretell(session, request.employee)
    form = CancelForm(typed(request), reader=told[0].name if len(told) == 1 else "")
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            cancelling.cancel(session, by=request.employee, reason=reason, at=now())
            return to_booking(session)
        except Refused as refusal:
            refused = str(refusal.reason)
    context = {
        "here": "my_sessions",
        "session": session,
        "blocks": list(Block.objects.filter(session=session)),
        "told": told,
        "others": others,
        "form": form,
        "refused": refused,
    }
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "sessions/booking_cancel.html", context, status=status)
