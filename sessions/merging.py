"""What is offered, booked and proposed follows a skill that is merged into another one.

Interactions stay: they tell what was taught under the name of that day.
"""

from __future__ import annotations

from django.db.models import QuerySet

from sessions.models import OfferSkill, ProposedLevel, SessionSkill
from skills.merging import moves_with_a_merge
from skills.models import Skill


@moves_with_a_merge
def move(skill: Skill, into: Skill) -> None:
    for rows, owner in (
        (OfferSkill.objects.all(), "offer"),
        (SessionSkill.objects.all(), "session"),
        (ProposedLevel.objects.all(), "participation"),
    ):
        _move(rows, owner, skill, into)


def _move(
    rows: QuerySet[OfferSkill] | QuerySet[SessionSkill] | QuerySet[ProposedLevel],
    owner: str,
    skill: Skill,
    into: Skill,
) -> None:
    """Where the owner has both, the row of `into` stays."""
    both = rows.filter(skill=into).values(owner)
    rows.filter(**{"skill": skill, f"{owner}__in": both}).delete()
    rows.filter(skill=skill).update(skill=into)
