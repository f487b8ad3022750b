"""The shape of shift patterns, and of who is put on them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fields import validate_day
from peerlearn.organizations.forms import MOST_LISTED, DateInput, PersonField, TimeInput, written
from peerlearn.organizations.queries import EmployeeQuerySet
from sessions.free_time import Hours
from sessions.models import ShiftPattern
from sessions.rotations import (
    MOST_DAYS,
    OFF,
    Rotation,
    Shift,
    UnknownShift,
    read_cycle,
    written_cycle,
)

MOST_SHIFTS = 5
LONGEST_SHIFT = 16  # hours


def usual_rotation() -> Rotation:
    """What the form begins with: three shifts by their first letters in the reader's language, and
    four days off after each six."""
    names = gettext("Early"), gettext("Late"), gettext("Night")
    codes = [name[:1].upper() for name in names]
    if len(set(codes)) < len(names) or not "".join(codes).isalpha():
        codes = ["E", "L", "N"]
    hours = (time(6), time(14)), (time(14), time(22)), (time(22), time(6))
    return Rotation(
        tuple(
            Shift(code, name, Hours(*around))
            for code, name, around in zip(codes, names, hours, strict=True)
        ),
        (*(code for code in codes for _twice in range(2)), OFF, OFF, OFF, OFF),
    )


class PatternForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as “Control room A”."))
    cycle = forms.CharField(
        label=_("Cycle"),
        max_length=300,
        help_text=_(
            "Day by day by the letters above, “-” for a day off; 2E is E E. After the last day it "
            "begins again. At most 56 days."
        ),
    )
    on_holidays = forms.BooleanField(label=_("Works on public holidays, too"), required=False)

    def __init__(self, *args: Any, pattern: ShiftPattern | None = None, **kwargs: Any) -> None:
        self.pattern = pattern
        shown = pattern.rotation if pattern else usual_rotation()
        initial: dict[str, Any] = {
            "name": pattern.name if pattern else "",
            "cycle": written_cycle(shown.cycle),
            "on_holidays": shown.on_holidays,
        }
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        for number in range(MOST_SHIFTS):
            self._add(number, shown.shifts[number] if number < len(shown.shifts) else None)

    def _add(self, number: int, shift: Shift | None) -> None:
        fields: dict[str, forms.Field] = {
            "code": forms.RegexField(
                r"^[^\W\d_]{1,2}$",
                label=_("Letter"),
                max_length=2,
                initial=shift.code if shift else "",
                error_messages={"invalid": _("One or two letters.")},
            ),
            "shift": forms.CharField(
                label=_("Called"), max_length=40, initial=shift.name if shift else ""
            ),
        }
        for end, label in (("starts", _("From")), ("ends", _("Until"))):
            initial = getattr(shift.hours, end) if shift else None
            fields[end] = forms.TimeField(label=label, widget=TimeInput(), initial=initial)
        for part, field in fields.items():
            field.required = False
            field.one_of_several = True  # type: ignore[attr-defined]  # the row is, read by the kit
            self.fields[f"{part}_{number}"] = field

    def shift_fields(self) -> list[list[forms.BoundField]]:
        parts = ("code", "shift", "starts", "ends")
        return [[self[f"{part}_{number}"] for part in parts] for number in range(MOST_SHIFTS)]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = ShiftPattern.objects.filter(name=name)
        if self.pattern is not None:
            others = others.exclude(pk=self.pattern.pk)
        if others.exists():
            raise ValidationError(_("There is already a pattern with this name."))
        return name

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.shifts = [shift for n in range(MOST_SHIFTS) if (shift := self._shift(n))]
        codes = [shift.code.casefold() for shift in self.shifts]
        if len(set(codes)) < len(codes):
            self.add_error("code_0", _("Give each shift a letter of its own."))
        if data.get("cycle") and not self.errors:
            self._read(data["cycle"])
        return data

    def _shift(self, number: int) -> Shift | None:
        """The whole one of that number; tells what is missing."""
        parts = {part: f"{part}_{number}" for part in ("code", "shift", "starts", "ends")}
        values: dict[str, Any] = {part: self.cleaned_data.get(name) for part, name in parts.items()}
        if any(name in self.errors for name in parts.values()):
            return None
        starts, ends = values["starts"], values["ends"]
        if not any(value not in (None, "") for value in values.values()):
            return None
        for part in ("code", "starts", "ends"):
            if values[part] in (None, ""):
                self.add_error(parts[part], _("A shift wants a letter and both times."))
                return None
        hours = (_minutes(ends) - _minutes(starts)) % (24 * 60) / 60
        if not 0 < hours <= LONGEST_SHIFT:
            words = _("A shift is at most %(hours)s hours long.") % {"hours": LONGEST_SHIFT}
            self.add_error(parts["ends"], words)
            return None
        return Shift(values["code"], values["shift"] or values["code"], Hours(starts, ends))

    def _read(self, text: str) -> None:
        try:
            self.typed_cycle = read_cycle(text, [shift.code for shift in self.shifts])
        except UnknownShift as unknown:
            words = _("“%(word)s” is none of the shifts above. Write “-” for a day off.")
            self.add_error("cycle", ValidationError(words, params={"word": unknown.word}))
            return
        if len(self.typed_cycle) > MOST_DAYS:
            words = _("A cycle has at most %(days)s days; this one has %(number)s.")
            params = {"days": MOST_DAYS, "number": len(self.typed_cycle)}
            self.add_error("cycle", ValidationError(words, params=params))
        elif set(self.typed_cycle) == {OFF}:
            self.add_error("cycle", _("Nobody works in this cycle."))

    def rotation(self) -> Rotation:
        return Rotation(tuple(self.shifts), self.typed_cycle, self.cleaned_data["on_holidays"])

    def chosen(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"], "rotation": self.rotation()}


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


class ShiftWorkForm(forms.Form):
    """Who is put on a pattern, and where in the cycle they begin."""

    employee = PersonField(label=_("Who"), help_text=_("A name or an e-mail."))
    anchor = forms.DateField(
        label=_("Day 1 of the cycle"),
        widget=DateInput(),
        validators=[validate_day],
        help_text=_("Any day on which their cycle begins; it may lie in the past."),
    )
    first_day = forms.DateField(label=_("From"), widget=DateInput(), validators=[validate_day])
    last_day = forms.DateField(
        label=_("To"),
        widget=DateInput(),
        required=False,
        validators=[validate_day],
        help_text=_("Leave it empty when it goes on."),
    )

    def __init__(self, *args: Any, people: EmployeeQuerySet, **kwargs: Any) -> None:
        """`people` are those whom the reader may put on it."""
        super().__init__(*args, **kwargs)
        field = self.fields["employee"]
        assert isinstance(field, PersonField)
        field.people = people
        field.required = True
        field.error_messages["required"] = gettext("Say who.")

    def people_to_choose(self) -> list[str]:
        field = self.fields["employee"]
        assert isinstance(field, PersonField)
        rows = list(field.people.order_by("name", "pk")[: MOST_LISTED + 1])
        return [written(row) for row in rows] if len(rows) <= MOST_LISTED else []

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last_day", _("The last day lies before the first one."))
        return data
