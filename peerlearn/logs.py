"""Logs: one line an event, JSON in production; ids only, nothing about persons.

What code writes is `log.info("event_name", some_id=…)`. Added by themselves: time, level, logger,
request id, organization id. Masked in whatever is written, tracebacks included: e-mail addresses,
secrets, and the values that Postgres repeats in its errors.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, MutableMapping
from secrets import token_hex
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Event = MutableMapping[str, Any]

_MASKS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+\.[\w-]+"), "[e-mail]"),
    (re.compile(r"(?m)^\s*(DETAIL|CONTEXT|LINE \d+):.*$"), r"\1: [masked]"),
    (re.compile(r"\bplt_[\w-]{16,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [masked]"),
    (
        re.compile(
            r"(?i)\b([\w-]*(?:password|passwd|secret|token|api_?key|authorization|cookie|session"
            r"id|csrf)[\w-]*)(['\"]?\s*[=:]\s*)(['\"]?)[^\s'\",;&]+"
        ),
        r"\1\2\3[masked]",
    ),
    (re.compile(r"(\w+://)[^\s/@:]*:[^\s/@]*@"), r"\1[masked]@"),
    # Whoever has it reads the feed, or comes in.
    (re.compile(r"(/(?:calendar|invitation)/)[\w-]{16,}"), r"\1[masked]"),
]
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
log = structlog.get_logger("peerlearn.access")


def mask(text: str) -> str:
    """The text without e-mail addresses, secrets and values that Postgres repeats."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def _mask_event(_logger: Any, _name: str, event: Event) -> Event:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value)
    return event


def _add_organization(_logger: Any, _name: str, event: Event) -> Event:
    from peerlearn.organizations.scoping import current_organization_id

    organization_id = current_organization_id()
    if organization_id is not None:
        event.setdefault("organization_id", organization_id)
    return event


def logging_settings(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING. Configures structlog too, so that both write the same lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_organization,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _mask_event,
                    renderer,
                ],
            }
        },
        "filters": {
            "route": {"()": "peerlearn.logs.RouteForPath"},
            "no_host": {"()": "peerlearn.logs.WithoutHost"},
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Its handlers print and mail; ours is the only one.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # The access line says what happened, without the path.
            "django.request": {"level": "ERROR", "filters": ["route"]},
            "django.security": {"level": "ERROR"},
            "django.security.DisallowedHost": {"filters": ["no_host"]},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # It names the keys that people sign in with.
            "fido2": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


class RouteForPath(logging.Filter):
    """Django names the path of a request that failed: paths carry ids."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            record.msg, record.args = "request_failed route=%s", (route_of(request),)
        return True


class WithoutHost(logging.Filter):
    """Anybody may send any host, as often as they like: one line, without it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "host_refused", ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class RequestLogMiddleware:
    """Outermost: gives each request an id and writes one line when it is answered.

    The line names the route, never the path: paths carry ids, queries carry words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _request_id(request)
        request.request_id = request_id  # type: ignore[attr-defined]  # for pages that show it
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            begun = time.perf_counter()
            response = self.get_response(request)
            seconds = time.perf_counter() - begun
            response.headers["X-Request-ID"] = request_id
            _note(request, response.status_code, seconds)
        return response


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    from peerlearn.operations import metrics

    route = route_of(request)
    metrics.note_request(route=route, method=request.method or "", status=status, seconds=seconds)
    if route in ("healthz", "readyz", "metrics", "static"):
        return
    facts: dict[str, Any] = {}
    if (organization := getattr(request, "organization", None)) is not None:
        facts["organization_id"] = organization.pk
    log.info(
        "request",
        route=route,
        method=request.method,
        status=status,
        duration_ms=round(seconds * 1000),
        **facts,
    )


def route_of(request: HttpRequest) -> str:
    """The name of the route that answered: "none" when nothing did."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def _request_id(request: HttpRequest) -> str:
    """That of the proxy in front, if one is trusted and it is sane; else a new one."""
    given = request.headers.get("X-Request-ID", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return token_hex(8)
