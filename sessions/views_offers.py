"""A host's side: what they offer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.posting import attempt, typed
from sessions.availability import LOOK_AHEAD, without_a_day
from sessions.forms import OfferForm
from sessions.models import ShadowingOffer, Waiting
from sessions.offering import publish, revise
from sessions.working_times import working_time_of
from skills.models import Skill


def _own_offer(request: OrganizationRequest, public_id: str) -> ShadowingOffer:
    own = ShadowingOffer.objects.visible_to(request.employee).filter(host=request.employee)
    found: ShadowingOffer = get_visible_or_404(
        own.with_subject().prefetch_related("skills", "plan"), public_id
    )
    return found


@require_GET
@allow(EVERYONE)
def my_offers(request: OrganizationRequest) -> HttpResponse:
    visible = ShadowingOffer.objects.visible_to(request.employee)
    own = visible.filter(host=request.employee).with_subject()
    waits = Prefetch("waiting", Waiting.objects.standing().select_related("employee"), "waits")
    offers = own.order_by("-active", "created_at").prefetch_related(waits)
    context = {"here": "shadowing", "offers": offers}
    return render(request, "sessions/my_offers.html", context)


def _form(request: OrganizationRequest, offer: ShadowingOffer) -> OfferForm:
    """The skills one could teach come first; any other of the catalogue can be added."""
    new = offer.pk is None
    skills = Skill.objects.visible_to(request.employee).current()
    own = Q(proficiencies__employee=request.employee, proficiencies__valid_to=None) & Q(
        proficiencies__level__gte=3
    )
    teaches = Q(offers__employee=request.employee)
    chosen = [] if new else [skill.public_id for skill in offer.skills.all()]
    asked = request.GET.get("skill", "").replace("\x00", "")
    known = skills.filter(own | teaches | Q(public_id__in=[*chosen, asked])).distinct()
    initial: dict[str, Any] = {"known": chosen or [asked]}
    initial |= {"time_zone": request.employee.time_zone} if new else {}
    initial |= {} if new else {"hours": f"{round(offer.minutes / 60, 2):g}"}
    if new:
        initial["starts_at"] = request.employee.day_starts
    return OfferForm(
        typed(request),
        instance=offer,
        initial=initial,
        known=known,
        skills=skills,
        plan={} if new else {step.day: step for step in offer.plan.all()},
    )


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def offer_add(request: OrganizationRequest) -> HttpResponse:
    form = _form(request, ShadowingOffer())
    offer = form.instance
    if attempt(form, lambda: publish(offer, host=request.employee, at=now(), **form.chosen())):
        messages.success(request, _("Your offer is open. Colleagues can book days beside you."))
        _warn_if_it_fits_nowhere(request, offer)
        return HttpResponseRedirect(reverse("offer", kwargs={"public_id": offer.public_id}))
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def offer_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    offer = _own_offer(request, public_id)
    subject = offer.subject
    form = _form(request, offer)
    if attempt(form, lambda: revise(form.instance, at=now(), **form.chosen())):
        messages.success(request, _("Saved. What is booked already stays as it was agreed."))
        _warn_if_it_fits_nowhere(request, offer)
        return HttpResponseRedirect(reverse("my_offers"))
    return _form_page(request, form, offer=offer, subject=subject)


def _warn_if_it_fits_nowhere(request: OrganizationRequest, offer: ShadowingOffer) -> None:
    today = now().astimezone(request.employee.zone).date()
    working = working_time_of(request.employee, first=today, last=today + LOOK_AHEAD)
    if without_a_day([offer], working, today):
        words = _("It fits on no day of your week, so nobody can book it. Look at your hours.")
        messages.warning(request, words)


def _form_page(request: OrganizationRequest, form: OfferForm, **context: Any) -> HttpResponse:
    context |= {"here": "shadowing", "form": form}
    status = 422 if form.errors else 200
    return render(request, "sessions/offer_form.html", context, status=status)


@require_POST
@allow(EVERYONE)
def offer_open(request: OrganizationRequest, public_id: str) -> HttpResponse:
    offer = _own_offer(request, public_id)
    if request.POST.get("open") == "yes":
        offer.reopen()
        messages.success(request, _("Your offer is open again."))
    else:
        offer.close()
        messages.success(request, _("Your offer takes no new bookings. What is booked stays."))
    return HttpResponseRedirect(reverse("my_offers"))
