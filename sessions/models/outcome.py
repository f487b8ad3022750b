"""What came of a session: notes, debriefs, proposed levels, and the append-only interactions."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import (
    FencedModel,
    OrganizationForeignKey,
    random_public_id,
)
from peerlearn.organizations.models import Employee, Team
from sessions.choices import Channel, Decision, Kind
from sessions.models.learning import Block, LearningSession, Participation
from sessions.queries import InteractionManager, NoteManager, ProposedLevelManager
from skills.levels import Level
from skills.models import Skill


class Note(FencedModel):
    """A line about a session: the author's own, or shared with everyone who takes part."""

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="notes")
    author = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=2000)
    shared = models.BooleanField(_("everyone in this session sees it"), default=False)
    written_at = models.DateTimeField()
    token = models.CharField(max_length=12, default=random_public_id)  # of the form it came from

    objects = NoteManager()

    class Meta(FencedModel.Meta):
        ordering = ["written_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "author", "token"], name="note_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "session"], name="note_session")]

    def __str__(self) -> str:
        return self.text[:40]

    @classmethod
    def write(
        cls,
        *,
        session: LearningSession,
        author: Employee,
        text: str,
        shared: bool,
        token: str,
        at: datetime,
    ) -> Note:
        """Keep a note. The same form sent twice keeps one; another text from it, as after a step
        back, is another note."""
        values = {"text": text, "shared": shared, "written_at": at}
        note: Note
        note, made = cls.objects.get_or_create(
            session=session, author=author, token=token, defaults=values
        )
        if not made and (note.text, note.shared) != (text, shared):
            note = cls.objects.create(session=session, author=author, **values)
        return note


class Debrief(FencedModel):
    """Four answers of one participant. The private remark is read by its author alone."""

    participation = OrganizationForeignKey(Participation, models.CASCADE, related_name="debriefs")
    can_now = models.TextField(max_length=1000, blank=True)
    differently = models.TextField(max_length=1000, blank=True)
    may_show = models.TextField(max_length=1000, blank=True)
    private_remark = models.TextField(max_length=1000, blank=True)
    submitted_at = models.DateTimeField()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "participation"], name="debrief_once")
        ]

    def __str__(self) -> str:
        return f"debrief of {self.participation_id}"


class NoShow(FencedModel):
    """That a learner did not come on a day, as the host says, and what the learner answers.

    For those two alone: it is no figure and stands in no report.
    """

    block = OrganizationForeignKey(Block, models.CASCADE, related_name="no_shows")
    participation = OrganizationForeignKey(Participation, models.CASCADE, related_name="no_shows")
    said_at = models.DateTimeField()
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "block", "participation"], name="no_show_once"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="no_show_answered_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participation_id} on {self.block_id}"


class ProposedLevel(FencedModel):
    """The level that a learner says they have reached in a skill; the host answers."""

    participation = OrganizationForeignKey(
        Participation, models.CASCADE, related_name="proposed_levels"
    )
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=Level)
    decision = models.CharField(max_length=9, choices=Decision, default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True)

    objects = ProposedLevelManager()

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "participation", "skill"], name="proposed_level_once"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=4), name="proposed_level_range"
            ),
            models.CheckConstraint(
                condition=Q(decision="open", decided_at__isnull=True)
                | (~Q(decision="open") & Q(decided_at__isnull=False)),
                name="proposed_level_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id}: {self.level}"

    def decide(self, decision: Decision, *, at: datetime) -> bool:
        """Answer an open proposal of this level; returns whether this call did."""
        changed = ProposedLevel.objects.filter(
            pk=self.pk, decision=Decision.OPEN, level=self.level
        ).update(decision=decision, decided_at=at)
        return bool(changed)


class Interaction(FencedModel):
    """Help passed from giver to receiver. Append-only: the serving role cannot change a row.

    A block's minutes are split over its skills; the giver's cost counts once per block. A
    retraction is a further row with the minutes negative.
    """

    giver = OrganizationForeignKey(Employee, models.PROTECT, related_name="given")
    receiver = OrganizationForeignKey(Employee, models.PROTECT, related_name="received")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="interactions")
    minutes = models.IntegerField()
    occurred_on = models.DateField()
    occurred_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel)
    source = models.CharField(max_length=16, choices=Kind)
    giver_team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    receiver_team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    session = OrganizationForeignKey(
        LearningSession, models.PROTECT, null=True, related_name="interactions"
    )
    block = OrganizationForeignKey(Block, models.PROTECT, null=True, related_name="interactions")
    marking = models.PositiveSmallIntegerField(default=1)  # of the block: which one it was
    retracts = OrganizationForeignKey("self", models.PROTECT, null=True, related_name="retractions")
    recorded_at = models.DateTimeField()

    objects = InteractionManager()

    class Meta(FencedModel.Meta):
        ordering = ["occurred_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(giver=F("receiver")), name="interaction_not_with_oneself"
            ),
            models.CheckConstraint(
                condition=Q(retracts__isnull=True, minutes__gt=0)
                | Q(retracts__isnull=False, minutes__lt=0),
                name="interaction_minutes",
            ),
            models.UniqueConstraint(
                fields=["organization", "block", "giver", "receiver", "skill", "marking"],
                condition=Q(retracts__isnull=True, block__isnull=False),
                name="interaction_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "retracts"], name="interaction_retracted_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "occurred_on"], name="interaction_occurred"),
            models.Index(fields=["organization", "recorded_at"], name="interaction_recorded"),
            models.Index(fields=["organization", "receiver"], name="interaction_receiver"),
            models.Index(fields=["organization", "giver"], name="interaction_giver"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} → {self.receiver_id}: {self.minutes} min"

    def retract(self, *, at: datetime) -> Interaction:
        """Take it back by a further row; a second time raises IntegrityError."""
        row: Interaction = Interaction.objects.create(
            giver=self.giver,
            receiver=self.receiver,
            skill=self.skill,
            minutes=-self.minutes,
            occurred_on=self.occurred_on,
            occurred_at=self.occurred_at,
            channel=self.channel,
            source=self.source,
            giver_team=self.giver_team,
            receiver_team=self.receiver_team,
            session=self.session,
            block=self.block,
            marking=self.marking,
            retracts=self,
            recorded_at=at,
        )
        return row
