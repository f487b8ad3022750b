"""The days of the demo's story, all counted from one day: `today`. Pure, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from peerlearn.months import add_months

SEED = 1909  # the same story on every computer


def dice(purpose: str) -> Random:
    """Chances of their own for each part of the story: changing one leaves the others alone."""
    return Random(f"{SEED} {purpose}")  # nosec B311 - a story, not a secret


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """An instant of that day, in UTC."""
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def working_day(day: date) -> date:
    """That day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def next_date(month: int, day: int, *, after: date) -> date:
    """The first such day of the year after another day."""
    found = date(after.year, month, day)
    return found if found > after else date(after.year + 1, month, day)


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before that of `day`."""
    return add_months(day.replace(day=1), -months)


_SINCE_THE_FOUNDING = timedelta(weeks=65)


@dataclass(frozen=True)
class Days:
    """`founded` lies fifteen months before `today`; the year of shadowing begins after three."""

    today: date

    @classmethod
    def since(cls, founded: date) -> Days:
        """The days of a story that was begun earlier, perhaps on another day than this."""
        return cls(founded + _SINCE_THE_FOUNDING)

    @property
    def founded(self) -> date:
        return self.today - _SINCE_THE_FOUNDING

    @property
    def year_begins(self) -> date:
        return months_before(self.today, 12)

    @property
    def yesterday(self) -> date:
        return self.ago(1)

    @property
    def retirement(self) -> date:
        """A 31 March that leaves time to learn from who retires."""
        return next_date(3, 31, after=self.ago(-60))

    @property
    def leaving(self) -> date:
        return next_date(6, 12, after=self.retirement)

    def ago(self, days: int) -> date:
        """So many days before today; after it when negative."""
        return self.today - timedelta(days=days)

    def some(self, chance: Random, first: date, last: date) -> date:
        """A working day from `first` to `last`, never later than yesterday."""
        day = first + timedelta(days=chance.randint(0, max(0, (last - first).days)))
        day = working_day(day)
        while day > self.yesterday or day.weekday() > 4:
            day -= timedelta(days=1)
        return day
