"""The kit page: every component in every state, held against what every page must keep."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import expect

from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot, set_width
from tests.web.fixtures import kit_site  # noqa: F401
from tests.world import World

pytestmark = pytest.mark.usefixtures("kit_site")
KIB = 1024


def test_the_kit_is_open_to_everyone_fits_and_keeps_the_policy(
    world: World, live_page: LivePage
) -> None:
    live_page.sign_in(world.halden.hr)
    page = live_page.go(world.halden.path("kit"))
    expect(page.locator("h1")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    assert [path for path in screenshot(page, "kit") if path.stat().st_size > 20_000]


def test_the_sheet_of_further_entries_opens_and_closes_on_phones(
    world: World, live_page: LivePage
) -> None:
    live_page.sign_in(world.halden.employee)
    page = live_page.go(world.halden.path("kit"))
    set_width(page, 390)
    page.locator(".tabbar summary").click()
    expect(page.locator(".more-sheet")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    set_width(page, 390)
    page.keyboard.press("Escape")
    expect(page.locator(".more-sheet")).to_be_hidden()
    expect(page.locator(".tabbar summary")).to_be_focused()


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("error-403", "/o/halden-grid/kit/hr/", 403),
        ("error-404-inside", "/o/halden-grid/nothing/", 404),
        ("error-404-foreign", "/o/nordfjord/", 404),
        ("error-500", "/o/halden-grid/kit/broken/", 500),
    ],
)
def test_error_pages_are_pages_too(
    world: World, live_page: LivePage, name: str, path: str, status: int
) -> None:
    live_page.sign_in(world.halden.employee)
    live_page.allow(status)
    page = live_page.go(path)
    expect(page.get_by_role("link", name="Go to the start")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, name)


def test_the_theme_is_kept_by_the_server(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    page = live_page.go(world.halden.path("kit"))
    button = page.locator(".rail [data-theme-toggle]")
    button.click()
    expect(page.locator("#live")).to_have_text("Theme: light")
    button.click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_focus_and_words_follow_a_swap(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    page = live_page.go(world.halden.path("kit_search"))
    page.get_by_label("Search").last.fill("relay")
    expect(page.locator("#live")).to_have_text("Found: relay")
    expect(page.get_by_label("Search").last).to_be_focused()
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Found: relay")).to_be_focused()


def test_a_refused_form_and_a_redirect_reach_the_page(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    live_page.allow(403, 422)
    page = live_page.go(world.halden.path("kit_search"))
    keep = page.get_by_role("button", name="Keep")
    keep.click()
    expect(page.get_by_role("heading", name="Say what you look for")).to_be_focused()
    page.get_by_role("button", name="Ask HR").click()
    expect(page.locator("#trouble")).to_contain_text("not yours to do")
    page.get_by_label("Keep").last.fill("relay")
    keep.click()
    expect(page.locator("#messages")).to_contain_text("Kept.")


def test_panels_load_and_fail_by_themselves(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    live_page.allow(500)
    page = live_page.go(world.halden.path("kit_panels"))
    expect(page.get_by_role("heading", name="Found: all")).to_be_visible()
    bad = page.locator("#bad")
    expect(bad.get_by_text("This part could not be loaded.")).to_be_visible()
    expect(bad.locator(".skeleton").first).to_be_hidden()
    expect(page.locator("#trouble")).to_be_hidden()
    assert_accessible(page)


def test_the_month_is_walked_by_keyboard(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.employee)
    page = live_page.go(world.halden.path("kit"))
    page.locator(".day.first").focus()
    for key, day in [("ArrowDown", "8"), ("Home", "7"), ("End", "13"), ("ArrowLeft", "12")]:
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_text(day)
    assert page.locator('.day[tabindex="0"]').count() == 1
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile("#n$"))


def test_a_first_page_weighs_little(world: World, client: Client) -> None:
    """HTML, styles and scripts of the shell, gzipped: 60 KB at most, Inter 75 KB beside it."""
    world.sign_in(client, world.halden.hr)
    body = client.get(world.halden.path("kit_search")).content
    weight = len(gzip.compress(body))
    for name in set(re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', body.decode())):
        weight += len(gzip.compress(_static(name)))
    weight += len(gzip.compress(_static("js/date-grid.js")))
    weight += max(
        len(gzip.compress(_static(f"css/pages/{app}.css"))) for app in ("sessions", "analytics")
    )
    assert weight <= 60 * KIB
    assert (
        sum(len(_static(f"fonts/inter-{part}.woff2")) for part in ("latin", "latin-ext"))
        <= 75 * KIB
    )


def _static(name: str) -> bytes:
    path: Any = finders.find(name)
    with open(path, "rb") as file:
        return file.read()


def test_nothing_moves_when_the_font_arrives(world: World, live_page: LivePage) -> None:
    page = live_page.page
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries()) window.moved += entry.value"
        " }).observe({type: 'layout-shift', buffered: true})"
    )
    live_page.sign_in(world.halden.employee)
    live_page.go(world.halden.path("kit"))
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("window.moved") < 0.05
