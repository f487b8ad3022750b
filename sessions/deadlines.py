"""Until when somebody's answer is waited for. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sessions.free_time import instant

_ONE_DAY = timedelta(days=1)
_EVERY_DAY = range(7)


def after_working_days(
    at: datetime,
    count: int,
    *,
    working_days: Collection[int],
    off: Collection[date] = (),
    zone: ZoneInfo,
) -> datetime:
    """The same time of day so many working days later, by the clock of that zone; `off` are days
    on which nobody works."""
    local = at.astimezone(zone)
    day = local.date()
    while count:
        day += _ONE_DAY
        count -= day.weekday() in (working_days or _EVERY_DAY) and day not in off
    return instant(day, local.time(), zone)


def cut_off(begins: datetime, *, notice_days: int, zone: ZoneInfo) -> datetime:
    """Until when days can be booked: the end of the last day that keeps the host's notice."""
    last = begins.astimezone(zone).date() - timedelta(days=notice_days)
    return min(instant(last + _ONE_DAY, time(), zone), begins)
