"""What a request says about its own text breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from peerlearn.web.input import PlainTextMiddleware

pytestmark = pytest.mark.django_db
FIELD = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n+2AA-\\ud800@b.example\r\n'


def ask(charset: str) -> Any:
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    return Client().generic("POST", "/account/login/", FIELD + b"--x--\r\n", content_type=kind)


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "utf-16-le", "latin-1"])
def test_every_form_is_read_as_utf_8(charset: str) -> None:
    assert ask(charset).status_code == 422


def test_a_cookie_with_nul_is_no_session() -> None:
    client = Client(HTTP_COOKIE='sessionid="\\000abcdefghij"; theme=dark')
    assert client.get("/organizations/").status_code == 302


def test_twin_without_the_middleware_a_lone_surrogate_comes_in() -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.GET["q"])
        return HttpResponse()

    def request() -> HttpRequest:
        return RequestFactory().get("/?q=%2B2AA-", CONTENT_TYPE="a/b; charset=utf-7")

    view(request())
    PlainTextMiddleware(view)(request())
    assert seen == ["\ud800", "+2AA-"]
