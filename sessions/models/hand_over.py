"""Days that their host cannot host any more, and who is asked to take them over."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models import Employee
from sessions.choices import Answer, Outcome
from sessions.models.learning import LearningSession
from sessions.models.offers import ShadowingOffer
from sessions.queries_handing import HandOverManager, HandOverRequestManager


class HandOver(FencedModel):
    """The host of a session cannot go on: its days wait for another host, or for later days.

    Why is the host's own matter; `reason` is what the learners are to read.
    """

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="hand_overs")
    # The session of the days before, when some of them were begun.
    cut_from = OrganizationForeignKey(
        LearningSession, models.CASCADE, null=True, related_name="cut_off"
    )
    host = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")  # who cannot go on
    said_by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.OPEN)
    ended_at = models.DateTimeField(null=True)

    objects = HandOverManager()

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session"],
                condition=Q(outcome="open"),
                name="hand_over_open_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", ended_at__isnull=True)
                | (~Q(outcome="open") & Q(ended_at__isnull=False)),
                name="hand_over_ended_at",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "session"], name="hand_over_session"),
            models.Index(fields=["organization", "cut_from"], name="hand_over_cut_from"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.outcome}"

    def has_ended(self, session: LearningSession) -> bool:
        """Whether nobody took over the days of that session."""
        return self.session_id == session.pk and self.outcome == Outcome.ENDED

    def came_back(self, session: LearningSession) -> bool:
        """Whether the days that were cut off stand where they were cut from."""
        return self.session_id == session.pk and self.outcome == Outcome.BACK

    def end(self, outcome: Outcome, *, at: datetime) -> bool:
        """Settle it once; whoever is asked still is asked no more. Whether this call did it."""
        changed = HandOver.objects.filter(pk=self.pk, outcome=Outcome.OPEN).update(
            outcome=outcome, ended_at=at
        )
        asked = HandOverRequest.objects.filter(hand_over=self, answer=Answer.OPEN)
        asked.update(answer=Answer.WITHDRAWN, answered_at=at)
        return bool(changed)


class HandOverRequest(FencedModel):
    """Another host is asked to take over. Nothing is theirs until they accept."""

    public_id = PublicIdField()
    hand_over = OrganizationForeignKey(HandOver, models.CASCADE, related_name="requests")
    host = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")  # who is asked
    offer = OrganizationForeignKey(ShadowingOffer, models.PROTECT, related_name="+")  # of theirs
    asked_by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True)

    objects = HandOverRequestManager()

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "hand_over"],
                condition=Q(answer__in=["open", "accepted"]),
                name="hand_over_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(answer="open", answered_at__isnull=True)
                | (~Q(answer="open") & Q(answered_at__isnull=False)),
                name="hand_over_answered_at",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "host", "answer"], name="hand_over_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.host_id} for {self.hand_over_id}: {self.answer}"

    def is_open(self, at: datetime) -> bool:
        return self.answer == Answer.OPEN and self.expires_at > at

    def settle(self, answer: Answer, *, at: datetime) -> bool:
        """Answer it, if it is open still. Whether this call did it."""
        changed = HandOverRequest.objects.filter(pk=self.pk, answer=Answer.OPEN).update(
            answer=answer, answered_at=at
        )
        if changed:
            self.answer, self.answered_at = answer, at
        return bool(changed)
