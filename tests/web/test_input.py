"""What a request says about its own text breaks nothing."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from peerlearn.web.input import PlainTextMiddleware, without_charset

pytestmark = pytest.mark.django_db
FIELD = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n+2AA-\\ud800@b.example\r\n'


def ask(charset: str) -> Any:
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    return Client().generic("POST", "/account/login/", FIELD + b"--x--\r\n", content_type=kind)


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "utf-16-le", "latin-1"])
def test_every_form_is_read_as_utf_8(charset: str) -> None:
    assert ask(charset).status_code == 422


CODECS = ["hex", "rot13", "base64", "zip", "bz2", "uu", "quopri", "idna", "punycode", "undefined"]


def status_of(application: Any, kind: str, method: str) -> str:
    """As a web server asks: the test client makes Django's request by itself."""
    told: list[str] = []
    body = b"login=a%40b.example" if method == "POST" else b""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/healthz",
        "QUERY_STRING": "q=%C3%A4",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    list(application(environ, lambda status, headers, *more: told.append(status)))
    return told[0]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["charset=", 'x=1;CharSet = "', "charset*=utf-8''"])
def test_no_codec_breaks_a_request(codec: str, method: str, name: str) -> None:
    kind = f"text/plain; {name}{codec}" + ('"' if '"' in name else "") + "; y=2"
    from peerlearn import wsgi  # asks the database whether its role may serve

    status = "200 OK" if method == "GET" else "403 Forbidden"  # without a token
    assert status_of(wsgi.application, kind, method) == status


@pytest.mark.parametrize("codec", CODECS)
def test_twin_django_alone_breaks(codec: str) -> None:
    with pytest.raises((LookupError, ValueError, SuspiciousOperation)):
        status_of(WSGIHandler(), f"text/plain; charset={codec}", "GET")


def test_a_boundary_stays_when_a_charset_goes() -> None:
    kind = "multipart/form-data; charset=hex; boundary=x"
    seen: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["CONTENT_TYPE"])
        return []

    without_charset(application)({"CONTENT_TYPE": kind}, None)
    without_charset(application)({"CONTENT_TYPE": "text/html"}, None)
    assert seen == ["multipart/form-data; boundary=x", "text/html"]


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
