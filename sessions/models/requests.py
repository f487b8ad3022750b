"""Holds that somebody else decides about: bookings that wait for approval, proposed days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models import Employee
from sessions.choices import Answer
from sessions.models.learning import Participation
from sessions.queries import ProposalManager, RequestManager

_UNTIL_ASKED_AGAIN = timedelta(days=2)


class Request(FencedModel):
    """A learner's hold that is kept until somebody above them has answered.

    The hold is the truth of the place: when it is over, there is nothing to answer any more.
    """

    public_id = PublicIdField()
    participation = OrganizationForeignKey(Participation, models.CASCADE, related_name="requests")
    asked = OrganizationForeignKey(  # none: HR
        Employee, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    runs_out_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True)
    answered_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    objects = RequestManager()

    class Meta(FencedModel.Meta):
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "participation"],
                condition=Q(answer="open"),
                name="request_once",
            ),
            models.CheckConstraint(
                condition=Q(answer="open", answered_at__isnull=True)
                | (~Q(answer="open") & Q(answered_at__isnull=False)),
                name="request_answered_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "asked"], condition=Q(answer="open"), name="request_asked"
            ),
            models.Index(fields=["organization", "participation"], name="request_participation"),
        ]

    def __str__(self) -> str:
        return f"for {self.participation_id}: {self.answer}"

    @property
    def is_short(self) -> bool:
        """Whether it runs out before somebody further up would be asked, as where the host's notice
        ends soon."""
        return self.runs_out_at - self.made_at < _UNTIL_ASKED_AGAIN

    def close(
        self, answer: Answer, *, by: Employee | None = None, reason: str = "", at: datetime
    ) -> bool:
        """Answer it, unless it has been; whether this call did."""
        changed = Request.objects.filter(pk=self.pk, answer=Answer.OPEN).update(
            answer=answer, answered_by=by, answered_at=at, reason=reason.strip()
        )
        if changed:
            self.answer, self.answered_by = answer, by
            self.answered_at, self.reason = at, reason.strip()
        return bool(changed)


class Proposal(FencedModel):
    """Fixed days that a manager or HR keeps for one of their people, until they confirm."""

    public_id = PublicIdField()
    participation = OrganizationForeignKey(Participation, models.CASCADE, related_name="proposals")
    by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = ProposalManager()

    class Meta(FencedModel.Meta):
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "participation"], name="proposal_once"),
            models.CheckConstraint(
                condition=Q(answer="open", answered_at__isnull=True)
                | (~Q(answer="open") & Q(answered_at__isnull=False)),
                name="proposal_answered_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "by"], condition=Q(answer="open"), name="proposal_by"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by_id} for {self.participation_id}: {self.answer}"

    def close(self, answer: Answer, *, reason: str = "", at: datetime) -> bool:
        """Answer it, unless it has been; whether this call did."""
        changed = Proposal.objects.filter(pk=self.pk, answer=Answer.OPEN).update(
            answer=answer, answered_at=at, reason=reason.strip()
        )
        if changed:
            self.answer, self.answered_at, self.reason = answer, at, reason.strip()
        return bool(changed)
