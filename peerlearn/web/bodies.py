"""How much a request may bring, asked before anything of it is read.

@require_http_methods(["GET", "POST"])
@takes_files(megabytes=20)
@allow(HR)
def upload(request): ...
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from peerlearn.web import errors

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
MEGABYTE = 2**20
_FIELDS = MEGABYTE  # beside the files of a form: its other fields, and what parts them


def takes_files(*, megabytes: int) -> Callable[[V], V]:
    """Let a view receive files, so much together. Every other view is sent none."""

    def decorate(view: V) -> V:
        view.takes_files = megabytes  # type: ignore[attr-defined]  # read by the middleware
        return view

    return decorate


class NoFiles(FileUploadHandler):
    """Throws away the files of a form; its fields stay."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


class BodyMiddleware:
    """Before whatever reads a form, the check against forgery first of all: Django limits the
    fields of a form by itself, but writes its files to disk, of any size and from anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        megabytes: int = getattr(view, "takes_files", 0)
        most = megabytes * MEGABYTE + _FIELDS if megabytes else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if "HTTP_TRANSFER_ENCODING" in request.META:  # of unknown length
            return errors.too_large(request, HTTPStatus.LENGTH_REQUIRED)
        if _length(request) > most:
            return errors.too_large(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, megabytes)
        if megabytes:
            request.upload_handlers = [
                MemoryFileUploadHandler(request),
                TemporaryFileUploadHandler(request),
            ]
        return None


def _length(request: HttpRequest) -> int:
    """As Django reads it: what is no number is nothing."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
