"""The hours of one's week: typed by keyboard, on a phone, in both clocks."""

from __future__ import annotations

from datetime import time

import pytest
from playwright.sync_api import Locator, Page, expect

from peerlearn.organizations.models import Employee
from sessions.models import WeeklyHours
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot, set_width
from tests.sessions.kit import make_offer
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_break_is_typed_by_keyboard_alone(world: World, live_page: LivePage) -> None:
    halden = world.halden
    with halden.scope():
        make_offer(halden.employee)
        Employee.objects.filter(pk=halden.employee.pk).update(twelve_hour_clock=True)
    live_page.sign_in(halden.employee)
    live_page.allow(422)
    page = live_page.go(halden.path("availability"))
    until = page.get_by_label("Monday, until", exact=True)
    until.focus()
    page.keyboard.type("1200pm")
    tab_to(page, page.get_by_label("Monday, stretch 2, from"))
    page.keyboard.type("1130am")
    tab_to(page, page.get_by_label("Monday, stretch 2, until"))
    page.keyboard.type("0400pm")
    page.keyboard.press("Enter")
    wrong = page.get_by_label("Monday, stretch 2, from")
    expect(page.get_by_text("The stretches overlap.")).to_be_visible()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description("The stretches overlap.")
    expect(wrong).to_have_value("11:30")
    assert_accessible(page)
    screenshot(page, "hours-wrong")
    set_width(page, 1440)
    wrong.focus()
    page.keyboard.type("0100pm")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    monday = page.get_by_role("group", name="Monday")
    expect(monday).to_contain_text("8:00 am – 12:00 pm, 1:00 pm – 4:00 pm")
    expect(page.get_by_label("Monday, stretch 3, from")).to_be_visible()
    with halden.scope():
        rows = WeeklyHours.objects.filter(employee=halden.employee, weekday=0)
        assert [row.starts for row in rows] == [time(8), time(13)]
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "hours")


def tab_to(page: Page, field: Locator) -> None:
    """A field of a time has several stops: hours, minutes, half of the day, the picker."""
    for _ in range(6):
        page.keyboard.press("Tab")
        if field.evaluate("(field) => document.activeElement === field"):
            return
    raise AssertionError(f"Tab never reached {field}")


def test_the_week_of_the_profile_comes_back_on_a_phone(world: World, live_page: LivePage) -> None:
    halden = world.halden
    live_page.sign_in(halden.employee)
    set_width(live_page.page, 390)
    page = live_page.go(halden.path("availability"))
    page.get_by_label("Saturday, from", exact=True).fill("09:00")
    page.get_by_label("Saturday, until", exact=True).fill("12:00")
    page.get_by_role("button", name="Save my week").click()
    expect(page.get_by_role("group", name="Saturday")).to_contain_text("09:00–12:00")
    page.get_by_role("button", name="Use the hours of my profile").click()
    expect(page.get_by_role("group", name="Saturday")).to_contain_text("day off")
    expect(page.get_by_role("button", name="Use the hours of my profile")).to_have_count(0)
