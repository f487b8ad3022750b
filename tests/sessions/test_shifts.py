"""Shifts: cycles with nights, over changes of the clock and leap days; who is on them, and what
can be booked beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.organizations.models import CompanyDay
from sessions.forms_shifts import usual_rotation
from sessions.free_time import Hours, Interval, Wish, WorkingTime, block_on, free_starts
from sessions.models import LearningSession, ShiftPattern, ShiftWork
from sessions.rotations import (
    OFF,
    Rotation,
    Shift,
    Stint,
    UnknownShift,
    read_cycle,
    written_cycle,
)
from tests.factories import make_employee
from tests.isolation.rows_sessions import A_PATTERN
from tests.sessions.kit import AT, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_hours import starts
from tests.world import Place, World

OSLO = ZoneInfo("Europe/Oslo")
EARLY, LATE = Hours(time(6), time(14)), Hours(time(14), time(22))
NIGHT = Hours(time(22), time(6))
SHIFTS = (Shift("E", "Early", EARLY), Shift("L", "Late", LATE), Shift("N", "Night", NIGHT))
USUAL = Rotation(SHIFTS, ("E", "E", "L", "L", "N", "N", OFF, OFF, OFF, OFF))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ANCHOR = date(2026, 11, 30)  # a Monday; two early, two late, two nights from there

any_day = st.one_of(
    st.dates(date(2026, 3, 20), date(2026, 4, 5)),
    st.dates(date(2026, 10, 18), date(2026, 11, 3)),
    st.dates(date(2028, 2, 20), date(2028, 3, 5)),
)
cycles = st.lists(st.sampled_from(["E", "L", "N", OFF]), min_size=1, max_size=56).map(tuple)


# --- Arithmetic -----------------------------------------------------------------------------------
@given(cycles, any_day, st.integers(-800, 800))
def test_a_cycle_comes_round_day_by_day(cycle: tuple[str, ...], anchor: date, far: int) -> None:
    """Whether one walks forwards or backwards from its first day, leap days included."""
    rotation, place, day = Rotation(SHIFTS, cycle), 0, anchor
    step = 1 if far >= 0 else -1
    for _ in range(abs(far)):
        day += timedelta(days=step)
        place = (place + step) % len(cycle)
    shift = rotation.on(day, anchor)
    assert (shift.code if shift else OFF) == cycle[place]
    assert Rotation.read(rotation.kept()) == rotation


@given(cycles, any_day, any_day, st.integers(1, 4))
def test_days_beside_shifts_are_the_shifts(
    cycle: tuple[str, ...], anchor: date, first: date, days: int
) -> None:
    """Also on the nights on which the clock changes."""
    stint = Stint(Rotation(SHIFTS, cycle), anchor, date(2020, 1, 1))
    working = WorkingTime(OSLO, {}, stints=[stint])
    wish = Wish(days=days, starts_at=time(8), minutes=480, zone=OSLO, follows=True)
    last = first + timedelta(days=9)
    found = free_starts(wish, working, [], first=first, last=last, not_before=LONG_AGO)
    on = [day for i in range(10) if stint.hours(day := first + timedelta(days=i))]
    assert found == on
    blocks = [block for day in on if (block := block_on(day, wish, working))]
    for day, block in zip(on, blocks, strict=True):
        wall = [end.astimezone(OSLO).replace(tzinfo=None) for end in (block.start, block.end)]
        hours = stint.hours(day)[0]
        after = day + timedelta(days=hours is NIGHT)
        assert wall == [
            datetime.combine(day, hours.starts),
            datetime.combine(after, hours.ends),
        ]
    if blocks:  # what is taken is not free
        taken = free_starts(wish, working, blocks, first=first, last=last, not_before=LONG_AGO)
        assert taken == []


def test_a_night_is_shorter_or_longer_when_the_clock_changes() -> None:
    def length(day: date) -> timedelta:
        block = NIGHT.on(day, OSLO)
        return block.end - block.start

    assert length(date(2026, 3, 28)) == timedelta(hours=7)
    assert length(date(2026, 10, 24)) == timedelta(hours=9)
    assert length(date(2026, 10, 25)) == timedelta(hours=8)


def test_a_swap_goes_before_the_shift_and_no_night_is_worked_after_the_last_day() -> None:
    stint = Stint(USUAL, ANCHOR, ANCHOR)
    friday, saturday = date(2026, 12, 4), date(2026, 12, 5)
    working = WorkingTime(OSLO, {}, {friday: [EARLY]}, last_day=saturday, stints=[stint])
    assert (working.hours(friday), working.hours(saturday)) == ([EARLY], [])
    shut = WorkingTime(OSLO, {}, closed={friday: None}, stints=[stint])
    assert shut.hours(friday) == (NIGHT,)
    quiet = Stint(Rotation(SHIFTS, USUAL.cycle, on_holidays=False), ANCHOR, ANCHOR)
    assert WorkingTime(OSLO, {}, closed={friday: None}, stints=[quiet]).hours(friday) == []
    assert WorkingTime(OSLO, {}, closed={friday: time(23)}, stints=[quiet]).hours(friday) == [
        Hours(time(22), time(23))
    ]


@given(cycles)
def test_a_cycle_is_read_as_it_is_written(cycle: tuple[str, ...]) -> None:
    assert read_cycle(written_cycle(cycle), "ELN") == cycle


def test_a_cycle_is_read_as_people_write_it() -> None:
    assert read_cycle(" e E, 2l;N -", "ELN") == ("E", "E", "L", "L", "N", OFF)
    for wrong in ("", "2X", "E E 3", "EL", "--"):
        with pytest.raises(UnknownShift):
            read_cycle(wrong, "ELN")


# --- Over HTTP ------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def test_a_manager_makes_a_pattern_and_puts_their_people_on_it(
    halden: Place, client: Client
) -> None:
    halden.sign_in(client, halden.manager)
    add, typed = halden.path("shift_pattern_add"), {**A_PATTERN, "cycle": "2E X"}
    wrong = client.post(add, typed)
    assert wrong.status_code == 422
    assert "“X” is none of the shifts above." in text(wrong)
    assert 'value="2E X"' in wrong.content.decode()
    night = {"code_1": "N", "starts_1": "22:00", "ends_1": "06:00", "cycle": "2E 2N 3-"}
    shown = client.post(add, {**A_PATTERN, **night, "preview": "yes"})
    assert "Four weeks of it" in text(shown)
    with halden.scope():
        assert not ShiftPattern.objects.exists()
    assert client.post(add, {**A_PATTERN, **night}).status_code == 302
    assert client.post(add, {**A_PATTERN, **night}).status_code == 422  # the name is taken
    with halden.scope():
        pattern = ShiftPattern.objects.get()
    put = halden.path("shift_work_add", public_id=pattern.public_id)
    who = {"anchor": "2026-11-30", "first_day": "2026-11-30"}
    assert client.post(put, {**who, "employee": halden.colleague.email}).status_code == 302
    twice = client.post(put, {**who, "employee": halden.colleague.email})
    assert "is in a shift pattern on some of these days already." in text(twice)
    above = client.post(put, {**who, "employee": halden.hr.email})
    assert above.status_code == 422  # HR does not report to them
    page = text(client.get(halden.path("shift_pattern", public_id=pattern.public_id)))
    assert halden.colleague.name in page
    with halden.scope():
        work = ShiftWork.objects.get()
        lead = make_employee("Another Lead")
        make_employee("Their Only One", manager=lead)
        for reader, sees in [(halden.hr, 1), (lead, 0), (halden.employee, 0), (work.employee, 1)]:
            assert ShiftWork.objects.visible_to(reader).count() == sees
    halden.sign_in(client, lead)
    end = halden.path("shift_work_end", public_id=work.public_id)
    assert client.post(end).status_code == 404
    halden.sign_in(client, halden.manager)
    assert client.post(end).status_code == 302
    with halden.scope():
        assert not ShiftWork.objects.exists()  # it had not begun


def test_a_learner_comes_to_the_shifts_of_the_host(halden: Place, client: Client) -> None:
    halden.organization.settle_in(country="NO", region="")
    with halden.scope():
        CompanyDay.rest(day=date(2026, 12, 2), name="Stocktaking", free_from=None)
        pattern = ShiftPattern.add(name="Control room A", rotation=usual_rotation())
        ShiftWork.begin(halden.colleague, pattern, anchor=ANCHOR, first_day=ANCHOR)
        offer = make_offer(halden.colleague, days=3, follows_hours=True)
        fixed = make_offer(halden.colleague, days=1, starts_at=time(23), minutes=300)
        asked = halden.employee, ANCHOR, date(2026, 12, 9)
        # Nothing goes over the four days off but what is in a row: night, night, and then early.
        assert starts(offer, *asked) == [ANCHOR + timedelta(days=i) for i in range(6)]
        assert starts(fixed, *asked) == [date(2026, 12, 4), date(2026, 12, 5)]
    halden.sign_in(client, halden.employee)
    page = client.get(halden.path("offer", public_id=offer.public_id), {"start": "2026-12-03"})
    assert "Thu 3 14:00–22:00, Fri 4 22:00–06:00, Sat 5 22:00–06:00" in text(page)
    assert "Saturday 5 December, no working day" not in text(page)
    held = client.post(
        halden.path("hold", public_id=offer.public_id), {"start": "2026-12-03"}, follow=True
    )
    assert "Thu 3 14:00–22:00, Fri 4 22:00–06:00, Sat 5 22:00–06:00" in text(held)
    with halden.scope():
        blocks = list(LearningSession.objects.get().blocks.order_by("number"))
        late, night, _second = (Interval(one.starts_at, one.ends_at) for one in blocks)
        assert late == Interval(datetime(2026, 12, 3, 13, tzinfo=UTC), _utc(3, 21))
        assert night == Interval(_utc(4, 21), _utc(5, 5))
        # Who else comes sees those nights no more.
        assert starts(offer, halden.manager, ANCHOR, date(2026, 12, 9)) == [ANCHOR]


def _utc(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def test_whoever_is_in_shifts_sees_them_and_swaps(halden: Place, client: Client) -> None:
    night = {
        "first_day": "2026-12-01",
        "last_day": "2026-12-01",
        "starts": "22:00",
        "ends": "06:00",
    }
    path = halden.path("availability")
    halden.sign_in(client, halden.colleague)
    assert client.post(path, night).status_code == 422  # theirs is no night
    with halden.scope():
        pattern = ShiftPattern.add(name="Control room A", rotation=usual_rotation())
        ShiftWork.begin(
            halden.colleague,
            pattern,
            anchor=ANCHOR,
            first_day=ANCHOR,
            last_day=date(2026, 12, 2),
        )
    assert client.post(path, night).status_code == 302
    page = text(client.get(path))
    assert "Mon 30 November 06:00–14:00" in page
    assert "Tue 1 December 22:00–06:00" in page
    assert "Fri 4 December 08:00–16:00" in page  # afterwards as in their week
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, follows_hours=True)
        assert starts(offer, halden.employee, ANCHOR, ANCHOR + timedelta(days=6)) == [
            ANCHOR + timedelta(days=i) for i in range(5)
        ]
    halden.sign_in(client, halden.hr)
    shown = client.get(halden.path("employee_hours", public_id=halden.colleague.public_id))
    assert "Shifts of two weeks" in text(shown)
    assert "Tue 1 December 06:00–14:00" in text(shown)  # the swap is theirs alone
    remove = halden.path("shift_pattern_remove", public_id=pattern.public_id)
    assert "Take them off it first." in text(client.post(remove))
