"""The Content-Security-Policy header, with Django 6's setting names; drop it at 6.2 LTS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HEADER = "Content-Security-Policy"


def policy(directives: Mapping[str, Iterable[str]]) -> str:
    """The header's value: `{"img-src": ["'self'"]}` gives `img-src 'self'`."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
