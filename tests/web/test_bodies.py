"""What is too large is refused before it is read, and files go where they are waited for alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from peerlearn.organizations.access import public
from peerlearn.web.bodies import MEGABYTE, BodyMiddleware, takes_files

pytestmark = pytest.mark.django_db
MULTIPART = "multipart/form-data; boundary=b"
WITHOUT = [name for name in settings.MIDDLEWARE if not name.endswith("BodyMiddleware")]
DJANGOS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]


def names(request: HttpRequest) -> HttpResponse:
    files = {name: file.size for name, file in request.FILES.items()}
    return HttpResponse(f"{sorted(request.POST)} {files}")


urlpatterns = [
    path("fields/", public(names)),
    path("files/", takes_files(megabytes=2)(public(lambda request: names(request)))),
]


class Unread:
    """A body of which nothing may be asked."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("something of it was read")

    readline = read


def post(address: str, **environ: Any) -> Any:
    client = Client(enforce_csrf_checks=True, HTTP_COOKIE="csrftoken=" + "a" * 32)
    said = {"CONTENT_TYPE": MULTIPART, "wsgi.input": Unread(), **environ}
    return client.generic("POST", address, **said)


@pytest.mark.parametrize("address", ["/account/login/", "/begin/", "/language/"])
def test_three_hundred_megabytes_are_refused_unread(address: str) -> None:
    answer = post(address, CONTENT_LENGTH=str(300 * MEGABYTE))
    assert answer.status_code == 413
    assert "That is more than this page takes." in answer.content.decode()
    assert "default-src" in answer.headers["Content-Security-Policy"]


def test_twin_without_the_middleware_it_is_read() -> None:
    with override_settings(MIDDLEWARE=WITHOUT), pytest.raises(AssertionError, match="was read"):
        post("/account/login/", CONTENT_LENGTH=str(300 * MEGABYTE))


def test_what_does_not_say_its_length_is_refused_unread() -> None:
    answer = post("/account/login/", HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411
    assert "does not say how long it is" in answer.content.decode()


@pytest.mark.parametrize("length", ["", "many", "-1"])
def test_a_length_that_is_none_breaks_nothing(length: str) -> None:
    request = RequestFactory().post("/", CONTENT_LENGTH=length)
    middleware = BodyMiddleware(lambda request: HttpResponse())
    assert middleware.process_view(request, names, (), {}) is None


def send(address: str, size: int) -> Any:
    file = SimpleUploadedFile("people.csv", b"x" * size)
    return Client().post(address, {"note": "read", "people": file})


@override_settings(ROOT_URLCONF=__name__)
def test_a_file_comes_to_a_view_that_takes_it_alone() -> None:
    assert send("/files/", MEGABYTE).content.decode() == f"['note'] {{'people': {MEGABYTE}}}"
    assert send("/fields/", MEGABYTE).content.decode() == "['note'] {}"


@override_settings(ROOT_URLCONF=__name__, FILE_UPLOAD_HANDLERS=DJANGOS)
def test_twin_with_djangos_handlers_a_file_comes_to_every_view() -> None:
    assert "people" in send("/fields/", MEGABYTE).content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_takes_files_has_a_limit_of_its_own() -> None:
    assert send("/files/", 2 * MEGABYTE).status_code == 200
    refused = send("/files/", 4 * MEGABYTE)
    assert refused.status_code == 413
    assert "may have 2 megabytes" in refused.content.decode()
