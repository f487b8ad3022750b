"""The table that is a heat map: who can do a skill alone, by team against the requirement. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from skills.levels_by_team import Cell

WEAKEST = 10


@dataclass(frozen=True)
class Column:
    name: str
    teams: frozenset[int]

    @property
    def short(self) -> str:
        return self.name[:3]


@dataclass(frozen=True)
class Square:
    """One skill in one column. `look` is the class of its colour."""

    column: str
    alone: int
    wanted: int
    look: str


@dataclass(frozen=True)
class Line:
    public_id: str
    name: str
    squares: tuple[Square, ...]
    alone: int
    wanted: int

    @property
    def weakness(self) -> tuple[int, int, str]:
        """Who comes first: the fewest people, then the largest gap."""
        return (self.alone, self.alone - self.wanted, self.name.casefold())


def look(alone: int, wanted: int, total: int) -> str:
    """na: neither wanted nor there; c0: wanted, nobody; cr: the only person; c1 to c5: safer."""
    if not alone:
        return "c0" if wanted else "na"
    if total == 1:
        return "cr"
    return {1: "c1", 2: "c2"}.get(alone, "c3" if alone < 5 else "c5")


def heat(
    cells: Mapping[tuple[int, int | None], Cell],
    skills: Iterable[tuple[int, str, str]],
    columns: Sequence[Column],
) -> list[Line]:
    """Lines of the skills that somebody requires, or of all when nothing is required, weakest
    first. `skills` are (id, public id, name)."""
    by_skill: dict[int, list[Cell]] = {}
    for cell in cells.values():
        by_skill.setdefault(cell.skill, []).append(cell)
    lines = [
        _line(public_id, name, by_skill.get(skill, []), columns)
        for skill, public_id, name in skills
    ]
    required = [line for line in lines if line.wanted]
    return sorted(required or lines, key=lambda line: line.weakness)


def _line(public_id: str, name: str, parts: Sequence[Cell], columns: Sequence[Column]) -> Line:
    total = sum(cell.alone for cell in parts)
    squares = []
    for column in columns:
        inside = [cell for cell in parts if (cell.team or 0) in column.teams]
        alone = sum(cell.alone for cell in inside)
        wanted = sum(cell.wanted for cell in inside)
        squares.append(Square(column.name, alone, wanted, look(alone, wanted, total)))
    return Line(public_id, name, tuple(squares), total, sum(cell.wanted for cell in parts))


def without_empty(
    lines: Sequence[Line], columns: Sequence[Column]
) -> tuple[list[Line], list[Column]]:
    """The same table without the columns in which nothing is wanted and nobody can do it."""
    kept = [
        at
        for at in range(len(columns))
        if any(line.squares[at].alone or line.squares[at].wanted for line in lines)
    ]
    narrowed = [replace(line, squares=tuple(line.squares[at] for at in kept)) for line in lines]
    return narrowed, [columns[at] for at in kept]
