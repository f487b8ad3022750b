"""Whole pages and their parts, pages of a list, and redirects that htmx follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

PER_PAGE = 50
M = TypeVar("M", bound=models.Model)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; a boosted link and a step back in history want the page."""
    htmx = HtmxDetails(request)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_fragment(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    fragment: str,
    status: int = 200,
) -> HttpResponse:
    """The template, or only its `{% partialdef fragment %}` when htmx asks for a part.

    An invalid form answers with `status=422`; htmx shows that answer too.
    """
    name = f"{template}#{fragment}" if wants_fragment(request) else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def searched_for(request: HttpRequest) -> str:
    """The words of `?q=`, as they may be compared."""
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]


def paginate(
    request: HttpRequest, rows: models.QuerySet[M] | Sequence[M], per_page: int = PER_PAGE
) -> Page[M]:
    """The page that `?page=` asks for: the first when it is no number, the last when too high."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


class HtmxRedirectMiddleware:
    """An answer to htmx that leads elsewhere becomes a new page.

    The browser would follow the redirect by itself and htmx put the whole page found there, with
    the messages meant for it, into the place of the fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if wants_fragment(request) and response.status_code in (301, 302, 303):
            response.status_code = 200
            response.headers["HX-Redirect"] = response.headers["Location"]
            del response.headers["Location"]
        return response
