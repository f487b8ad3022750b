"""When somebody is there: the hours of each weekday, with breaks, in their own zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from peerlearn.organizations.models import Employee
from sessions.availability import Availability
from sessions.free_time import Hours
from sessions.holding import hold
from sessions.models import AvailabilityException, ShadowingOffer, WeeklyHours
from sessions.refusals import Taken
from tests.factories import make_employee
from tests.sessions.kit import AT, TUESDAY, make_offer
from tests.sessions.test_booking_pages import text
from tests.world import Place, World

pytestmark = pytest.mark.django_db
MORNING, AFTERNOON = Hours(time(8), time(12)), Hours(time(13), time(16, 30))
EVENING = Hours(time(14), time(22))
MONDAY, WEDNESDAY, FRIDAY = 0, 2, 4


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def host(halden: Place, client: Client) -> Client:
    return halden.sign_in(client, halden.colleague)


def starts(offer: ShadowingOffer, learner: Employee, first: date, last: date) -> list[date]:
    ahead = Availability([offer], learner, first=first, last=last, at=AT)
    return [start.day for start in ahead.starts(offer)]


def typed(**days: str) -> dict[str, str]:
    """monday="08:00-12:00 13:00-16:30" as the form posts it."""
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    data = {}
    for name, stretches in days.items():
        for number, stretch in enumerate(stretches.split()):
            day = f"day_{names.index(name)}_{number}"
            data[f"{day}_starts"], data[f"{day}_ends"] = stretch.split("-")
    return data


# --- What is free --------------------------------------------------------------------------------
def test_each_weekday_has_its_own_hours(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, minutes=240)
        first, last = date(2026, 11, 30), date(2026, 12, 6)
        assert len(starts(offer, halden.employee, first, last)) == 5
        WeeklyHours.keep(
            halden.colleague,
            {MONDAY: [MORNING, AFTERNOON], WEDNESDAY: [EVENING], FRIDAY: [MORNING]},
        )
        assert starts(offer, halden.employee, first, last) == [first, date(2026, 12, 4)]
        with pytest.raises(Taken):
            hold(offer, halden.employee, TUESDAY, at=AT)
        late = make_offer(halden.colleague, days=1, minutes=240, starts_at=time(15))
        assert starts(late, halden.employee, first, last) == [date(2026, 12, 2)]


def test_nobody_is_booked_into_a_break(halden: Place) -> None:
    with halden.scope():
        WeeklyHours.keep(halden.colleague, {MONDAY: [MORNING, AFTERNOON]})
        monday = date(2026, 11, 30)
        fits = make_offer(halden.colleague, days=1, minutes=240)
        over = make_offer(halden.colleague, days=1, minutes=241)
        later = make_offer(halden.colleague, days=1, minutes=210, starts_at=time(13))
        assert starts(fits, halden.employee, monday, monday) == [monday]
        assert starts(later, halden.employee, monday, monday) == [monday]
        assert starts(over, halden.employee, monday, monday) == []
        # Two stretches that touch are one.
        WeeklyHours.keep(halden.colleague, {MONDAY: [MORNING, Hours(time(12), time(16))]})
        assert starts(over, halden.employee, monday, monday) == [monday]


def test_days_in_a_row_are_days_of_the_own_week(halden: Place) -> None:
    """And a day that is different still goes before the week."""
    with halden.scope():
        offer = make_offer(halden.colleague, days=2, minutes=240)
        WeeklyHours.keep(halden.colleague, {MONDAY: [MORNING], FRIDAY: [MORNING]})
        held = hold(offer, halden.employee, date(2026, 11, 30), at=AT)
        days = [block.starts_at.date() for block in held.session.blocks.all()]
        assert days == [date(2026, 11, 30), date(2026, 12, 4)]
        AvailabilityException.objects.create(
            employee=halden.colleague, first_day=date(2026, 12, 4), last_day=date(2026, 12, 4)
        )
        with pytest.raises(Taken):
            hold(offer, halden.manager, date(2026, 12, 4), at=AT)
        AvailabilityException.objects.create(
            employee=halden.colleague,
            first_day=date(2026, 12, 9),
            last_day=date(2026, 12, 9),
            starts=time(8),
            ends=time(12),
        )
        held = hold(offer, halden.employee, date(2026, 12, 7), at=AT)
        days = [block.starts_at.date() for block in held.session.blocks.all()]
        assert days == [date(2026, 12, 7), date(2026, 12, 9)]


@pytest.mark.parametrize(
    ("sunday", "minutes", "free"),
    [
        # 28 March 2027 in Oslo: from 01:00 until 05:00 are three hours.
        (date(2027, 3, 21), 240, True),
        (date(2027, 3, 28), 240, False),
        (date(2027, 3, 28), 180, True),
        # 25 October 2026: five.
        (date(2026, 10, 18), 300, False),
        (date(2026, 10, 25), 300, True),
        (date(2026, 10, 25), 301, False),
    ],
)
def test_hours_of_a_sunday_on_which_the_clock_changes(
    halden: Place, sunday: date, minutes: int, free: bool
) -> None:
    before = datetime(2026, 10, 5, 9, tzinfo=UTC)
    with halden.scope():
        WeeklyHours.keep(halden.colleague, {6: [Hours(time(1), time(5))]})
        offer = make_offer(halden.colleague, days=1, minutes=minutes, starts_at=time(1))
        ahead = Availability([offer], halden.employee, first=sunday, last=sunday, at=before)
        assert [start.day for start in ahead.starts(offer)] == ([sunday] if free else [])


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2026, 10, 25)])
def test_what_is_booked_on_that_sunday_begins_by_the_clock(halden: Place, sunday: date) -> None:
    """13:00 is 13:00 on the day of a change too; the learner far away reads their own clock."""
    before = datetime(2026, 10, 5, 9, tzinfo=UTC)
    with halden.scope():
        far = make_employee("Kiri Ngata", time_zone="Pacific/Auckland")
        WeeklyHours.keep(halden.colleague, {6: [Hours(time(13), time(15))]})
        offer = make_offer(halden.colleague, days=1, minutes=120, starts_at=time(13))
        days = {sunday.replace(day=sunday.day - 7), sunday}
        for day in days:
            ahead = Availability([offer], far, first=day, last=day, at=before)
            [start] = ahead.starts(offer)
            there = start.blocks[0].start.astimezone(halden.colleague.zone)
            assert (there.date(), there.time()) == (day, time(13))


# --- What the database keeps ---------------------------------------------------------------------
def test_stretches_of_a_day_never_overlap(halden: Place) -> None:
    with halden.scope():
        WeeklyHours.keep(halden.colleague, {MONDAY: [MORNING]})
        wrong = [
            {"weekday": MONDAY, "starts": time(11, 59), "ends": time(13)},
            {"weekday": MONDAY, "starts": time(14), "ends": time(14)},
            {"weekday": 7, "starts": time(8), "ends": time(9)},
        ]
        for row in wrong:
            with pytest.raises(IntegrityError, match="weekly_hours_"), transaction.atomic():
                WeeklyHours.objects.create(employee=halden.colleague, **row)
        WeeklyHours.objects.create(
            employee=halden.colleague, weekday=MONDAY, starts=time(12), ends=time(13)
        )
        WeeklyHours.objects.create(
            employee=halden.employee, weekday=MONDAY, starts=time(8), ends=time(9)
        )


# --- The page ----------------------------------------------------------------------------------
def test_a_week_is_typed_kept_and_given_back(halden: Place, host: Client) -> None:
    page = text(host.get(halden.path("availability")))
    assert "Europe/Oslo" in page
    assert "These are the hours of your profile." in page
    assert "Saturday day off" in page
    data = typed(monday="08:00-12:00 13:00-16:30", wednesday="14:00-22:00")
    page = text(host.post(halden.path("availability_week"), data, follow=True))
    assert "Monday 08:00–12:00, 13:00–16:30" in page
    assert "Tuesday day off" in page
    with halden.scope():
        assert WeeklyHours.objects.filter(employee=halden.colleague).week() == {
            MONDAY: [MORNING, AFTERNOON],
            WEDNESDAY: [EVENING],
        }
        assert not WeeklyHours.objects.filter(employee=halden.employee).exists()
    page = text(host.post(halden.path("availability_week"), {"usual": "yes"}, follow=True))
    assert "These are the hours of your profile." in page
    with halden.scope():
        assert not WeeklyHours.objects.exists()


def test_the_own_clock_is_used(halden: Place, host: Client) -> None:
    with halden.scope():
        Employee.objects.filter(pk=halden.colleague.pk).update(twelve_hour_clock=True)
    data = typed(monday="08:00-12:00 13:00-16:30")
    page = text(host.post(halden.path("availability_week"), data, follow=True))
    assert "Monday 8:00 am – 12:00 pm, 1:00 pm – 4:30 pm" in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (typed(monday="08:00-12:00 11:00-16:00"), "The stretches overlap."),
        (typed(monday="12:00-08:00"), "It must end after it begins."),
        ({"day_0_0_starts": "08:00"}, "Enter both times."),
        ({"day_0_0_ends": "08:00"}, "Enter both times."),
        ({"day_0_0_starts": "eight", "day_0_0_ends": "10:00"}, "Say a time, such as 08:30."),
        ({}, "Enter hours for one day at least."),
    ],
)
def test_a_week_that_cannot_be_is_shown_again(
    halden: Place, host: Client, data: dict[str, str], words: str
) -> None:
    data = {**data, "day_4_3_starts": "20:00", "day_4_3_ends": "21:00"} if data else data
    answer = host.post(halden.path("availability_week"), data)
    assert answer.status_code == 422
    assert words in text(answer)
    body = answer.content.decode()
    for name, value in data.items():  # all that was typed stands there again
        assert f'name="{name}" value="{value}"' in body
    with halden.scope():
        assert not WeeklyHours.objects.exists()


def test_an_offer_that_fits_on_no_day_is_told(halden: Place, host: Client) -> None:
    with halden.scope():
        make_offer(halden.colleague)  # eight hours
        make_offer(halden.employee, "Somebody else's")
    assert "it fits on no day" not in text(host.get(halden.path("availability")))
    data = typed(monday="08:00-12:00 13:00-17:00")
    page = text(host.post(halden.path("availability_week"), data, follow=True))
    assert "Nobody can book “Relay protection settings”: it fits on no day of this week." in page
    assert "Somebody else's" not in page


def test_the_calendar_calls_a_day_without_hours_no_working_day(
    halden: Place, client: Client
) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, minutes=240)
        WeeklyHours.keep(halden.colleague, {MONDAY: [MORNING], 5: [MORNING]})
        WeeklyHours.keep(halden.employee, {5: [MORNING]})
    halden.sign_in(client, halden.employee)
    path = halden.path("offer", public_id=offer.public_id)
    page = text(client.get(path, {"month": "2026-12", "start": "2026-12-07"}))
    assert "Saturday 12 December, free to start" in page
    assert "Tuesday 8 December, no working day" in page
    assert "Mon 7 December is no working day of yours" in page
    page = text(client.get(path, {"month": "2026-12", "start": "2026-12-12"}))
    assert "no working day of yours" not in page
