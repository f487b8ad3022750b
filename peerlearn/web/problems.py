"""Errors for programs, as RFC 9457 has them: application/problem+json.

`pointer` leads to a field of the body (RFC 6901), `parameter` names one of the query.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

CONTENT_TYPE = "application/problem+json"
_FOR_PROGRAMS = re.compile(r"/o/[^/]+/api/v\d+/")


def is_for_programs(request: HttpRequest) -> bool:
    """Whether whoever asks reads JSON, whatever became of the request meanwhile."""
    return bool(_FOR_PROGRAMS.match(request.path))


def problem(
    status: int,
    detail: str = "",
    *,
    code: str = "",
    errors: Iterable[dict[str, str]] = (),
    **more: Any,
) -> HttpResponse:
    """The answer; `code` tells one reason from another of the same status."""
    known = HTTPStatus(status)
    body = {
        "type": f"urn:peerlearn:{code or known.phrase.lower().replace(' ', '-')}",
        "title": known.phrase,
        "status": status,
        "detail": detail or _default_detail(status),
        **more,
    }
    if found := list(errors):
        body["errors"] = found
    return HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)


def _default_detail(status: int) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing here, or it is not for you. Addresses end with a slash.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("The body is too large.")
        case HTTPStatus.LENGTH_REQUIRED:
            return _("Say how long the body is: Content-Length.")
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("Something went wrong here. Nothing was changed; try again in a while.")
        case _:
            return HTTPStatus(status).description
