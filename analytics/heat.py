"""The table that is a heat map: who can do a skill alone, by team against the requirement. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from skills.levels_by_team import Cell, Danger

WEAKEST = 10


@dataclass(frozen=True)
class Column:
    name: str
    teams: frozenset[int]


@dataclass(frozen=True)
class Square:
    """One skill in one column. `missing`: how many each of its teams lacks, added up. `look` is the
    class of its colour."""

    column: str
    alone: int
    wanted: int
    missing: int
    look: str

    @property
    def against(self) -> int:
        """How many there would have to be, so that no team lacks anybody."""
        return self.alone + self.missing


@dataclass(frozen=True)
class Line:
    """`at_risk`: the skill rests on one person here, or a team wants it and has nobody."""

    public_id: str
    name: str
    squares: tuple[Square, ...]
    alone: int
    missing: int
    at_risk: bool

    @property
    def weakness(self) -> tuple[bool, int, int, str]:
        """Who comes first: what is at risk, the fewest people, then the largest gap."""
        return (not self.at_risk, self.alone, -self.missing, self.name.casefold())


def look(alone: int, wanted: int, missing: int, *, rests: bool) -> str:
    """na: neither wanted nor there; c0: wanted, nobody; cr: the only person of the organization;
    cs: fewer than wanted; c1 to c5: safe, and safer."""
    if not alone:
        return "c0" if wanted else "na"
    if rests:
        return "cr"
    if missing:
        return "cs"
    return {1: "c1", 2: "c2"}.get(alone, "c3" if alone < 5 else "c5")


def heat(
    cells: Mapping[tuple[int, int | None], Cell],
    skills: Iterable[tuple[int, str, str, bool]],
    columns: Sequence[Column],
) -> list[Line]:
    """A line of each skill, weakest first. `skills` are (id, public id, name, whether it rests on
    one person of the organization)."""
    by_skill: dict[int, list[Cell]] = {}
    for cell in cells.values():
        by_skill.setdefault(cell.skill, []).append(cell)
    lines = [
        _line(public_id, name, by_skill.get(skill, []), columns, rests=rests)
        for skill, public_id, name, rests in skills
    ]
    return sorted(lines, key=lambda line: line.weakness)


def _line(
    public_id: str, name: str, parts: Sequence[Cell], columns: Sequence[Column], *, rests: bool
) -> Line:
    squares = []
    for column in columns:
        inside = [cell for cell in parts if (cell.team or 0) in column.teams]
        alone = sum(cell.alone for cell in inside)
        wanted = sum(cell.wanted for cell in inside)
        missing = sum(cell.missing for cell in inside)
        colour = look(alone, wanted, missing, rests=rests)
        squares.append(Square(column.name, alone, wanted, missing, colour))
    return Line(
        public_id,
        name,
        tuple(squares),
        alone=sum(cell.alone for cell in parts),
        missing=sum(cell.missing for cell in parts),
        at_risk=any(cell.danger(rests=rests) is Danger.HIGH for cell in parts),
    )


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
