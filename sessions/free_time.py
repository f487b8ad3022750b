"""When a host is free: working hours minus what is claimed. Pure arithmetic, no Django.

Everything is compared as UTC instants. Wall times are turned into instants in their own zone, day
by day, so that both clock changes come out right:
- a wall time that the clock jumps over is counted on from before the jump (02:30 becomes 03:30),
- a wall time that comes twice means the first.
These are the rules of RFC 5545. A block lasts as long as it says on the day of a change, too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sessions.rotations import Stint

ONE_DAY = timedelta(days=1)
MOST_DAYS_SEARCHED = 400
MOST_DAYS_OF_A_BLOCK = 10
LONGEST_GAP_BETWEEN_WORKING_DAYS = 31


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` until before `end`, both aware and in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of a wall clock from a day on; what does not end later ends on the day after."""

    starts: time
    ends: time

    @property
    def crosses_midnight(self) -> bool:
        return self.ends <= self.starts

    def on(self, day: date, zone: ZoneInfo) -> Interval:
        end = day + ONE_DAY if self.crosses_midnight else day
        return Interval(instant(day, self.starts, zone), instant(end, self.ends, zone))


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When a person works.

    `weekly` gives the hours of a weekday (Monday is 0), `exceptions` those of one day instead of
    them; an exception without hours is an absence. On the days of `closed` nobody works, or from
    a time on, unless an exception says so. `last_day` is the last day of work at all. On the days
    of a stint the shifts of its rotation stand for the week.
    """

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Hours]]
    exceptions: Mapping[date, Sequence[Hours]] = field(default_factory=dict)
    closed: Mapping[date, time | None] = field(default_factory=dict)
    last_day: date | None = None
    stints: Sequence[Stint] = ()

    def hours(self, day: date) -> Sequence[Hours]:
        """The hours that are worked on that day; empty when none are."""
        if self.last_day is not None and day > self.last_day:
            return ()
        hours = self.exceptions[day] if day in self.exceptions else self._usual(day)
        if day == self.last_day:  # no night after it
            return [one for one in hours if not one.crosses_midnight]
        return hours

    def is_working_day(self, day: date) -> bool:
        """Whether the day belongs to the working week. An absence does not change that: three
        days in a row are not three days around a vacation. A day on which everybody is off does:
        what is in a row goes on behind it."""
        return bool(self._usual(day) or self.exceptions.get(day))

    def _usual(self, day: date) -> Sequence[Hours]:
        """The shift of that day or the hours of its weekday, as far as the day is not closed."""
        stint = next((one for one in self.stints if one.covers(day)), None)
        hours = stint.hours(day) if stint else self.weekly.get(day.weekday(), ())
        if day not in self.closed or (stint and stint.rotation.on_holidays):
            return hours
        until = self.closed[day] or time()
        return [_ended(one, until) for one in hours if one.starts < until]


def _ended(hours: Hours, until: time) -> Hours:
    return Hours(hours.starts, until if hours.crosses_midnight else min(hours.ends, until))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be placed: so many working days in a row, each `minutes` long from `starts_at`,
    or, when it `follows`, as the person works on each."""

    days: int
    starts_at: time
    minutes: int
    zone: ZoneInfo
    follows: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS_OF_A_BLOCK:
            raise ValueError(f"1 to {MOST_DAYS_OF_A_BLOCK} days, not {self.days}")
        if not 1 <= self.minutes <= 24 * 60:
            raise ValueError(f"1 to 1440 minutes a day, not {self.minutes}")


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time on a day in a zone."""
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)


def block(day: date, wish: Wish) -> Interval:
    """The stretch of time that the wish takes on that day."""
    start = instant(day, wish.starts_at, wish.zone)
    return Interval(start, start + timedelta(minutes=wish.minutes))


def block_on(day: date, wish: Wish, working: WorkingTime) -> Interval | None:
    """The same beside a person; None on a day on which there is nothing to follow."""
    if not wish.follows:
        return block(day, wish)
    for hours in working.hours(day):
        found = hours.on(day, working.zone)
        if found.start < found.end:  # not in the hour that a clock jumps over
            return found
    return None


def days_in_a_row(start: date, count: int, working: WorkingTime) -> list[date] | None:
    """`count` working days in a row from `start`; None if `start` is none or they are too far."""
    if not working.is_working_day(start):
        return None
    days = [start]
    while len(days) < count:
        day = _next_working_day(days[-1], working)
        if day is None:
            return None
        days.append(day)
    return days


def _next_working_day(after: date, working: WorkingTime) -> date | None:
    for distance in range(1, LONGEST_GAP_BETWEEN_WORKING_DAYS + 1):
        day = after + distance * ONE_DAY
        if working.is_working_day(day):
            return day
    return None


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as few intervals, in order, none of which touch; empty ones are left out."""
    result: list[Interval] = []
    for interval in sorted(intervals):
        if interval.start >= interval.end:
            continue
        if result and interval.start <= result[-1].end:
            if interval.end > result[-1].end:
                result[-1] = Interval(result[-1].start, interval.end)
        else:
            result.append(interval)
    return result


def working_intervals(working: WorkingTime, first: date, last: date) -> list[Interval]:
    """The working time of the days `first` to `last` of the person's own calendar."""
    return merged(
        hours.on(day, working.zone) for day in _days(first, last) for hours in working.hours(day)
    )


def free_starts(
    wish: Wish,
    working: WorkingTime,
    busy: Iterable[Interval],
    *,
    first: date,
    last: date,
    not_before: datetime,
) -> list[date]:
    """The days from `first` to `last` on which the wish can begin, in order.

    Every day of it must lie within the working time, outside `busy` and not before the instant
    `not_before`. More than 400 days at once raise ValueError.
    """
    if (last - first).days >= MOST_DAYS_SEARCHED:
        raise ValueError(f"at most {MOST_DAYS_SEARCHED} days at once")
    horizon = last + wish.days * LONGEST_GAP_BETWEEN_WORKING_DAYS * ONE_DAY
    calendar = [day for day in _days(first, horizon) if working.is_working_day(day)]
    calendar = _without_far_days(calendar, last, wish.days)
    if not calendar:
        return []
    # The wish's zone and the person's may lie on different days, and a night begins the day before.
    at_work = working_intervals(working, first - ONE_DAY, calendar[-1] + 2 * ONE_DAY)
    taken = merged(busy)
    at_work_from = [interval.start for interval in at_work]
    taken_from = [interval.start for interval in taken]

    def fits(day: date) -> bool:
        wanted = block_on(day, wish, working)
        if wanted is None or wanted.start < not_before:
            return False
        i = bisect_right(at_work_from, wanted.start) - 1
        if i < 0 or at_work[i].end < wanted.end:
            return False
        j = bisect_right(taken_from, wanted.start) - 1
        if j >= 0 and taken[j].end > wanted.start:
            return False
        return j + 1 >= len(taken) or taken[j + 1].start >= wanted.end

    free = [fits(day) for day in calendar]
    return [
        day
        for i, day in enumerate(calendar)
        if day <= last
        and i + wish.days <= len(calendar)
        and all(free[i : i + wish.days])
        and _are_in_a_row(calendar[i : i + wish.days])
    ]


def _without_far_days(calendar: list[date], last: date, days: int) -> list[date]:
    """Only as many days behind `last` as the longest block can reach."""
    within = sum(day <= last for day in calendar)
    return calendar[: within + days - 1]


def _are_in_a_row(days: Sequence[date]) -> bool:
    return all(
        (after - before).days <= LONGEST_GAP_BETWEEN_WORKING_DAYS
        for before, after in pairwise(days)
    )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + i * ONE_DAY for i in range((last - first).days + 1))
