"""The free starts of a host: three months, 40 busy entries a week, against a bare sweep.

python3 -m benchmarks.free_time [--json]
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmarks.measuring import Figure, milliseconds, ratio
from benchmarks.servers import SMALL, show_pure
from sessions.free_time import Hours, Interval, Wish, WorkingTime, free_starts

ROUNDS = 20 if SMALL else 100
FIRST, LAST = date(2026, 12, 7), date(2027, 3, 7)
OSLO = ZoneInfo("Europe/Oslo")


def busy() -> list[Interval]:
    """Twenty minutes each, spread over the working days."""
    monday = datetime(2026, 12, 7, tzinfo=UTC)
    starts = [
        monday + timedelta(weeks=week, days=entry % 5, minutes=400 + 25 * entry)
        for week in range(14)
        for entry in range(40)
    ]
    return [Interval(start, start + timedelta(minutes=20)) for start in starts]


def sweep(entries: list[Interval]) -> list[date]:
    """The least that has to be done: sort what is busy, walk the days once, in UTC."""
    taken = sorted((entry.start, entry.end) for entry in entries)
    free, at = [], 0
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        starts = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
        ends = starts + timedelta(hours=8)
        while at < len(taken) and taken[at][1] <= starts:
            at += 1
        free.append(day.weekday() < 5 and (at == len(taken) or taken[at][0] >= ends))
    return [
        FIRST + timedelta(days=number)
        for number in range(len(free) - 2)
        if all(free[number : number + 3])
    ]


def measure() -> list[Figure]:
    office = WorkingTime(OSLO, {day: (Hours(time(8), time(16)),) for day in range(5)})
    wish = Wish(days=3, starts_at=time(8), minutes=480, zone=OSLO)
    entries = busy()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)

    def ours() -> object:
        return free_starts(wish, office, entries, first=FIRST, last=LAST, not_before=long_ago)

    value, mine, peer = ratio(ours, lambda: sweep(entries), rounds=ROUNDS)
    return [
        Figure("free_starts_vs_sweep", value, 5, note=milliseconds(mine, peer)),
        Figure("free_starts_ms", mine * 1000, 10),
    ]


if __name__ == "__main__":
    sys.exit(show_pure(measure))
