"""Which figures about groups of people may be shown. Pure; no Django.

Attendance, hours and the like are shown for groups of `smallest` people or more, in calendar
months. Groups are teams in a tree, and every published team publishes a total, so one total minus
others tells about the people who remain: the remainder of a team is whoever is in it and in none
of the published teams below it. Totals of a tree can be combined into nothing finer than these
remainders, so it is safe to publish exactly when each of them is empty or has `smallest` people.

What is published depends on how many people there are, never on what they did, and is one set for
everything that one reader can ask: page, team switch, months and exports draw from the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

WHOLE = 0
"""The key of everybody together, above all teams; never a team's own key."""


@dataclass(frozen=True)
class Group:
    """A team: how many people are directly in it, and how many of them the figure counts."""

    key: int
    parent: int  # another group's key, or WHOLE
    people: int
    count: int = 0


@dataclass(frozen=True)
class Cell:
    """A figure that may be shown: `count` of `people`. `key` is None for what was folded."""

    key: int | None
    people: int
    count: int
    folded: int = 0
    """How many teams with people in them were folded into this cell."""

    @property
    def share(self) -> float:
        return self.count / self.people


class Publication:
    """What may be shown of one figure: `total(key)` and `parts(key)` for every key."""

    def __init__(self, groups: Iterable[Group], smallest: int) -> None:
        self._groups = {group.key: group for group in groups}
        if WHOLE not in self._groups:
            self._groups[WHOLE] = Group(WHOLE, WHOLE, 0)
        self._children: dict[int, list[int]] = {key: [] for key in self._groups}
        for group in self._groups.values():
            if group.key != WHOLE:
                parent = group.parent if group.parent in self._groups else WHOLE
                self._children[parent].append(group.key)
        self._order = self._top_down()
        self._people = self._sums({key: g.people for key, g in self._groups.items()})
        self._counts = self._sums({key: g.count for key, g in self._groups.items()})
        self.shown = self._choose(smallest)

    def total(self, key: int = WHOLE) -> Cell | None:
        """The figure of a team with all below it; None when it may not be shown."""
        if key not in self.shown:
            return None
        return Cell(key, self._people[key], self._counts[key])

    def parts(self, key: int = WHOLE) -> list[Cell]:
        """The figure by the teams below, the largest first, what was folded at the end.

        The cells add up to the total. Empty when the total may not be shown.
        """
        if key not in self.shown:
            return []
        inside = self._shown_below(key)
        cells = [Cell(part, self._people[part], self._counts[part]) for part in inside]
        cells.sort(key=lambda cell: (-cell.people, cell.key or 0))
        if people := self._people[key] - sum(cell.people for cell in cells):
            count = self._counts[key] - sum(cell.count for cell in cells)
            cells.append(Cell(None, people, count, folded=self._folded_below(key)))
        return cells

    def _top_down(self) -> list[int]:
        order = [WHOLE]
        for key in order:
            order.extend(self._children[key])
        if len(order) != len(self._groups):
            raise ValueError("the teams are not a tree")
        return order

    def _sums(self, own: dict[int, int]) -> dict[int, int]:
        """Of each team with all below it."""
        sums = dict(own)
        for key in reversed(self._order):
            if key != WHOLE:
                parent = self._groups[key].parent
                sums[parent if parent in sums else WHOLE] += sums[key]
        return sums

    def _choose(self, smallest: int) -> frozenset[int]:
        """From the leaves up: hide a team that is too small; where what remains of a team is too
        small, hide the smallest team inside it as well, so that subtraction reveals neither."""
        self.shown = frozenset(key for key, people in self._people.items() if people)
        for key in reversed(self._order):
            if key not in self.shown:
                continue
            if self._people[key] < smallest:
                self.shown -= {key}
                continue
            inside = sorted(self._shown_below(key), key=lambda k: (self._people[k], k))
            remainder = self._people[key] - sum(self._people[part] for part in inside)
            while 0 < remainder < smallest:
                smallest_part = inside.pop(0)
                self.shown -= {smallest_part}
                # What is shown below the hidden one stays shown, and out of the remainder.
                below = self._shown_below(smallest_part)
                remainder += self._people[smallest_part] - sum(self._people[k] for k in below)
                inside = sorted([*inside, *below], key=lambda k: (self._people[k], k))
        return self.shown

    def _shown_below(self, key: int) -> list[int]:
        """The topmost shown teams below this one."""
        found: list[int] = []
        waiting = list(self._children[key])
        while waiting:
            child = waiting.pop()
            if child in self.shown:
                found.append(child)
            else:
                waiting.extend(self._children[child])
        return found

    def _folded_below(self, key: int) -> int:
        """How many teams with people of their own are hidden in the remainder of this one."""
        folded, waiting = 0, list(self._children[key])
        while waiting:
            child = waiting.pop()
            if child not in self.shown:
                folded += self._groups[child].people > 0
                waiting.extend(self._children[child])
        return folded


def publish(groups: Iterable[Group], smallest: int) -> Publication:
    """The one function that every figure about groups goes through."""
    return Publication(groups, smallest)


# --- Calendar months -------------------------------------------------------------------------
def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def preceding(month: date, count: int = 1) -> date:
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def whole_months(first: date, last: date, today: date) -> list[date]:
    """The months that lie whole inside first…last and are over: figures have no finer period."""
    month = month_of(first) if first.day == 1 else following(month_of(first))
    months = []
    while (after := following(month)) <= today and (after - last).days <= 1:
        months.append(month)
        month = after
    return months
