"""Publishing an offer: the offer itself, its skills and its plan change together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from peerlearn.organizations.models import Employee
from sessions.models import OfferSkill, PlanStep, ShadowingOffer
from skills.models import Skill

Plan = Iterable[tuple[int, str, str]]  # day, stage, text


def publish(
    offer: ShadowingOffer, *, host: Employee, skills: Iterable[Skill], plan: Plan, at: datetime
) -> ShadowingOffer:
    """Save a new offer of `host`, open for booking."""
    with transaction.atomic():
        offer.host, offer.created_at = host, at
        offer.save()
        _write(offer, skills, plan)
    return offer


def revise(offer: ShadowingOffer, *, skills: Iterable[Skill], plan: Plan) -> ShadowingOffer:
    """Save a changed offer. What is booked keeps what was agreed."""
    with transaction.atomic():
        offer.save()
        offer.offer_skills.all().delete()
        offer.plan.all().delete()
        _write(offer, skills, plan)
    return offer


def _write(offer: ShadowingOffer, skills: Iterable[Skill], plan: Plan) -> None:
    OfferSkill.objects.bulk_create([OfferSkill(offer=offer, skill=skill) for skill in skills])
    PlanStep.objects.bulk_create(
        [PlanStep(offer=offer, day=day, stage=stage, text=text) for day, stage, text in plan]
    )
