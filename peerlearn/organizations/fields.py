"""Choices, defaults and validators that the models of this app share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MONDAY_TO_FRIDAY = [0, 1, 2, 3, 4]
DAYS = [
    (0, pgettext_lazy("day of the week", "Mo")),
    (1, pgettext_lazy("day of the week", "Tu")),
    (2, pgettext_lazy("day of the week", "We")),
    (3, pgettext_lazy("day of the week", "Th")),
    (4, pgettext_lazy("day of the week", "Fr")),
    (5, pgettext_lazy("day of the week", "Sa")),
    (6, pgettext_lazy("day of the week", "Su")),
]


# Days outside are typing errors, and near the ends of the calendar no day after them exists.
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2199, 12, 31)
DAY_OUT_OF_REACH = _("Say a day of the years 1900 to 2199.")


def validate_day(day: date) -> None:
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValidationError(DAY_OUT_OF_REACH)


def default_working_days() -> list[int]:
    """Monday (0) to Friday (4), as `date.weekday()` counts."""
    return list(MONDAY_TO_FRIDAY)


def validate_working_days(days: Sequence[int]) -> None:
    if not days:
        raise ValidationError(_("Choose at least one working day."))
    if sorted(set(days)) != list(days) or not set(days) <= set(range(7)):
        raise ValidationError(_("Working days are the numbers 0 (Monday) to 6, in order."))


@cache
def time_zones() -> tuple[str, ...]:
    """The IANA zones that a person would choose, in order; aliases without a region are left."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(z for z in available_timezones() if z.split("/")[0] in regions))


def validate_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Choose one such as Europe/Oslo."),
            params={"zone": name},
        ) from None


# How names are sorted: the keys are those of `people_search.ALPHABETS`.
ALPHABETS = [
    ("plain", _("A to Z, å as a, ö as o")),
    ("nb", _("Æ, Ø and Å after Z")),
    ("sv", _("Å, Ä and Ö after Z")),
]
_HOME_OF_ALPHABETS = {
    "Europe/Oslo": "nb",
    "Europe/Copenhagen": "nb",
    "Europe/Stockholm": "sv",
    "Europe/Helsinki": "sv",
}


def alphabet_of(time_zone: str) -> str:
    """The one in which people of that zone most likely look names up."""
    return _HOME_OF_ALPHABETS.get(time_zone, "plain")


def currency_choices() -> list[tuple[str, str | Promise]]:
    """ISO 4217 codes with their names."""
    return [
        ("EUR", _("Euro")),
        ("NOK", _("Norwegian krone")),
        ("SEK", _("Swedish krona")),
        ("DKK", _("Danish krone")),
        ("CHF", _("Swiss franc")),
        ("GBP", _("Pound sterling")),
        ("PLN", _("Polish złoty")),
        ("CZK", _("Czech koruna")),
        ("USD", _("US dollar")),
        ("CAD", _("Canadian dollar")),
        ("AUD", _("Australian dollar")),
        ("INR", _("Indian rupee")),
        ("JPY", _("Japanese yen")),
    ]


class DateRange(models.Func):
    """`daterange(from, to)`, open at the top while `to` is null."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*expressions, **extra)


class ClockRange(models.Func):
    """The stretch between two times of one day: Postgres has no range of times."""

    function = "tsrange"
    template = "tsrange(date '2000-01-01' + %(expressions)s)"
    arg_joiner = ", date '2000-01-01' + "
    output_field = DateTimeRangeField()

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*expressions, **extra)
