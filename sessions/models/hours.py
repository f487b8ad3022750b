"""When somebody is there: the hours of their week, and the days that are different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.fields import ClockRange, DateRange
from peerlearn.organizations.models import Employee
from sessions.free_time import Hours
from sessions.queries_hours import AvailabilityExceptionManager, WeeklyHoursManager


class WeeklyHours(FencedModel):
    """A stretch of one weekday on which an employee is there, on the clock of their own zone.

    Whoever has none of these is there as their working days and hours say.
    """

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    starts = models.TimeField()
    ends = models.TimeField()

    objects = WeeklyHoursManager()

    class Meta(FencedModel.Meta):
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_hours_weekday"),
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="weekly_hours_order"),
            ExclusionConstraint(
                name="weekly_hours_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (ClockRange("starts", "ends"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}, {self.weekday}: {self.starts:%H:%M} to {self.ends:%H:%M}"

    @classmethod
    def keep(cls, employee: Employee, week: Mapping[int, Sequence[Hours]]) -> None:
        """Let this be the week of that employee; an empty one follows their working days again.

        Bookings that stand are not changed. Whoever books at this moment comes before or after.
        """
        with transaction.atomic():
            Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
            cls.objects.filter(employee=employee).delete()
            cls.objects.bulk_create(
                cls(employee=employee, weekday=day, starts=hours.starts, ends=hours.ends)
                for day, stretches in week.items()
                for hours in stretches
            )


class AvailabilityException(FencedModel):
    """Days on which an employee is absent or works other hours than in their week."""

    public_id = PublicIdField()
    employee = OrganizationForeignKey(
        Employee, models.CASCADE, related_name="availability_exceptions"
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    starts = models.TimeField(_("begins at"), null=True, blank=True)
    ends = models.TimeField(_("ends at"), null=True, blank=True)

    objects = AvailabilityExceptionManager()

    class Meta(FencedModel.Meta):
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")),
                name="availability_day_order",
                violation_error_message=_("The last day lies before the first one."),
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True)
                | Q(starts__isnull=False, ends__isnull=False) & ~Q(starts=F("ends")),
                name="availability_hours",
                violation_error_message=_("Give both times, and not the same one twice."),
            ),
            ExclusionConstraint(
                name="availability_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    (DateRange("first_day", "last_day", Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("You have already said something about these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.first_day} to {self.last_day}"

    @property
    def is_absence(self) -> bool:
        return self.starts is None
