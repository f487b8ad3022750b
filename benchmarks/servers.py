"""A migrated database for a benchmark, and connections to it as either role."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from secrets import token_urlsafe
from typing import Any

from benchmarks.measuring import Figure, by_name
from peerlearn.runtime.servers import throw_away_servers

SMALL = os.environ.get("SCALE") == "small"
TINY = os.environ.get("SCALE") == "tiny"  # does it run at all


@contextmanager
def migrated_database() -> Iterator[None]:
    """Django, set up on servers of its own (or those of the environment), every table there."""
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_OWNER_URL"):
            os.environ.update(stack.enter_context(throw_away_servers()))
        os.environ.update(TESTING="1", DJANGO_SETTINGS_MODULE="peerlearn.settings")
        os.environ.setdefault("SECRET_KEY", token_urlsafe(48))  # sessions hold in web processes too
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        with as_owner():
            call_command("migrate", verbosity=0, interactive=False)
        stack.callback(connection.close)
        yield


@contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor of the owner of the tables."""
    from django.conf import settings
    from django.db import connection

    serving = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD", "OPTIONS")}
    connection.close()
    connection.settings_dict.update({key: settings.DATABASE_OWNER[key] for key in serving})
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
        connection.settings_dict.update(serving)


def show(measure: Callable[[], list[Figure]]) -> int:
    """Run one benchmark and print its figures: a table, or one line of JSON with --json."""
    with migrated_database():
        return show_pure(measure)


def show_pure(measure: Callable[[], list[Figure]]) -> int:
    """The same for what needs no database."""
    figures = measure()
    if "--json" not in sys.argv:
        print(table(figures))
    if "--json" in sys.argv or "--table-and-json" in sys.argv:
        print(json.dumps(by_name(figures)))
    return 0 if TINY or all(figure.holds for figure in figures) else 1


def table(figures: list[Figure]) -> str:
    rows = [
        f"{figure.name:<32}{figure.value:>9.3f}  {figure.sign} "
        f"{figure.limit:<8g}{'holds' if figure.holds else 'MISSES':<8}{figure.note}"
        for figure in figures
    ]
    return "\n".join([f"{'figure':<32}{'value':>9}  limit     {'':<8}", *rows])
