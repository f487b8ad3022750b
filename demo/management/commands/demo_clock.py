"""`manage.py demo_clock +30d`: move the demo's business time. Also show and reset.

Backwards it is `manage.py demo_clock -- -2h`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from peerlearn.clock import now, offset_file

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MOVE = re.compile(r"([+-])(\d{1,5})([mhd])")
_FARTHEST = timedelta(days=3650)


class Command(BaseCommand):
    help = "Move the demo's clock: +30d, +2h, +15m (back: -- -2h); show; reset. Only in the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("move", nargs="?", default="show")

    def handle(self, *args: Any, move: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("only the demo's clock can be moved: set DEMO=1")
        if move == "reset":
            offset_file().unlink(missing_ok=True)
        elif move != "show":
            self._move(move)
        self.stdout.write(f"{now():%A %d %B %Y, %H:%M} UTC (moved by {_offset()})")

    def _move(self, words: str) -> None:
        match = _MOVE.fullmatch(words)
        if match is None:
            raise CommandError(f"{words!r} is no move of the clock: say +30d, -2h, show or reset")
        sign, count, unit = match.groups()
        step = int(count) * _UNITS[unit]
        moved = _offset() + (step if sign == "+" else -step)
        if abs(moved) > _FARTHEST:
            raise CommandError("the clock moves ten years at most")
        file = offset_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".new").write_text(f"{int(moved.total_seconds())}\n")
        file.with_suffix(".new").replace(file)  # at once: the demo's processes read it all the time


def _offset() -> timedelta:
    try:
        return timedelta(seconds=int(offset_file().read_text()))
    except FileNotFoundError:
        return timedelta(0)
