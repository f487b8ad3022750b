"""Shift patterns of an organization, and who works in them."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.fields import DateRange
from peerlearn.organizations.models import Employee
from sessions.queries_hours import ShiftPatternManager, ShiftWorkManager
from sessions.rotations import Rotation, Stint


class ShiftPattern(FencedModel):
    """A rotation that the organization has a name for."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=80)
    kept = models.JSONField()  # a Rotation

    objects = ShiftPatternManager()

    class Meta(FencedModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="shift_pattern_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rotation(self) -> Rotation:
        return Rotation.read(self.kept)

    @classmethod
    def add(cls, *, name: str, rotation: Rotation) -> ShiftPattern:
        added: ShiftPattern = cls.objects.create(name=name, kept=rotation.kept())
        return added

    def revise(self, *, name: str, rotation: Rotation) -> None:
        """For everybody who is on it. Bookings that stand are not changed."""
        self.name, self.kept = name, rotation.kept()
        self.save(update_fields=["name", "kept"])

    def remove(self) -> None:
        """Raises ValidationError when somebody is, or was, on it."""
        if ShiftWork.objects.filter(pattern=self).exists():
            raise ValidationError(
                _("People are on “%(name)s”. Take them off it first."), params={"name": self.name}
            )
        self.delete()


class ShiftWork(FencedModel):
    """Somebody works in a pattern from one day to another; their cycle began on `anchor`.

    Days that are different go before it, as before a week.
    """

    public_id = PublicIdField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="shift_work")
    pattern = OrganizationForeignKey(ShiftPattern, models.PROTECT, related_name="work")
    anchor = models.DateField(_("first day of the cycle"))
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"), null=True, blank=True)

    objects = ShiftWorkManager()

    class Meta(FencedModel.Meta):
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(first_day__lte=F("last_day")),
                name="shift_work_order",
            ),
            ExclusionConstraint(
                name="shift_work_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    (DateRange("first_day", "last_day", Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organization", "pattern"], name="shift_work_pattern")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.pattern_id} from {self.first_day}"

    @property
    def stint(self) -> Stint:
        return Stint(self.pattern.rotation, self.anchor, self.first_day, self.last_day)

    @classmethod
    def begin(
        cls,
        employee: Employee,
        pattern: ShiftPattern,
        *,
        anchor: date,
        first_day: date,
        last_day: date | None = None,
    ) -> ShiftWork:
        """Put somebody on a pattern. Bookings that stand are not changed.

        Raises ValidationError when they are on one on some of these days.
        """
        try:
            with transaction.atomic():
                added: ShiftWork = cls.objects.create(
                    employee=employee,
                    pattern=pattern,
                    anchor=anchor,
                    first_day=first_day,
                    last_day=last_day,
                )
        except IntegrityError as broken:
            name = getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None)
            if name != "shift_work_one_at_a_time":
                raise
            raise ValidationError(
                _("%(name)s is in a shift pattern on some of these days already."),
                params={"name": employee.name},
            ) from broken
        return added

    def end(self, *, on: date) -> None:
        """They are off it from the day `on`; what has not begun is forgotten."""
        if self.first_day >= on:
            self.delete()
            return
        self.last_day = on - timedelta(days=1)
        self.save(update_fields=["last_day"])
