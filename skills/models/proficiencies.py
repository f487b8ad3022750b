"""The levels that people have, claimed or confirmed, today and in the past."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.months import add_months
from peerlearn.organizations.fence import (
    FencedManager,
    FencedModel,
    OrganizationForeignKey,
    PublicIdField,
)
from peerlearn.organizations.fields import DateRange
from peerlearn.organizations.models import Employee, Organization
from skills.levels import Level, Source
from skills.models.skills import Skill, keep_in_place, refuse_archived
from skills.queries import ProficiencyManager
from skills.validity import Validity

_OWN_WORD: dict[str, Any] = {
    "source": "claimed",
    "confirmed_by": None,
    "confirmed_on": None,
    "confirmed_until": None,
}


class Proficiency(Validity):
    """An employee's level in a skill from `valid_from` until before `valid_to`.

    A change ends the row and begins another, so that every past day can be answered; only what
    began on the same day is replaced. A confirmation holds through `confirmed_until`; afterwards
    the level counts as claimed.
    """

    public_id = PublicIdField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="proficiencies")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="proficiencies")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    source = models.CharField(max_length=9, choices=Source)
    confirmed_by = OrganizationForeignKey(
        Employee, models.PROTECT, null=True, related_name="confirmations"
    )
    confirmed_on = models.DateField(null=True)
    confirmed_until = models.DateField(null=True)

    objects = ProficiencyManager()

    class Meta(FencedModel.Meta):
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=4), name="proficiency_level"
            ),
            models.CheckConstraint(
                condition=Q(
                    source="claimed",
                    confirmed_by__isnull=True,
                    confirmed_on__isnull=True,
                    confirmed_until__isnull=True,
                )
                | Q(
                    source="confirmed",
                    confirmed_by__isnull=False,
                    confirmed_on__isnull=False,
                    confirmed_until__gt=F("confirmed_on"),
                ),
                name="proficiency_source",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("employee")), name="proficiency_not_by_oneself"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="proficiency_not_empty",
            ),
            ExclusionConstraint(
                name="proficiency_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    ("skill", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "skill", "level"], name="proficiency_skill"),
            models.Index(fields=["organization", "employee"], name="proficiency_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.skill_id}: {self.level}"

    @classmethod
    def claim(cls, *, employee: Employee, skill: Skill, level: int, on: date) -> Proficiency:
        """Say for oneself what level holds from the day `on`; saying the same again keeps the
        confirmation. Raises ValidationError before the last change and for an archived skill."""
        with transaction.atomic():
            current = cls._current(employee, skill)
            refuse_archived(skill)
            if current is not None:
                if current.level == level:
                    return current
                current.doubts.all().delete()
                return current.succeed(on=on, level=level, **_OWN_WORD)
            row: Proficiency = cls.objects.create(
                employee=employee, skill=skill, level=level, source=Source.CLAIMED, valid_from=on
            )
            return row

    def confirm(self, *, by: Employee, at: datetime) -> Proficiency:
        """A peer who works at that level says so; holds for the organization's interval.

        Raises ValidationError for oneself, for someone below that level, and when the level has
        changed since it was read. The first of two who confirm on one day stays.
        """
        organization = Organization.objects.get(pk=self.organization_id)
        day = at.astimezone(organization.zone).date()
        with transaction.atomic():
            current = self._current(self.employee, self.skill)
            if current is None or current.level != self.level:
                raise ValidationError(gettext("The level has just been changed. Look again."))
            if not current.may_be_confirmed_by(by):
                raise ValidationError(
                    gettext("Only a colleague who works at that level can confirm it.")
                )
            if current.confirmed_on == day:
                return current
            return current.succeed(
                on=max(day, current.valid_from),
                source=Source.CONFIRMED,
                confirmed_by=by,
                confirmed_on=day,
                confirmed_until=add_months(day, organization.confirmation_months),
            )

    def withdraw(self, *, on: date) -> None:
        """From the day `on` no level is said any more; what was before stays."""
        with transaction.atomic():
            current = self._current(self.employee, self.skill)
            if current is not None:
                current.end(on=on)

    def may_be_confirmed_by(self, peer: Employee) -> bool:
        """Whether that colleague works at this level or above."""
        if peer.pk == self.employee_id or not peer.active:
            return False
        own = Proficiency.objects.current().filter(employee=peer, skill=self.skill_id)
        return own.filter(level__gte=self.level).exists()

    def is_confirmed(self, day: date) -> bool:
        return self.confirmed_until is not None and day <= self.confirmed_until

    @classmethod
    def _current(cls, employee: Employee, skill: Skill) -> Proficiency | None:
        """The open row, with the person locked, so that two changes come one after the other, and
        with the skill kept where it is, so that no merge goes past it."""
        Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        keep_in_place([skill.pk])
        rows = cls.objects.filter(employee=employee, skill=skill, valid_to=None)
        return rows.select_related("employee", "skill").first()


class Doubt(FencedModel):
    """A peer could not confirm a level. Seen by nobody: it only keeps the question from them."""

    proficiency = OrganizationForeignKey(Proficiency, models.CASCADE, related_name="doubts")
    by = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")

    objects = FencedManager()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "proficiency", "by"], name="doubt_once")
        ]

    def __str__(self) -> str:
        return "a doubt"
