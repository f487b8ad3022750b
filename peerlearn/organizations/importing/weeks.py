"""Hours per week, as HR systems have them: the length of a working day. Pure; no Django."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from fractions import Fraction

from peerlearn.organizations.importing.values import Wrong

_NUMBER = re.compile(r"(\d{1,2})(?:[.,](\d{1,2}))?(?: ?(?:h|hours|std|stunden|timer|t)\.?)?", re.I)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::00)?")
_LAST_MINUTE = 24 * 60 - 1


@dataclass(frozen=True)
class Week:
    """How many days are worked, and when each begins."""

    days: int
    starts: time

    def ends(self, hours: Fraction) -> time:
        """When a working day ends for whoever works so many hours in the week; the hours are the
        same on each. Raises Wrong when the days have not so many."""
        begins = self.starts.hour * 60 + self.starts.minute
        ends = begins + round(hours * 60 / self.days)
        if not begins < ends <= _LAST_MINUTE:
            raise Wrong("hours_long", f"{self.starts:%H:%M}")
        return time(*divmod(ends, 60))


EIGHT_HOURS = Week(5, time(8))


def hours(text: str) -> Fraction | None:
    """37.5, 37,5, 37:30 or "37,5 h"; None for nothing, and for none. Raises Wrong."""
    text = " ".join(text.split())
    if not text:
        return None
    if found := _CLOCK.fullmatch(text):
        return Fraction(int(found[1]) * 60 + int(found[2]), 60) or None
    if found := _NUMBER.fullmatch(text):
        return Fraction(f"{found[1]}.{found[2] or 0}") or None
    raise Wrong("hours")


def written(number: Fraction) -> str:
    """37.5"""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
