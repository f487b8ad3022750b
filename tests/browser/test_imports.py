"""HR imports people in a browser, from the file to the end; without JavaScript too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, FilePayload, Page, expect

from peerlearn.organizations.importing import acts
from peerlearn.organizations.models import Import
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.notifications.kit import work
from tests.organizations.import_kit import HEADINGS, as_csv, as_xlsx, check, everybody
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)

SUNNIVA = "18,Sunniva Dale,sunniva@halden.example,Lines,Mette Aas,Fitter,1.12.2026,"
MARTA = "19,Marta Kowalczyk,marta@halden.example,Relay protection and settings,18,,,"
MORE = [one.split(",") for one in (SUNNIVA, MARTA)]


def a_file(place: Place, *more: list[str]) -> list[list[Any]]:
    """Nils is in no row, Aisha has another title."""
    rows = [row for row in everybody(place) if "Nils" not in row[1]]
    rows = [[*row[:5], "Shift lead", *row[6:]] if "Aisha" in row[1] else row for row in rows]
    return [list(HEADINGS), *rows, *MORE, *more]


def choose(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("CSV or Excel file").set_input_files(
        FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    )
    page.get_by_role("button", name="Read the file").click()


def test_hr_imports_a_workbook(world: World, live_page: LivePage) -> None:
    place = world.halden
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("employees"))
    page.get_by_role("link", name="Import").last.click()
    expect(page.get_by_text("No imports yet")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-file")
    choose(page, "people.xlsx", as_xlsx(a_file(place)))
    expect(page.get_by_role("heading", name="The file is being read")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    work()
    # The page looks again by itself.
    expect(page.get_by_role("heading", name="What is in which column?")).to_be_visible()
    expect(page.get_by_label("“Title” goes to")).to_have_value("job_title")
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-columns")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="What would change is being")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="2 would be new. 1 would change.")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-checked")
    live_page.allow(422)
    page.get_by_label("To remove them, write how many").fill("7")
    page.get_by_role("button", name="Import, and remove 1 person").click()
    expect(page.get_by_text("To remove 1 person, write 1")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-refused")
    page.get_by_label("Make 2 that are not there yet").check()
    page.get_by_label("To remove them, write how many").fill("1")
    page.get_by_role("button", name="Import, and remove 1 person").click()
    expect(page.get_by_role("heading", name="0 of 4 changes")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-writing")
    work()
    expect(page.get_by_role("heading", name="Done: 2 new, 1 changed.")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-done")
    page.get_by_role("link", name="Go and look").click()
    expect(page.get_by_role("link", name="Sunniva Dale")).to_be_visible()
    expect(page.get_by_role("link", name="Nils Eriksen")).to_have_count(0)


def test_rows_with_errors(world: World, live_page: LivePage) -> None:
    place = world.halden
    wrong = [
        ["77", "Bo Ek", "bo@halden.example", "", "40999", "", "", ""],
        ["78", "Elin Strand", "elin.strand@", "", "", "", "31.02.2026", ""],
        ["79", "x" * 300, "long@halden.example", "", "", "", "", ""],
    ]
    row = check(Client(), place, as_csv(a_file(place, *wrong)))
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("import_show", public_id=row.public_id))
    expect(page.get_by_role("heading", name="3 rows have errors.")).to_be_visible()
    expect(page.get_by_text("Nobody has this number, e-mail or name").first).to_be_visible()
    expect(page.get_by_role("button", name="Import, and")).to_have_count(0)
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "import-errors")
    page.get_by_label("Search a person").fill("sunniva")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Marta Kowalczyk")).to_have_count(0)
    expect(page.get_by_text("Sunniva Dale")).to_be_visible()


def test_a_file_that_cannot_be_read(world: World, live_page: LivePage) -> None:
    place = world.halden
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("imports"))
    choose(page, "people.xlsx", b"%PDF-1.7 ...")
    expect(page.get_by_role("heading", name="The file is being read")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="This is a PDF file")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    page = live_page.go(place.path("imports"))
    expect(page.get_by_text("Not imported")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    live_page.allow(422)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("Choose a file.")).to_be_visible()
    assert_accessible(page)


def test_stopping_it_changes_nothing(world: World, live_page: LivePage) -> None:
    place = world.halden
    row = check(Client(), place, as_csv(a_file(place)))
    with place.scope():
        assert acts.write(row, removes=False, by=place.hr, at=row.begun_at)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("import_show", public_id=row.public_id))
    page.get_by_role("button", name="Stop, change nothing").click()
    expect(
        page.get_by_text("Nothing was changed, and people.csv is deleted.").first
    ).to_be_visible()
    assert work() == 0
    with place.scope():
        assert Import.objects.get().state == "cancelled"


def test_without_javascript(world: World, live_server: Any, browser: Browser) -> None:
    place = world.halden
    context = browser.new_context(java_script_enabled=False)
    live = LivePage(context.new_page(), live_server.url)
    live.sign_in(place.hr)
    page = live.go(place.path("imports"))
    choose(page, "people.csv", as_csv([list(HEADINGS), *MORE]))
    expect(page.get_by_role("heading", name="The file is being read")).to_be_visible()
    work()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="What would change is being")).to_be_visible()
    work()
    page.get_by_role("link", name="Look again").click()
    page.get_by_label("Make 2 that are not there yet").check()
    page.get_by_role("button", name="Import, and keep them").click()
    expect(page.get_by_role("heading", name="0 of 2 changes")).to_be_visible()
    work()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="Done: 2 new, 0 changed.")).to_be_visible()
    context.close()
