"""A learning session: who takes part, its blocks of time, and the one table of a person's time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.fields import validate_time_zone
from peerlearn.organizations.models import Employee
from sessions.choices import BlockState, Kept, Kind, Seat, SessionState, Stage
from sessions.models.offers import ShadowingOffer, Waiting
from sessions.queries import ClaimManager, ParticipationManager, SessionManager
from skills.models import Skill

LIVE = (SessionState.HELD, SessionState.BOOKED, SessionState.COMPLETED, SessionState.OPEN)


class LearningSession(FencedModel):
    """Employees meet to pass a skill on.

    What was offered (subject, place, what to bring) is copied: a later change of the offer does
    not change what was agreed.
    """

    public_id = PublicIdField()
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=9, choices=SessionState)
    host = OrganizationForeignKey(Employee, models.PROTECT, related_name="hosted_sessions")
    offer = OrganizationForeignKey(
        ShadowingOffer, models.PROTECT, null=True, related_name="sessions"
    )
    subject = models.CharField(max_length=500)
    skills = models.ManyToManyField(Skill, through="SessionSkill", related_name="+")
    capacity = models.PositiveSmallIntegerField(default=1)
    place = models.CharField(max_length=200, blank=True)
    bring = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    cancel_reason = models.CharField(_("reason"), max_length=500, blank=True)
    by_leaving = models.BooleanField(default=False)  # `cancelled_by` left; they did not cancel it

    objects = SessionManager()

    class Meta(FencedModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_order"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="session_capacity"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "expired"], booked_at__isnull=True)
                | Q(
                    state__in=["booked", "completed", "cancelled", "moved", "open"],
                    booked_at__isnull=False,
                ),
                name="session_booked_at",
            ),
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at__isnull=True)),
                name="session_completed_at",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="session_cancelled_at",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "offer", "starts_at"], name="session_offer"),
            models.Index(fields=["organization", "host", "starts_at"], name="session_host"),
            models.Index(fields=["organization", "starts_at"], name="session_starts_at"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def cut_short(self, *, at: datetime) -> None:
        """Let the days that have not begun fall away, with the time that was claimed for them.

        What was done stays; what began and is not marked yet can still be. Needs a first day that
        has begun.
        """
        blocks = Block.objects.filter(session=self)
        falls = blocks.filter(state=BlockState.PLANNED, starts_at__gt=at)
        numbers = list(falls.values_list("pk", flat=True))
        falls.update(state=BlockState.CANCELLED)
        Claim.objects.filter(block__in=numbers).update(active=False, held_until=None)
        kept = blocks.exclude(state=BlockState.CANCELLED)
        self.ends_at = kept.order_by("number").values_list("ends_at", flat=True).last()
        self.save(update_fields=["ends_at"])
        if not kept.filter(state=BlockState.PLANNED).exists():
            self.complete(at=at)

    @property
    def first_day(self) -> date:
        """The day on which it begins where it takes place, whoever asks from wherever."""
        return self.starts_at.astimezone(self.zone).date()

    def complete(self, *, at: datetime) -> bool:
        """Close a booked session of which no day is left to come and one took place.

        Days that were not done did not take place. Returns whether this call closed it.
        """
        blocks = Block.objects.filter(session=self)
        if blocks.filter(state=BlockState.PLANNED, ends_at__gt=at).exists():
            return False
        if not blocks.filter(state=BlockState.DONE).exists():
            return False
        changed = LearningSession.objects.filter(pk=self.pk, state=SessionState.BOOKED).update(
            state=SessionState.COMPLETED, completed_at=at
        )
        if not changed:
            return False
        blocks.filter(state=BlockState.PLANNED).update(state=BlockState.MISSED)
        Participation.objects.filter(session=self, state=SessionState.BOOKED).update(
            state=SessionState.COMPLETED
        )
        self.state, self.completed_at = SessionState.COMPLETED, at
        return True


class SessionSkill(FencedModel):
    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="session_skills")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="+")

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "skill"], name="session_skill_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="session_skill_skill")]

    def __str__(self) -> str:
        return f"{self.skill_id} in {self.session_id}"


class Block(FencedModel):
    """One stretch of time of a session: a three-day shadowing has three."""

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="blocks")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=BlockState, default=BlockState.PLANNED)
    done_at = models.DateTimeField(null=True)
    done_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    marking = models.PositiveSmallIntegerField(default=1)  # one more each time it is taken back

    class Meta(FencedModel.Meta):
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "number"], name="block_number"
            ),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="block_order"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
                name="block_done_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}, day {self.number}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Participation(FencedModel):
    """An employee in a session. A learner's is their booking: held, then booked."""

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="participations")
    employee = OrganizationForeignKey(Employee, models.PROTECT, related_name="participations")
    seat = models.CharField(max_length=8, choices=Seat)
    state = models.CharField(max_length=9, choices=SessionState)
    held_at = models.DateTimeField()  # since when; a hold has its own half hour
    held_until = models.DateTimeField(null=True)
    goal = models.CharField(_("goal"), max_length=300, blank=True)
    booked_at = models.DateTimeField(null=True)
    # Of a learner who gives up one place of several; else the session's is the reason. Of a place
    # that was moved away: why.
    cancel_reason = models.CharField(max_length=500, blank=True)
    # While held: the booking that is to come here. Moved: the booking that was here.
    moves = OrganizationForeignKey("self", models.CASCADE, null=True, related_name="stand_ins")
    moved_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    # Of a place that was offered to who waits: held longer, and beside a hold of one's own.
    waiting = OrganizationForeignKey(Waiting, models.CASCADE, null=True, related_name="offered")
    # Of a hold that somebody else decides about: likewise. It stays when the hold is over.
    kept = models.CharField(max_length=8, choices=Kept, blank=True, default="")

    objects = ParticipationManager()

    class Meta(FencedModel.Meta):
        ordering = ["session", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "employee"],
                condition=Q(state__in=LIVE),
                name="participation_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "employee"],
                condition=Q(state="held", seat="shadow", waiting__isnull=True, kept=""),
                name="participation_one_hold",
            ),
            models.CheckConstraint(
                condition=Q(state="held", held_until__isnull=False)
                | (~Q(state="held") & Q(held_until__isnull=True)),
                name="participation_held_until",
            ),
            models.CheckConstraint(
                condition=Q(moves__isnull=True) | Q(state__in=["held", "expired", "moved"]),
                name="participation_moves",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "employee", "state"], name="participation_of"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.session_id}"

    def is_held(self, at: datetime) -> bool:
        """Whether its hold stands at that instant."""
        return (
            self.state == SessionState.HELD and self.held_until is not None and self.held_until > at
        )

    def is_requested(self, at: datetime) -> bool:
        """Whether it waits for somebody's approval at that instant."""
        return self.kept == Kept.REQUEST and self.is_held(at)

    def may_move(self, at: datetime) -> bool:
        """Whether it can be moved to other days of its offer: until the first day begins."""
        booked = self.state == self.session.state == SessionState.BOOKED
        return booked and self.session.offer_id is not None and self.session.starts_at > at


class Place(FencedModel):
    """A numbered place of a session; two cannot take the same one."""

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()
    participation = OrganizationForeignKey(Participation, models.CASCADE, related_name="places")

    class Meta(FencedModel.Meta):
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "number"], name="place_number"
            ),
            models.UniqueConstraint(fields=["organization", "participation"], name="place_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="place_from_one"),
        ]

    def __str__(self) -> str:
        return f"place {self.number} of {self.session_id}"


class Claim(FencedModel):
    """A block of one employee's time, held (`held_until`) or confirmed.

    The one table of a person's time: two active claims of an employee cannot overlap unless they
    are for the same participation (`held_for`), which stays the same through a move.
    """

    employee = OrganizationForeignKey(Employee, models.PROTECT, related_name="claims")
    block = OrganizationForeignKey(Block, models.CASCADE, related_name="claims")
    held_for = OrganizationForeignKey(Participation, models.CASCADE, related_name="claims")
    during = DateTimeRangeField()
    held_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)

    objects = ClaimManager()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "block", "employee"], name="claim_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    during__isempty=False, during__lower_inf=False, during__upper_inf=False
                ),
                name="claim_bounded",
            ),
            ExclusionConstraint(
                name="claim_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                    ("held_for", RangeOperators.NOT_EQUAL),
                ],
                condition=Q(active=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "employee"],
                condition=Q(active=True),
                name="claim_employee",
            ),
            models.Index(fields=["organization", "held_for"], name="claim_held_for"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.during}"


class SessionStep(FencedModel):
    """One line of a session's checklist, copied from the plan when it was booked."""

    session = OrganizationForeignKey(LearningSession, models.CASCADE, related_name="steps")
    day = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=8, choices=Stage)
    text = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")

    class Meta(FencedModel.Meta):
        ordering = ["day", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "session", "day", "position"], name="session_step_position"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="session_step_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.text}"

    def tick(self, *, by: Employee, at: datetime) -> None:
        """Mark it done; the first who does so stays."""
        SessionStep.objects.filter(pk=self.pk, done_at=None).update(done_at=at, done_by=by)

    def untick(self) -> None:
        """Mark it not done."""
        SessionStep.objects.filter(pk=self.pk).update(done_at=None, done_by=None)
