"""Rows for the tests of sessions. Call these inside a scope."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from peerlearn.organizations.models import Employee
from sessions.booking import book
from sessions.holding import hold
from sessions.models import OfferSkill, Participation, PlanStep, ShadowingOffer
from skills.models import Skill

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday; 10:00 in Oslo
TUESDAY = date(2026, 12, 1)
MINUTE = timedelta(minutes=1)


def make_skill(name: str = "Relay protection settings") -> Skill:
    skill, _made = Skill.objects.get_or_create(name=name)
    return skill


def make_offer(host: Employee, *skills: str, plan: bool = True, **values: Any) -> ShadowingOffer:
    """Three days from 08:00 for eight hours, as often as anybody likes, three days of notice."""
    values = {
        "time_zone": host.time_zone,
        "starts_at": time(8),
        "place": "Substation 4, Halden",
        "bring": "Boots and helmet",
        "per_month": 20,
        "created_at": AT,
        **values,
    }
    offer: ShadowingOffer = ShadowingOffer.objects.create(host=host, **values)
    for name in skills or ["Relay protection settings"]:
        OfferSkill.objects.create(offer=offer, skill=make_skill(name))
    if plan:
        for day, stage, text in [
            (1, "watch", "Settings review"),
            (2, "together", "Live relay test"),
            (3, "lead", "You run the test"),
        ]:
            PlanStep.objects.create(offer=offer, day=day, stage=stage, text=text)
    return offer


def make_booking(
    offer: ShadowingOffer,
    learner: Employee,
    day: date = TUESDAY,
    *,
    goal: str = "Set a feeder relay",
    at: datetime = AT,
) -> Participation:
    participation = hold(offer, learner, day, at=at)
    book(participation, goal=goal, at=at)
    return participation
