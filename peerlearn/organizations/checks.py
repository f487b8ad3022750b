"""System checks: every route says who may call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver

# Views of libraries, open to anyone: they guard themselves.
LIBRARY_VIEWS = ("allauth.",)


def routes(urlconf: str) -> Iterator[tuple[str, URLPattern]]:
    """Every route of a URLconf with its whole pattern, included URLconfs too."""
    yield from _walk(get_resolver(urlconf).url_patterns, "")


def _walk(
    patterns: Sequence[URLPattern | URLResolver], before: str
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern


@checks.register
def every_view_says_who_may_call_it(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    problems: list[checks.CheckMessage] = []
    for urlconf in (settings.ROOT_URLCONF, settings.ORGANIZATION_URLCONF):
        for path, pattern in routes(urlconf):
            access = getattr(pattern.callback, "access", None)
            library = str(pattern.callback.__module__).startswith(LIBRARY_VIEWS)
            inside = urlconf == settings.ORGANIZATION_URLCONF
            if inside and not access:
                hint = "Put @allow(EVERYONE), @allow(HR) … before the view."
            elif not inside and access != frozenset() and not library:
                hint = "Put @public before the view."
            else:
                continue
            problems.append(
                checks.Error(
                    f"{urlconf}: {path} does not say who may call it", hint, id="access.E001"
                )
            )
    return problems
