"""HR's reports in a browser: choose, look, create, download; without JavaScript too."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.choices import Failure
from peerlearn.notifications.outbox import hand_over, run
from tests.analytics.kit import asked
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.browser.test_dashboard import furnished, place  # noqa: F401
from tests.world import Place


def work() -> None:
    """What the worker does with everything that is due."""
    for outbox_id, _ in hand_over():
        run(outbox_id)


def test_hr_makes_a_workbook_and_downloads_it(place: Place, live_page: LivePage) -> None:  # noqa: F811
    furnished(place)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("reports"))
    expect(page.locator("#preview")).to_contain_text("Skill coverage")
    page.get_by_role("radio", name="Single-person risk").check()
    expect(page.locator("#preview")).to_contain_text("Single-person risk")
    page.get_by_role("radio", name="Named people").check()
    expect(page.locator("#preview")).to_contain_text("Nils Eriksen")
    page.get_by_role("button", name="Create Excel file").click()
    files = page.locator("#files")
    expect(files.get_by_text("Waiting for its turn")).to_be_visible()
    work()
    # The list looks again by itself.
    with page.expect_download() as waiting:
        files.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename.startswith("single-person-risk-named-")
    content = waiting.value.path().read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == [
        "Relay protection settings",
        "Nils Eriksen",
        "Substations",
    ]
    page.reload()
    expect(page.get_by_role("heading", name="Who saw names")).to_be_visible()
    seen = page.get_by_role("region", name="Who saw names")
    expect(seen.get_by_text("single-person-risk-named-whole-company-")).to_be_visible()
    expect(seen.get_by_text("Single-person risk, preview")).to_be_visible()
    assert_accessible(page)


def test_the_page_fits_in_every_state(place: Place, live_page: LivePage) -> None:  # noqa: F811
    furnished(place)
    with place.scope():
        running = asked(place.hr, "shadowing_participation")
        assert running.begin()
        running.advance(64)
        for state in ("failed", "cancelled"):
            one = asked(place.hr, "single_person_risk")
            assert one.begin()
            if state == "failed":
                one.fail(Failure.NOT_ALLOWED)
            else:
                one.cancel()
        asked(place.hr)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("reports"))
    expect(page.locator("#files progress")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "reports")
    wrong = "?period_from=2026-12-01&period_to=2020-01-01"
    page = live_page.go(place.path("reports") + wrong)
    expect(page.locator("#preview")).to_contain_text("The period ends before it begins.")
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "reports-wrong")
    page = live_page.go(place.path("reports"))
    page.get_by_role("radio", name="Single-person risk").check()
    expect(page).to_have_url(re.compile("kind=single_person_risk"))
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("is not made.").first).to_be_visible()
    expect(page.get_by_role("radio", name="Single-person risk")).to_be_checked()
    live_page.sign_in(place.manager)
    page = live_page.go(place.path("reports"))
    expect(page.get_by_text("No files yet")).to_be_visible()
    screenshot(page, "reports-manager")


def test_names_are_closed_with_participation(place: Place, live_page: LivePage) -> None:  # noqa: F811
    """The part of a page that changes brings the choice of names along."""
    furnished(place)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("reports"))
    named = page.get_by_role("radio", name="Named people")
    page.get_by_role("radio", name="Shadowing participation").check()
    expect(named).to_be_disabled()
    page.get_by_role("radio", name="Skill coverage").check()
    expect(named).to_be_enabled()
    named.check()
    expect(page.locator("#preview")).to_contain_text("This report holds names.")
    page.get_by_role("radio", name="Shadowing participation").check()
    expect(page.locator("#id_names")).to_contain_text("Who took part is shown to nobody by name.")


def test_a_wide_preview_is_scrolled_by_keyboard(place: Place, live_page: LivePage) -> None:  # noqa: F811
    """A shadow lies where more columns are; the arrows go there."""
    furnished(place)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("reports"))
    page.get_by_role("radio", name="CSV").check()
    rows = page.get_by_role("region", name="Preview rows, 13 columns: scroll sideways")
    rows.focus()
    screenshot(page, "reports-wide")
    page.set_viewport_size({"width": 1440, "height": 900})  # a phone has a list instead
    rows.focus()
    assert "gradient" in rows.evaluate("(one) => getComputedStyle(one).backgroundImage")
    before = page.locator("#preview thead th").last.bounding_box()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#preview thead th").last).to_be_in_viewport(ratio=0.9)
    after = page.locator("#preview thead th").last.bounding_box()
    assert before
    assert after
    assert after["x"] < before["x"]


@pytest.mark.parametrize("who", ["hr"])
def test_without_javascript(place: Place, live_server: Any, browser: Browser, who: str) -> None:  # noqa: F811
    furnished(place)
    context = browser.new_context(java_script_enabled=False)
    live = LivePage(context.new_page(), live_server.url)
    live.sign_in(getattr(place, who))
    page: Page = live.go(place.path("reports"))
    page.get_by_role("radio", name="Shadowing participation").check()
    page.get_by_role("radio", name="CSV").check()
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("#preview")).to_contain_text("Shadowing participation")
    page.get_by_role("button", name="Create CSV file").click()
    expect(page.get_by_text("Your file is being made.")).to_be_visible()
    page.locator("#files").get_by_role("link", name="Show on its own page").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    work()
    page.get_by_role("link", name="Look again").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.path().read_bytes().startswith(b'Month,Team,People,"Took part, at least",')
    context.close()
