"""A time zone as calendars want it written: by two yearly rules where they hold, else change by
change. Pure.

Calendars that know the zone's name go by that. The others, Outlook among them, go by this.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

Part = TimezoneStandard | TimezoneDaylight
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST = -1


class Change(NamedTuple):
    """The clock goes from one offset to another; `at` is what it said before."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


def time_zone(zone: str, first_year: int, last_year: int) -> Timezone:
    """Right for every time in those years."""
    written = Timezone()
    written.add("tzid", zone)
    for part in _parts(zone, first_year, last_year):
        written.add_component(part)
    return written


@lru_cache(maxsize=256)
def _parts(zone: str, first_year: int, last_year: int) -> tuple[Part, ...]:
    changes = changes_in(zone, first_year - 1, last_year + 1)
    years = last_year - first_year + 3
    by_kind = [list(same) for _kind, same in groupby(sorted(changes, key=_kind), key=_kind)]
    rules = [_rule(same) for same in by_kind]
    if len(by_kind) == 2 and all(len(same) == years for same in by_kind) and all(rules):
        return tuple(_part(same[0], rule) for same, rule in zip(by_kind, rules, strict=True))
    return (_from_the_beginning(zone, first_year - 1), *(_part(change) for change in changes))


def changes_in(zone: str, first_year: int, last_year: int) -> list[Change]:
    """In order. None of them lies within a day of another."""
    there = ZoneInfo(zone)
    found = []
    day, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        before, after = _offset(day, there), _offset(following, there)
        if before != after:
            at = _instant(day, following, there)
            name = at.astimezone(there).tzname() or zone
            found.append(Change((at + before).replace(tzinfo=None), before, after, name))
        day = following
    return found


def _instant(low: datetime, high: datetime, there: ZoneInfo) -> datetime:
    """The first minute with the later offset."""
    before = _offset(low, there)
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        low, high = (middle, high) if _offset(middle, there) == before else (low, middle)
    return high


def _offset(at: datetime, there: ZoneInfo) -> timedelta:
    return at.astimezone(there).utcoffset() or timedelta()


def _kind(change: Change) -> tuple[timedelta, timedelta, str]:
    return change.before, change.after, change.name


def _rule(changes: list[Change]) -> vRecur | None:
    """Such as the last Sunday of March; None when the changes keep to none."""
    first = changes[0].at
    alike = {(change.at.month, change.at.weekday(), change.at.time()) for change in changes}
    weeks = set.intersection(*(_weeks(change.at) for change in changes))
    if len(alike) != 1 or not weeks:
        return None
    return vRecur(FREQ="YEARLY", BYMONTH=first.month, BYDAY=f"{min(weeks)}{_DAYS[first.weekday()]}")


def _weeks(at: datetime) -> set[int]:
    """Which of its weekday in the month it is, from the front, and from the end if the last."""
    last = at.day + 7 > monthrange(at.year, at.month)[1]
    return {(at.day - 1) // 7 + 1} | ({_LAST} if last else set())


def _part(change: Change, rule: vRecur | None = None) -> Part:
    part: Part = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    part.add("dtstart", change.at)
    if rule is not None:
        part.add("rrule", rule)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    return part


def _from_the_beginning(zone: str, year: int) -> Part:
    at = datetime(year, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone))
    offset = at.utcoffset() or timedelta()
    return _part(Change(at.replace(tzinfo=None), offset, offset, at.tzname() or zone))
