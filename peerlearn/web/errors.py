"""Error pages in plain words: what happened, why, and the next step.

Absent and foreign are answered with the same bytes: nothing of the address is repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from peerlearn.web.problems import is_for_programs, problem
from peerlearn.web.theme import theme

PAGES = frozenset({400, 403, 404, 405, 411, 413, 422, 429, 500})


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page of that status, inside the organization's shell for whoever is in one."""
    if is_for_programs(request):
        return problem(status)
    shell = "base.html" if hasattr(request, "employee") else "public.html"
    return render(request, f"errors/{status}.html", {"shell": shell}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: neither database nor session is touched."""
    if is_for_programs(request):
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR)
    context = {"shell": "public.html", **theme(request)}
    return HttpResponse(
        render_to_string("errors/500.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context = {"shell": "public.html", **theme(request)}
    return HttpResponse(render_to_string("errors/csrf.html", context), status=HTTPStatus.FORBIDDEN)


def too_large(request: HttpRequest, status: HTTPStatus, megabytes: int = 0) -> HttpResponse:
    """Answered before anything is read: for everybody in the bare shell."""
    if is_for_programs(request):
        return problem(status)
    context = {"shell": "public.html", "megabytes": megabytes, **theme(request)}
    return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)


class ErrorPageMiddleware:
    """Innermost: gives an empty error answer, such as that of `@require_POST`, its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code not in PAGES or not isinstance(response, HttpResponse):
            return response
        if not response.content:
            page = error_page(request, response.status_code)
            response.content = page.content
            response.headers["Content-Type"] = page.headers["Content-Type"]
        return response
