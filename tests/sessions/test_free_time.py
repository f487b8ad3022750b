"""Free starts, against an oracle that walks minute by minute and knows nothing of intervals."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.free_time import (
    Hours,
    Interval,
    Wish,
    WorkingTime,
    block,
    days_in_a_row,
    free_starts,
    instant,
    merged,
    working_intervals,
)
from sessions.splitting import split_minutes

MINUTE = timedelta(minutes=1)
OSLO, NEW_YORK = ZoneInfo("Europe/Oslo"), ZoneInfo("America/New_York")
ZONES = [
    OSLO,
    NEW_YORK,
    ZoneInfo("Australia/Lord_Howe"),  # a change of half an hour
    ZoneInfo("America/Sao_Paulo"),
    ZoneInfo("Asia/Kolkata"),
    ZoneInfo("UTC"),
]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY_SHIFT = (Hours(time(8), time(16)),)
WEEK = dict.fromkeys(range(5), DAY_SHIFT)
OFFICE = WorkingTime(OSLO, WEEK)


def wish(days: int = 3, at: time = time(8), minutes: int = 480, zone: ZoneInfo = OSLO) -> Wish:
    return Wish(days=days, starts_at=at, minutes=minutes, zone=zone)


# --- The oracle --------------------------------------------------------------------------------
def naive_instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first minute that shows this wall time; if the clock jumps over it, as many minutes
    after the jump as it lies behind it."""
    target = datetime.combine(day, wall)
    minute = datetime.combine(day, wall, tzinfo=UTC) - timedelta(hours=27)
    shown = minute.astimezone(zone).replace(tzinfo=None)
    while shown < target:
        before, minute = shown, minute + MINUTE
        shown = minute.astimezone(zone).replace(tzinfo=None)
    if shown == target:
        return minute
    return minute - MINUTE + (target - before)


def naive_free(
    wanted: Wish, working: WorkingTime, busy: list[Interval], day: date, not_before: datetime
) -> bool:
    days, candidate = [], day
    while len(days) < wanted.days:
        closed = working.closed.get(candidate, time.max) or time()
        weekly = [h for h in working.weekly.get(candidate.weekday(), ()) if h.starts < closed]
        if weekly or working.exceptions.get(candidate):
            days.append(candidate)
        elif not days:
            return False
        candidate += timedelta(days=1)
    at_work = [
        (naive_instant(d, h.starts, working.zone), naive_instant(d, h.ends, working.zone))
        for d in (day + timedelta(days=i) for i in range(-1, (days[-1] - day).days + 2))
        for h in working.hours(d)
    ]
    shut = [
        (naive_instant(d, until or time(), working.zone), naive_instant(d, time.max, working.zone))
        for d, until in working.closed.items()
        if not working.exceptions.get(d)
    ]
    for d in days:
        minute = naive_instant(d, wanted.starts_at, wanted.zone)
        for _ in range(wanted.minutes):
            works = any(start <= minute < end for start, end in at_work)
            taken = any(b.start <= minute < b.end for b in busy)
            taken = taken or any(start <= minute <= end for start, end in shut)
            if minute < not_before or not works or taken:
                return False
            minute += MINUTE
    return True


walls = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
first_days = st.one_of(
    st.dates(date(2026, 3, 24), date(2026, 4, 2)),
    st.dates(date(2026, 10, 20), date(2026, 11, 3)),
    st.dates(date(2028, 2, 24), date(2028, 3, 2)),
)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    starts = draw(walls.filter(lambda wall: wall < time(22)))
    length = draw(st.integers(1, 23 - starts.hour))
    return Hours(starts, time(starts.hour + length, starts.minute))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Wish, WorkingTime, list[Interval], date, datetime]:
    first, zone = draw(first_days), draw(st.sampled_from(ZONES))
    weekly = {
        day: draw(st.lists(hours(), min_size=1, max_size=2))
        for day in draw(st.sets(st.integers(0, 6), min_size=1))
    }
    near = st.integers(0, 8).map(lambda i: first + timedelta(days=i))
    exceptions = draw(st.dictionaries(near, st.lists(hours(), max_size=1), max_size=3))
    closed = draw(st.dictionaries(near, st.none() | walls, max_size=2))
    noon = datetime.combine(first, time(12), tzinfo=UTC)
    busy = [
        Interval(noon + begin * MINUTE, noon + (begin + length) * MINUTE)
        for begin, length in draw(
            st.lists(st.tuples(st.integers(-1500, 9000), st.integers(1, 600)), max_size=4)
        )
    ]
    wanted = Wish(
        days=draw(st.integers(1, 3)),
        starts_at=draw(walls),
        minutes=draw(st.sampled_from([1, 15, 60, 61, 180])),
        zone=draw(st.sampled_from([zone, zone, *ZONES])),
    )
    last_day = draw(st.none() | near)
    not_before = draw(st.sampled_from([LONG_AGO, noon, noon + timedelta(days=2)]))
    working = WorkingTime(zone, weekly, exceptions, closed, last_day)
    return wanted, working, busy, first, not_before


@settings(max_examples=60)
@given(questions())
def test_the_same_as_minute_by_minute(
    question: tuple[Wish, WorkingTime, list[Interval], date, datetime],
) -> None:
    wanted, working, busy, first, not_before = question
    last = first + timedelta(days=5)
    found = free_starts(wanted, working, busy, first=first, last=last, not_before=not_before)
    asked = [first + timedelta(days=i) for i in range(6)]
    assert found == [d for d in asked if naive_free(wanted, working, busy, d, not_before)]


@settings(max_examples=200)
@given(first_days, walls, st.sampled_from(ZONES))
def test_a_wall_time_is_the_same_instant_as_minute_by_minute(
    day: date, wall: time, zone: ZoneInfo
) -> None:
    assert instant(day, wall, zone) == naive_instant(day, wall, zone)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(-5, 60)), max_size=30))
def test_merging_keeps_every_minute(pairs: list[tuple[int, int]]) -> None:
    raw = [Interval(LONG_AGO + s * MINUTE, LONG_AGO + (s + n) * MINUTE) for s, n in pairs]
    result = merged(raw)
    covered = {m for s, n in pairs for m in range(s, s + n)}
    again = {
        m
        for i in result
        for m in range((i.start - LONG_AGO) // MINUTE, (i.end - LONG_AGO) // MINUTE)
    }
    assert covered == again
    assert all(a.end < b.start for a, b in pairwise(result))


# --- Examples ----------------------------------------------------------------------------------
def starts(wanted: Wish, first: date, last: date, *busy: Interval, **more: object) -> list[int]:
    working = WorkingTime(OSLO, WEEK, **more)  # type: ignore[arg-type]  # tests pass what fits
    found = free_starts(wanted, working, busy, first=first, last=last, not_before=LONG_AGO)
    return [day.day for day in found]


def test_three_days_in_a_row_go_over_a_weekend() -> None:
    assert days_in_a_row(date(2026, 12, 3), 3, OFFICE) == [
        date(2026, 12, 3),
        date(2026, 12, 4),
        date(2026, 12, 7),
    ]


def test_one_busy_hour_takes_every_start_that_would_reach_it() -> None:
    tenth = Interval(datetime(2026, 12, 10, 9, tzinfo=UTC), datetime(2026, 12, 10, 10, tzinfo=UTC))
    assert starts(wish(), date(2026, 12, 1), date(2026, 12, 14), tenth) == [1, 2, 3, 4, 7, 11, 14]


def test_what_began_earlier_and_is_not_over_is_in_the_way() -> None:
    early = Interval(datetime(2026, 12, 1, 6, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC))
    day = date(2026, 12, 1)
    assert starts(wish(days=1), day, day, early) == []


def test_a_block_may_touch_what_comes_before_and_after() -> None:
    before = Interval(datetime(2026, 12, 1, 6, tzinfo=UTC), datetime(2026, 12, 1, 7, tzinfo=UTC))
    after = Interval(datetime(2026, 12, 1, 15, tzinfo=UTC), datetime(2026, 12, 1, 16, tzinfo=UTC))
    day = date(2026, 12, 1)
    assert starts(wish(days=1), day, day, before, after) == [1]


def test_an_absence_is_not_stepped_over() -> None:
    absent = {date(2026, 12, 9): ()}
    found = starts(wish(), date(2026, 12, 4), date(2026, 12, 11), exceptions=absent)
    assert found == [4, 10, 11]  # neither Monday 7, which would reach it, nor Tuesday 8


def test_nothing_behind_the_last_day_of_work() -> None:
    found = starts(wish(), date(2026, 12, 1), date(2026, 12, 31), last_day=date(2026, 12, 9))
    assert found == [1, 2, 3, 4, 7]


def test_hours_on_a_saturday_make_it_a_working_day() -> None:
    extra = {date(2026, 12, 5): DAY_SHIFT}
    assert starts(wish(), date(2026, 12, 4), date(2026, 12, 5), exceptions=extra) == [4, 5]


@pytest.mark.parametrize(
    ("zone", "day", "offset"),
    [
        (OSLO, date(2026, 3, 27), 1),  # Friday before the last Sunday of March
        (OSLO, date(2026, 3, 30), 2),
        (OSLO, date(2026, 10, 23), 2),
        (OSLO, date(2026, 10, 26), 1),
        (NEW_YORK, date(2026, 3, 6), -5),
        (NEW_YORK, date(2026, 3, 9), -4),
        (NEW_YORK, date(2026, 10, 30), -4),
        (NEW_YORK, date(2026, 11, 2), -5),
    ],
)
def test_the_offset_is_that_of_the_day_itself(zone: ZoneInfo, day: date, offset: int) -> None:
    found = block(day, wish(zone=zone))
    assert found.start == datetime.combine(day, time(8), tzinfo=UTC) - timedelta(hours=offset)
    assert found.end - found.start == timedelta(hours=8)


def test_a_block_across_the_weekend_of_the_change_keeps_its_wall_times() -> None:
    days = days_in_a_row(date(2026, 10, 23), 3, OFFICE)
    assert days is not None
    blocks = [block(day, wish()) for day in days]
    assert [b.start.hour for b in blocks] == [6, 7, 7]
    assert {b.start.astimezone(OSLO).hour for b in blocks} == {8}


def test_a_night_shift_through_the_gap_and_the_fold() -> None:
    everyday = dict.fromkeys(range(7), (Hours(time(0), time(8)),))
    night = WorkingTime(OSLO, everyday)
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert working_intervals(night, spring, spring)[0] == Interval(
        datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)
    )
    gap = instant(spring, time(2, 30), OSLO)
    assert gap.astimezone(OSLO).time() == time(3, 30)
    assert instant(autumn, time(2, 30), OSLO) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    # Eight hours from midnight do not fit into the seven of the night in spring.
    whole = wish(days=1, at=time(0), minutes=480)
    ask = {"not_before": LONG_AGO}
    assert free_starts(whole, night, [], first=spring, last=spring, **ask) == []
    assert free_starts(whole, night, [], first=autumn, last=autumn, **ask) == [autumn]


# Clocks that change at midnight, by half an hour, at a quarter to, in the other half of the year.
CHANGING = (
    "Africa/Cairo",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/London",
    "Europe/Oslo",
    "Pacific/Chatham",
)


def changes(zone: ZoneInfo) -> list[tuple[datetime, datetime, timedelta]]:
    """Of 2026: the instant, what the clock shows when it comes, and by how much it jumps."""
    found, quarter = [], timedelta(minutes=15)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at.year == 2026:
        before, after = (one.astimezone(zone).replace(tzinfo=None) for one in (at, at + quarter))
        if after - before != quarter:
            found.append((at + quarter, before + quarter, after - before - quarter))
        at += quarter
    return found


@pytest.mark.parametrize("name", CHANGING)
def test_the_gap_and_the_fold_in_twelve_zones(name: str) -> None:
    zone = ZoneInfo(name)
    found = changes(zone)
    assert sorted(jump > timedelta() for _at, _shown, jump in found) == [False, True]
    for at, shown, jump in found:
        within = shown + jump / 2  # shown never, or twice: then the first counts
        here = instant(within.date(), within.time(), zone)
        assert here == at + jump / 2 == naive_instant(within.date(), within.time(), zone)
        begins = shown - 2 * abs(jump) - MINUTE
        over = block(begins.date(), wish(at=begins.time(), minutes=240, zone=zone))
        assert over.start < at < over.end
        assert over.end - over.start == timedelta(hours=4)
        ends = over.end.astimezone(zone).replace(tzinfo=None)
        assert ends == begins + timedelta(hours=4) + jump
        noons = [shown.date() + timedelta(days=days) for days in (-1, 2)]
        before, after = (instant(day, time(12), zone) for day in noons)
        assert after - before == timedelta(days=3) - jump


def test_the_29th_of_february() -> None:
    leap = date(2028, 2, 28)
    assert days_in_a_row(leap, 3, OFFICE) == [leap, date(2028, 2, 29), date(2028, 3, 1)]
    assert starts(wish(), leap, date(2028, 2, 29)) == [28, 29]


def test_the_offer_may_be_in_another_zone_than_the_host() -> None:
    first = date(2026, 12, 1)
    in_new_york = wish(days=1, at=time(4), minutes=60, zone=NEW_YORK)  # 10:00 in Oslo
    at_night = wish(days=1, at=time(12), minutes=60, zone=NEW_YORK)  # 18:00 in Oslo
    assert starts(in_new_york, first, first) == [1]
    assert starts(at_night, first, first) == []


@pytest.mark.parametrize("days", [0, 11])
def test_one_to_ten_days(days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        wish(days=days)


def test_the_work_is_bounded() -> None:
    far = date(2026, 1, 1) + timedelta(days=400)
    with pytest.raises(ValueError, match="400"):
        free_starts(wish(), OFFICE, [], first=date(2026, 1, 1), last=far, not_before=LONG_AGO)
    never = WorkingTime(OSLO, {})
    day = date(2026, 1, 1)
    assert free_starts(wish(), never, [], first=day, last=day, not_before=LONG_AGO) == []
    assert days_in_a_row(day, 1, never) is None


# --- Sharing minutes out -----------------------------------------------------------------------
@given(st.integers(0, 10_000), st.integers(1, 50))
def test_shares_add_up_and_differ_by_one_at_most(minutes: int, parts: int) -> None:
    shares = split_minutes(minutes, parts)
    assert sum(shares) == minutes
    assert len(shares) == parts
    assert max(shares) - min(shares) <= 1
