"""A host cannot go on: from which day, and what becomes of the days. Whoever is asked answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import typed
from peerlearn.web.dates import day_words
from sessions import cutting, going_on, handing
from sessions.choices import Answer, BlockState, SessionState
from sessions.forms import CutForm, DayForm
from sessions.limits import count_hand_over
from sessions.models import (
    Block,
    HandOver,
    HandOverRequest,
    LearningSession,
    Participation,
    ShadowingOffer,
)
from sessions.refusals import Refused
from sessions.views_booking import session_of, to_booking

_REFUSED = (Answer.DECLINED, Answer.RUN_OUT, Answer.ENDED)


def _theirs(request: OrganizationRequest, public_id: str) -> LearningSession:
    """403 for those who may see that it is, and have no say in who hosts it."""
    session = session_of(request, public_id)
    if not cutting.may_hand_over(session, request.employee):
        raise PermissionDenied
    return session


def _open_hand_over(request: OrganizationRequest, public_id: str) -> HandOver | None:
    """What is to be settled of a session, for those whose it is to settle."""
    rows = HandOver.objects.visible_to(request.employee).open()
    found: HandOver | None = (
        rows.filter(session__public_id=public_id.replace("\x00", ""))
        .select_related("host", "session__host", "session__offer")
        .with_requests()
        .first()
    )
    return found


def _to_hand_over(session: LearningSession) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("hand_over", kwargs={"public_id": session.public_id}))


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def hand_over(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Cut the days off; then choose what becomes of them."""
    if (found := _open_hand_over(request, public_id)) is not None:
        return _choose(request, found)
    session = _theirs(request, public_id)
    days = _days_in_words(session, request.employee)
    if session.state != SessionState.BOOKED or not days:
        return to_booking(session)
    form = CutForm(typed(request), days=days)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            count_hand_over(request.employee)
            made = cutting.cut_off(session, by=request.employee, at=now(), **form.cleaned_data)
            if made and request.POST.get("ask"):
                _ask_first(request, made)
            return _to_hand_over(made.session) if made else to_booking(session)
        except Refused as refusal:
            refused = str(refusal.reason)
    context = {"here": "my_sessions", "session": session, "form": form, "refused": refused}
    context["learners"] = _names(session)
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "sessions/hand_over_cut.html", context, status=status)


def _ask_first(request: OrganizationRequest, found: HandOver) -> None:
    """What was cut off stays so, whether somebody can be asked or not."""
    try:
        asked = handing.ask_first(found, by=request.employee, at=now())
        messages.success(request, _is_asked(asked.host))
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))


def _is_asked(host: Employee) -> str:
    words = _("%(name)s is asked. Nothing changes until they answer.")
    return words % {"name": host.name}


def _days_in_words(session: LearningSession, reader: Employee) -> list[tuple[int, str]]:
    today = now().astimezone(reader.zone).date()
    words = _("Day %(number)s: %(day)s")
    return [
        (one.number, words % {"number": one.number, "day": day_words(one.starts_at, reader, today)})
        for one in cutting.days_ahead(session, at=now())
    ]


def _names(session: LearningSession) -> list[str]:
    there = Participation.objects.learners().who_stand().filter(session=session)
    return list(there.order_by("pk").values_list("employee__name", flat=True))


def _choose(request: OrganizationRequest, found: HandOver) -> HttpResponse:
    at = now()
    rest = handing.Rest.of(found, at=at)
    requests: list[dict[str, Any]] = found.asked  # type: ignore[attr-defined]  # see the queryset
    for one in requests:
        one["expires_at"] = datetime.fromisoformat(one["expires_at"])
    context: dict[str, Any] = {
        "here": "my_sessions",
        "session": found.session,
        "hand_over": found,
        "days": rest.days,
        "learners": [one.employee.name for one in rest.learners],
        "asked": next((one for one in requests if _waits(one, at)), None),
        "answers": [one for one in requests if one["answer"] in _REFUSED],
        "candidates": rest.candidates(),
        "starts": rest.later_starts(),
        "last_answer": handing.last_answer(found.session, at=at),
        "hosting": found.host_id == request.employee.pk,
    }
    return render(request, "sessions/hand_over.html", context)


def _waits(request: dict[str, Any], at: datetime) -> bool:
    return request["answer"] == Answer.OPEN and bool(request["expires_at"] > at)


def _act(
    request: OrganizationRequest, public_id: str, verb: Callable[[HandOver], str]
) -> HttpResponse:
    """Do it to what is open of this session, and go back to it."""
    found = _open_hand_over(request, public_id)
    if found is None:
        return to_booking(_theirs(request, public_id))
    try:
        messages.success(request, verb(found))
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return _to_hand_over(found.session)


@require_POST
@allow(EVERYONE)
def hand_over_ask(request: OrganizationRequest, public_id: str) -> HttpResponse:
    chosen = request.POST.get("offer", "").replace("\x00", "")
    offers = ShadowingOffer.objects.visible_to(request.employee).select_related("host")

    def verb(found: HandOver) -> str:
        if request.POST.get("first"):
            count_hand_over(request.employee)
            return _is_asked(handing.ask_first(found, by=request.employee, at=now()).host)
        offer = offers.filter(public_id=chosen).first()
        if offer is None:
            raise Refused(_("Choose one of the hosts below."))
        count_hand_over(request.employee)
        handing.ask(found, offer, by=request.employee, at=now())
        return _is_asked(offer.host)

    return _act(request, public_id, verb)


@require_POST
@allow(EVERYONE)
def hand_over_move(request: OrganizationRequest, public_id: str) -> HttpResponse:
    form = DayForm(request.POST)

    def verb(found: HandOver) -> str:
        if not form.is_valid():
            raise Refused(_("Choose one of the days below."))
        handing.move_rest(found, form.cleaned_data["start"], by=request.employee, at=now())
        return _("Moved. Everybody who takes part is told.")

    return _act(request, public_id, verb)


@require_POST
@allow(EVERYONE)
def hand_over_end(request: OrganizationRequest, public_id: str) -> HttpResponse:
    def verb(found: HandOver) -> str:
        handing.finish(found, by=request.employee, at=now())
        return _("Ended with what was done. The learners are told what they can book instead.")

    return _act(request, public_id, verb)


@require_POST
@allow(EVERYONE)
def hand_over_back(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """It was a mistake: the days stand as before."""
    found = _open_hand_over(request, public_id)
    if found is None:
        return to_booking(_theirs(request, public_id))
    try:
        count_hand_over(request.employee)
        whole = going_on.go_on(found, by=request.employee, at=now())
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
        return _to_hand_over(found.session)
    messages.success(request, _("Taken back. The days stand as before, and the learners are told."))
    return to_booking(whole)


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def hand_over_answer(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Whoever is asked accepts or declines."""
    rows = HandOverRequest.objects.visible_to(request.employee)
    rows = rows.select_related("host", "offer", "asked_by", "hand_over__host")
    asked: HandOverRequest = get_visible_or_404(
        rows.select_related("hand_over__session__host"), public_id
    )
    refused = ""
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "accept":
                return to_booking(handing.accept(asked, by=request.employee, at=now()))
            handing.decline(asked, by=request.employee, at=now())
            messages.success(request, _("Thank you. Whoever asked you is told."))
            return HttpResponseRedirect(reverse("home"))
        except Refused as refusal:
            refused = str(refusal.reason)
            asked.refresh_from_db(fields=["answer"])
    session = asked.hand_over.session
    blocks = Block.objects.filter(session=session, state=BlockState.PLANNED)
    context = {"here": "my_sessions", "asked": asked, "session": session, "refused": refused}
    context |= {"blocks": list(blocks.order_by("number")), "open": asked.is_open(now())}
    context |= {"learners": _names(session), "plan": session.steps.all()}
    return render(
        request, "sessions/hand_over_answer.html", context, status=409 if refused else 200
    )
