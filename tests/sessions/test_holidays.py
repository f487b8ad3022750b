"""Public holidays, the organization's own days, and what becomes of days in a row around them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.organizations.models import CompanyDay, Organization
from peerlearn.organizations.public_holidays import (
    Closing,
    OwnDay,
    closings,
    country_choices,
    public_holidays,
    region_choices,
)
from sessions.models import LearningSession, Participation, WeeklyHours
from tests.sessions.kit import AT, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_hours import starts, typed
from tests.world import Place, World

CHRISTMAS_EVE, CHRISTMAS = date(2026, 12, 24), date(2026, 12, 25)  # Thursday and Friday
EPIPHANY = date(2027, 1, 6)
YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    """In Norway."""
    world.halden.organization.settle_in(country="NO", region="")
    return world.halden


# --- What the library knows -----------------------------------------------------------------------
def test_names_come_in_the_language_of_the_reader_where_there_are_some() -> None:
    assert public_holidays("NO", "", 2026, "en")[CHRISTMAS] == "Christmas Day"
    assert public_holidays("NO", "", 2026, "nb")[CHRISTMAS] == "Første juledag"
    assert public_holidays("NO", "", 2026, "de")[CHRISTMAS] == "Første juledag"
    assert public_holidays("DE", "BY", 2027, "de")[EPIPHANY] == "Heilige Drei Könige"
    assert public_holidays("DE", "BY", 2027, "en-gb")[EPIPHANY] == "Epiphany"


def test_regions_are_asked_only_where_holidays_differ() -> None:
    assert ("BY", "Bayern") in region_choices("DE")
    assert region_choices("NO") == ()
    assert EPIPHANY not in public_holidays("DE", "BE", 2027, "de")
    assert EPIPHANY not in public_holidays("DE", "nowhere", 2027, "de")
    assert public_holidays("XX", "", 2026, "en") == public_holidays("", "", 2026, "en") == {}
    names = [name for _code, name in country_choices("de")]
    assert names.index("Oman") < names.index("Österreich") < names.index("Pakistan")


@given(
    st.lists(
        st.builds(
            OwnDay,
            st.dates(date(2026, 12, 20), date(2026, 12, 31)),
            st.sampled_from(["", "NO", "SE"]),
            st.sampled_from(["", "Bridge day", "Half day"]),
            st.none() | st.just(time(12)),
        )
    )
)
def test_what_the_organization_says_goes_before_public_holidays(own: list[OwnDay]) -> None:
    found = closings("NO", "", own, language="en", **YEAR)
    public = public_holidays("NO", "", 2026, "en")
    for day in public.keys() | {one.day for one in own}:
        here = [one for one in own if one.day == day and one.country in ("", "NO")]
        off = [one for one in here if one.name]
        if off:
            local = [one for one in off if one.country == "NO"] or off
            assert found[day] == Closing(local[-1].name, local[-1].free_from)
        else:
            assert (day in found) == (day in public and not here)


# --- What becomes of bookings ---------------------------------------------------------------------
def test_days_in_a_row_go_on_behind_a_holiday(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        asked = halden.employee, date(2026, 12, 23), date(2026, 12, 28)
        assert starts(offer, *asked) == [date(2026, 12, 23), CHRISTMAS_EVE, date(2026, 12, 28)]
    halden.sign_in(client, halden.employee)
    path = halden.path("hold", public_id=offer.public_id)
    refused = client.post(path, {"start": CHRISTMAS.isoformat()})
    assert refused.status_code == 409
    assert "That day is a holiday." in text(refused)
    assert client.post(path, {"start": CHRISTMAS_EVE.isoformat()}).status_code == 302
    with halden.scope():
        blocks = LearningSession.objects.get().blocks.order_by("number")
        assert [one.starts_at.day for one in blocks] == [24, 28, 29]


def test_the_booker_says_why(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1)
        CompanyDay.rest(day=CHRISTMAS_EVE, name="Christmas Eve", free_from=time(12))
    halden.sign_in(client, halden.employee)
    page = halden.path("offer", public_id=offer.public_id)
    shown = text(client.get(page, {"start": CHRISTMAS.isoformat()}))
    assert "That day is a holiday: Christmas Day. This is the next free start." in shown
    assert f"Fri 25 December: Christmas Day, {halden.colleague.name} is off" in shown
    assert "Thu 24 December: Christmas Eve," in shown
    assert "is off from 12:00 on" in shown
    assert "Saturday 26 December, no working day" in shown  # they would be off anyhow


def test_whoever_works_elsewhere_has_other_holidays(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1)
    halden.sign_in(client, halden.hr)
    place = halden.path("employee_place", public_id=halden.employee.public_id)
    assert client.post(place, {"country": "DE", "region": "BY"}).status_code == 302
    halden.sign_in(client, halden.employee)
    page = halden.path("offer", public_id=offer.public_id)
    shown = text(client.get(page, {"start": EPIPHANY.isoformat()}))
    assert "Wed 6 January 2027 is a holiday of yours: Epiphany" in shown
    held = client.post(
        halden.path("hold", public_id=offer.public_id), {"start": EPIPHANY.isoformat()}
    )
    assert "is a holiday of yours: Epiphany" in text(client.get(held["Location"]))


# --- The pages of HR and admins -------------------------------------------------------------------
def test_a_holiday_is_switched_off_and_on(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.hr)
    switch = {"country": "NO", "region": "", "day": CHRISTMAS.isoformat()}
    client.post(halden.path("holiday_switch"), {**switch, "worked": "on"})
    assert "worked here" in text(client.get(halden.path("holidays")))
    with halden.scope():
        offer = make_offer(halden.colleague, days=1)
        assert starts(offer, halden.employee, CHRISTMAS, CHRISTMAS) == [CHRISTMAS]
    client.post(halden.path("holiday_switch"), switch)
    with halden.scope():
        assert starts(offer, halden.employee, CHRISTMAS, CHRISTMAS) == []
    odd = client.post(
        halden.path("holiday_switch"), {**switch, "day": "2026-12-02", "worked": "on"}, follow=True
    )
    assert "That day is no public holiday there." in text(odd)
    with halden.scope():
        assert not CompanyDay.objects.exists()


def test_what_is_to_come_stands_before_what_is_over(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.hr)
    page = text(client.get(halden.path("holidays")))
    this_year, next_year = page.split("2027 Norway")
    coming, over = this_year.split("days that are over")
    assert "Christmas Day Friday, 25 December" in coming
    assert "Good Friday" not in coming
    assert "Good Friday Friday, 3 April" in over
    assert "that are over" not in next_year
    with time_machine.travel("2026-12-27T09:00:00Z", tick=False):
        halden.sign_in(client, halden.hr)
        assert "The holidays of this year are over." in text(client.get(halden.path("holidays")))


def test_days_of_our_own_are_added_and_removed(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.admin)
    add = halden.path("company_day_add")
    typed_in = {"day": "2026-12-24", "name": " Christmas  Eve ", "free_from": "12:00"}
    assert client.post(add, typed_in).status_code == 302
    again = client.post(add, {**typed_in, "name": "Stocktaking"})
    assert again.status_code == 422
    assert "“Christmas Eve” stands on that day. Remove it first." in text(again)
    assert 'value="Stocktaking"' in again.content.decode()
    assert client.post(add, {"day": "2026-12-30"}).status_code == 422
    with halden.scope():
        kept = CompanyDay.objects.get()
        assert (kept.name, kept.free_from) == ("Christmas Eve", time(12))
    page = text(client.get(halden.path("holidays")))
    assert "Thursday, 24 December, off from 12:00 our own" in page
    client.post(halden.path("company_day_remove", public_id=kept.public_id))
    with halden.scope():
        assert not CompanyDay.objects.exists()


def test_another_country_asks_for_its_region(world: World, client: Client) -> None:
    place = world.nordfjord
    place.sign_in(client, place.admin)
    path = place.path("holidays")
    assert "Choose the country in which most of you work" in text(client.get(path))
    told = text(client.post(path, {"country": "DE", "region": "NO"}, follow=True))
    assert "Choose the region, too" in told
    client.post(path, {"country": "DE", "region": "BY"})
    kept = Organization.objects.get(pk=place.organization.pk)
    assert (kept.country, kept.region) == ("DE", "BY")
    assert "Germany, Bayern" in text(client.get(path))
    assert client.post(path, {"country": "Atlantis"}).status_code == 422


# --- Part-time weeks ------------------------------------------------------------------------------
def test_hr_keeps_a_part_time_week(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.hr)
    path = halden.path("employee_hours", public_id=halden.colleague.public_id)
    week = typed(monday="08:00-16:00", wednesday="08:00-12:00 13:00-14:00")
    assert client.post(path, week).status_code == 302
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, minutes=240)
        first, last = date(2026, 11, 30), date(2026, 12, 6)
        assert starts(offer, halden.employee, first, last) == [first, date(2026, 12, 2)]
    wrong = client.post(path, typed(monday="12:00-08:00"))
    assert wrong.status_code == 422
    assert "It must end after it begins." in text(wrong)
    assert client.post(path, {"usual": "yes"}).status_code == 302
    with halden.scope():
        assert not WeeklyHours.objects.exists()
        assert not Participation.objects.exists()
