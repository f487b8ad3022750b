"""Days chosen one by one, when an offer lets them lie apart: what is chosen, and what can be."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

from django.http import QueryDict

from peerlearn.organizations.models import Employee
from peerlearn.organizations.public_holidays import Closing
from sessions.availability import LOOK_AHEAD, Availability
from sessions.calendar import (
    Day,
    local_days,
    month_grid,
    months_around,
    parsed_day,
    parsed_month,
)
from sessions.models import ShadowingOffer
from sessions.own_time import OwnTime, own_time
from sessions.starts import Moving, Start, Verdict

ONE_DAY = timedelta(days=1)
MOST_ASKED = 30


def picked(asked: Iterable[str]) -> list[date]:
    """The days of an address, in order; one that is named twice is put back."""
    days = [day for text in list(asked)[:MOST_ASKED] if (day := parsed_day(text))]
    return sorted(day for day, times in Counter(days).items() if times % 2)


class Picker:
    """One learner before one offer, with the days that they have chosen so far."""

    picks = True

    def __init__(
        self,
        offer: ShadowingOffer,
        learner: Employee,
        *,
        month: str | None,
        asked: Sequence[date],
        moving: Moving | None = None,
        at: datetime,
    ) -> None:
        self.offer, self.learner, self.at = offer, learner, at
        self.zone = learner.zone
        self.today = at.astimezone(self.zone).date()
        self.last = self.today + LOOK_AHEAD
        self.ahead = Availability(
            [offer], learner, first=self.today - ONE_DAY, last=self.last, at=at, moving=moving
        )
        self.refused: list[tuple[date, Verdict]] = []
        self.chosen: list[Start] = []
        for day in asked:
            self._take(day)
        near = asked[-1] if asked else self._first_day
        wanted = parsed_month(month, near)
        self.month = min(max(wanted, self.today.replace(day=1)), self.last.replace(day=1))

    def _take(self, day: date) -> None:
        found = self._single(day)
        if isinstance(found, Start):
            self.chosen.append(found)
        else:
            self.refused.append((day, found))

    def _single(self, day: date) -> Start | Verdict:
        """That day beside those that are chosen, or why it cannot be."""
        if not self.today - ONE_DAY <= day <= self.last:
            return Verdict.NOT_FREE
        if len(self.chosen) == self.offer.days:
            return Verdict.ENOUGH
        if not self._is_near(day):
            return Verdict.TOO_FAR
        return self.ahead.single(self.offer, day)

    def _is_near(self, day: date) -> bool:
        days = [day, *self.days]
        return (max(days) - min(days)).days < (self.offer.within_days or 0)

    @property
    def days(self) -> list[date]:
        """Those that are chosen, on the offer's own calendar."""
        return [start.day for start in self.chosen]

    @property
    def missing(self) -> int:
        return self.offer.days - len(self.chosen)

    @property
    def chosen_days(self) -> list[date]:
        return [local_days(start, self.zone)[0] for start in self.chosen]

    @property
    def lines(self) -> list[tuple[Start, str]]:
        """Each chosen day, and the address without it."""
        return [
            (start, self._address([d for d in self.days if d != start.day]))
            for start in self.chosen
        ]

    def _address(self, days: Iterable[date]) -> str:
        asked = QueryDict(mutable=True)
        asked.setlist("day", [day.isoformat() for day in days])
        asked["month"] = f"{self.month:%Y-%m}"
        return asked.urlencode()

    @property
    def kept(self) -> str:
        """What the address says besides the month."""
        return "".join(f"day={day.isoformat()}&" for day in self.days)

    @cached_property
    def _first_day(self) -> date:
        free = self.ahead.singles(self.offer, self.today - ONE_DAY, self.last)
        return local_days(free[0], self.zone)[0] if free else self.today

    @cached_property
    def starts(self) -> list[Start]:
        """The days of the month that can be added, and those that can be put back."""
        end = self.month.replace(day=monthrange(self.month.year, self.month.month)[1])
        around = self.ahead.singles(self.offer, self.month - ONE_DAY, min(end + ONE_DAY, self.last))
        return [
            start
            for start in around
            if start.day in self.days or (self.missing and self._is_near(start.day))
        ]

    @cached_property
    def weeks(self) -> list[list[Day]]:
        host = self.offer.host
        blocks = tuple(start.blocks[0] for start in self.chosen)
        together = Start(self.days[0], tuple(self.days), blocks, 1) if blocks else None
        return month_grid(
            self.month,
            self.starts,
            together,
            zone=self.zone,
            today=self.today,
            working=self.ahead.working_time(host),
            holidays=self.ahead.holidays(host),
        )

    @property
    def holidays(self) -> list[tuple[date, Closing]]:
        return self.ahead.holidays_of(self.offer.host, self.month, since=self.today)

    @property
    def previous(self) -> date | None:
        before, _after = months_around(self.month)
        return before if self.month > self.today.replace(day=1) else None

    @property
    def following(self) -> date | None:
        _before, after = months_around(self.month)
        return after if after <= self.last else None

    @property
    def own_time(self) -> OwnTime:
        """What the learner said about the chosen days."""
        ahead, learner = self.ahead, self.learner
        blocks = [start.blocks[0] for start in self.chosen]
        return own_time(ahead.working_time(learner), blocks, ahead.holidays(learner))
