"""Moving a booking to other days: choose, look once more, confirm. Declining one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import typed
from sessions import holding, moving
from sessions.cancelling import decline
from sessions.choices import Seat, SessionState
from sessions.choosing import booker_of, choose_to_move, show_booker
from sessions.forms import DeclineForm, GoalForm, MoveForm
from sessions.limits import count_hold, count_move_of_all
from sessions.models import Block, LearningSession, Participation
from sessions.picker import picked
from sessions.receipt import is_late, latest
from sessions.refusals import Busy, Refused, RunOut
from sessions.starts import Moving
from sessions.views_booking import (
    learner_of,
    my_participation,
    session_of,
    show_booking,
    to_booking,
)


def own_booking(
    request: OrganizationRequest, public_id: str
) -> tuple[LearningSession, Participation, list[Participation]]:
    """The session, one's own part in it, and those who have booked; 403 for those who only may
    see that it is."""
    session = session_of(request, public_id)
    people = Participation.objects.filter(session=session).select_related("employee")
    there = list(people.order_by("pk"))
    mine = latest([one for one in there if one.employee_id == request.employee.pk])
    if mine is None:
        raise PermissionDenied
    mine.session = session
    if session.offer is not None:
        session.offer.host = session.host
    return session, mine, [one for one in there if one.state == SessionState.BOOKED]


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def booking_move(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """A learner chooses days to be held; the host moves everybody at once."""
    session, mine, there = own_booking(request, public_id)
    if not mine.may_move(now()):
        if mine.state == SessionState.BOOKED:
            messages.warning(request, _("It has begun, so it cannot be moved any more."))
        return to_booking(session)
    form = MoveForm(typed(request))
    if request.method != "POST":
        return _choose(request, mine, there, form)
    if not form.is_valid():
        return _choose(request, mine, there, form, status=422)
    day, reason = form.cleaned_data["start"], form.cleaned_data["reason"]
    days = picked(request.POST.getlist("day"))
    try:
        if mine.seat == Seat.HOST:
            by: Employee = request.employee
            count_move_of_all(by, session)
            new = moving.move_all(session, day, by=by, reason=reason, at=now())
            messages.success(request, _("Moved. Everybody who takes part is told."))
            return to_booking(new)
        count_hold(request.employee, session.offer)
        chosen: dict[str, Any] = {"days": days, "goal": mine.goal, "moves": mine}
        held = holding.hold(session.offer, mine.employee, day, at=now(), **chosen)
        return to_booking(held.session)
    except Refused as refusal:
        if days and mine.seat != Seat.HOST:
            return choose_to_move(request, mine, there, days, refusal=refusal)
        return _choose(request, mine, there, form, refusal=refusal, day=day, status=409)


def _choose(
    request: OrganizationRequest,
    mine: Participation,
    there: list[Participation],
    form: MoveForm,
    *,
    refusal: Refused | None = None,
    day: date | None = None,
    status: int = 200,
) -> HttpResponse:
    session: LearningSession = mine.session
    hosting = mine.seat == Seat.HOST
    going = Moving.of_all(session, there) if hosting else Moving.of(mine, there)
    learners = going.learners
    near = refusal.near(day) if refusal and day else day
    address = reverse("booking_move", kwargs={"public_id": session.public_id})
    context: dict[str, Any] = {
        "here": "my_sessions",
        "session": session,
        "offer": session.offer,
        "blocks": list(Block.objects.filter(session=session)),
        "hosting": hosting,
        "learners": learners,
        "late": is_late(session, at=now()),
        "form": form,
        "refusal": refusal,
        "address": address,
        "action": address,
    }
    learner = learners[0].employee if hosting else request.employee
    context["booker"] = booker_of(
        request, session.offer, learner, near, reader=request.employee, moving=going
    )
    return show_booker(request, "sessions/booking_move.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def booking_decline(request: OrganizationRequest, public_id: str, learner: str) -> HttpResponse:
    """The host refuses a booking before it begins, and says why."""
    session = session_of(request, public_id)
    if session.host_id != request.employee.pk:
        raise PermissionDenied
    booking = learner_of(session, learner)
    if booking.state != SessionState.BOOKED:
        return to_booking(session)
    form = DeclineForm(typed(request), learner=booking.employee.name)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            decline(booking, by=request.employee, reason=reason, at=now())
            return to_booking(session)
        except Refused as refusal:
            refused = str(refusal.reason)
    context = {"session": session, "learner": booking, "form": form, "refused": refused}
    context |= {"here": "my_sessions", "blocks": list(Block.objects.filter(session=session))}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "sessions/booking_decline.html", context, status=status)


@require_POST
@allow(EVERYONE)
def move_confirm(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """The days that are held for a move become those of the booking."""
    session = session_of(request, public_id, once_held=True)
    mine = my_participation(request, session)
    if mine is None or mine.seat != Seat.SHADOW:
        raise PermissionDenied
    if mine.moves_id is None:  # moved already
        return to_booking(session)
    form = GoalForm(request.POST)
    if not form.is_valid():
        return show_booking(request, session, form, status=422)
    goal = form.cleaned_data["goal"]
    try:
        return to_booking(moving.confirm(mine, goal=goal, at=now()))
    except Busy as refusal:
        messages.warning(request, str(refusal.reason))
        return to_booking(session)
    except RunOut:
        messages.warning(request, _("Your ten minutes were over, so nothing was moved."))
        return _choose_again(mine)
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
        return _choose_again(mine)


def _choose_again(stand_in: Participation) -> HttpResponse:
    """With the days that were chosen, if they are still free."""
    rows = Participation.objects.select_related("session")
    booking = get_object_or_404(rows, pk=stand_in.moves_id)
    page = reverse("booking_move", kwargs={"public_id": booking.session.public_id})
    return HttpResponseRedirect(f"{page}?start={stand_in.session.first_day:%Y-%m-%d}")
