"""The pages of booking: by keyboard, open to everyone, in every state. See test_main_job.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from sessions.models import Participation, ShadowingOffer
from skills.models import Proficiency
from tests.browser.kit import LivePage, look_at
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        offer = make_offer(halden.colleague)
        skill = make_skill()
        Proficiency.claim(employee=halden.colleague, skill=skill, level=4, on=AT.date())
        make_offer(halden.manager)
        return offer


def test_booking_by_keyboard_alone(
    live_page: LivePage, halden: Place, offer: ShadowingOffer
) -> None:
    page = live_page.page
    live_page.sign_in(halden.employee)
    live_page.go(halden.path("offer", public_id=offer.public_id))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):  # past the head of the page into the grid, which is one stop
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('table.cal'))"):
            break
    focused = page.locator(":focus")
    expect(focused).to_have_id("day-2026-11-26")  # the first free start
    page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", name="December 2026")).to_be_visible()
    expect(focused).to_have_id("day-2026-12-26")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(focused).to_have_id("day-2026-12-12")
    page.keyboard.press("Home")
    expect(focused).to_have_id("day-2026-12-07")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mon 7 – Wed 9 December")).to_be_focused()
    hold = page.get_by_role("button", name="Hold these 3 days")
    tab_to(page, "Hold these 3 days")
    expect(hold).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Held for you until")).to_be_visible()
    tab_to(page, "What do you want to be able to do alone?")
    page.keyboard.type("Set a feeder relay")
    tab_to(page, "Book 3 days")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Booked. Aisha Rahman is told")).to_be_visible()
    with halden.scope():
        assert Participation.objects.learners().get().goal == "Set a feeder relay"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        words: str = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText ?? ''"
        )
        if name in words:
            return
    raise AssertionError(f"Tab never reached {name!r}")


def test_a_hold_and_a_conflict_are_open_to_everyone(
    live_page: LivePage, halden: Place, offer: ShadowingOffer
) -> None:
    live_page.sign_in(halden.employee)
    page = live_page.go(halden.path("offer", public_id=offer.public_id))
    with halden.scope():
        make_booking(offer, halden.manager, datetime(2026, 11, 26, tzinfo=UTC).date())
    live_page.allow(409)
    page.get_by_role("button", name="Hold these 3 days").click()
    expect(page.get_by_role("alert")).to_contain_text("These days were just taken.")
    look_at(page, "offer-conflict")
    page.get_by_role("alert").get_by_role("button").first.click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    look_at(page, "booking-held")
