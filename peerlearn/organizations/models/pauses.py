"""Days on which somebody was away, or something put away, and then came back.

The row itself says how it is now (`deactivated_at`, `leaving_on`, `archived_at`); what it said
before it came back stands here, so that coming back changes no figure of a past day.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from peerlearn.organizations.fence import (
    FencedManager,
    FencedModel,
    FencedQuerySet,
    OrganizationForeignKey,
)
from peerlearn.organizations.models.employees import Employee
from peerlearn.organizations.models.teams import Team


class PauseQuerySet(FencedQuerySet["Pause"]):
    def on(self, day: date) -> Self:
        return self.filter(valid_from__lte=day, valid_to__gt=day)


PauseManager = FencedManager.from_queryset(PauseQuerySet)


class Pause(FencedModel):
    """From `valid_from` until before `valid_to`, the day of coming back."""

    valid_from = models.DateField()
    valid_to = models.DateField()

    objects: Any = PauseManager()

    class Meta(FencedModel.Meta):
        abstract = True
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="%(class)s_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from} to {self.valid_to}"


class TimeAway(Pause):
    """An employee whose access had ended, and who was let in again."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="times_away")


class TeamArchival(Pause):
    """A team that was archived, and reopened."""

    team = OrganizationForeignKey(Team, models.CASCADE, related_name="archivals")
