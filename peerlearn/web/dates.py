"""Days and times as people read them: in their own zone, on their own clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils import dateformat, timezone
from django.utils.translation import pgettext


class Reader(Protocol):
    """Whoever reads the page, an employee."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def twelve_hour_clock(self) -> bool: ...


def local(value: datetime, reader: Reader | None) -> datetime:
    """The same instant on the reader's clock; in the zone of the request without a reader."""
    return timezone.localtime(value, reader.zone if reader else None)


def as_time(value: datetime | time, reader: Reader | None) -> time:
    return local(value, reader).time() if isinstance(value, datetime) else value


def as_day(value: datetime | date, reader: Reader | None) -> date:
    return local(value, reader).date() if isinstance(value, datetime) else value


def clock_time(value: datetime | time, reader: Reader | None) -> str:
    """14:30, or 2:30 pm for whoever reads a twelve-hour clock."""
    at = as_time(value, reader)
    if reader is None or not reader.twelve_hour_clock:
        return f"{at:%H:%M}"
    half = pgettext("half of the day", "am") if at.hour < 12 else pgettext("half of the day", "pm")
    return f"{at.hour % 12 or 12}:{at:%M}\N{NO-BREAK SPACE}{half}"


def time_range(start: datetime | time, end: datetime | time, reader: Reader | None) -> str:
    """08:00–16:00, or 8:00 am – 4:00 pm. Days are the caller's matter."""
    dash = " – " if reader is not None and reader.twelve_hour_clock else "–"
    return f"{clock_time(start, reader)}{dash}{clock_time(end, reader)}"


def day_words(value: datetime | date, reader: Reader | None, today: date) -> str:
    """Tue 1 December, with the year when it is not this one."""
    day = as_day(value, reader)
    if day.year == today.year:
        return dateformat.format(day, pgettext("a day, as in Tue 1 December", "D j F"))
    return dateformat.format(day, pgettext("a day, as in Tue 1 December 2027", "D j F Y"))


def short_day(value: datetime | date, reader: Reader | None) -> str:
    """Tue 1."""
    return dateformat.format(as_day(value, reader), pgettext("a day, as in Tue 1", "D j"))


def day_range(
    first: datetime | date, last: datetime | date, reader: Reader | None, today: date
) -> str:
    """Tue 1 – Thu 3 December; Mon 30 November – Wed 2 December; one day alone stands alone."""
    begins, ends = as_day(first, reader), as_day(last, reader)
    if begins == ends:
        return day_words(begins, reader, today)
    same_month = (begins.year, begins.month) == (ends.year, ends.month)
    start = short_day(begins, reader) if same_month else day_words(begins, reader, today)
    return f"{start} – {day_words(ends, reader, today)}"


def days_words(days: Sequence[datetime | date], reader: Reader | None, today: date) -> str:
    """Tue 1 – Thu 3 December; with a weekday between them Tue 1 December, Fri 4 December."""
    runs: list[list[date]] = []
    for value in days:
        day = as_day(value, reader)
        if runs and not _weekday_between(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(day_range(run[0], run[-1], reader, today) for run in runs)


def _weekday_between(before: date, after: date) -> bool:
    between = range(1, (after - before).days)
    return any((before + timedelta(days=i)).weekday() < 5 for i in between)


def moment(value: datetime, reader: Reader | None, today: date) -> str:
    """Sun 22 November, 06:00."""
    return f"{day_words(value, reader, today)}, {clock_time(value, reader)}"


def until(value: datetime, reader: Reader | None, today: date) -> str:
    """What stands after "until": Sun 22 November, 06:00; the end of Sat 21 November, never the
    midnight after it, which reads as a day more."""
    at = local(value, reader)
    if at.time() != time():
        return moment(value, reader, today)
    day = day_words(at.date() - timedelta(days=1), reader, today)
    # Translators: stands after "until". Write what fits there, as in "Thu 3 December, 24:00".
    return pgettext("after until", "the end of %(day)s") % {"day": day}
