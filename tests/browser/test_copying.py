"""Secrets that are shown once are copied by a button."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.kit import LivePage
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_address_of_a_feed_is_copied_by_keyboard(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    page = live_page.go(world.halden.path("my_calendar"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make an address").click()
    button = page.locator("[data-copy]")
    expect(button).to_be_visible()
    expect(button).to_have_accessible_name("Copy")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Copied")
    expect(button).to_contain_text("Copied")
    address = page.get_by_label("Address", exact=True).input_value()
    assert page.evaluate("navigator.clipboard.readText()") == address

    # The twin: a browser that keeps its clipboard shut marks the address instead.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Marked: press Ctrl C")
    assert page.evaluate("getSelection().toString()") == address
