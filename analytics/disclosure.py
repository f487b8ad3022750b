"""Which figures about people may be shown: the one way for attendance, hours and the like. Pure.

Once a month is closed, `publish` divides everybody into fixed groups of `smallest` people or more
and joins them into a tree: those who share a manager, those below a manager, everybody. Each
reader is shown those groups that lie wholly in what they may look at, and sums of them. So two
totals taken from one another, of nested managers, teams or page and file, give groups again and
never fewer people. Who fits in no group is left out. The groups depend on how many people there
are and where, never on what they did.

"0 of 5" and "5 of 5" would tell about everybody: a figure within FEW of either end is shown as a
range, for a group as for what stays open in the groups inside another. Then everybody in a group
may or may not have taken part, for all that is published, even to a colleague who knows their own
part (tests/analytics/test_disclosure.py tries every possibility on small organizations).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from peerlearn.months import add_months

FEW = 2
"""How near to nobody or everybody a count is shown as a range."""
GRACE = timedelta(days=7)
"""How long after its end a month stays open for days that are marked done late."""
Path = tuple[int, ...]
"""Teams inside one another, the outermost first; empty without a team."""


@dataclass(frozen=True)
class Person:
    key: int
    manager: int | None
    """The key of whom they report to, who need not be counted themself."""
    path: Path


@dataclass(frozen=True)
class Group:
    """People whose figures are published together. `inside`: the groups it is the sum of."""

    people: frozenset[int]
    path: Path
    """The teams that hold all of them."""
    line: Path
    """Everybody to whom all of them report, the nearest first."""
    teams: int
    """How many different teams they are directly in."""
    inside: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Figure:
    """What is published of a group: from `at_least` to `at_most` of `people`.

    `number` tells it from others of the month; `parent` is the number of the next larger group.
    """

    number: int
    parent: int | None
    people: int
    at_least: int
    at_most: int
    path: Path
    line: Path = ()
    teams: int = 1
    smallest: bool = True
    """Whether no published group is inside it."""
    members: frozenset[int] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class Cell:
    """A figure as a reader sees it. `key`: the team it stands for, None for all others."""

    people: int
    at_least: int
    at_most: int
    key: int | None = None
    mixed: bool = False
    """Of what remains beside the teams: whether its people come from several."""

    @property
    def shares(self) -> tuple[float, float]:
        return self.at_least / self.people, self.at_most / self.people

    @property
    def numbers(self) -> str:
        """3, or 0–2."""
        return _range(self.at_least, self.at_most)

    @property
    def percent(self) -> str:
        """38, or 0–25; its sign is a matter of language."""
        low, high = (round(share * 100) for share in self.shares)
        return _range(low, high)


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def publish(
    people: Iterable[Person], took_part: Collection[int], smallest: int
) -> tuple[Figure, ...]:
    """What may be shown of one figure in one month, larger groups before those inside them."""
    group = grouped(people, smallest)
    return tuple(_figures(group, frozenset(took_part))) if group else ()


# --- Groups ----------------------------------------------------------------------------------
def grouped(people: Iterable[Person], smallest: int) -> Group | None:
    """Everybody who can be counted, in groups of `smallest` or more; None for too few."""
    by_manager: dict[int | None, list[Person]] = {}
    for person in people:
        by_manager.setdefault(person.manager, []).append(person)
    lines = _lines(by_manager)
    reports = {manager: list(some) for manager, some in by_manager.items()}
    parts: dict[int | None, list[Group]] = {manager: [] for manager in lines}
    for manager in reversed(lines):  # those below come first
        line = lines[manager]
        smallest_groups, rest = _divided(reports.get(manager, []), line, smallest)
        group = _joined([*smallest_groups, *parts[manager]], line)
        if manager is None:
            return group
        above = line[1] if len(line) > 1 else None
        reports.setdefault(above, []).extend(rest)
        parts[above].extend([group] if group else [])
    return None


def _lines(by_manager: dict[int | None, list[Person]]) -> dict[int | None, Path]:
    """Each manager with their own line, themself first; those above before those below.

    Who is in a loop is below nobody, and left out.
    """
    known = {person.key for reports in by_manager.values() for person in reports}
    lines: dict[int | None, Path] = {None: ()}
    lines.update({key: (key,) for key in by_manager if key is not None and key not in known})
    waiting = list(lines)
    for manager in waiting:
        for person in by_manager.get(manager, []):
            if person.key in by_manager and person.key not in lines:
                lines[person.key] = (person.key, *lines[manager])
                waiting.append(person.key)
    return lines


def _divided(
    people: Sequence[Person], line: Path, smallest: int
) -> tuple[list[Group], list[Person]]:
    """By team; who is too few goes up to the team around it. What is too few even then joins the
    smallest group, so that a subtraction reveals neither; without any, it is the rest."""
    bags: dict[Path, list[Person]] = {}
    for person in people:
        bags.setdefault(person.path, []).append(person)
    found: list[list[Person]] = []
    for length in range(max(map(len, bags), default=0), -1, -1):
        for path in sorted(path for path in bags if len(path) == length):
            bag = bags.pop(path)
            if len(bag) >= smallest:
                found.append(bag)
            else:
                bags.setdefault(path[:-1] if path else (), []).extend(bag)
        if not length:
            break
    rest = bags.get((), [])
    if rest and found:
        found.sort(key=lambda bag: (len(bag), bag[0].path))
        found[0].extend(rest)
        rest = []
    return [_smallest(bag, line) for bag in found], rest


def _smallest(bag: Sequence[Person], line: Path) -> Group:
    paths = {person.path for person in bag}
    return Group(frozenset(p.key for p in bag), _common(paths), line, len(paths))


def _joined(groups: Sequence[Group], line: Path) -> Group | None:
    """One group of all, with one in between for each team that holds several of them."""
    if len(groups) < 2:
        return groups[0] if groups else None
    path = _common({group.path for group in groups})
    inside: dict[Path, list[Group]] = {}
    for group in groups:
        inside.setdefault(group.path[: len(path) + 1], []).append(group)
    parts: list[Group] = []
    for below, some in inside.items():
        joined = _joined(some, line) if len(below) > len(path) else None
        parts.extend([joined] if joined else some)
    people = frozenset[int]().union(*(group.people for group in groups))
    return Group(people, path, line, 0, tuple(parts))


def _common(paths: Collection[Path]) -> Path:
    """How they all begin."""
    first, last = min(paths), max(paths)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


# --- Counts ----------------------------------------------------------------------------------
def _figures(group: Group, took_part: frozenset[int]) -> list[Figure]:
    """Of a group and all inside it."""
    order: list[tuple[Group, int | None]] = [(group, None)]
    for number, (one, _parent) in enumerate(order):
        order.extend((part, number) for part in one.inside)
    inside: list[list[tuple[int, int]]] = [[] for _ in order]
    found: list[Figure] = []
    for number, (one, parent) in reversed(list(enumerate(order))):
        ranges = inside[number] or [(0, len(one.people))]
        low, high = sum(low for low, _ in ranges), sum(high for _, high in ranges)
        shown = _shown(len(one.people & took_part), low, high)
        if parent is not None:
            inside[parent].append(shown)
        found.append(
            Figure(
                number,
                parent,
                len(one.people),
                *shown,
                path=one.path,
                line=one.line,
                teams=one.teams,
                smallest=not one.inside,
                members=one.people,
            )
        )
    return found[::-1]


def _shown(count: int, low: int, high: int) -> tuple[int, int]:
    """The count, known to lie from low to high; as a range when it is near either end."""
    if high - low <= 2 * FEW:
        return low, high
    if count <= low + FEW:
        return low, low + FEW
    if count >= high - FEW:
        return high - FEW, high
    return count, count


# --- Readers ---------------------------------------------------------------------------------
def total(figures: Sequence[Figure]) -> Cell | None:
    """The sum of all that a reader may look at; None when that is nothing."""
    numbers = {figure.number for figure in figures}
    return _sum([figure for figure in figures if figure.parent not in numbers])


def by_team(figures: Sequence[Figure]) -> list[Cell]:
    """The same by the teams below the one that holds everybody, the largest first, and what lies
    in none of them at the end. The people add up to those of the total."""
    by_number = {figure.number: figure for figure in figures}
    top = [figure for figure in figures if figure.parent not in by_number]
    depth = len(_common({figure.path for figure in top})) if top else 0
    teams: dict[int, list[Figure]] = {}
    for figure in figures:
        parent = by_number.get(-1 if figure.parent is None else figure.parent)
        if len(figure.path) > depth and (parent is None or len(parent.path) <= depth):
            teams.setdefault(figure.path[depth], []).append(figure)
    cells = [cell for key, some in teams.items() if (cell := _sum(some, key=key))]
    cells.sort(key=lambda cell: (-cell.people, cell.key or 0))
    rest = [figure for figure in figures if figure.smallest and len(figure.path) <= depth]
    remaining = _sum(rest, mixed=any(figure.teams > 1 for figure in rest))
    return [*cells, remaining] if remaining else cells


def holding(figures: Sequence[Figure]) -> int | None:
    """The innermost team that holds everybody in them."""
    path = _common({figure.path for figure in figures}) if figures else ()
    return path[-1] if path else None


def _sum(figures: Sequence[Figure], *, key: int | None = None, mixed: bool = False) -> Cell | None:
    if not figures:
        return None
    total = Counter[str]()
    for one in figures:
        total.update(people=one.people, low=one.at_least, high=one.at_most)
    return Cell(total["people"], total["low"], total["high"], key, mixed)


# --- Calendar months -------------------------------------------------------------------------
def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def following(month: date) -> date:
    return add_months(month, 1)


def preceding(month: date, count: int = 1) -> date:
    return add_months(month, -count)


def closes_on(month: date) -> date:
    """The day from which its figures are closed and can be shown."""
    return following(month) + GRACE


def last_closed(today: date) -> date:
    """The latest month that is closed."""
    return preceding(month_of(today - GRACE))


def whole_months(first: date, last: date, today: date) -> list[date]:
    """The closed months that lie whole inside first…last: figures have no finer period."""
    month = month_of(first) if first.day == 1 else following(month_of(first))
    months = []
    while month <= last_closed(today) and (following(month) - last).days <= 1:
        months.append(month)
        month = following(month)
    return months
