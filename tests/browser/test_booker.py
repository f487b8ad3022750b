"""Choosing days: where the focus is, and every key of the date grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.kit import LivePage, set_width
from tests.sessions.kit import AT, make_offer
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
FREE = "Monday 7 December, free to start"
CHOSEN = "Mon 7 – Wed 9 December"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def booker(world: World, live_page: LivePage) -> Page:
    """An offer's page in December, with the first free days chosen already."""
    place: Place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
    live_page.sign_in(place.employee)
    path = place.path("offer", public_id=offer.public_id)
    live_page.page.clock.install(time=AT)
    return live_page.go(f"{path}?month=2026-12")


def press_day(page: Page, way: str) -> None:
    day = page.get_by_role("button", name=FREE)
    if way == "mouse":
        day.click()
    else:
        page.locator('.day[tabindex="0"]').focus()
        page.keyboard.press("ArrowDown")  # 8 December
        page.keyboard.press("ArrowLeft")
        expect(day).to_be_focused()
        page.keyboard.press(way)


def chosen(page: Page) -> Locator:
    return page.get_by_role("heading", name=CHOSEN)


@pytest.mark.parametrize("way", ["mouse", "Enter", "Space"])
def test_the_focus_goes_to_what_was_chosen(booker: Page, way: str) -> None:
    press_day(booker, way)
    expect(chosen(booker)).to_be_focused()
    booker.keyboard.press("Tab")
    expect(booker.get_by_role("button", name="Hold these 3 days")).to_be_focused()


@pytest.mark.parametrize("way", ["mouse", "Enter"])
def test_a_grid_that_keeps_the_focus_hides_what_was_chosen(
    booker: Page, live_page: LivePage, way: str
) -> None:
    """The twin: with the guard that stood here, the focus stays on the day."""

    def with_the_guard(route: Route) -> None:
        answer = route.fetch()
        words = "if (!heading) return;"
        assert words in answer.text()
        guard = "if (!heading || document.activeElement.closest('date-grid')) return;"
        route.fulfill(response=answer, body=answer.text().replace(words, guard))

    booker.route("**/js/live*.js", with_the_guard)
    booker.reload()
    press_day(booker, way)
    expect(chosen(booker)).to_be_visible()
    expect(booker.locator(":focus")).to_have_id("day-2026-12-07")
    settled(booker)
    expect(chosen(booker)).not_to_be_focused()


def settled(page: Page) -> None:
    """Whatever waits a little after a swap, such as words to be said, has happened."""
    page.clock.run_for(100)


def test_who_tabs_on_while_the_days_arrive_keeps_their_place(booker: Page) -> None:
    waiting: list[Any] = []
    booker.route("**/*start=2026-12-07*", lambda route: waiting.append(route))
    press_day(booker, "Enter")
    hold = booker.get_by_role("button", name="Hold these 3 days")
    tab_to(booker, hold)
    until(booker, waiting)
    booker.keyboard.press("Enter")  # takes nothing: these would be the days from before
    expect(booker.locator("#booker")).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(chosen(booker)).to_be_visible()
    settled(booker)
    expect(hold).to_be_focused()
    settled(booker)
    expect(booker.locator("#live")).to_have_text(CHOSEN)
    booker.keyboard.press("Enter")
    expect(booker.get_by_role("heading", level=1)).to_contain_text(CHOSEN)


def test_a_control_without_a_name_would_lose_the_place(booker: Page) -> None:
    """The twin: without an id on the button nobody can give the focus back to it."""

    def without_the_id(route: Route) -> None:
        answer = route.fetch()
        assert 'id="hold-days"' in answer.text()
        route.fulfill(response=answer, body=answer.text().replace('id="hold-days"', ""))

    waiting: list[Any] = []
    booker.route("**/*start=2026-12-07*", lambda route: waiting.append(route))
    press_day(booker, "Enter")
    tab_to(booker, booker.get_by_role("button", name="Hold these 3 days"))
    until(booker, waiting)
    without_the_id(waiting[0])
    expect(chosen(booker)).to_be_visible()
    settled(booker)
    expect(chosen(booker)).to_be_focused()  # lost, so it is at least taken to the days


def until(page: Page, waiting: list[Any]) -> None:
    """The request that is held back has been made."""
    for _ in range(200):
        if waiting:
            break
        page.wait_for_timeout(50)
    assert len(waiting) == 1


def tab_to(page: Page, control: Locator) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if control.evaluate("(control) => document.activeElement === control"):
            return
    raise AssertionError(f"Tab never reached {control}")


def test_a_finger_on_a_day_does_not_move_the_month_away(booker: Page) -> None:
    """On phones the bar below says what was chosen; the page stands still."""
    set_width(booker, 390)
    day = booker.get_by_role("button", name=FREE)
    day.scroll_into_view_if_needed()
    before = booker.evaluate("scrollY")
    day.click()
    expect(chosen(booker)).to_be_focused()
    assert booker.evaluate("scrollY") == before


def test_the_months_links_keep_the_focus_and_say_the_month(booker: Page) -> None:
    booker.get_by_role("link", name="January 2027").focus()
    booker.keyboard.press("Enter")
    expect(booker.get_by_role("heading", name="January 2027", exact=True)).to_be_visible()
    settled(booker)
    expect(booker.get_by_role("link", name="February 2027")).to_be_focused()
    settled(booker)
    expect(booker.locator("#live")).to_have_text("January 2027. Chosen: Fri 1 – Tue 5 January 2027")


def walk(page: Page, *keys_and_days: tuple[str, str]) -> None:
    for key, day in keys_and_days:
        page.keyboard.press(key)
        expect(page.locator(f'.day[data-date="{day}"]')).to_be_focused()
        assert page.locator('.day[tabindex="0"]').count() == 1, key


def test_every_key_of_the_date_grid(booker: Page) -> None:
    booker.locator('.day[tabindex="0"]').focus()  # the first chosen day, 1 December
    walk(
        booker,
        ("ArrowRight", "2026-12-02"),
        ("ArrowDown", "2026-12-09"),
        ("ArrowUp", "2026-12-02"),
        ("ArrowLeft", "2026-12-01"),
        ("End", "2026-12-06"),
        ("ArrowRight", "2026-12-07"),
        ("ArrowLeft", "2026-12-06"),
        ("Home", "2026-11-30"),  # a day of November
        ("PageDown", "2026-12-30"),  # the same day of the next month
        ("PageDown", "2027-01-30"),
        ("PageDown", "2027-02-28"),  # or its last
        ("PageUp", "2027-01-28"),
        ("ArrowDown", "2027-02-04"),
        ("ArrowUp", "2027-01-28"),
        ("PageUp", "2026-12-28"),
        ("PageUp", "2026-11-28"),
        ("PageUp", "2026-11-28"),  # there is nothing before this month
        ("Home", "2026-11-23"),
        ("ArrowLeft", "2026-11-22"),
    )


def test_right_to_left_turns_the_arrows_and_nothing_else(booker: Page) -> None:
    booker.evaluate("document.documentElement.dir = 'rtl'")
    booker.locator('.day[tabindex="0"]').focus()
    walk(
        booker,
        ("ArrowLeft", "2026-12-02"),
        ("ArrowRight", "2026-12-01"),
        ("End", "2026-12-06"),
        ("PageDown", "2027-01-06"),
    )


def test_keys_on_a_day_that_is_not_free_choose_nothing(booker: Page) -> None:
    booker.get_by_role("link", name="November 2026").click()
    past = booker.get_by_role("button", name="Friday 20 November, past")
    past.focus()
    booker.keyboard.press("Enter")
    booker.keyboard.press("Space")
    expect(past).to_be_focused()
    expect(booker.get_by_role("heading", name="Thu 26 – Mon 30 November")).to_be_visible()
    expect(
        booker.get_by_role("button", name="Saturday 28 November, no working day")
    ).to_be_visible()


# --- Days one by one --------------------------------------------------------------------------
def test_days_that_lie_apart_are_pressed_and_put_back(world: World, live_page: LivePage) -> None:
    """The script sends what the form alone would: all that was pressed, not only the last day."""
    place: Place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, days=2, within_days=14, plan=False)
    live_page.sign_in(place.employee)
    path = place.path("offer_days", public_id=offer.public_id)
    live_page.page.clock.install(time=AT)
    page = live_page.go(f"{path}?month=2026-12")
    first = page.locator("#day-2026-12-07")
    heading = page.get_by_role("heading", level=2)
    first.click()
    expect(heading.filter(has_text="1 of 2 days chosen")).to_be_focused()
    page.locator("#day-2026-12-10").click()
    expect(heading.filter(has_text="2 of 2 days chosen")).to_be_focused()
    expect(page.get_by_role("button", name="Hold these 2 days")).to_be_visible()
    first.click()
    expect(heading.filter(has_text="1 of 2 days chosen")).to_be_focused()
    expect(page.get_by_role("list", name="Chosen days")).to_contain_text("Thu 10 December")
