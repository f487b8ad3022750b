"""When people are there, read at once for any number of them: their weeks, the days that are
different, public holidays and the organization's own days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    Field,
    JSONField,
    PositiveSmallIntegerField,
    Q,
    TimeField,
    Value,
)
from django.db.models.functions import Cast
from django.utils.translation import get_language

from peerlearn.organizations.models import CompanyDay, Employee, Organization
from peerlearn.organizations.public_holidays import Closing, OwnDay, closings
from peerlearn.organizations.written import NOBODY, written
from sessions.free_time import Hours, WorkingTime
from sessions.models import AvailabilityException, ShiftWork, WeeklyHours
from sessions.rotations import Rotation, Stint

ONE_DAY = timedelta(days=1)


class _Row(NamedTuple):
    """Of a week there is a weekday, of a day that is different an employee and days, of a day of
    the organization days and a place."""

    employee: int | None
    weekday: int | None
    first: Any
    last: Any
    starts: Any
    ends: Any
    name: str
    country: str
    anchor: Any
    rotation: dict[str, Any] | None  # of a stint in shifts


class WorkingTimes:
    """Of `people` (ids), on the days `first` to `last`. One query."""

    def __init__(
        self, people: Iterable[int], organization: Organization, *, first: date, last: date
    ) -> None:
        self.people, self.organization = set(people), organization
        self.first, self.last = first, last
        self._closings: dict[tuple[str, str], dict[date, Closing]] = {}

    def of(self, employee: Employee) -> WorkingTime:
        return WorkingTime(
            zone=employee.zone,
            weekly=self._weeks.get(employee.pk) or usual_week(employee),
            exceptions=self._exceptions[employee.pk],
            closed={day: one.free_from for day, one in self.closings(employee).items()},
            last_day=employee.leaving_on,
            stints=self._stints.get(employee.pk, ()),
        )

    def closings(self, employee: Employee) -> dict[date, Closing]:
        """Public holidays where they work, and what the organization says of them."""
        place = employee.works_in(self.organization)
        if place not in self._closings:
            own = (
                OwnDay(row.first, row.country, row.name, row.ends)
                for row in self._rows
                if row.employee is None
            )
            language = get_language() or self.organization.language
            self._closings[place] = closings(
                *place, own, first=self.first, last=self.last, language=language
            )
        return self._closings[place]

    @cached_property
    def _weeks(self) -> dict[int, dict[int, list[Hours]]]:
        """The hours by employee and weekday of those who have their own."""
        weeks: dict[int, dict[int, list[Hours]]] = {}
        for row in self._rows:
            if row.employee is not None and row.weekday is not None:
                week = weeks.setdefault(row.employee, {})
                week.setdefault(row.weekday, []).append(Hours(row.starts, row.ends))
        return weeks

    @cached_property
    def _stints(self) -> dict[int, list[Stint]]:
        """In which shift patterns they are, by employee."""
        result: dict[int, list[Stint]] = {}
        for row in self._rows:
            if row.employee is not None and row.rotation is not None:
                stint = Stint(Rotation.read(row.rotation), row.anchor, row.first, row.last)
                result.setdefault(row.employee, []).append(stint)
        return result

    @cached_property
    def _exceptions(self) -> dict[int, dict[date, Sequence[Hours]]]:
        """The hours of days that are different, by employee and day."""
        result: dict[int, dict[date, Sequence[Hours]]] = defaultdict(dict)
        for row in self._rows:
            if row.employee is None or row.weekday is not None or row.rotation is not None:
                continue
            day = max(row.first, self.first)
            while day <= min(row.last, self.last):
                result[row.employee][day] = (Hours(row.starts, row.ends),) if row.starts else ()
                day += ONE_DAY
        return result

    @cached_property
    def _rows(self) -> list[_Row]:
        people = (NOBODY, *self.people)
        return [_Row(*row) for row in _rows(people=people, first=self.first, last=self.last)]


@written
def _rows(people: Any, first: Any, last: Any) -> Any:
    nobody, no_weekday = _null(BigIntegerField()), _null(PositiveSmallIntegerField())
    no_day, no_time = _null(DateField()), _null(TimeField())
    no_text = Value("", output_field=CharField())
    no_shifts = no_day, _null(JSONField())
    weekly = WeeklyHours.objects.filter(employee__in=people)
    different = AvailabilityException.objects.filter(
        employee__in=people, last_day__gte=first, first_day__lte=last
    )
    company = CompanyDay.objects.filter(day__range=(first, last))
    shifts = ShiftWork.objects.filter(employee__in=people, first_day__lte=last)
    nothing, days = (no_text, no_text), ("first_day", "last_day")
    rows = weekly.order_by().values_list(
        "employee_id", "weekday", no_day, no_day, "starts", "ends", *nothing, *no_shifts
    )
    others = different.order_by().values_list(
        "employee_id", no_weekday, *days, "starts", "ends", *nothing, *no_shifts
    )
    off = company.order_by().values_list(
        nobody, no_weekday, "day", "day", no_time, "free_from", "name", "country", *no_shifts
    )
    on = (
        shifts.filter(Q(last_day=None) | Q(last_day__gte=first))
        .order_by()
        .values_list(
            "employee_id",
            no_weekday,
            *days,
            no_time,
            no_time,
            *nothing,
            "anchor",
            "pattern__kept",
        )
    )
    return rows.union(others, off, on, all=True)


def _null(field: Field[Any, Any]) -> Cast:
    """Nothing, of a type that Postgres knows: it looks at two parts of a union at a time."""
    return Cast(Value(None), field)


def usual_week(employee: Employee) -> dict[int, list[Hours]]:
    """The same hours on every working day, as somebody's profile has them."""
    hours = Hours(employee.day_starts, employee.day_ends)
    return {day: [hours] for day in employee.working_days}


def working_time_of(employee: Employee, *, first: date, last: date) -> WorkingTime:
    """When one person is there on these days."""
    return WorkingTimes([employee.pk], employee.organization, first=first, last=last).of(employee)
