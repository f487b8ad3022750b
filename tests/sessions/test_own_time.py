"""What a learner has said about the time that they book: in arithmetic, and on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sessions.free_time import Hours, Interval, WorkingTime, instant
from sessions.models import AvailabilityException
from sessions.own_time import own_time
from tests.factories import make_employee
from tests.sessions.kit import AT, make_offer
from tests.sessions.test_booking_pages import press_hold, text
from tests.world import World

OSLO = ZoneInfo("Europe/Oslo")
OFFICE = {weekday: [Hours(time(8), time(16))] for weekday in range(5)}
TUESDAY = date(2026, 12, 1)


def at(day: date, start: int, end: int) -> Interval:
    return Interval(instant(day, time(start), OSLO), instant(day, time(end), OSLO))


def test_each_day_is_said_once() -> None:
    week = WorkingTime(OSLO, OFFICE, {TUESDAY: []})
    saturday = TUESDAY + timedelta(days=4)
    said = own_time(
        week, [at(TUESDAY, 8, 16), at(saturday, 8, 16), at(date(2026, 12, 2), 18, 22)], {}
    )
    assert said.away == [TUESDAY]
    assert said.days_off == [saturday]
    assert said.outside_hours == [date(2026, 12, 2)]
    assert said


def test_a_lunch_break_is_not_another_time() -> None:
    week = WorkingTime(OSLO, {1: [Hours(time(8), time(11)), Hours(time(12), time(16))]})
    assert not own_time(week, [at(TUESDAY, 8, 16)], {})
    assert own_time(week, [at(TUESDAY, 11, 12)], {}).outside_hours == [TUESDAY]


def test_what_lies_mostly_beside_the_hours_is_said() -> None:
    week = WorkingTime(OSLO, OFFICE)
    assert own_time(week, [at(TUESDAY, 3, 11)], {}).outside_hours == [TUESDAY]
    assert not own_time(week, [at(TUESDAY, 12, 20)], {})


def test_who_has_left_by_then_is_told_nothing_of_it() -> None:
    week = WorkingTime(OSLO, OFFICE, last_day=date(2026, 11, 30))
    assert not own_time(week, [at(TUESDAY, 8, 16)], {})


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(8, 15))
def test_what_lies_in_the_working_week_is_never_said(day: date, start: int) -> None:
    said = own_time(WorkingTime(OSLO, OFFICE), [at(day, start, start + 1)], {})
    assert bool(said) == (day.weekday() >= 5)


# --- On the pages -----------------------------------------------------------------------------
@pytest.fixture
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.mark.usefixtures("_monday")
def test_the_last_step_says_what_the_one_before_said(world: World, client: Client) -> None:
    halden = world.halden
    with halden.scope():
        offer = make_offer(halden.colleague)
        AvailabilityException.objects.create(
            employee=halden.employee, first_day=TUESDAY, last_day=TUESDAY
        )
    halden.sign_in(client, halden.employee)
    page = text(client.get(press_hold(client, halden, offer)["Location"]))
    assert "You said you are away on Tue 1 December" in page
    assert "Nothing of yours clashes" not in page


@pytest.mark.usefixtures("_monday")
def test_a_night_shift_is_another_time_than_one_works(world: World, client: Client) -> None:
    halden = world.halden
    with halden.scope():
        host = make_employee("Kiri Ngata", day_starts=time(17), day_ends=time(23))
        offer = make_offer(host, days=1, starts_at=time(17), minutes=240)
    halden.sign_in(client, halden.employee)
    page = text(client.get(press_hold(client, halden, offer)["Location"]))
    assert "Tue 1 December : at another time than you work" in page
    assert "Nothing of yours clashes" not in page


@pytest.mark.usefixtures("_monday")
def test_nothing_clashes_when_nothing_does(world: World, client: Client) -> None:
    halden = world.halden
    with halden.scope():
        offer = make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    page = text(client.get(press_hold(client, halden, offer)["Location"]))
    assert "Nothing of yours clashes" in page
