"""The plan of an offer follows its number of days while it is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.sessions.kit import make_skill
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plan_follows_the_days(live_page: LivePage, world: World) -> None:
    place = world.halden
    with place.scope():
        make_skill()
    live_page.sign_in(place.employee)
    page = live_page.go(place.path("offer_add"))
    days = page.locator("[data-day]")
    expect(page.locator("[data-later-days]")).to_be_hidden()
    for typed, last in (("1", 1), ("10", 10), ("5", 5)):
        page.get_by_label("Days", exact=True).fill(typed)
        expect(days.nth(last - 1)).to_be_visible()
        if last < 10:
            expect(days.nth(last)).to_be_hidden()
    page.get_by_label("Days", exact=True).fill("")
    expect(days.nth(4)).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "offer-add")
