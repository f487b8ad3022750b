from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from peerlearn.web import errors
from tests.world import World

pytestmark = pytest.mark.usefixtures("kit_site")


def masked(response: HttpResponse) -> str:
    """The page without what differs between any two answers: the tokens against forgery."""
    return re.sub(r"[A-Za-z0-9]{64}", "token", response.content.decode())


@pytest.mark.parametrize("status", sorted(errors.PAGES))
def test_every_page_says_what_why_and_what_next(db: None, status: int) -> None:
    page = errors.error_page(RequestFactory().get("/"), status)
    words = page.content.decode()
    assert page.status_code == status
    assert re.search(r"<h1>\s*\S", words)
    assert re.search(r"<p>\w.{40,}</p>", words)
    assert 'class="btn primary"' in words


def test_a_mistake_of_ours_asks_nothing_of_the_database(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = "dark"
    with django_assert_num_queries(0):
        page = errors.server_error(request)
    assert 'data-theme="dark"' in page.content.decode()


def test_a_broken_view_answers_with_our_page(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    client.raise_request_exception = False
    response = client.get(world.halden.path("kit_broken"))
    assert response.status_code == 500
    assert "That went wrong on our side." in response.content.decode()


def test_foreign_and_absent_are_the_same_bytes(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    foreign = client.get(world.nordfjord.path("kit"))
    absent = client.get("/o/nowhere-at-all/kit/")
    assert foreign.status_code == absent.status_code == 404
    assert masked(foreign) == masked(absent)


def test_absent_pages_of_the_own_organization_look_alike(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    one, other = client.get("/o/halden-grid/a/"), client.get("/o/halden-grid/b/c/")
    assert masked(one) == masked(other)
    assert "Halden Grid" in one.content.decode()


def test_an_empty_answer_gets_its_page(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    response = client.post(world.halden.path("kit"))
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET"
    assert "does not work like that" in response.content.decode()


def test_no_page_repeats_the_address(world: World, client: Client) -> None:
    response = client.get("/%3Cscript%3Enothing/")
    assert "nothing/" not in response.content.decode()
