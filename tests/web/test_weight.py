"""What a cold browser loads for its first page: little enough for a slow line.

Measured on real answers, each compressed as the server and the proxy before it do.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from urllib.parse import urljoin

import pytest
from django.test import Client

from peerlearn.organizations.addresses import public_path
from tests.world import World

pytestmark = pytest.mark.django_db
MOST = 60_000  # bytes of HTML, styles, scripts and drawings, gzipped
MOST_FONTS = 75_000  # bytes beside it; woff2 is compressed
_LOADED = re.compile(
    r'(?:rel="(?:stylesheet|icon)"[^>]*?href|<script[^>]*? src|<use href)="([^"]+)"'
)
_FONT = re.compile(r'url\("?([^")]+\.woff2)"?\)')


def load(client: Client, path: str) -> dict[str, bytes]:
    """The page and everything that it names, by address."""
    page = client.get(path)
    assert page.status_code == 200
    found = {path: page.content}
    for named in _LOADED.findall(re.sub(r"\s+", " ", page.content.decode())):
        address = named.partition("#")[0]
        if address not in found:
            found[address] = body(client, address)
    return found


def body(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def weight(found: Mapping[str, bytes]) -> int:
    return sum(len(gzip.compress(content, 6)) for content in found.values())


def fonts(client: Client, found: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of every sheet, as if the page held letters of each."""
    sheets = {address: text for address, text in found.items() if address.endswith(".css")}
    named = {
        urljoin(address, font)
        for address, text in sheets.items()
        for font in _FONT.findall(text.decode())
    }
    return {address: body(client, address) for address in named}


@pytest.mark.parametrize("name", [None, "home", "shadowing", "dashboard", "my_skills", "reports"])
def test_the_first_page_is_light(world: World, client: Client, name: str | None) -> None:
    if name is None:
        path = public_path("account_login")
    else:
        world.halden.sign_in(client, world.halden.hr)
        path = world.halden.path(name)
    found = load(client, path)
    kinds = {address.rpartition(".")[2] for address in found}
    assert {"css", "js", "svg"} <= kinds, found.keys()
    heaviest = {address: len(gzip.compress(content)) for address, content in found.items()}
    assert weight(found) <= MOST, heaviest
    assert 0 < sum(map(len, fonts(client, found).values())) <= MOST_FONTS


def test_twin_one_library_more_is_too_much(client: Client) -> None:
    found = load(client, public_path("account_login"))
    assert weight(found) <= MOST
    assert weight({**found, "/static/vendor/library.js": os.urandom(MOST)}) > MOST


def test_everything_that_a_browser_asks_for_is_counted(world: World, client: Client) -> None:
    world.halden.sign_in(client, world.halden.hr)
    found = load(client, world.halden.path("home"))
    for address in ("css/tokens.css", "css/pages/sessions.css", "vendor/htmx/htmx.min.js"):
        assert f"/static/{address}" in found
