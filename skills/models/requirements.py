"""What a team wants."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey
from peerlearn.organizations.fields import DateRange
from peerlearn.organizations.models import Team
from skills.models.skills import Skill, keep_in_place, refuse_archived
from skills.queries import RequirementManager
from skills.validity import Validity


class Requirement(Validity):
    """How many people a team wants who can do a skill alone, from a day on."""

    team = OrganizationForeignKey(Team, models.CASCADE, related_name="requirements")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="requirements")
    wanted = models.PositiveSmallIntegerField(
        _("how many"), validators=[MinValueValidator(1), MaxValueValidator(999)]
    )

    objects = RequirementManager()

    class Meta(FencedModel.Meta):
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__gte=1, wanted__lte=999), name="requirement_wanted"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="requirement_not_empty",
            ),
            ExclusionConstraint(
                name="requirement_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    ("skill", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="requirement_skill")]

    def __str__(self) -> str:
        return f"{self.team_id} wants {self.wanted} in {self.skill_id}"

    @classmethod
    def want(cls, *, team: Team, skill: Skill, wanted: int, on: date) -> Requirement | None:
        """From the day `on` the team wants so many who can do it alone; 0 ends the wish."""
        with transaction.atomic():
            Team.objects.select_for_update(no_key=True).get(pk=team.pk)
            keep_in_place([skill.pk])
            current = cls.objects.filter(team=team, skill=skill, valid_to=None).first()
            if current is not None:
                if wanted == 0:
                    current.end(on=on)
                    return None
                same: Requirement = current
                return same if same.wanted == wanted else same.succeed(on=on, wanted=wanted)
            if wanted == 0:
                return None
            refuse_archived(skill)
            made: Requirement = cls.objects.create(
                team=team, skill=skill, wanted=wanted, valid_from=on
            )
            return made
