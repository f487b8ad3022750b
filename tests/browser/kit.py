"""What a page test asks of a page: that it is open to everyone, fits, and breaks no policy."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from peerlearn.organizations.models import Employee
from tests.factories import user_of

WIDTHS = (320, 390, 1440)
REPEATED = ("the server responded with a status of", "Response Status Error Code")
HEIGHT = {320: 640, 390: 844, 1440: 900}
THEMES = ("light", "dark")
# What axe looks at: sizes and order differ by width, colours by theme, and neither by the other.
LOOKS = (("light", 390), ("dark", 1440))
FILLED_WITHIN = 20_000  # milliseconds, on a machine that does much else
# Two frames after a change of theme or width everything is painted.
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SIZES = {"desktop": 1440, "mobile": 390}
# WCAG 2.2 AA and what axe calls good practice. Only what is wrong is written out, which takes a
# tenth of the time; pages have neither media nor foreign styles to load beforehand.
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "best-practice",
    ],
}


@dataclass
class LivePage:
    """A page of the live server that remembers what went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def go(self, path: str) -> Page:
        """Open that path; `organization_path(…)` and `world.halden.path(…)` give such."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, employee: Employee) -> None:
        """Give the browser a session of that employee's user."""
        client = Client()
        client.force_login(user_of(employee))
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.address}]
        )

    def allow(self, *statuses: int) -> None:
        """Answers that this test provokes; any other from 400 on is a fault."""
        self.allowed.update(statuses)

    def watch(self) -> None:
        page = self.page
        page.expose_binding("tellViolation", lambda _source, words: self._note("policy", words))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => "
            "tellViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
        )
        page.on("pageerror", lambda error: self._note("script", error.message))
        page.on("console", self._console)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _note(self, kind: str, words: str) -> None:
        self.faults.append(f"{kind}: {words}")

    def _console(self, message: Any) -> None:
        # Browser and htmx repeat every answer from 400 on; those are judged by _answered.
        if message.type == "error" and not any(words in message.text for words in REPEATED):
            self._note("console", message.text)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left while it was loading
            self._note("request", f"{request.url} {request.failure}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self._note("answer", f"{response.status} {response.url}")
        if not response.url.startswith((self.address, "data:")):
            self._note("foreign host", response.url)


def set_theme(page: Page, theme: str) -> None:
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)


def set_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT.get(width, 900)})


def wait_until_filled(page: Page) -> None:
    """Until the document is there and each part that loads by itself has come."""
    page.wait_for_load_state()  # a link that was pressed a moment ago: no document yet
    expect(page.locator("[aria-busy=true][hx-get]")).to_have_count(0, timeout=FILLED_WITHIN)


def asked_axe(page: Page) -> AxeResults:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    return AxeResults(
        page.evaluate(
            "(options) => axe.run(document, options).then(({url, violations}) => "
            "({url, violations}))",
            AXE_OPTIONS,
        )
    )


def assert_accessible(page: Page) -> None:
    """axe finds nothing in the page once it is filled: on phone and desktop, in light and dark."""
    wait_until_filled(page)
    before = page.viewport_size
    for theme, width in LOOKS:
        set_width(page, width)
        set_theme(page, theme)
        page.evaluate(PAINTED)
        found = asked_axe(page)
        assert not found.violations_count, f"{theme}, {width} px: {found.generate_report()}"
    # axe takes Chromium's word for it that a table laid out as blocks is still one; Safari forgets.
    assert not page.locator('table.cards:not([role="table"])').count(), "cards want roles"
    if before is not None:
        page.set_viewport_size(before)


def look_at(page: Page, name: str, *, fits: bool = True) -> None:
    """All that is asked of a page as it stands; its picture too, when $PEERLEARN_SCREENSHOTS says
    where to. Without `fits` not whether it is too wide."""
    assert_accessible(page)
    assert_small_icons(page)
    if fits:
        assert_no_overflow(page)
    if os.environ.get("PEERLEARN_SCREENSHOTS"):
        screenshot(page, name)
    set_width(page, 1440)


def assert_small_icons(page: Page) -> None:
    """A drawing without a size of its own fills what it stands in."""
    large = page.evaluate(
        """[...document.querySelectorAll("svg:has(use)")]
            .filter((icon) => icon.getBoundingClientRect().width > 96)
            .map((icon) => icon.parentElement.innerText)"""
    )
    assert large == [], f"icons without a size: {large}"


def assert_no_overflow(page: Page) -> None:
    """Nothing is wider than the window at 320, 390 and 1440 px, from left and from right."""
    written = page.evaluate("document.documentElement.dir")
    for direction in ("rtl", "ltr"):
        page.evaluate("(way) => { document.documentElement.dir = way }", direction)
        for width in WIDTHS:
            set_width(page, width)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (
                f"{direction}, {wide} px wide in a window of {width}: {_too_wide(page, width)}"
            )
    page.evaluate("(way) => { document.documentElement.dir = way }", written)


def _too_wide(page: Page, width: int) -> list[str]:
    found: list[str] = page.evaluate(
        """(width) => [...document.querySelectorAll("main *, nav *, header *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1
                || element.getBoundingClientRect().left < -1)
            .slice(0, 8).map((element) => `${element.tagName}.${element.getAttribute("class")}`)""",
        width,
    )
    return found


def screenshot(page: Page, name: str) -> list[Path]:
    """The whole page on desktop and phone, in light and dark; the files' paths.

    They go to $PEERLEARN_SCREENSHOTS, or to a folder of the system's for what passes away.
    """
    folder = Path(os.environ.get("PEERLEARN_SCREENSHOTS") or tempfile.mkdtemp(prefix="peerlearn-"))
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for size, width in SIZES.items():
        set_width(page, width)
        if size == "mobile":  # bars that are fixed to the window stand at the page's end
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": tall})
        for theme in THEMES:
            set_theme(page, theme)
            page.evaluate(PAINTED)
            path = folder / f"{name}-{size}-{theme}.png"
            page.screenshot(path=path, full_page=True)
            made.append(path)
    return made
