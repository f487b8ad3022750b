"""What comes in is text that Postgres can hold, whatever a request says about itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PlainTextMiddleware:
    """Reads everything as UTF-8: other charsets make lone surrogates, or no text at all. Leaves
    out cookies with NUL, which a browser cannot send."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.encoding is not None:
            request.encoding = "utf-8"
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


_CHARSET = re.compile(r""";\s*charset\*?\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)
WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


def without_charset(application: WsgiApplication) -> WsgiApplication:
    """Around Django, which reads the query in whatever charset a request names before any
    middleware runs, and breaks on codecs that are none of text, such as hex."""

    def answered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if kind := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)
        return application(environ, start_response)

    return answered
