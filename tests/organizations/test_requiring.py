"""An organization that opens only for people with a second factor, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peerlearn.clock import now
from peerlearn.organizations import middleware
from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.hiring import hire
from tests.factories import HIRED_ON, PASSWORD, set_password
from tests.organizations.factor_kit import SECURITY, has_proved, set_up_app
from tests.organizations.ways_in import is_in, sign_in
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_throttles(db: None) -> None:
    cache.clear()


def test_an_admin_with_one_asks_for_it(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    path = place.path("second_factor")
    assert client.get(place.path("settings")).status_code == 200
    page = client.get(path)
    assert "0 of 5 people who may sign in have one." in page.content.decode()
    own = f'<a href="{public_path("security")}">Set up your own now</a>'
    assert own in page.content.decode()
    refused = client.post(path, {"when": "0"})
    assert refused.status_code == 422
    assert "Set up your own second factor first" in refused.content.decode()
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"when": "off"}).status_code == 422

    has_proved(client)
    set_up_app(client)
    assert client.post(path, {"when": "7"}).status_code == 302
    page = client.get(path).content.decode()
    assert own not in page
    assert "1 of 5 people who may sign in have one." in page
    assert "on Halden Grid opens only with a second factor" in page
    assert client.post(path, {"when": "0"}).status_code == 302
    assert "Halden Grid opens only with a second factor" in client.get(path).content.decode()
    assert client.post(path, {"when": "7"}).status_code == 422
    assert client.post(path, {"when": "off"}).status_code == 302
    assert "everybody’s own choice" in client.get(path).content.decode()


def test_who_has_none_is_led_to_set_one_up(world: World, client: Client) -> None:
    place, other = world.halden, world.nordfjord
    with other.scope():
        hire(name="Nils Eriksen", email=place.employee.email, hired_on=HIRED_ON)
    place.sign_in(client, place.employee)
    pages = [place.path("employees"), place.path("my_profile"), "/o/halden-grid"]
    place.organization.want_second_factor(now() + timedelta(days=7))
    warned = client.get(pages[0]).content.decode()
    assert "on Halden Grid opens only with a second factor." in warned
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        for path in pages:
            for answer in (client.get(path), client.post(path)):
                assert answer.headers["Location"] == SECURITY
        part = client.get(pages[0], headers={"HX-Request": "true"})
        assert part.headers["HX-Redirect"] == SECURITY
        told = client.get(SECURITY).content.decode()
        assert "Halden Grid opens only with a second factor. Set one up here" in told
        assert client.get(other.path("employees")).status_code == 200
        assert client.get(other.path("employees").replace("nord", "no")).status_code == 404
        has_proved(client)
        set_up_app(client)
        assert client.get(pages[0]).status_code == 200
        told = client.get(SECURITY + "app/remove/").content.decode()
        assert "Halden Grid wants a second factor" in told
        client.post(SECURITY + "app/remove/")
        assert client.get(pages[0]).headers["Location"] == SECURITY


def test_without_the_middleware_it_opens(world: World, client: Client) -> None:
    """The twin: it is kept in that one place."""
    place = world.halden
    place.organization.want_second_factor(now())
    place.sign_in(client, place.employee)
    with patch.object(middleware, "second_factor_since", return_value=None):
        assert client.get(place.path("employees")).status_code == 200
    assert client.get(place.path("employees")).status_code == 302


def test_the_first_one_ends_what_was_signed_in_without(world: World) -> None:
    place = world.halden
    set_password(place.employee)
    thief, owner = Client(), Client()
    for client in (thief, owner):
        sign_in(client, place.employee.email, PASSWORD)
        assert is_in(client)
    place.organization.want_second_factor(now())
    set_up_app(owner)
    assert owner.get(place.path("employees")).status_code == 200
    assert thief.get(place.path("employees")).headers["Location"].startswith("/account/login/")


def test_it_costs_no_statement(world: World, client: Client) -> None:
    """Who has one is known from the question which organizations somebody belongs to."""
    place = world.halden
    has_proved(place.sign_in(client, place.employee))
    set_up_app(client)
    counts = []
    for since in (None, now() - timedelta(days=1)):
        place.organization.want_second_factor(since)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(place.path("my_profile")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
