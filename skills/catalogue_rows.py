"""How the skills of a file differ from those of the catalogue. Pure; no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peerlearn.organizations.importing import values
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.plans import Change, Line, LineKind, Plan, Problem
from peerlearn.organizations.importing.values import Wrong
from skills.names import search_key

# Below what is cut when a file is read.
LONGEST = {"name": 200, "also_called": 4000, "category": 120, "description": 2000}
_BETWEEN = re.compile(r"[|;\r\n]+")


@dataclass(frozen=True)
class Known:
    """A skill of the catalogue."""

    name: str
    also_called: tuple[str, ...] = ()
    category: str = ""
    description: str = ""


@dataclass(frozen=True)
class Surroundings:
    """`skills` by id; by their keys `names` (ids, of every name), `own` (ids, of skills' own names,
    those in the archive too) and `categories` (as they are written); `archived` keys."""

    skills: Mapping[int, Known]
    names: Mapping[str, Sequence[int]]
    own: Mapping[str, int]
    archived: frozenset[str]
    categories: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """What to write: `skill` is the id of one that is there. Only what is to be added or to become
    another; "" stays as it is."""

    skill: int | None
    name: str
    also_called: tuple[str, ...] = ()
    category: str = ""
    description: str = ""


@dataclass
class _Read:
    """A row: what it says, and which skill it means (an id, or the key of one to be made)."""

    row: Row
    means: int | str | None = None
    name: str = ""
    also_called: dict[str, str] = field(default_factory=dict)  # by key
    category: str = ""
    description: str = ""
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, target: str, code: str, about: str = "") -> None:
        value = self.row.cells.get(target, "")[:80]
        self.problems.append(Problem(target, value, code, about))

    def text(self, target: str, cell: str | None = None, most: int = LONGEST["name"]) -> str:
        try:
            return values.text(self.row.cells.get(target, "") if cell is None else cell, most)
        except Wrong as wrong:
            self.refuse(target, wrong.code, wrong.about)
            return ""


def plan(rows: Sequence[Row], around: Surroundings) -> Plan:
    """What importing these rows would do; the same file twice changes nothing."""
    read = [_read(row, around) for row in rows]
    first: dict[int | str, _Read] = {}
    called: dict[str, _Read] = {}
    for one in read:
        if one.means is not None:
            first.setdefault(one.means, one)
            called.setdefault(search_key(one.name), one)
    made: dict[str, str] = {}
    lines, steps = [], []
    for one in read:
        _hold_against(one, around, first, called)
        line, step = _told(one, around, made)
        lines.append(line)
        if step is not None:
            steps.append(step)
    return Plan(tuple(lines), tuple(sorted(made.values())), (), tuple(steps))


def _read(row: Row, around: Surroundings) -> _Read:
    found = _Read(row)
    found.name = found.text("name")
    key = search_key(found.name)
    names = row.cells.get("also_called", "")
    if len(names) > LONGEST["also_called"]:
        found.refuse("also_called", "long", str(LONGEST["also_called"]))
    for part in _BETWEEN.split(names):
        other = found.text("also_called", part)
        if search_key(other) not in ("", key):
            found.also_called.setdefault(search_key(other), other)
    found.category = found.text("category", most=LONGEST["category"])
    found.description = found.text("description", most=LONGEST["description"])
    if not found.problems:
        found.means = _meant(found, key, around)
    return found


def _meant(found: _Read, key: str, around: Surroundings) -> int | str | None:
    """By its own name, then by any other."""
    own = around.own.get(key)
    if own is not None and own in around.skills:
        return own
    ids = around.names.get(key, ())
    if len(ids) == 1:
        return ids[0]
    if not key or ids or key in around.archived:
        found.refuse(
            "name", "skill_several" if ids else "skill_archived" if key else "skill_missing"
        )
        return None
    return key


def _hold_against(
    one: _Read,
    around: Surroundings,
    first: Mapping[int | str, _Read],
    called: Mapping[str, _Read],
) -> None:
    """The other rows, and the other skills."""
    if one.means is None:
        return
    if (before := first[one.means]) is not one:
        one.refuse("name", "twice", str(before.row.number))
    for key, name in one.also_called.items():
        other = called.get(key)
        if around.own.get(key, one.means) != one.means:
            one.refuse("also_called", "skill_of_its_own", name)
        elif other is not None and other.means != one.means:
            one.refuse("also_called", "twice", str(other.row.number))


def _told(one: _Read, around: Surroundings, made: dict[str, str]) -> tuple[Line, Step | None]:
    number = one.row.number
    if one.problems or one.means is None:
        return Line(LineKind.ERROR, number, one.name, problems=tuple(one.problems)), None
    known = around.skills[one.means] if isinstance(one.means, int) else None
    category = ""
    if key := search_key(one.category):
        category = around.categories.get(key) or made.setdefault(key, one.category)
    has = known or Known(one.name)
    skill = one.means if isinstance(one.means, int) else None
    more = tuple(n for k, n in one.also_called.items() if skill not in around.names.get(k, ()))
    whole = " ".join(has.description.split())
    step = Step(
        skill,
        has.name,
        more,
        "" if category == has.category else category,
        "" if one.description == whole else one.description,
    )
    changes = _changes(has, whole, step)
    if known and not changes:
        return Line(LineKind.SAME, number, has.name), None
    return Line(LineKind.CHANGED if known else LineKind.NEW, number, has.name, changes), step


def _changes(has: Known, description: str, step: Step) -> tuple[Change, ...]:
    names = "; ".join(has.also_called)
    pairs = (
        ("also_called", names, "; ".join((*has.also_called, *step.also_called))),
        ("category", has.category, step.category or has.category),
        ("description", description, step.description or description),
    )
    return tuple(Change(*pair) for pair in pairs if pair[1] != pair[2])
