"""Publishing an offer: the offer itself, its skills and its plan change together, and are copied
together into what is booked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import Statement
from sessions.choices import SessionState
from sessions.claiming import fit_places, lock_people
from sessions.models import LearningSession, OfferSkill, PlanStep, ShadowingOffer
from skills.models import Skill, refuse_archived

Plan = Iterable[tuple[int, str, str]]  # day, stage, text


def publish(
    offer: ShadowingOffer, *, host: Employee, skills: Iterable[Skill], plan: Plan, at: datetime
) -> ShadowingOffer:
    """Save a new offer of `host`, open for booking. Raises ValidationError for a skill that is
    not in the catalogue any more."""
    skills = list(skills)
    with transaction.atomic():
        refuse_archived(*skills)
        offer.host, offer.created_at = host, at
        _follow(offer)
        offer.save()
        _write(offer, skills, plan)
    return offer


def revise(
    offer: ShadowingOffer, *, skills: Iterable[Skill], plan: Plan, at: datetime
) -> ShadowingOffer:
    """Save a changed offer. What is booked keeps what was agreed; where places are left, there are
    no more than the offer has now. Raises ValidationError as `publish` does, and for fewer places
    than are taken on some day."""
    skills = list(skills)
    with transaction.atomic():
        refuse_archived(*skills)
        _follow(offer)
        lock_people(offer.host_id)  # nobody joins meanwhile
        _lower_capacity(offer, at=at)
        offer.save()
        offer.offer_skills.all().delete()
        offer.plan.all().delete()
        _write(offer, skills, plan)
    return offer


def _follow(offer: ShadowingOffer) -> None:
    """Days that go with the host's hours are days of the host's own calendar."""
    if offer.follows_hours:
        offer.time_zone = offer.host.time_zone


def _lower_capacity(offer: ShadowingOffer, *, at: datetime) -> None:
    coming = LearningSession.objects.filter(
        offer=offer,
        state__in=[SessionState.HELD, SessionState.BOOKED],
        starts_at__gt=at,
        capacity__gt=offer.capacity,
    )
    sessions: Any = coming.annotate(taken=Count("places")).order_by("starts_at")
    for session in sessions:
        if session.taken > offer.capacity:
            words = _("%(number)s places are taken on %(day)s, so there cannot be fewer.")
            day = date_format(session.first_day, _("j F"))
            raise ValidationError({"capacity": words % {"number": session.taken, "day": day}})
    for session in sessions:
        LearningSession.objects.filter(pk=session.pk).update(capacity=offer.capacity)
        fit_places(session)


def _write(offer: ShadowingOffer, skills: Iterable[Skill], plan: Plan) -> None:
    OfferSkill.objects.bulk_create([OfferSkill(offer=offer, skill=skill) for skill in skills])
    PlanStep.objects.bulk_create(
        [PlanStep(offer=offer, day=day, stage=stage, text=text) for day, stage, text in plan]
    )


_COPY = Statement(
    """
WITH skills AS (
  INSERT INTO learning_sessions_sessionskill (organization_id, session_id, skill_id)
  SELECT o.organization_id, %(session)s, coalesce(s.merged_into_id, s.id)
  FROM learning_sessions_offerskill o
  JOIN skills_skill s ON s.organization_id = o.organization_id AND s.id = o.skill_id
  WHERE o.organization_id = %(organization)s AND o.offer_id = %(offer)s
  ORDER BY o.id FOR SHARE OF s
  ON CONFLICT DO NOTHING)
INSERT INTO learning_sessions_sessionstep
  (organization_id, session_id, day, position, stage, text)
SELECT organization_id, %(session)s, day, position, stage, text
FROM learning_sessions_planstep
WHERE organization_id = %(organization)s AND offer_id = %(offer)s AND day <= (
  SELECT count(*) FROM learning_sessions_block
  WHERE organization_id = %(organization)s AND session_id = %(session)s)
""",
    session="bigint",
    offer="bigint",
)


def copy_to(session: LearningSession) -> None:
    """Give a session its own copy of the skills and of the plan: what is agreed stays agreed."""
    # A merge that is under way ends first: once it has, Postgres reads the skill's row again.
    _COPY.run(session=session.pk, offer=session.offer_id)
