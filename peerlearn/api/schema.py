"""The description of the API, made from the views themselves (OpenAPI 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.utils import translation
from django_filters import filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiFilterExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter, extend_schema

from peerlearn.api.filters import PlainDay, YesOrNo

V = TypeVar("V", bound=Callable[..., Any])
PATHS = "/api/v1/"
_ABOUT = "What the pages do, for programs. docs/api.md explains it with examples."
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_WRITES = ("post", "put", "patch", "delete")
_ALWAYS = {
    "400": "The query or the body is not right; `errors` says where.",
    "401": "No token that holds here.",
    "403": "The token lacks a scope, or its person may not.",
    "404": "Absent, or not for this person: the same answer.",
    "429": "Too many requests with this token; Retry-After says how long to wait.",
}
_OF_WRITES = {
    "409": "It cannot be done as things are.",
    "412": "It has changed since it was read (If-Match).",
    "415": "The body is no JSON.",
    "422": "The Idempotency-Key was sent with another request, or a rule forbids it.",
}


def answers(
    serializer: Any = None,
    *,
    body: Any = None,
    status: int = 200,
    query: Mapping[str, tuple[str, Any]] | None = None,
) -> Callable[[V], V]:
    """What a method takes and answers, for the description."""
    parameters = [
        OpenApiParameter(name, kind, description=str(words), required=False)
        for name, (words, kind) in (query or {}).items()
    ]
    made: Callable[[V], V] = extend_schema(
        request=body, responses={status: serializer}, parameters=parameters
    )
    return made


class _Bearer(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "peerlearn.api.permissions.Token"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "plt_…"}


class _Filters(OpenApiFilterExtension):  # type: ignore[no-untyped-call]
    target_class = "peerlearn.api.filters.Filters"
    priority = 1

    def get_schema_operation_parameters(
        self, auto_schema: Any, *args: Any, **kwargs: Any
    ) -> list[dict[str, Any]]:
        given = getattr(auto_schema.view, "filterset_class", None)
        return [
            {
                "name": name,
                "in": "query",
                "description": str(one.extra.get("help_text") or ""),
                "schema": _schema_of(one),
            }
            for name, one in (given.base_filters if given else {}).items()
        ]


def _schema_of(one: filters.Filter) -> dict[str, Any]:
    if isinstance(one, YesOrNo):
        return {"type": "boolean"}
    if isinstance(one, PlainDay):
        return {"type": "string", "format": "date"}
    if choices := one.extra.get("choices"):
        return {"type": "string", "enum": [str(value) for value, _ in choices]}
    return {"type": "string", "minLength": 1, "maxLength": one.extra["max_length"]}


def with_what_always_holds(result: Any, **kwargs: Any) -> Any:
    """A postprocessing hook: problems, ETags, keys, of every operation alike."""
    # The check of a production start describes the public addresses, among which none is.
    result["components"].setdefault("schemas", {}).update(_schemas())
    for path in result["paths"].values():
        for method, operation in path.items():
            writes = method in _WRITES
            _describe(operation, writes=writes)
    return result


def _describe(operation: dict[str, Any], *, writes: bool) -> None:
    responses, parameters = operation["responses"], operation.setdefault("parameters", [])
    for status, words in {**_ALWAYS, **(_OF_WRITES if writes else {})}.items():
        responses.setdefault(status, _problem(words))
    responses["default"] = _problem("Any other error.")
    headers = {"ETag": {"schema": {"type": "string"}}}
    for status, response in responses.items():
        if status.startswith("2") and "content" in response:
            response["headers"] = headers
    text = {"type": "string", "pattern": r"^[\x21-\x7e]+$", "minLength": 1, "maxLength": 255}
    if writes:
        parameters += [_header("Idempotency-Key", text), _header("If-Match", text)]
    elif "200" in responses:
        parameters.append(_header("If-None-Match", text))
        responses["304"] = {"description": "As the If-None-Match says."}
    for one in parameters:
        if one["name"] == "page_size":
            one["schema"] |= {"minimum": 1, "maximum": 100}
        if one["in"] == "path" and one["schema"].get("type") != "integer":
            one["schema"] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{12}$"}


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": schema}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/problem+json": {"schema": _PROBLEM}}}


def _schemas() -> dict[str, Any]:
    text = {"type": "string"}
    place = {
        "type": "object",
        "required": ["detail"],
        "properties": {"pointer": text, "parameter": text, "detail": text},
        "additionalProperties": False,
    }
    return {
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string", "description": "urn:peerlearn:… tells reasons apart."},
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "errors": {"type": "array", "items": place},
            },
        }
    }


@cache
def _described() -> dict[str, Any]:
    """In English whoever asks first: names of fields and reasons are English too."""
    make: Any = SchemaGenerator
    with translation.override("en"):
        generator = make(urlconf=settings.ORGANIZATION_URLCONF)
        made: dict[str, Any] = generator.get_schema(request=None, public=True)
    made["info"]["description"] = _ABOUT
    return made


def described(prefix: str) -> dict[str, Any]:
    """For the organization whose addresses begin with that."""
    return {**_described(), "servers": [{"url": prefix.rstrip("/")}]}
