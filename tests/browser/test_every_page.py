"""Every page of both URLconfs, by the matrix's rows: axe, width, policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from peerlearn.organizations.addresses import script_prefix
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow
from tests.isolation.matrix import Row
from tests.isolation.test_matrix import APPS, INSIDE, PUBLIC, arguments
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
# Whoever sees most of a page goes there; of sessions those who take part.
ACTORS = ("hr", "manager", "employee", "admin")
TAKING_PART = ("employee", *ACTORS)


def pages_of(rows: dict[str, Row]) -> list[str]:
    return sorted(name for name, row in rows.items() if 200 in row.methods.get("GET", set()))


def actor_of(row: Row, app: str) -> str:
    actors = TAKING_PART if app == "sessions" else ACTORS
    return next(actor for actor in actors if actor in row.roles - row.invisible)


def is_page(page: Page, address: str) -> bool:
    """Not a file to download and not an answer for machines."""
    return page.request.get(address).headers["content-type"].startswith("text/html")


@contextmanager
def named(name: str, wrong: list[str]) -> Iterator[None]:
    """Gather what is wrong with a page, so that one run names all of it."""
    try:
        yield
    except AssertionError as error:
        wrong.append(f"{name}: {error}")


def look(live: LivePage, name: str, path: str, seen: set[str], wrong: list[str]) -> None:
    if not is_page(live.page, live.address + path):
        return
    before = len(live.faults)
    page = live.go(path)
    if page.url in seen:  # led elsewhere, where we have been
        return
    seen.add(page.url)
    with named(name, wrong):
        assert page.locator("main").count() == 1, "a page has one main"
        assert_accessible(page)
        assert_no_overflow(page)
        assert len(live.faults) == before, live.faults[before:]


@pytest.mark.parametrize("app", APPS)
def test_inside(live_page: LivePage, world: World, app: str) -> None:
    rows: dict[str, Row] = import_module(f"tests.isolation.rows_{app}").INSIDE
    kwargs = cache(lambda subject: arguments(Row({}, subject=subject), world.halden))
    seen: set[str] = set()
    wrong: list[str] = []
    for name in pages_of(rows):
        live_page.sign_in(getattr(world.halden, actor_of(rows[name], app)))
        look(live_page, name, world.halden.path(name, **kwargs(rows[name].subject)), seen, wrong)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("signed_in", [False, True])
def test_public(live_page: LivePage, world: World, signed_in: bool) -> None:
    if signed_in:
        live_page.sign_in(world.halden.employee)
    seen: set[str] = set()
    wrong: list[str] = []
    for name in pages_of(PUBLIC):
        if name == "readyz":  # says 503 where no worker runs
            continue
        with script_prefix("/"):
            path = reverse(name, urlconf=settings.ROOT_URLCONF)
        look(live_page, name, path, seen, wrong)
    assert not wrong, "\n".join(wrong)


def test_the_walk_leads_through_more_than_forty_pages() -> None:
    assert len(pages_of(INSIDE) + pages_of(PUBLIC)) > 40
