"""Which starts are free: the hosts' calendars, what is claimed, what the offers allow.

Three queries, however many offers are asked about at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from peerlearn.organizations.models import Employee
from peerlearn.organizations.public_holidays import Closing
from peerlearn.organizations.written import NOBODY
from sessions.choices import SessionState
from sessions.free_time import (
    Interval,
    WorkingTime,
    block_on,
    days_in_a_row,
    free_starts,
    working_intervals,
)
from sessions.models import ShadowingOffer
from sessions.standing import claimed, sessions_of
from sessions.starts import Moving, Start, Verdict
from sessions.working_times import WorkingTimes

LOOK_AHEAD = timedelta(days=180)
_FIRST_LOOK = timedelta(days=45)
_A_CYCLE = timedelta(days=62)  # the longest, and a week
_BEFORE = timedelta(days=2)
_MARGIN = timedelta(days=45)  # the last block that can begin ends within it


class Availability:
    """The time of the hosts of `offers` from `first` to `last`, as one learner may book it.

    The learner's own hold does not stand in the way: they still see that time as free.
    """

    def __init__(
        self,
        offers: Iterable[ShadowingOffer],
        learner: Employee,
        *,
        first: date,
        last: date,
        at: datetime,
        moving: Moving | None = None,
    ) -> None:
        self.offers = list(offers)
        self.learner = learner
        self.moving = moving
        self.first, self.last, self.at = first, last, at
        self._starts: dict[tuple[int, date, date], list[Start]] = {}

    # --- Answers -----------------------------------------------------------------------------
    def starts(
        self, offer: ShadowingOffer, first: date | None = None, last: date | None = None
    ) -> list[Start]:
        """The days on which this learner can begin, in order."""
        first, last = max(first or self.first, self._earliest(offer)), last or self.last
        key = (offer.pk, first, last)
        if key not in self._starts:
            self._starts[key] = [
                start
                for start in self._open_starts(offer, first, last)
                if self._is_mine_to_take(start) and not self._month_is_full(offer, start)
            ]
        return self._starts[key]

    def first_starts(self, offer: ShadowingOffer, count: int = 1) -> list[Start]:
        """The next `count` starts, looking far ahead only when nothing is near."""
        near = self.starts(offer, last=min(self.first + _FIRST_LOOK, self.last))
        return (near if len(near) >= count else self.starts(offer))[:count]

    def next_starts(
        self, offer: ShadowingOffer, *, after: date | None = None, count: int = 2
    ) -> list[Start]:
        """The next `count` starts, those from the day `after` on before others."""
        if after is not None and after > self.at.astimezone(offer.zone).date():
            later = self.starts(offer, first=after)[:count]
            if len(later) == count:
                return later
        return self.first_starts(offer, count)

    def start_on(self, offer: ShadowingOffer, day: date) -> Start | Verdict:
        """The start on that day, or why there is none."""
        if day < self._earliest(offer):
            return Verdict.TOO_SOON
        if day - self.at.astimezone(offer.zone).date() > LOOK_AHEAD:
            return Verdict.NOT_FREE
        opened = self._open_starts(offer, day, day)
        if not opened:
            return self._shut(offer, day)
        if not self._is_mine_to_take(opened[0]):
            return Verdict.OWN_TIME
        if self._month_is_full(offer, opened[0]):
            return Verdict.MONTH_FULL
        return opened[0]

    def is_free(self, host: Employee, days: Iterable[Interval]) -> bool:
        """Whether that host is there and not claimed during all of these."""
        days, working = list(days), self.working_time(host)
        first, last = self.first - _BEFORE, self.last + _BEFORE
        there = working_intervals(working, first, last)
        at_work = all(any(t.start <= d.start and d.end <= t.end for t in there) for d in days)
        return at_work and not any(d.overlaps(c) for d in days for c in self._claimed[host.pk])

    # --- Days one by one -----------------------------------------------------------------------
    def singles(self, offer: ShadowingOffer, first: date, last: date) -> list[Start]:
        """The days that this learner can choose one by one, in order."""
        first = max(first, self._earliest(offer))
        return [one for one in self._open_singles(offer, first, last) if self._is_mine_to_take(one)]

    def single(self, offer: ShadowingOffer, day: date) -> Start | Verdict:
        """One of them, or why it is none."""
        if day < self._earliest(offer):
            return Verdict.TOO_SOON
        found = self._open_singles(offer, day, day)
        if not found:
            return self._shut(offer, day)
        return found[0] if self._is_mine_to_take(found[0]) else Verdict.OWN_TIME

    def together(self, offer: ShadowingOffer, days: Sequence[date]) -> Start | Verdict:
        """Days that were chosen one by one as one start, or why they are none."""
        if not (offer.within_days and len(days) == offer.days and sorted(set(days)) == list(days)):
            return Verdict.NOT_FREE
        if (days[-1] - days[0]).days >= offer.within_days:
            return Verdict.TOO_FAR
        if days[-1] - self.at.astimezone(offer.zone).date() > LOOK_AHEAD:
            return Verdict.NOT_FREE
        if self._is_where_it_is(offer, days):
            return Verdict.NOT_FREE
        found = [self.single(offer, day) for day in days]
        for one in found:
            if isinstance(one, Verdict):
                return one
        blocks = tuple(one.blocks[0] for one in found if isinstance(one, Start))
        if any(before.overlaps(after) for before, after in pairwise(blocks)):
            return Verdict.NOT_FREE
        start = Start(days[0], tuple(days), blocks, places_left=offer.capacity)
        return Verdict.MONTH_FULL if self._month_is_full(offer, start) else start

    def _is_where_it_is(self, offer: ShadowingOffer, days: Sequence[date]) -> bool:
        """A booking does not move to the day on which it begins already."""
        if self.moving is None:
            return False
        return self.moving.session.starts_at.astimezone(offer.zone).date() == days[0]

    def _open_singles(self, offer: ShadowingOffer, first: date, last: date) -> list[Start]:
        if first > last:
            return []
        working = self.working_time(offer.host)
        days = free_starts(
            replace(offer.wish, days=1),
            working,
            self._claimed[offer.host_id],
            first=first,
            last=last,
            not_before=self.at,
        )
        return [_start(offer, [day], working) for day in days]

    def _shut(self, offer: ShadowingOffer, day: date) -> Verdict:
        return Verdict.HOLIDAY if day in self.holidays(offer.host) else Verdict.NOT_FREE

    # --- Arithmetic on what was read -----------------------------------------------------------
    def _earliest(self, offer: ShadowingOffer) -> date:
        today = self.at.astimezone(offer.zone).date()
        return today + timedelta(days=offer.notice_days)

    def _open_starts(self, offer: ShadowingOffer, first: date, last: date) -> list[Start]:
        """What the host has free, and places in sessions that stand, whoever asks."""
        if first > last:
            return []
        working = self.working_time(offer.host)
        wish = offer.wish
        days = free_starts(
            wish,
            working,
            self._claimed[offer.host_id],
            first=first,
            last=last,
            not_before=self.at,
        )
        found = {
            day: _start(offer, days_in_a_row(day, wish.days, working) or [day], working)
            for day in days
        }
        if self.moving is not None:  # where it is already is no other start
            here = self.moving.session.starts_at
            found = {day: one for day, one in found.items() if one.blocks[0].start != here}
        for session in self._sessions[offer.pk]:
            if self.moving is not None and not self.moving.leads_to(session):
                continue
            day = session.starts_at.astimezone(offer.zone).date()
            left = session.capacity - session.taken
            if session.is_open and left > 0 and first <= day <= last:
                joining = _joining(session, offer, left)
                if _is_still_here(offer.host, joining.days[-1]):
                    found[day] = joining
        return [found[day] for day in sorted(found)]

    def _is_mine_to_take(self, start: Start) -> bool:
        own = [claim for one in self._learners for claim in self._claimed[one]]
        return not any(mine.overlaps(wanted) for wanted in start.blocks for mine in own)

    def _month_is_full(self, offer: ShadowingOffer, start: Start) -> bool:
        if start.session_id is not None:
            return False
        month = (start.day.year, start.day.month)
        return self._months[offer.pk][month] >= offer.per_month

    # --- What is read --------------------------------------------------------------------------
    @cached_property
    def _hosts(self) -> set[int]:
        return {offer.host_id for offer in self.offers}

    @property
    def _learners(self) -> tuple[int, ...]:
        return (self.learner.pk, *(self.moving.others if self.moving else ()))

    def working_time(self, employee: Employee) -> WorkingTime:
        """When a host or the learner is there."""
        return self._times.of(employee)

    def closings(self, employee: Employee) -> dict[date, Closing]:
        """On which days everybody where a host or the learner works is off, and why."""
        return self._times.closings(employee)

    def holidays(self, employee: Employee) -> dict[date, str]:
        """The names of those on which they would work otherwise."""
        week = self.working_time(employee)
        usual = replace(week, closed={})
        return {
            day: one.name
            for day, one in self.closings(employee).items()
            if list(usual.hours(day)) != list(week.hours(day))
        }

    def holidays_of(
        self, employee: Employee, month: date, *, since: date
    ) -> list[tuple[date, Closing]]:
        """Those of a month, from a day on, with their hours."""
        closings = self.closings(employee)
        return [
            (day, closings[day])
            for day in self.holidays(employee)
            if (day.year, day.month) == (month.year, month.month) and day >= since
        ]

    @cached_property
    def _times(self) -> WorkingTimes:
        return WorkingTimes(
            {*self._hosts, self.learner.pk},
            self.learner.organization,
            first=self.first - _BEFORE,
            last=self.last + _MARGIN,
        )

    @cached_property
    def _claimed(self) -> dict[int, list[Interval]]:
        first, last = _midnight(self.first) - _BEFORE, _midnight(self.last) + _MARGIN
        leaving = self.moving.people if self.moving else ()
        rows = claimed(
            people=(*self._hosts, *self._learners),
            near=DateTimeTZRange(first, last),
            learner=self.learner.pk,
            moving=(NOBODY, *(one.pk for one in leaving)),
            at=self.at,
        )
        result: dict[int, list[Interval]] = defaultdict(list)
        for employee_id, during in rows:
            result[employee_id].append(Interval(during.lower, during.upper))
        return result

    @cached_property
    def _sessions(self) -> dict[int, list[Any]]:
        rows = sessions_of(
            offers=(NOBODY, *(offer.pk for offer in self.offers)),
            learner=self.learner.pk,
            first=_midnight(self.first.replace(day=1)) - timedelta(days=1),
            last=_midnight(self.last) + _MARGIN,
            at=self.at,
        )
        result: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            row.stands = row.state != SessionState.HELD or row.taken > 0
            # Days that somebody is about to move to are theirs alone until they are booked.
            awaited = row.state == SessionState.HELD and row.awaited > 0
            row.is_open = row.stands and not awaited and row.starts_at > self.at
            result[row.offer_id].append(row)
        return result

    @cached_property
    def _months(self) -> dict[int, dict[tuple[int, int], int]]:
        """How many sessions of an offer begin in a month."""
        zones = {offer.pk: offer.zone for offer in self.offers}
        result: dict[int, dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
        for offer_id, sessions in self._sessions.items():
            for session in sessions:
                if self.moving is not None and self.moving.leaves(session):
                    continue
                day = session.starts_at.astimezone(zones[offer_id]).date()
                result[offer_id][day.year, day.month] += session.stands
        return result


def without_a_day(
    offers: Iterable[ShadowingOffer], working: WorkingTime, since: date
) -> list[ShadowingOffer]:
    """The offers of a host that can begin on no day of theirs, whatever else is on."""
    usual = replace(working, exceptions={}, closed={}, last_day=None)
    return [
        offer
        for offer in offers
        if not free_starts(
            offer.wish,
            usual,
            (),
            first=since,
            last=since + _A_CYCLE,
            not_before=_midnight(since) - _BEFORE,
        )
    ]


def _start(offer: ShadowingOffer, days: Sequence[date], working: WorkingTime) -> Start:
    found = (block_on(day, offer.wish, working) for day in days)
    blocks = tuple(one for one in found if one is not None)
    return Start(days[0], tuple(days), blocks, places_left=offer.capacity)


def _is_still_here(host: Employee, day: date) -> bool:
    return host.leaving_on is None or day <= host.leaving_on


def _joining(session: Any, offer: ShadowingOffer, left: int) -> Start:
    """A place in a session that stands. Its days are its own: the offer may have changed since."""
    blocks = tuple(
        Interval(start.astimezone(UTC), end.astimezone(UTC))
        for start, end in zip(session.block_starts, session.block_ends, strict=True)
    )
    days = tuple(block.start.astimezone(offer.zone).date() for block in blocks)
    return Start(days[0], days, blocks, places_left=left, session_id=session.pk)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
