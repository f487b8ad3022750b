"""When people are there: hours of their own, absences, shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.models import Employee
from sessions.free_time import Hours

if TYPE_CHECKING:
    from sessions.models import (  # noqa: F401 - in quotes
        AvailabilityException,
        ShiftPattern,
        ShiftWork,
        WeeklyHours,
    )


class AvailabilityExceptionQuerySet(FencedQuerySet["AvailabilityException"]):
    def visible_to(self, employee: Employee) -> AvailabilityExceptionQuerySet:
        """One's own."""
        return self.filter(employee=employee) if employee.active else self.none()


class WeeklyHoursQuerySet(FencedQuerySet["WeeklyHours"]):
    def visible_to(self, employee: Employee) -> WeeklyHoursQuerySet:
        """One's own."""
        return self.filter(employee=employee) if employee.active else self.none()

    def week(self) -> dict[int, list[Hours]]:
        """The hours of one employee's rows by weekday; empty when they have none of their own."""
        week: dict[int, list[Hours]] = {}
        for row in self.order_by("weekday", "starts"):
            week.setdefault(row.weekday, []).append(Hours(row.starts, row.ends))
        return week


class ShiftPatternQuerySet(FencedQuerySet["ShiftPattern"]):
    def visible_to(self, employee: Employee) -> ShiftPatternQuerySet:
        """Everybody's; who is on one is another question."""
        return self if employee.active else self.none()


class ShiftWorkQuerySet(FencedQuerySet["ShiftWork"]):
    def visible_to(self, employee: Employee) -> ShiftWorkQuerySet:
        """One's own and those of the reporting line below; HR sees everybody's."""
        if not employee.active:
            return self.none()
        if employee.is_hr:
            return self
        below = Employee.objects.below(employee).values("pk")
        return self.filter(Q(employee=employee) | Q(employee__in=below))


AvailabilityExceptionManager = FencedManager.from_queryset(AvailabilityExceptionQuerySet)
WeeklyHoursManager = FencedManager.from_queryset(WeeklyHoursQuerySet)
ShiftPatternManager = FencedManager.from_queryset(ShiftPatternQuerySet)
ShiftWorkManager = FencedManager.from_queryset(ShiftWorkQuerySet)
