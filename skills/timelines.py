"""Laying two histories of a level over each other: pure, no Django."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True)
class Stretch:
    """A level that holds from `start` until before `end` (open while None)."""

    level: int
    start: date
    end: date | None = None
    confirmed_by: int | None = None
    confirmed_on: date | None = None
    confirmed_until: date | None = None

    @property
    def source(self) -> str:
        return "claimed" if self.confirmed_until is None else "confirmed"

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def weight(self, day: date) -> tuple[bool, int]:
        """A confirmation that still runs on that day weighs more than any word of one's own."""
        confirmed = self.confirmed_until is not None and day <= self.confirmed_until
        return confirmed, self.level


def overlay(first: Iterable[Stretch], second: Iterable[Stretch]) -> list[Stretch]:
    """One history out of two: on every day the confirmed level wins, then the higher one.

    The result has no gaps that both did not have, no overlaps, and is in order.
    """
    stretches = [*first, *second]
    result: list[Stretch] = []
    cuts = _cuts(stretches)
    for start, end in zip(cuts, [*cuts[1:], None], strict=False):
        best = _best(stretches, start)
        if best is None:
            continue
        piece = replace(best, start=start, end=end)
        if result and _joins(result[-1], piece):
            result[-1] = replace(result[-1], end=end)
        else:
            result.append(piece)
    return result


def _cuts(stretches: Sequence[Stretch]) -> list[date]:
    days: set[date] = set()
    for stretch in stretches:
        days.add(stretch.start)
        if stretch.end is not None:
            days.add(stretch.end)
        if stretch.confirmed_until is not None:
            after = stretch.confirmed_until + timedelta(days=1)
            if stretch.holds(after):
                days.add(after)
    return sorted(days)


def _best(stretches: Sequence[Stretch], day: date) -> Stretch | None:
    holding = [stretch for stretch in stretches if stretch.holds(day)]
    return max(holding, key=lambda stretch: stretch.weight(day), default=None)


def _joins(before: Stretch, after: Stretch) -> bool:
    return before.end == after.start and replace(before, start=after.start, end=after.end) == after
