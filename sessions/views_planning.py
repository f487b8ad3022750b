"""Planning that a skill is passed on: a manager suggests days, or asks for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from sessions.limits import count_suggestion
from sessions.models import ShadowingOffer, Suggestion
from sessions.planning import plan_for
from sessions.refusals import Refused
from sessions.suggesting import ask_for_days, suggest
from skills.models import Skill


@require_http_methods(["GET", "POST"])
@allow(MANAGER, HR)
def plan(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Who could learn the skill beside whom; posting says so to one of them."""
    skill = get_visible_or_404(Skill.objects.visible_to(request.employee).current(), public_id)
    if request.method != "POST":
        return _page(request, skill)
    if "fixed" in request.POST and (fixed := _to_fixed_days(request, skill)):
        return HttpResponseRedirect(fixed)
    try:
        done = _say(request, skill)
    except Refused as refusal:
        return _page(request, skill, wrong=str(refusal.reason))
    messages.success(request, done)
    return HttpResponseRedirect(reverse("plan", kwargs={"public_id": skill.public_id}))


def _say(request: OrganizationRequest, skill: Skill) -> str:
    """What was said to whom, in words."""
    people = Employee.objects.visible_to(request.employee).current()
    if host_id := request.POST.get("ask", ""):
        host = _one(people, host_id)
        if host is None:
            raise Refused(_("Ask somebody else who is here."))
        count_suggestion(request.employee, host)
        ask_for_days(host, skill, by=request.employee, at=now())
        return _("%(name)s is asked to offer days.") % {"name": host.name}
    offers = ShadowingOffer.objects.visible_to(request.employee).select_related("host")
    learner_id, offer_id = request.POST.get("learner", ""), request.POST.get("offer", "")
    learner = _one(people, learner_id) if learner_id and offer_id else None
    offer = _one(offers.filter(offer_skills__skill=skill), offer_id) if learner else None
    if learner is None or offer is None:
        raise Refused(_("Choose who could learn it, and beside whom."))
    count_suggestion(request.employee, learner)
    suggest(offer, learner, skill, by=request.employee, at=now())
    said = {"learner": learner.name, "host": offer.host.name}
    return _("%(learner)s is told about the days beside %(host)s, and books them.") % said


def _to_fixed_days(request: OrganizationRequest, skill: Skill) -> str:
    """Where days are proposed, when somebody and a host are chosen."""
    learner_id, offer_id = request.POST.get("learner", ""), request.POST.get("offer", "")
    people = Employee.objects.visible_to(request.employee).current()
    offers = ShadowingOffer.objects.visible_to(request.employee).filter(offer_skills__skill=skill)
    learner, offer = _one(people, learner_id), _one(offers, offer_id)
    if learner is None or offer is None:
        return ""
    place = {"public_id": offer.public_id, "learner": learner.public_id}
    return reverse("propose", kwargs=place)


def _one(rows: QuerySet[Any], public_id: str) -> Any:
    return rows.filter(public_id=public_id.replace("\x00", "")).first()


def _page(request: OrganizationRequest, skill: Skill, *, wrong: str = "") -> HttpResponse:
    name = request.GET.get("name", "").replace("\x00", "").strip()[:200]
    at = now()
    today = at.astimezone(request.organization.zone).date()
    context = {
        "here": "dashboard",
        "plan": plan_for(skill, request.employee, name=name, on=today, at=at),
        "name": name,
        "wrong": wrong,
        "chosen": request.POST.get("learner", ""),
        "offered": request.POST.get("offer", ""),
    }
    return render(request, "sessions/plan.html", context, status=422 if wrong else 200)


@require_POST
@allow(EVERYONE)
def suggestion_decline(request: OrganizationRequest, public_id: str) -> HttpResponse:
    own = Suggestion.objects.visible_to(request.employee).filter(to=request.employee)
    get_visible_or_404(own, public_id).decline(at=now())
    return HttpResponseRedirect(reverse("home"))
