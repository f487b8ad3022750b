"""How the levels of a file differ from those that people have. Pure; no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from peerlearn.organizations.importing import values
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.plans import Change, Line, LineKind, Plan, Problem
from peerlearn.organizations.importing.reporting import Finder
from peerlearn.organizations.importing.values import Wrong
from skills.names import search_key

LONGEST_SKILL = 200
PERSON = ("number", "email", "name")
# As other systems write the four levels, in the languages of usual exports.
_WORDS = {
    1: "1 learning beginner novice lernt lernend einsteiger laerer nybegynner",
    2: "2 withhelp basic mithilfe grundkenntnisse medhjelp grunnleggende",
    3: "3 alone independent proficient allein selbststandig alene selvstendig",
    4: "4 canteach expert teacher kannlehren experte kanlaerebort ekspert",
}
LEVELS = {word: level for level, words in _WORDS.items() for word in words.split()}
_NONE = {"", "0", "-", "–", "none", "keine", "ingen"}


@dataclass(frozen=True)
class Has:
    """The level that somebody has in a skill now."""

    level: int
    confirmed: bool


@dataclass(frozen=True)
class Step:
    """What to write: the level of an employee (id) in a skill, by the key of its name."""

    employee: int
    skill: str
    level: int
    is_new: bool


@dataclass(frozen=True)
class Surroundings:
    """`names` of people by id; `skills` ids by every key of every name, `archived` keys;
    `levels` by the ids of employee and skill."""

    find: Finder
    names: Mapping[int, str]
    skills: Mapping[str, Sequence[int]]
    archived: frozenset[str]
    levels: Mapping[tuple[int, int], Has]


def plan(rows: Sequence[Row], around: Surroundings) -> Plan:
    """What importing these rows would do; the same file twice changes nothing."""
    lines: list[Line] = []
    steps: list[Step] = []
    made: dict[str, str] = {}
    first: dict[tuple[int, str], int] = {}
    for row in rows:
        line, step = _Reading(row, around, made, first).told()
        lines.append(line)
        if step is not None:
            steps.append(step)
    return Plan(tuple(lines), tuple(sorted(made.values())), (), tuple(steps))


class _Reading:
    """One row."""

    def __init__(
        self,
        row: Row,
        around: Surroundings,
        made: dict[str, str],
        first: dict[tuple[int, str], int],
    ) -> None:
        self.row, self.around, self.made, self.first = row, around, made, first
        self.problems: list[Problem] = []

    def told(self) -> tuple[Line, Step | None]:
        employee, skill, level = self._person(), self._skill(), self._level()
        title = self._title(employee)
        number = self.row.number
        if employee is not None and skill and level:
            other = self.first.setdefault((employee, skill), number)
            if other != number:
                self._refuse("skill", Wrong("twice", str(other)))
        if self.problems or employee is None or skill is None:
            return Line(LineKind.ERROR, number, title, problems=tuple(self.problems)), None
        if not level:
            return Line(LineKind.SAME, number, title, note="no_level"), None
        if skill not in self.around.skills:
            self.made.setdefault(skill, " ".join(self.row.cells["skill"].split()))
        return self._against(employee, skill, level, title)

    def _against(
        self, employee: int, skill: str, level: int, title: str
    ) -> tuple[Line, Step | None]:
        number = self.row.number
        ids = self.around.skills.get(skill, ())
        has = self.around.levels.get((employee, ids[0])) if ids else None
        if has is not None and (has.level == level or has.confirmed):
            note = "" if has.level == level else "confirmed_stays"
            return Line(LineKind.SAME, number, title, note=note), None
        change = Change("level", str(has.level) if has else "", str(level))
        step = Step(employee, skill, level, is_new=has is None)
        kind = LineKind.CHANGED if has else LineKind.NEW
        return Line(kind, number, title, (change,)), step

    def _title(self, employee: int | None) -> str:
        cells = self.row.cells
        known = self.around.names.get(employee or 0) or next(
            (cells[one] for one in PERSON if cells.get(one)), ""
        )
        whole = ": ".join(filter(None, (known, cells.get("skill", ""))))
        try:
            return values.text(whole, 250)
        except Wrong:
            return self.around.names.get(employee or 0, "")

    def _refuse(self, target: str, wrong: Wrong) -> None:
        value = self.row.cells.get(target, "")[:80]
        self.problems.append(Problem(target, value, wrong.code, wrong.about))

    def _person(self) -> int | None:
        """By the first of number, e-mail and name that the row holds."""
        for target in PERSON:
            if cell := self.row.cells.get(target):
                try:
                    return self.around.find.one(values.text(cell, 300), None)
                except Wrong as wrong:
                    self._refuse(target, wrong)
                    return None
        self._refuse(
            next((one for one in PERSON if one in self.row.cells), "name"), Wrong("nobody")
        )
        return None

    def _skill(self) -> str | None:
        """The key of the skill's name, known or to be made."""
        parse = partial(values.text, most=LONGEST_SKILL)
        try:
            key = search_key(parse(self.row.cells.get("skill", "")))
        except Wrong as wrong:
            self._refuse("skill", wrong)
            return None
        known = self.around.skills.get(key, ())
        if not key or len(known) > 1 or (not known and key in self.around.archived):
            code = "skill_several" if known else "skill_archived" if key else "skill_missing"
            self._refuse("skill", Wrong(code))
            return None
        return key

    def _level(self) -> int:
        cell = search_key(self.row.cells.get("level", "")).replace(" ", "")
        if cell in _NONE or not self.row.cells.get("level", "").strip():
            return 0
        if cell not in LEVELS:
            self._refuse("level", Wrong("level"))
        return LEVELS.get(cell, 0)
