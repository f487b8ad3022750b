"""What waits for approval: all of it on one page, one on a page of its own, and the answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.web.pages import paginate
from sessions import approving
from sessions.asking import may_answer
from sessions.choices import Answer
from sessions.forms import DeclineForm
from sessions.models import Block, Proposal, Request
from sessions.refusals import Refused
from sessions.views_booking import to_booking

MOST_AT_ONCE = 50


@require_http_methods(["GET", "POST"])
@allow(MANAGER, HR)
def requests(request: OrganizationRequest) -> HttpResponse:
    """What waits for the reader's answer, what runs out first on top; several at once."""
    waiting = Request.objects.open(now()).asked_of(request.employee).with_days()
    if request.method == "POST":
        chosen = [one.replace("\x00", "") for one in request.POST.getlist("request")]
        _approve(request, list(waiting.filter(public_id__in=chosen[:MOST_AT_ONCE])))
        return HttpResponseRedirect(reverse("requests"))
    proposed = Proposal.objects.open(now()).filter(by=request.employee).with_days()
    context = {
        "here": "my_sessions",
        "page": paginate(request, waiting),
        "proposed": proposed[:MOST_AT_ONCE],
    }
    return render(request, "sessions/requests.html", context)


def _approve(request: OrganizationRequest, chosen: list[Request]) -> None:
    done = 0
    for one in chosen:
        try:
            approving.approve(one, by=request.employee, at=now())
            done += 1
        except Refused as refusal:
            said = {"name": one.participation.employee.name, "reason": refusal.reason}
            messages.warning(request, _("%(name)s: %(reason)s") % said)
    words = ngettext("%(number)s request is approved.", "%(number)s requests are approved.", done)
    if done:
        messages.success(request, words % {"number": done})
    elif not chosen:
        messages.warning(request, _("Choose what you approve."))


def _found(request: OrganizationRequest, public_id: str) -> Request:
    rows = Request.objects.visible_to(request.employee).with_days()
    found: Request = get_visible_or_404(rows, public_id)
    return found


@require_GET
@allow(EVERYONE)
def request(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """As it is when the link is opened; opening it changes nothing."""
    found = _found(request, public_id)
    if found.participation.employee_id == request.employee.pk:
        return to_booking(found.participation.session)
    form = DeclineForm(None, learner=found.participation.employee.name)
    return _page(request, found, form)


def _page(
    request: OrganizationRequest, found: Request, form: DeclineForm, *, refused: str = ""
) -> HttpResponse:
    held, session = found.participation, found.participation.session
    answers = may_answer(request.employee, held.employee)
    open_still = found.answer == Answer.OPEN and held.is_requested(now())
    context: dict[str, Any] = {
        "here": "my_sessions",
        "found": found,
        "held": held,
        "session": session,
        "blocks": list(Block.objects.filter(session=session)),
        "may_approve": open_still and answers,
        "may_decline": open_still and (answers or session.host_id == request.employee.pk),
        "away": approving.who_is_away(held),
        "form": form,
        "refused": refused,
    }
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "sessions/request.html", context, status=status)


@require_POST
@allow(MANAGER, HR)
def request_approve(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = _found(request, public_id)
    learner = found.participation.employee
    if not may_answer(request.employee, learner):
        raise PermissionDenied
    try:
        approving.approve(found, by=request.employee, at=now())
    except Refused as refusal:
        form = DeclineForm(None, learner=learner.name)
        return _page(request, _found(request, public_id), form, refused=str(refusal.reason))
    words = _("Approved. %(learner)s and %(host)s are told.")
    people = {"learner": learner.name, "host": found.participation.session.host.name}
    messages.success(request, words % people)
    return _to_the_rest(request)


@require_POST
@allow(EVERYONE)
def request_decline(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = _found(request, public_id)
    held = found.participation
    hosting = held.session.host_id == request.employee.pk
    if not (hosting or may_answer(request.employee, held.employee)):
        raise PermissionDenied
    form = DeclineForm(request.POST, learner=held.employee.name)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        reason = form.cleaned_data["reason"]
        approving.decline(found, by=request.employee, reason=reason, at=now())
    except Refused as refusal:
        return _page(request, _found(request, public_id), form, refused=str(refusal.reason))
    words = _("Declined. %(learner)s is told, and the days are free again.")
    messages.success(request, words % {"learner": held.employee.name})
    return _to_the_rest(request)


def _to_the_rest(request: OrganizationRequest) -> HttpResponse:
    """To what else waits for them; a host to their sessions."""
    leads = request.employee.has_role(MANAGER) or request.employee.has_role(HR)
    return HttpResponseRedirect(reverse("requests" if leads else "my_sessions"))


@require_POST
@allow(EVERYONE)
def request_withdraw(request: OrganizationRequest, public_id: str) -> HttpResponse:
    found = _found(request, public_id)
    held = found.participation
    if held.employee_id != request.employee.pk:
        raise PermissionDenied
    try:
        approving.withdraw(found, by=request.employee, at=now())
        messages.success(request, _("Withdrawn. The days are free again."))
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return to_booking(held.session)
