"""What a host offers."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.fields import validate_time_zone
from peerlearn.organizations.models import Employee
from sessions.choices import Stage
from sessions.free_time import Wish
from sessions.queries import OfferManager, WaitingManager
from skills.models import Skill

LONGEST_DAY_MINUTES = 12 * 60
MOST_DAYS_APART = 60


class ShadowingOffer(FencedModel):
    """A host lets learners spend one or more working days beside them."""

    public_id = PublicIdField()
    host = OrganizationForeignKey(Employee, models.PROTECT, related_name="shadowing_offers")
    title = models.CharField(_("title"), max_length=120, blank=True)
    skills = models.ManyToManyField(
        Skill, through="OfferSkill", related_name="shadowing_offers", verbose_name=_("skills")
    )
    days = models.PositiveSmallIntegerField(
        _("days"), default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    # Chosen one by one by the learner, all within so many days; None is in a row alone.
    within_days = models.PositiveSmallIntegerField(_("within so many days"), null=True, blank=True)
    starts_at = models.TimeField(_("begins at"), default=time(8))
    minutes = models.PositiveSmallIntegerField(
        _("minutes a day"),
        default=480,
        validators=[MinValueValidator(30), MaxValueValidator(LONGEST_DAY_MINUTES)],
    )
    follows_hours = models.BooleanField(_("as I work on each day"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    place = models.CharField(_("place"), max_length=200, blank=True)
    bring = models.CharField(_("what to bring"), max_length=200, blank=True)
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"), default=3, validators=[MaxValueValidator(90)]
    )
    per_month = models.PositiveSmallIntegerField(
        _("how often a month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    capacity = models.PositiveSmallIntegerField(
        _("learners at a time"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    active = models.BooleanField(_("open for booking"), default=True)
    created_at = models.DateTimeField(editable=False)

    objects = OfferManager()

    class Meta(FencedModel.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=10), name="offer_days"),
            models.CheckConstraint(
                condition=Q(within_days__isnull=True)
                | Q(days__gte=2, within_days__gte=F("days"), within_days__lte=MOST_DAYS_APART),
                name="offer_within_days",
                violation_error_message=_(
                    "Two days or more lie apart, within at least as many days and at most 60."
                ),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=30, minutes__lte=LONGEST_DAY_MINUTES),
                name="offer_minutes",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="offer_capacity"),
            models.CheckConstraint(condition=Q(per_month__gte=1), name="offer_per_month"),
        ]
        indexes = [
            models.Index(fields=["organization", "host"], name="shadowing_offer_host"),
        ]

    def __str__(self) -> str:
        return self.title or self.host.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def wish(self) -> Wish:
        return Wish(
            days=self.days,
            starts_at=self.starts_at,
            minutes=self.minutes,
            zone=self.zone,
            follows=self.follows_hours,
        )

    @property
    def subject(self) -> str:
        """What is learned: the title, or the names of the skills (see `with_subject()`)."""
        if self.title:
            return self.title
        names = getattr(self, "skill_names", None)
        if names is None:
            names = self.offer_skills.values_list("skill__name", flat=True)
        return ", ".join(names)

    def close(self) -> None:
        """Take no more bookings; those that stand are kept."""
        ShadowingOffer.objects.filter(pk=self.pk).update(active=False)
        self.active = False

    def reopen(self) -> None:
        """Take bookings again."""
        ShadowingOffer.objects.filter(pk=self.pk).update(active=True)
        self.active = True


class OfferSkill(FencedModel):
    offer = OrganizationForeignKey(ShadowingOffer, models.CASCADE, related_name="offer_skills")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="+")

    class Meta(FencedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "offer", "skill"], name="offer_skill_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="offer_skill_skill")]

    def __str__(self) -> str:
        return f"{self.skill_id} in {self.offer_id}"


class Waiting(FencedModel):
    """Somebody waits for a place of an offer, in the order in which they joined."""

    offer = OrganizationForeignKey(ShadowingOffer, models.CASCADE, related_name="waiting")
    employee = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    objects = WaitingManager()

    class Meta(FencedModel.Meta):
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "offer", "employee"],
                condition=Q(left_at__isnull=True),
                name="waiting_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} for {self.offer_id}"


class PlanStep(FencedModel):
    """What happens on one day of an offer."""

    offer = OrganizationForeignKey(ShadowingOffer, models.CASCADE, related_name="plan")
    day = models.PositiveSmallIntegerField(_("day"))
    position = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(_("how"), max_length=8, choices=Stage)
    text = models.CharField(_("what"), max_length=200, blank=True)

    class Meta(FencedModel.Meta):
        ordering = ["day", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "offer", "day", "position"], name="plan_step_position"
            ),
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=10), name="plan_step_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.text}"
