"""One Chromium for the whole run, and a page that reports what went wrong in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.kit import HEIGHT, LivePage

# Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": HEIGHT[1440]},
        "reduced_motion": "reduce",
        "locale": "en-GB",
    }


@pytest.fixture
def live_page(live_server: Any, page: Page) -> Iterator[LivePage]:
    """Pages of the real application; fails at the end when a page broke something unseen."""
    live = LivePage(page, live_server.url)
    live.watch()
    page.set_default_timeout(10_000)
    yield live
    assert not live.faults, "\n".join(live.faults)
