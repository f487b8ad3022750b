"""What a learner has said about the time that they are about to book. It refuses nothing; it is
said. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sessions.free_time import Interval, WorkingTime


@dataclass(frozen=True, slots=True)
class OwnTime:
    """Days on the learner's own calendar, each in one list at most."""

    away: list[date] = field(default_factory=list)
    days_off: list[date] = field(default_factory=list)
    holidays: list[tuple[date, str]] = field(default_factory=list)
    outside_hours: list[date] = field(default_factory=list)  # they work, but at another time

    def __bool__(self) -> bool:
        return bool(self.away or self.days_off or self.holidays or self.outside_hours)


def own_time(
    working: WorkingTime, blocks: Iterable[Interval], holidays: Mapping[date, str]
) -> OwnTime:
    """Which of these blocks begin on a day off or a holiday (these by name), or lie for more than
    half beside the hours of their day."""
    said = OwnTime()
    for block in blocks:
        day = block.start.astimezone(working.zone).date()
        if day in working.exceptions and not working.exceptions[day]:
            said.away.append(day)
        elif day in holidays and not working.hours(day):
            said.holidays.append((day, holidays[day]))
        elif not working.is_working_day(day):
            said.days_off.append(day)
        elif working.hours(day) and 2 * _inside(block, working, day) < block.end - block.start:
            said.outside_hours.append(day)
    return said


def _inside(block: Interval, working: WorkingTime, day: date) -> timedelta:
    """How much of a block lies in the hours of that day."""
    inside = timedelta()
    for hours in working.hours(day):
        there = hours.on(day, working.zone)
        inside += max(min(block.end, there.end) - max(block.start, there.start), timedelta())
    return inside
