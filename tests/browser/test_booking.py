"""A technician books three days beside a veteran, who completes them: three ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Locator, Page, expect

from sessions.models import Interaction, LearningSession, Participation, ShadowingOffer
from skills.models import Proficiency
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer, make_skill
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
LAST_DAY = datetime(2026, 12, 3, 16, tzinfo=UTC)


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


def row(page: Page, words: str) -> Locator:
    """The line of a list in the page that says this."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=words).last


def book_with_the_mouse(page: Page) -> None:
    page.get_by_role("link", name="Shadowing").first.click()
    row(page, "Aisha Rahman").get_by_role("link", name="See days").click()
    page.get_by_role("link", name="December 2026").click()
    expect(page.get_by_role("heading", name="December 2026")).to_be_visible()
    page.get_by_role("button", name="Monday 7 December, free to start").click()
    expect(page.get_by_role("heading", name="Mon 7 – Wed 9 December")).to_be_visible()
    page.get_by_role("button", name="Tuesday 1 December, free to start").click()
    expect(page.get_by_role("heading", name="Tue 1 – Thu 3 December")).to_be_visible()
    page.get_by_role("button", name="Hold these 3 days").click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    page.get_by_label("What do you want to be able to do alone?").fill("Set a feeder relay")
    page.get_by_role("button", name="Book 3 days").click()
    expect(page.get_by_role("heading", name="Booked. Aisha Rahman has")).to_be_visible()


def complete(live: LivePage, halden: Place) -> None:
    """The veteran marks the days, the technician says a level, the veteran confirms it."""
    page = live.page
    page.context.clear_cookies()
    with time_machine.travel(LAST_DAY):
        live.sign_in(halden.colleague)
        live.go(halden.path("home"))
        page.get_by_role("link", name="Mark the days").click()
        for day in (1, 2, 3):
            row(page, f"Day {day}").get_by_role("button", name="Mark day done").click()
            expect(page.get_by_text("Done, said by Aisha Rahman")).to_have_count(day)
        page.context.clear_cookies()
        live.sign_in(halden.employee)
        live.go(halden.path("home"))
        page.get_by_role("main").get_by_role("link", name="Answer").first.click()
        page.get_by_label("What can you do now?").fill("Set a feeder relay alone")
        page.get_by_role("radio", name="Alone").check(force=True)
        page.get_by_role("button", name="Keep my answers").click()
        page.context.clear_cookies()
        live.sign_in(halden.colleague)
        live.go(halden.path("my_sessions"))
        row(page, "Nils Eriksen says a level").get_by_role("link", name="Look").click()
        row(page, "Nils Eriksen").get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("Nils Eriksen. confirmed")).to_be_visible()


def assert_done(halden: Place) -> None:
    with halden.scope():
        assert LearningSession.objects.get().state == "completed"
        assert Interaction.objects.count() == 3
        level = Proficiency.objects.get(employee=halden.employee, valid_to=None)
        assert (level.level, level.source) == (3, "confirmed")
        assert Participation.objects.learners().get().goal == "Set a feeder relay"


def test_a_technician_books_and_the_veteran_completes(
    live_page: LivePage, halden: Place, offer: ShadowingOffer
) -> None:
    live_page.sign_in(halden.employee)
    live_page.go(halden.path("home"))
    book_with_the_mouse(live_page.page)
    complete(live_page, halden)
    assert_done(halden)


def test_the_same_without_javascript(
    live_server: Any,
    browser: Browser,
    browser_context_args: dict[str, Any],
    halden: Place,
    offer: ShadowingOffer,
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    try:
        live = LivePage(context.new_page(), live_server.url)
        live.page.set_default_timeout(10_000)
        live.sign_in(halden.employee)
        live.go(halden.path("home"))
        book_with_the_mouse(live.page)
        complete(live, halden)
    finally:
        context.close()
    assert_done(halden)


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
    expect(focused).to_have_id("day-2026-12-01")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_id("day-2026-12-08")
    page.keyboard.press("Home")
    expect(focused).to_have_id("day-2026-12-07")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mon 7 – Wed 9 December")).to_be_visible()
    expect(focused).to_have_id("day-2026-12-07")  # the choice does not throw one out of the grid
    hold = page.get_by_role("button", name="Hold these 3 days")
    tab_to(page, "Hold these 3 days")
    expect(hold).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Held for you until")).to_be_visible()
    tab_to(page, "What do you want to be able to do alone?")
    page.keyboard.type("Set a feeder relay")
    tab_to(page, "Book 3 days")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Booked. Aisha Rahman has")).to_be_visible()
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


def test_every_page_is_open_to_everyone(
    live_page: LivePage, halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        session = make_booking(offer, halden.employee, TUESDAY).session
    live_page.sign_in(halden.employee)
    for name, public_id in [
        ("home", ""),
        ("shadowing", ""),
        ("offer", offer.public_id),
        ("my_sessions", ""),
        ("booking", session.public_id),
        ("booking_cancel", session.public_id),
        ("session_run", session.public_id),
        ("debrief", session.public_id),
        ("my_offers", ""),
        ("offer_add", ""),
        ("availability", ""),
    ]:
        kwargs = {"public_id": public_id} if public_id else {}
        page = live_page.go(halden.path(name, **kwargs))
        assert_accessible(page)
        assert_no_overflow(page)


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
    assert_accessible(page)
    assert_no_overflow(page)
    page.get_by_role("alert").get_by_role("button").first.click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
