"""What somebody's manager or HR suggests, so that nothing rests on one person."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models import Employee
from sessions.models.offers import ShadowingOffer
from sessions.queries import SuggestionManager
from skills.models import Skill


class Suggestion(FencedModel):
    """`by` suggests to `to`: book this offer; or, without an offer, offer days in this skill.

    A word, no booking: whoever gets it decides. The two alone see it.
    """

    public_id = PublicIdField()
    by = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    to = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    skill = OrganizationForeignKey(Skill, models.CASCADE, related_name="+")
    offer = OrganizationForeignKey(ShadowingOffer, models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True)

    objects = SuggestionManager()

    class Meta(FencedModel.Meta):
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "to", "by", "skill", "offer"],
                nulls_distinct=False,
                name="suggestion_once",
            ),
            models.CheckConstraint(condition=~Q(by=F("to")), name="suggestion_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} to {self.to_id}: {self.skill_id}"

    def decline(self, *, at: datetime) -> None:
        """Show it no more; nobody is told."""
        Suggestion.objects.filter(pk=self.pk, declined_at=None).update(declined_at=at)
