"""Shifts that come round: a cycle of days, and people who are on it from a day of their own.

Pure arithmetic, no Django. A shift belongs to the day on which it begins; it may end on the day
after, and both ends are times of a wall clock, so that a night with a change of the clock is an
hour shorter or longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from typing import Any, Self

from sessions.free_time import Hours

OFF = "-"
MOST_DAYS = 56
_TOKEN = re.compile(r"(\d{0,2})([^\W\d_]{1,2}|-)")


class UnknownShift(ValueError):
    """A word of a cycle that is neither a shift nor a day off."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Shift:
    """`code` is one or two letters."""

    code: str
    name: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Rotation:
    """`cycle` names the shift of each day by its code, or OFF, and then begins again."""

    shifts: tuple[Shift, ...]
    cycle: tuple[str, ...]
    on_holidays: bool = True

    def on(self, day: date, anchor: date) -> Shift | None:
        """The shift of a day for whoever began the cycle on the day `anchor`."""
        code = self.cycle[(day - anchor).days % len(self.cycle)]
        return next((shift for shift in self.shifts if shift.code == code), None)

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "shifts": [
                [one.code, one.name, f"{one.hours.starts:%H:%M}", f"{one.hours.ends:%H:%M}"]
                for one in self.shifts
            ],
            "cycle": list(self.cycle),
            "on_holidays": self.on_holidays,
        }

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        shifts = (
            Shift(code, name, Hours(time.fromisoformat(starts), time.fromisoformat(ends)))
            for code, name, starts, ends in kept["shifts"]
        )
        return cls(tuple(shifts), tuple(kept["cycle"]), kept["on_holidays"])


@dataclass(frozen=True, slots=True)
class Stint:
    """Somebody on a rotation from the day `first` to `last`, or until further notice."""

    rotation: Rotation
    anchor: date
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def hours(self, day: date) -> Sequence[Hours]:
        shift = self.rotation.on(day, self.anchor)
        return (shift.hours,) if shift else ()


def read_cycle(text: str, codes: Iterable[str]) -> tuple[str, ...]:
    """ "2E 2L 2N 4-" day by day; a number before a code repeats it. Raises UnknownShift."""
    known = {code.casefold(): code for code in codes} | {OFF: OFF}
    days: list[str] = []
    for word in re.split(r"[\s,;]+", text.strip()):
        found = _TOKEN.fullmatch(word)
        code = known.get(found[2].casefold()) if found else None
        if found is None or code is None:
            raise UnknownShift(word)
        days += [code] * int(found[1] or 1)
    return tuple(days)


def written_cycle(cycle: Iterable[str]) -> str:
    """The other way round."""
    runs = ((code, len(list(days))) for code, days in groupby(cycle))
    return " ".join(f"{number if number > 1 else ''}{code}" for code, number in runs)
