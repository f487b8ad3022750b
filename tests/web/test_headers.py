"""Every answer carries its headers. The check is held against an answer without them, too."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from peerlearn.web.headers import SecurityHeadersMiddleware
from peerlearn.web.pages import HtmxRedirectMiddleware
from tests.world import World

pytestmark = pytest.mark.usefixtures("kit_site")


def missing(response: HttpResponseBase) -> set[str]:
    """What a response lacks of the headers that every one carries."""
    wanted = {
        "Content-Security-Policy": ("default-src 'none'", "script-src 'self'", "base-uri 'none'"),
        "Permissions-Policy": ("camera=()",),
        "Cross-Origin-Opener-Policy": ("same-origin",),
        "Cross-Origin-Resource-Policy": ("same-origin",),
        "X-Content-Type-Options": ("nosniff",),
        "X-Frame-Options": ("DENY",),
        "Referrer-Policy": ("same-origin",),
        "Cache-Control": ("no-store", "private"),
    }
    lacking = {
        name
        for name, parts in wanted.items()
        if not all(part in response.headers.get(name, "") for part in parts)
    }
    if "unsafe" in response.headers.get("Content-Security-Policy", ""):
        lacking.add("Content-Security-Policy")
    return lacking


def test_an_answer_without_the_middleware_is_noticed() -> None:
    assert len(missing(HttpResponse("bare"))) == 8


@pytest.mark.parametrize(
    ("name", "status"), [("kit", 200), ("kit_hr", 403), ("kit_broken", 500), (None, 404)]
)
def test_pages_of_an_organization_carry_them(
    world: World, client: Client, name: str | None, status: int
) -> None:
    world.sign_in(client, world.halden.employee)
    client.raise_request_exception = False
    path = world.halden.path(name) if name else "/o/halden-grid/nothing/here/"
    response = client.get(path)
    assert response.status_code == status
    assert missing(response) == set()


@pytest.mark.parametrize("path", ["/nothing/", "/o/nowhere/", "/account/login/"])
def test_public_answers_carry_them(db: None, client: Client, path: str) -> None:
    assert missing(client.get(path)) == set()


def test_a_refused_form_carries_them(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    world.sign_in(client, world.halden.employee)
    response = client.post(world.halden.path("kit_search"), {"q": "x"})
    assert response.status_code == 403
    assert missing(response) == set()
    assert "The form could not be accepted." in response.content.decode()


def test_a_view_cannot_have_a_page_of_the_organization_kept() -> None:
    request = RequestFactory().get("/")
    request.employee = object()  # type: ignore[attr-defined]  # as the organization middleware does

    def kept(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "max-age=600"})

    assert missing(SecurityHeadersMiddleware(kept)(request)) == set()
    del request.employee  # type: ignore[attr-defined]
    assert SecurityHeadersMiddleware(kept)(request)["Cache-Control"] == "max-age=600"


def test_fragments_vary_and_are_not_whole_pages(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    path = world.halden.path("kit_search")
    page, part = client.get(path), client.get(path, headers={"HX-Request": "true"})
    assert b"<html" in page.content
    assert b"<html" not in part.content
    assert part.content.decode().strip().startswith("<section")
    assert "HX-Request" in page.headers["Vary"]
    assert "HX-Request" in part.headers["Vary"]
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        whole = client.get(path, headers={"HX-Request": "true", header: "true"})
        assert b"<html" in whole.content


def test_a_redirect_becomes_a_new_page_for_htmx_alone(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    path = world.halden.path("kit_search")
    assert client.post(path, {"q": "x"}).status_code == 302
    answer = client.post(path, {"q": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == path
    assert "Location" not in answer.headers


def test_without_the_middleware_htmx_would_follow_the_redirect() -> None:
    request = RequestFactory().get("/", headers={"HX-Request": "true"})

    def leads_elsewhere(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=302, headers={"Location": "/there/"})

    assert leads_elsewhere(request).status_code == 302
    assert HtmxRedirectMiddleware(leads_elsewhere)(request)["HX-Redirect"] == "/there/"
