"""What people say that they can teach and want to learn."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey
from peerlearn.organizations.models import Employee
from peerlearn.organizations.models.pauses import Pause
from skills.levels import Urgency
from skills.models.skills import Skill, refuse_archived
from skills.queries import NeedManager, OfferManager


class Offer(FencedModel):
    """I can teach this."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="offers")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="offers")
    note = models.CharField(_("note"), max_length=200, blank=True)
    since = models.DateField()

    objects = OfferManager()

    class Meta(FencedModel.Meta):
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "employee", "skill"], name="offer_once")
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="offer_skill")]

    def __str__(self) -> str:
        return f"{self.employee_id} teaches {self.skill_id}"

    @classmethod
    def make(cls, *, employee: Employee, skill: Skill, on: date, note: str = "") -> Offer:
        """Offer to teach a skill; offering again changes the note alone."""
        with transaction.atomic():
            refuse_archived(skill)
            offer: Offer
            offer, _made = cls.objects.update_or_create(
                employee=employee,
                skill=skill,
                defaults={"note": note},
                create_defaults={"note": note, "since": on},
            )
            return offer


class Need(FencedModel):
    """I want to learn this."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="needs")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="needs")
    urgency = models.PositiveSmallIntegerField(_("how urgently"), choices=Urgency)
    since = models.DateField()

    objects = NeedManager()

    class Meta(FencedModel.Meta):
        ordering = ["-urgency", "since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "employee", "skill"], name="need_once"),
            models.CheckConstraint(
                condition=Q(urgency__gte=1, urgency__lte=3), name="need_urgency"
            ),
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="need_skill")]

    def __str__(self) -> str:
        return f"{self.employee_id} wants {self.skill_id}"

    @classmethod
    def make(cls, *, employee: Employee, skill: Skill, urgency: int, on: date) -> Need:
        """Want a skill; wanting it again changes the urgency and keeps the waiting time."""
        with transaction.atomic():
            refuse_archived(skill)
            need: Need
            need, _made = cls.objects.update_or_create(
                employee=employee,
                skill=skill,
                defaults={"urgency": urgency},
                create_defaults={"urgency": urgency, "since": on},
            )
            return need

    @classmethod
    def end(cls, *, employee: Employee, skill: Skill, on: date) -> None:
        """Want it no longer from that day on; that it was wanted until then is kept."""
        with transaction.atomic():
            for need in cls.objects.select_for_update().filter(employee=employee, skill=skill):
                if need.since < on:
                    FormerNeed.objects.create(
                        employee=employee,
                        skill=skill,
                        urgency=need.urgency,
                        valid_from=need.since,
                        valid_to=on,
                    )
                need.delete()


class FormerNeed(Pause):
    """A wish that has ended, for whoever asks about a past day."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="+")
    urgency = models.PositiveSmallIntegerField(choices=Urgency)

    class Meta(Pause.Meta):
        indexes = [models.Index(fields=["organization", "skill"], name="former_need_skill")]
