"""The shape of what somebody types about when they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions.free_time import Hours
from sessions.models import AvailabilityException

if TYPE_CHECKING:  # generic in the stubs alone
    AvailabilityModelForm = forms.ModelForm[AvailabilityException]
else:
    AvailabilityModelForm = forms.ModelForm

MOST_STRETCHES = 4  # of one day
FEWEST_SHOWN = 2
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


@dataclass(frozen=True)
class Row:
    """A weekday of the form: the hours that are kept, and the fields that are shown."""

    number: int
    name: str
    hours: Sequence[Hours]
    stretches: list[tuple[forms.BoundField, forms.BoundField]]


class WeekForm(forms.Form):
    """From when until when somebody is there, for each weekday; a day left empty is a day off."""

    def __init__(
        self, *args: Any, week: Mapping[int, Sequence[Hours]], kept: bool, **kwargs: Any
    ) -> None:
        """`week` are the hours by weekday (Monday is 0), `kept` whether they are this form's."""
        super().__init__(*args, **kwargs)
        self.kept, self.before = kept, week
        for day in range(7):
            for number in range(MOST_STRETCHES):
                hours = week[day][number] if number < len(week.get(day, ())) else None
                self._add(day, number, hours)

    def _add(self, day: int, number: int, hours: Hours | None) -> None:
        words = {"day": WEEKDAYS[day], "number": number + 1}
        if number:
            labels = (
                gettext("%(day)s, stretch %(number)s, from"),
                gettext("%(day)s, stretch %(number)s, until"),
            )
        else:
            labels = gettext("%(day)s, from"), gettext("%(day)s, until")
        for end, label in zip(("starts", "ends"), labels, strict=True):
            self.fields[_name(day, number, end)] = forms.TimeField(
                label=label % words,
                required=False,
                initial=getattr(hours, end, None),
                widget=forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M"),
            )

    def rows(self) -> list[Row]:
        """Every weekday with what is filled in and one more stretch, two at least."""
        rows = []
        for day in range(7):
            pairs = [
                (self[_name(day, number, "starts")], self[_name(day, number, "ends")])
                for number in range(MOST_STRETCHES)
            ]
            filled = [i for i, pair in enumerate(pairs, 1) if any(one.value() for one in pair)]
            shown = max(FEWEST_SHOWN, max(filled, default=0) + 1)
            rows.append(Row(day, str(WEEKDAYS[day]), self.before.get(day, ()), pairs[:shown]))
        return rows

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for day in range(7):
            there = self._stretches(day)
            for (before, _number), (hours, number) in pairwise(there):
                if hours.starts < before.ends:
                    self.add_error(_name(day, number, "starts"), gettext("The stretches overlap."))
        if not self.errors and not self.week():
            self.add_error(None, gettext("Enter hours for one day at least."))
        return data

    def _stretches(self, day: int) -> list[tuple[Hours, int]]:
        """The whole stretches of a day in order, with their numbers; tells what is wrong."""
        found = []
        for number in range(MOST_STRETCHES):
            names = _name(day, number, "starts"), _name(day, number, "ends")
            starts, ends = (self.cleaned_data.get(name) for name in names)
            if self.has_error(names[0]) or self.has_error(names[1]):
                continue
            if (starts is None) != (ends is None):
                self.add_error(names[starts is not None], gettext("Enter both times."))
            elif isinstance(starts, time) and isinstance(ends, time):
                if starts < ends:
                    found.append((Hours(starts, ends), number))
                else:
                    self.add_error(names[1], gettext("It must end after it begins."))
        return sorted(found, key=lambda one: one[0].starts)

    def week(self) -> dict[int, list[Hours]]:
        """The hours that were typed, by weekday."""
        days = {day: [hours for hours, _number in self._stretches(day)] for day in range(7)}
        return {day: hours for day, hours in days.items() if hours}


def _name(day: int, number: int, end: str) -> str:
    return f"day_{day}_{number}_{end}"


class AvailabilityForm(AvailabilityModelForm):
    class Meta:
        model = AvailabilityException
        fields = ["first_day", "last_day", "starts", "ends"]
        widgets = {"first_day": DATE, "last_day": DATE, "starts": TIME, "ends": TIME}

    def __init__(self, *args: Any, in_shifts: bool = False, **kwargs: Any) -> None:
        """`in_shifts`: a night may end on the day after."""
        super().__init__(*args, **kwargs)
        self.in_shifts = in_shifts
        self.fields["starts"].help_text = _("Leave both times empty when you are absent.")
        if in_shifts:
            self.fields["ends"].help_text = _("A night ends on the day after.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts and not self.in_shifts:
            self.add_error(None, gettext("Give both times, the first one before the second."))
        return data
