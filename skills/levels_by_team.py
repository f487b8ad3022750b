"""Arithmetic of coverage: counts in, figures out. Pure, no Django."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

ALONE, WITH_HELP = 3, 2


class Danger(StrEnum):
    """How great the risk is that a skill is lost to a team: the one definition for every page and
    file. HIGH: nobody there can do it alone though the team wants it, or the one person of the
    whole organization is there (`rests`). SOME: fewer than the team wants. LOW: as many or more."""

    HIGH = "high"
    SOME = "some"
    LOW = "low"


@dataclass(frozen=True)
class Count:
    """How many people of a team hold a level in a skill, and of how many it is confirmed."""

    skill: int
    team: int | None
    level: int
    people: int
    confirmed: int


@dataclass(frozen=True)
class Cell:
    """One skill in one team. `alone` counts claimed and confirmed; `confirmed` is the part of
    `alone` that a peer confirmed; `wanted` is the requirement, 0 without one."""

    skill: int
    team: int | None
    alone: int = 0
    confirmed: int = 0
    with_help: int = 0
    learning: int = 0
    wanted: int = 0

    @property
    def missing(self) -> int:
        return max(self.wanted - self.alone, 0)

    @property
    def met(self) -> bool:
        return self.alone >= self.wanted

    @property
    def nobody(self) -> bool:
        """Wanted, and nobody there can."""
        return bool(self.wanted and not self.alone)

    def danger(self, *, rests: bool) -> Danger | None:
        """`rests`: the skill rests on one person of the organization. None where nothing is wanted
        and nothing rests on anybody here."""
        if self.nobody or (rests and self.alone):
            return Danger.HIGH
        if not self.wanted:
            return None
        return Danger.LOW if self.met else Danger.SOME


def cells(
    counts: Iterable[Count], wanted: Mapping[tuple[int, int | None], int]
) -> dict[tuple[int, int | None], Cell]:
    """(skill, team) → Cell, for every pair that has people or a requirement."""
    sums: dict[tuple[int, int | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        figures = sums[count.skill, count.team]
        if count.level >= ALONE:
            figures["alone"] += count.people
            figures["confirmed"] += count.confirmed
        elif count.level == WITH_HELP:
            figures["with_help"] += count.people
        else:
            figures["learning"] += count.people
    return {key: Cell(*key, **sums[key], wanted=wanted.get(key, 0)) for key in {*sums, *wanted}}


def total(of: Iterable[Cell], skill: int) -> Cell:
    """One skill over several teams; `team` is None."""
    parts = [cell for cell in of if cell.skill == skill]
    return Cell(
        skill,
        None,
        alone=sum(cell.alone for cell in parts),
        confirmed=sum(cell.confirmed for cell in parts),
        with_help=sum(cell.with_help for cell in parts),
        learning=sum(cell.learning for cell in parts),
        wanted=sum(cell.wanted for cell in parts),
    )
