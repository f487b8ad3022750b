"""Whatever a view of the API raises, as a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status

from peerlearn.web.problems import problem

LOCK_NOT_AVAILABLE = "55P03"


class Conflict(Exception):
    """It cannot be done as things are; `more` says what could."""

    def __init__(self, detail: str, *, code: str = "conflict", **more: Any) -> None:
        super().__init__(detail)
        self.detail, self.code, self.more = detail, code, more


class PreconditionFailed(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED


class KeyOfAnother(exceptions.APIException):
    """An idempotency key comes again with another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class NotInQuery(exceptions.APIException):
    """A parameter of the query that is wrong, unknown or there twice."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, found: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.found = found


def answer(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. What is no refusal goes on to be logged as a fault."""
    match error:
        case Conflict():
            return problem(HTTPStatus.CONFLICT, error.detail, code=error.code, **error.more)
        case NotInQuery():
            found = [
                {"parameter": name, "detail": words}
                for name, several in error.found.items()
                for words in several
            ]
            return problem(400, _("The query is not right."), code="invalid", errors=found)
        case serializers.ValidationError():
            return _invalid(error.detail)
        case ValidationError():
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(error.messages))
        case Http404():
            return problem(HTTPStatus.NOT_FOUND)
        case PermissionDenied():
            return problem(HTTPStatus.FORBIDDEN)
        case exceptions.APIException():
            return problem(error.status_code, force_str(error.detail))
        case OperationalError():
            return _busy(error)
    return None


def _invalid(detail: Any) -> HttpResponse:
    found = [{"pointer": pointer, "detail": words} for pointer, words in _pointed(detail)]
    return problem(400, _("The body is not right."), code="invalid", errors=found)


def _pointed(detail: Any, before: str = "#") -> Iterator[tuple[str, str]]:
    """Each sentence with the place in the body that it is about."""
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            whole = name in ("non_field_errors", "__all__")  # of a serializer, of a form
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _pointed(below, before if whole else f"{before}/{escaped}")
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            deeper = isinstance(below, Mapping | list)
            yield from _pointed(below, f"{before}/{index}" if deeper else before)
    else:
        yield before, force_str(detail)


def _busy(error: OperationalError) -> HttpResponse | None:
    if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
        return None
    words = _("Somebody is at the same this very moment. Ask again in a second.")
    answer = problem(HTTPStatus.CONFLICT, words, code="busy")
    answer.headers["Retry-After"] = "1"
    return answer
