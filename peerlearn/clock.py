"""The one source of business time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The present instant, aware and in UTC; in the demo moved by `manage.py demo_clock`."""
    return datetime.now(UTC) + _demo_offset()


def _demo_offset() -> timedelta:
    if not settings.DEMO:
        return timedelta(0)
    try:
        return timedelta(seconds=int(offset_file().read_text()))
    except FileNotFoundError:
        return timedelta(0)


def offset_file() -> Path:
    """Where the demo keeps its offset, in whole seconds. Every process of the demo reads it."""
    return Path(settings.HOME) / "clock-offset"
