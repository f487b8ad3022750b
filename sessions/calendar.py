"""A month of days as the booker shows it. Values in, values out."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from peerlearn.months import add_months
from sessions.free_time import WorkingTime
from sessions.starts import Start

_MOST_DOTS = 4
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One day of the grid. `value` is the start that pressing it chooses."""

    day: date
    look: str  # open, in, shut or off
    in_month: bool
    today: bool
    past: bool = False
    value: date | None = None
    places: int = 0
    number: int = 0  # of the chosen block
    first: bool = False  # of its run in this week
    last: bool = False
    holiday: str = ""  # why the host is off

    @property
    def dots(self) -> range:
        return range(min(self.places, _MOST_DOTS))


def local_days(start: Start, zone: ZoneInfo) -> list[date]:
    """The days of a start on the reader's own calendar."""
    return [block.start.astimezone(zone).date() for block in start.blocks]


def month_grid(
    month: date,
    starts: Iterable[Start],
    chosen: Start | None,
    *,
    zone: ZoneInfo,
    today: date,
    working: WorkingTime,
    holidays: Mapping[date, str],
) -> list[list[Day]]:
    """The weeks of the month of `month`, Monday first, on the calendar of `zone`.

    `working` is when the host is there, `holidays` what keeps them off.
    """
    opens = {local_days(start, zone)[0]: start for start in starts}
    taken = local_days(chosen, zone) if chosen else []
    return [
        _joined([_day(day, month, opens.get(day), taken, today, working, holidays) for day in week])
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def _day(
    day: date,
    month: date,
    start: Start | None,
    taken: list[date],
    today: date,
    working: WorkingTime,
    holidays: Mapping[date, str],
) -> Day:
    inside = day.month == month.month
    if day in taken:
        look = "in"
    elif start is not None and inside:
        look = "open"
    elif not inside or day < today or not working.is_working_day(day):
        look = "off"
    else:
        look = "shut"
    pressable = start is not None and look in ("in", "open")
    return Day(
        day=day,
        look=look,
        in_month=inside,
        today=day == today,
        past=day < today,
        value=start.day if start and pressable else None,
        places=start.places_left if start and look == "open" else 0,
        number=taken.index(day) + 1 if day in taken else 0,
        holiday=holidays.get(day, "") if look in ("off", "shut") else "",
    )


def _joined(week: list[Day]) -> list[Day]:
    """Days of the block that stand side by side are drawn as one."""
    result = []
    for i, day in enumerate(week):
        if day.look == "in":
            before = week[i - 1] if i else None
            after = week[i + 1] if i < 6 else None
            day = _with_edges(
                day,
                first=before is None or before.look != "in",
                last=after is None or after.look != "in",
            )
        result.append(day)
    return result


def _with_edges(day: Day, *, first: bool, last: bool) -> Day:
    return Day(**{**vars(day), "first": first, "last": last})


def months_around(month: date) -> tuple[date, date]:
    """The first days of the month before and of the month after."""
    first = month.replace(day=1)
    return add_months(first, -1), add_months(first, 1)


def parsed_month(text: str | None, default: date) -> date:
    """The first day of the month "2026-12"; of the month of `default` for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return default.replace(day=1)


def parsed_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
