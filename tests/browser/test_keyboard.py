"""The walk by Tab finds what it is there to find."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.keyboard import faults_of_the_walk
from tests.browser.kit import set_width

PAGE = """
<!doctype html><meta name="viewport" content="width=device-width">
<style>
  .tall { height: 120vh } .bar { position: fixed; inset: auto 0 0; height: 5rem; background: tan }
  .bare:focus-visible { outline: 0 } main { padding-bottom: 6rem }
</style>
<a href="#main">Skip</a>
<main id="main" tabindex="-1">
  <a href="#a">First</a><div class="tall"></div>
  <label><input type="radio" name="r"> One</label><label><input type="radio" name="r"> Two</label>
  <input type="date" aria-label="Day"><button disabled>Never</button>
  <details><summary>More</summary><a href="#closed">Closed</a></details>
  %s
</main>
<div class="bar"><a href="#tab">Tab</a></div>
"""


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ('<a href="#b">Last</a>', None),
        ('<a href="#b" class="bare">Last</a>', 'the focus is not to be seen on a "Last"'),
        ('<a href="#b" tabindex="-1">Last</a>', None),  # said to be no stop: a grid's other days
        ('<a href="#b">Last</a><style>main { padding: 0 }</style>', 'a "Last" lies under div.bar'),
        (
            "<a href='#b' onfocus='document.querySelector(\"main a\").focus()'>Last</a>",
            'Tab comes back to a "First"',
        ),
        (
            '<button onfocus="this.nextElementSibling.nextElementSibling.focus()">B</button>'
            '<a href="#b">Last</a><a href="#c">C</a>',
            'Tab never reaches a "Last"',
        ),
        (
            '<a href="#b" onkeydown="event.preventDefault()">Last</a>',
            "Tab does not leave the main part within 400 steps",
        ),
    ],
)
def test_what_is_wrong_is_named(page: Page, part: str, fault: str | None) -> None:
    set_width(page, 390)
    page.set_content(PAGE % part)
    faults = faults_of_the_walk(page)
    assert (fault in faults) if fault else not faults, faults
