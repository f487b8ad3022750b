"""Every page in a made-up, longer language: nothing stays English, nothing overflows."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from peerlearn.organizations.addresses import script_prefix
from tests.browser import pseudo
from tests.browser.kit import LivePage, assert_no_overflow, wait_until_filled
from tests.browser.test_every_page import actor_of, is_page, named, pages_of
from tests.isolation.matrix import Row
from tests.isolation.test_matrix import APPS, PUBLIC, arguments
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pseudo_page(live_page: LivePage, settings: Any, tmp_path: Path) -> LivePage:
    """Pages of the whole product in the pseudo-language, which this browser has chosen."""
    pseudo.make_catalogue(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (pseudo.CODE, "Pseudo")]
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": pseudo.CODE}
    live_page.page.context.add_cookies([{**cookie, "url": live_page.address}])
    return live_page


def look(live: LivePage, name: str, path: str, data: set[str], wrong: list[str]) -> None:
    if not is_page(live.page, live.address + path):
        return
    page = live.go(path)
    wait_until_filled(page)
    with named(name, wrong):
        assert page.locator("html").get_attribute("lang") == pseudo.CODE
        assert (found := pseudo.untranslated(page, data)) == [], found
        assert_no_overflow(page)


@pytest.mark.parametrize("app", APPS)
def test_inside(pseudo_page: LivePage, world: World, app: str) -> None:
    rows: dict[str, Row] = import_module(f"tests.isolation.rows_{app}").INSIDE
    kwargs = cache(lambda subject: arguments(Row({}, subject=subject), world.halden))
    wrong: list[str] = []
    for name in pages_of(rows):
        path = world.halden.path(name, **kwargs(rows[name].subject))
        with world.halden.scope():
            data = pseudo.typed_by_people(world.halden.organization)
        pseudo_page.sign_in(getattr(world.halden, actor_of(rows[name], app)))
        look(pseudo_page, name, path, data, wrong)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("signed_in", [False, True])
def test_public(pseudo_page: LivePage, world: World, signed_in: bool) -> None:
    with world.halden.scope():
        data = pseudo.typed_by_people(world.halden.organization)
    if signed_in:
        pseudo_page.sign_in(world.halden.employee)
    wrong: list[str] = []
    for name in pages_of(PUBLIC):
        if name == "readyz":
            continue
        with script_prefix("/"):
            path = reverse(name, urlconf=django_settings.ROOT_URLCONF)
        look(pseudo_page, name, path, data, wrong)
    assert not wrong, "\n".join(wrong)


def test_twin_a_word_that_is_not_marked_is_found(pseudo_page: LivePage, world: World) -> None:
    pseudo_page.sign_in(world.halden.employee)
    page = pseudo_page.go(world.halden.path("skills"))
    with world.halden.scope():
        data = pseudo.typed_by_people(world.halden.organization)
    assert pseudo.untranslated(page, data) == []
    page.evaluate("document.querySelector('h1').append(' left over')")
    page.evaluate("document.querySelector('nav').setAttribute('aria-label', 'Forgotten')")
    assert sorted(pseudo.untranslated(page, data)) == ["Forgotten", "left over"]


@pytest.mark.parametrize(
    ("text", "longer"),
    [("Save", "⟦Save·⟧"), ("%(n)s days left", "⟦%(n)s days left ·····⟧"), ("%s", "%s")],
)
def test_texts_are_a_third_longer(text: str, longer: str) -> None:
    assert pseudo.lengthened(text) == longer
