"""The main job, three ways: by mouse, without JavaScript, by keyboard alone.

A technician books three days beside a veteran, the veteran sees and completes them, the manager's
page changes, and HR's workbook shows it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
import time_machine
from playwright.sync_api import Browser, Locator, Page, expect

from analytics.rollups import refresh
from sessions.models import Interaction, LearningSession, Participation
from skills.models import Proficiency
from tests.analytics.kit import require
from tests.browser.kit import LivePage
from tests.browser.test_reports import work
from tests.sessions.kit import AT, make_offer, make_skill
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
LAST_DAY = datetime(2026, 12, 3, 16, tzinfo=UTC)
AFTER_THE_MONTH = datetime(2027, 1, 11, 9, tzinfo=UTC)
SKILL = "Relay protection settings"


class Mouse:
    """What a person does with controls."""

    scripts = True

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, control: Locator) -> None:
        control.first.click()

    def choose(self, radio: Locator) -> None:
        radio.check(force=True)

    def write(self, field: Locator, words: str) -> None:
        field.fill(words)

    def choose_first_of_december(self) -> None:
        self.page.get_by_role("link", name="December 2026").click()
        expect(self.page.get_by_role("heading", name="December 2026")).to_be_visible()
        self.page.get_by_role("button", name="Monday 7 December, free to start").click()
        expect(self.page.get_by_role("heading", name="Mon 7 – Wed 9 December")).to_be_visible()
        self.page.get_by_role("button", name="Tuesday 1 December, free to start").click()


class MouseWithoutScripts(Mouse):
    scripts = False


class Keyboard(Mouse):
    """Tab, Enter, Space and arrows; never a pointer."""

    def go_to(self, control: Locator) -> None:
        """Tab until the control has the focus; of a group of radios, until one of it has."""
        wanted = control.first
        expect(wanted).to_be_visible()
        for _ in range(120):
            self.page.keyboard.press("Tab")
            if wanted.evaluate(
                "(wanted) => document.activeElement === wanted || (wanted.type === 'radio'"
                " && document.activeElement.name === wanted.name)"
            ):
                return
        raise AssertionError(f"Tab never reached {wanted}")

    def press(self, control: Locator) -> None:
        self.go_to(control)
        self.page.keyboard.press("Enter")

    def choose(self, radio: Locator) -> None:
        self.go_to(radio)
        self.page.keyboard.press("Space")
        for _ in range(8):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never reached {radio}")

    def write(self, field: Locator, words: str) -> None:
        self.go_to(field)
        self.page.keyboard.type(words)

    def choose_first_of_december(self) -> None:
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("Boolean(document.activeElement.closest('table.cal'))"):
                break
        self.page.keyboard.press("ArrowDown")  # from Thursday 26 November
        expect(self.page.locator(":focus")).to_have_id("day-2026-12-03")
        self.page.keyboard.press("ArrowLeft")
        self.page.keyboard.press("ArrowLeft")
        expect(self.page.locator(":focus")).to_have_id("day-2026-12-01")
        self.page.keyboard.press("Enter")
        chosen = self.page.get_by_role("heading", name="Tue 1 – Thu 3 December")
        expect(chosen).to_be_focused()


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    """The team wants two who can do it alone; the veteran alone can, and offers days."""
    place = world.halden
    with place.scope():
        skill = make_skill(SKILL)
        make_offer(place.colleague)
        Proficiency.claim(employee=place.colleague, skill=skill, level=4, on=AT.date())
        require(place.team, skill, 2, on=date(2026, 1, 5))
    return place


@pytest.fixture(params=[Mouse, MouseWithoutScripts, Keyboard])
def hands(
    request: Any, live_server: Any, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[tuple[LivePage, Mouse]]:
    way = request.param
    context = browser.new_context(**browser_context_args, java_script_enabled=way.scripts)
    live = LivePage(context.new_page(), live_server.url)
    live.page.set_default_timeout(10_000)
    if way.scripts:
        live.watch()
    yield live, way(live.page)
    context.close()
    assert not live.faults, "\n".join(live.faults)


def test_from_booking_to_the_workbook(hands: tuple[LivePage, Mouse], halden: Place) -> None:
    live, hand = hands
    enter(live, halden, halden.manager, "dashboard")
    assert rests_on_one(live.page)
    enter(live, halden, halden.employee, "home")
    book(live.page, hand)
    with time_machine.travel(LAST_DAY):
        complete(live, hand, halden)
        assert_done(halden)
        enter(live, halden, halden.manager, "dashboard")
        assert not rests_on_one(live.page)
    with time_machine.travel(AFTER_THE_MONTH):
        with halden.scope():
            refresh(at=AFTER_THE_MONTH)
        enter(live, halden, halden.hr, "home")
        coverage = workbook(live.page, hand, "Skill coverage")
        assert [SKILL, halden.team.name, 2, 2, "Low"] in [line[:5] for line in coverage]
        participation = workbook(live.page, hand, "Shadowing participation")
        december = [line for line in participation if line[0].date() == date(2026, 12, 1)]
        assert [line[2:5] for line in december] == [[5, 0, 2]]  # both, and it might be none


def row(page: Page, words: str) -> Locator:
    """The line of a list in the page that says this."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=words).last


def assert_done(halden: Place) -> None:
    with halden.scope():
        assert LearningSession.objects.get().state == "completed"
        assert Interaction.objects.count() == 3
        level = Proficiency.objects.get(employee=halden.employee, valid_to=None)
        assert (level.level, level.source) == (3, "confirmed")
        assert Participation.objects.learners().get().goal == "Set a feeder relay"


def enter(live: LivePage, halden: Place, who: Any, name: str) -> None:
    live.page.context.clear_cookies()
    live.sign_in(who)
    live.go(halden.path(name))


def rests_on_one(page: Page) -> bool:
    """Whether the manager's page says that the skill depends on one person."""
    sentence = page.get_by_role("heading", level=1).filter(has_text="depend")
    expect(sentence).to_be_visible()
    words = sentence.inner_text()
    assert words.startswith((f"{SKILL} depends on one person, Aisha", "No skill depends on one"))
    return words.startswith(SKILL)


def book(page: Page, hand: Mouse) -> None:
    hand.press(page.get_by_role("link", name="Shadowing"))
    hand.press(page.get_by_role("link", name=f"{SKILL}, Aisha Rahman"))
    expect(page.get_by_role("heading", name="November 2026")).to_be_visible()
    hand.choose_first_of_december()
    expect(page.get_by_role("heading", name="Tue 1 – Thu 3 December")).to_be_visible()
    hand.press(page.get_by_role("button", name="Hold these 3 days"))
    expect(page.get_by_text("Held for you until")).to_be_visible()
    hand.write(page.get_by_label("What do you want to be able to do alone?"), "Set a feeder relay")
    hand.press(page.get_by_role("button", name="Book 3 days"))
    expect(page.get_by_role("heading", name="Booked. Aisha Rahman is told")).to_be_visible()


def complete(live: LivePage, hand: Mouse, halden: Place) -> None:
    """The veteran marks the days, the technician says a level, the veteran confirms it."""
    page = live.page
    enter(live, halden, halden.colleague, "home")
    hand.press(page.get_by_role("link", name="Mark the days"))
    for day in (1, 2, 3):
        hand.press(row(page, f"Day {day}").get_by_role("button", name="Mark day done"))
        expect(page.get_by_text("Done, said by Aisha Rahman")).to_have_count(day)
    enter(live, halden, halden.employee, "home")
    hand.press(page.get_by_role("main").get_by_role("link", name="Answer"))
    hand.write(page.get_by_label("What can you do now?"), "Set a feeder relay alone")
    hand.choose(page.get_by_role("radio", name="Alone"))
    hand.press(page.get_by_role("button", name="Keep my answers"))
    expect(page.get_by_text("You have answered the four questions.")).to_be_visible()
    enter(live, halden, halden.colleague, "my_sessions")
    hand.press(row(page, "Nils Eriksen proposes").get_by_role("link", name="Look"))
    hand.press(row(page, "Nils Eriksen").get_by_role("button", name="Confirm"))
    expect(row(page, "Nils Eriksen").filter(has_text="confirmed")).to_be_visible()


def workbook(page: Page, hand: Mouse, kind: str) -> list[list[Any]]:
    """Ask for the report as an Excel file, wait for it, download it; the rows of its sheet."""
    hand.press(page.get_by_role("link", name="Reports", exact=True))
    hand.choose(page.get_by_role("radio", name=kind))
    hand.press(page.get_by_role("button", name="Create Excel file"))
    if not hand.scripts:
        files = page.locator("#files").get_by_role("link", name="Show on its own page")
        hand.press(files)
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    work()
    if not hand.scripts:
        hand.press(page.get_by_role("link", name="Look again"))
    ready = page.get_by_role("link", name="Download " + kind.lower().replace(" ", "-"))
    expect(ready).to_be_visible()
    with page.expect_download() as waiting:
        hand.press(ready)
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes())).worksheets[0]
    return [list(line) for line in sheet.iter_rows(min_row=2, values_only=True)]
