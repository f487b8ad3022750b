"""How the people of a file differ from those who are here. Pure; no Django.

Everybody has a key: the id of who is here, the negative number of the row of who is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from peerlearn.organizations.importing import places, values, weeks
from peerlearn.organizations.importing.given import Known, Row, Step, Surroundings
from peerlearn.organizations.importing.plans import Change, Line, LineKind, Plan, Problem
from peerlearn.organizations.importing.reporting import Finder, Marks
from peerlearn.organizations.importing.values import Wrong, squeezed
from peerlearn.organizations.reporting_lines import MOST_LEVELS, loops, too_deep

LONGEST = {"name": 200, "number": 40, "job_title": 120, "team": 120, "cost_band": 40}
_NAMES = ("name", "reversed_name", "given_name", "family_name")
# What an employee has, in the order in which it is told.
FIELDS = (
    "name",
    "email",
    "number",
    "team",
    "manager",
    "job_title",
    "cost_band",
    "hired_on",
    "leaving_on",
    "country",
    "region",
    "weekly_hours",
)
_TEXTS = ("job_title", "team", "cost_band")


@dataclass
class _Draft:
    row: Row
    known: Known | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""

    @property
    def key(self) -> int:
        return self.known.id if self.known else -self.row.number

    def refuse(self, target: str, code: str, about: str = "") -> None:
        self.problems.append(Problem(target, self.row.cells.get(target, "")[:80], code, about))

    def take(self, target: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(self.row.cells.get(target, ""))
        except Wrong as wrong:
            self.refuse(target, wrong.code, wrong.about)
            return None


def plan(rows: Sequence[Row], people: Iterable[Known], around: Surroundings) -> Plan:
    """What importing these rows would do. The same file twice changes nothing."""
    return _Planner(rows, {known.id: known for known in people}, around).plan()


class _Planner:
    def __init__(
        self, rows: Sequence[Row], known: Mapping[int, Known], around: Surroundings
    ) -> None:
        self.known, self.around = known, around
        self.by_number = {one.number: one for one in known.values() if one.number}
        self.by_email = {one.email: one for one in known.values()}
        self.teams = {squeezed(name): name for name in around.teams}
        self.archived = {squeezed(name) for name in around.archived_teams}
        self.bands = {squeezed(name): name for name in around.bands}
        self.made: dict[str, str] = {}
        self.drafts = [_Draft(row) for row in rows]

    def plan(self) -> Plan:
        for draft in self.drafts:
            self._read(draft)
            self._match(draft)
            self._take_over(draft)
        self._refuse_doubles()
        self._resolve_managers()
        self._refuse_lines()
        gone, kept = self._not_in_the_file()
        told = [self._told(draft) for draft in self.drafts]
        lines = [line for line, _step in told] + [
            Line(LineKind.GONE, None, one.name) for one in gone
        ]
        steps = [step for _line, step in told if step is not None]
        steps += [Step(one.id, one.id, {}, frozenset(), goes=True) for one in gone]
        return Plan(
            tuple(lines),
            tuple(sorted(self.made.values())),
            tuple(o.name for o in kept),
            tuple(steps),
        )

    # --- One row ---------------------------------------------------------------------------------
    def _read(self, draft: _Draft) -> None:
        cells = draft.row.cells
        draft.values = {
            "name": self._name(draft),
            "email": draft.take("email", values.email),
            "number": draft.take("number", partial(values.text, most=LONGEST["number"])),
        }
        for target in _TEXTS:
            if target in cells:
                most = LONGEST[target]
                draft.values[target] = draft.take(target, partial(values.text, most=most))
        for target in ("hired_on", "leaving_on"):
            if target in cells:
                order = self.around.order
                draft.values[target] = draft.take(target, partial(values.day, order=order))

    def _name(self, draft: _Draft) -> str | None:
        most, cells = LONGEST["name"], draft.row.cells
        parts = [
            draft.take(target, partial(values.text, most=most))
            for target in _NAMES
            if target in cells
        ]
        if None in parts:
            return None
        if "reversed_name" in cells:
            parts = [values.turned(part) for part in parts]
        name = " ".join(filter(None, parts))
        if not name or len(name) > most:
            target = next((one for one in _NAMES if one in cells), "name")
            draft.refuse(target, "long" if name else "name_missing", str(most))
        return name

    def _match(self, draft: _Draft) -> None:
        """By the number first; an e-mail that somebody else has is refused."""
        number, email = draft.values["number"], draft.values["email"]
        by_number = self.by_number.get(number) if number else None
        by_email = self.by_email.get(email) if email else None
        if by_number and by_email and by_number is not by_email:
            draft.refuse("email", "email_of_another", by_email.name)
        draft.known = by_number or by_email

    def _take_over(self, draft: _Draft) -> None:
        """What is not in the file, or empty where it must not be, stays as it is."""
        read, known, today = draft.values, draft.known, self.around.today
        read["hired_on"] = read.get("hired_on") or (known.hired_on if known else today)
        if known is None:
            if not read["email"] and not self._is_wrong(draft, "email"):
                draft.refuse("email", "email_missing")
            for target in _TEXTS:
                read.setdefault(target, "")
            read.setdefault("leaving_on", None)
            read["weekly_hours"] = draft.take("weekly_hours", self._hours)
        else:
            read["number"] = read["number"] or known.number
            read["email"] = read["email"] or known.email
            read["name"] = read["name"] or known.name
            for target in _TEXTS:
                read.setdefault(target, getattr(known, target))
            read.setdefault("leaving_on", self._last_day_of(known))
            read["weekly_hours"] = None  # who is here has settled their week
            self._refuse_what_hr_may_not(draft, known)
        self._check_days(draft)
        self._find_team(draft)
        self._find_band(draft)
        self._find_place(draft)

    def _last_day_of(self, known: Known) -> date | None:
        """Who comes back has none that is over."""
        over = known.leaving_on is not None and known.leaving_on < self.around.today
        return None if over and not known.active else known.leaving_on

    @staticmethod
    def _is_wrong(draft: _Draft, target: str) -> bool:
        return any(problem.target == target for problem in draft.problems)

    def _refuse_what_hr_may_not(self, draft: _Draft, known: Known) -> None:
        if known.is_admin and draft.values["email"] != known.email and not self.around.by_admin:
            draft.refuse("email", "email_of_admin")
        if self._moves_an_admins_last_day(draft, known):
            draft.refuse("leaving_on", "last_day_of_admin")
        if not known.active and not self._has_left(draft) and (known.is_admin or known.is_hr):
            draft.refuse("name", "comes_back_with_roles")

    def _moves_an_admins_last_day(self, draft: _Draft, known: Known) -> bool:
        moved = draft.values["leaving_on"] != known.leaving_on
        return known.is_admin and known.active and moved and not self.around.by_admin

    def _has_left(self, draft: _Draft) -> bool:
        last: date | None = draft.values["leaving_on"]
        return last is not None and last < self.around.today

    def _check_days(self, draft: _Draft) -> None:
        first, last = draft.values["hired_on"], draft.values["leaving_on"]
        if last is not None and last < first:
            draft.refuse("leaving_on", "leaves_before")
        ended = draft.known.first_place_ended if draft.known else None
        if ended is not None and first >= ended and draft.known and first != draft.known.hired_on:
            draft.refuse("hired_on", "hired_after_change", ended.isoformat())

    def _find_team(self, draft: _Draft) -> None:
        wanted = draft.values.get("team") or ""
        key = squeezed(wanted)
        if not key or (draft.known and key == squeezed(draft.known.team)):
            draft.values["team"] = draft.known.team if key and draft.known else ""
        elif key in self.teams:
            draft.values["team"] = self.teams[key]
        elif key in self.archived:
            draft.refuse("team", "team_archived")
        else:
            draft.values["team"] = self.made.setdefault(key, wanted)

    def _find_band(self, draft: _Draft) -> None:
        wanted = draft.values.get("cost_band") or ""
        draft.values["cost_band"] = self.bands.get(squeezed(wanted), "")
        if wanted and not draft.values["cost_band"]:
            draft.refuse("cost_band", "no_band")

    def _find_place(self, draft: _Draft) -> None:
        known, cells = draft.known, draft.row.cells
        present = (known.country, known.region) if known else ("", "")
        found = draft.take("country", places.country) if "country" in cells else None
        if not self._is_wrong(draft, "country"):
            settle = partial(places.settled, found, present=present, organization=self.around.place)
            kept = draft.take("region", lambda text: settle(text if "region" in cells else None))
            present = kept or present
        draft.values["country"], draft.values["region"] = present

    def _hours(self, text: str) -> Fraction | None:
        found = weeks.hours(text)
        if found is not None:
            self.around.week.ends(found)
        return found

    # --- Rows among each other -------------------------------------------------------------------
    def _refuse_doubles(self) -> None:
        first: dict[tuple[str, Any], _Draft] = {}
        for draft in self.drafts:
            marks: list[tuple[str, Any]] = [
                (target, draft.values[target])
                for target in ("number", "email")
                if draft.values[target]
            ]
            if draft.known:
                marks.append(("name", draft.known.id))
            for target, mark in marks:
                other = first.setdefault((target, mark), draft)
                if other is not draft and not draft.problems:
                    draft.refuse(target, "twice", str(other.row.number))

    def _resolve_managers(self) -> None:
        find = Finder(self._marks(), self._who_left())
        for draft in self.drafts:
            cell = draft.row.cells.get("manager")
            if cell is None:
                draft.values["manager"] = draft.known.manager if draft.known else None
                continue
            wanted = draft.take("manager", partial(values.text, most=300))
            draft.values["manager"] = None
            if not wanted:
                continue
            try:
                draft.values["manager"] = find.one(wanted, self._present_manager(draft))
            except Wrong as wrong:
                draft.refuse("manager", wrong.code, wrong.about)
                continue
            if draft.values["manager"] == draft.key:
                draft.refuse("manager", "manager_self")

    def _marks(self) -> Mapping[int, Marks]:
        """By what everybody will be known; who comes back counts as here."""
        marks = {one.id: Marks(one.number, one.email, one.name) for one in self.known.values()}
        for draft in self.drafts:
            read = draft.values
            marks[draft.key] = Marks(read["number"] or "", read["email"] or "", read["name"] or "")
        return marks

    def _who_left(self) -> set[int]:
        """Those without access who do not come back either."""
        back = {draft.key for draft in self.drafts if not self._has_left(draft)}
        return {one.id for one in self.known.values() if not one.active} - back

    @staticmethod
    def _present_manager(draft: _Draft) -> int | None:
        return draft.known.manager if draft.known else None

    def _refuse_lines(self) -> None:
        """Those that come back to themselves, and those that are deeper than any company."""
        line = {one.id: one.manager for one in self.known.values()}
        line |= {draft.key: draft.values["manager"] for draft in self.drafts}
        moved = {
            draft.key: draft
            for draft in self.drafts
            if draft.known is None or draft.values["manager"] != draft.known.manager
        }
        for key in loops(line) & moved.keys():
            draft = moved[key]
            if draft.values["manager"] not in (None, key):
                draft.refuse("manager", "manager_loop", self._names[draft.values["manager"]])
        for key in too_deep(line, moved):
            moved[key].refuse("manager", "manager_deep", str(MOST_LEVELS))

    def _not_in_the_file(self) -> tuple[list[Known], list[Known]]:
        """Who would be removed, and who never is: admins, and whoever imports."""
        there = {draft.known.id for draft in self.drafts if draft.known}
        absent = [one for one in self.known.values() if one.active and one.id not in there]
        kept = [one for one in absent if one.is_admin or one.id == self.around.by]
        gone = [one for one in absent if one not in kept]
        return sorted(gone, key=lambda one: (one.name, one.id)), kept

    # --- What is told ----------------------------------------------------------------------------
    def _told(self, draft: _Draft) -> tuple[Line, Step | None]:
        known, read, row = draft.known, draft.values, draft.row.number
        name = read["name"] or (known.name if known else "") or read["email"] or ""
        if draft.problems:
            return Line(LineKind.ERROR, row, name, problems=tuple(draft.problems)), None
        if (known is None or not known.active) and self._has_left(draft):
            return Line(LineKind.SAME, row, name, note="left_already"), None
        before = {target: getattr(known, target, None) for target in FIELDS}
        changed = [
            target for target in FIELDS if (read[target] or None) != (before[target] or None)
        ]
        comes_back = known is not None and not known.active
        step = Step(draft.key, known.id if known else None, read, frozenset(changed), comes_back)
        told = tuple(
            Change(target, self._as_text(target, before), self._as_text(target, read))
            for target in changed
        )
        if known is None:
            return Line(LineKind.NEW, row, name, told), step
        if comes_back:
            return Line(LineKind.CHANGED, row, name, told, note="comes_back"), step
        kind = LineKind.CHANGED if changed else LineKind.SAME
        return Line(kind, row, name, told), step if changed else None

    def _as_text(self, target: str, of: Mapping[str, Any]) -> str:
        value = of[target]
        if value is None:
            return ""
        if target == "manager":
            return self._names[value]
        if target == "region":
            return places.region_name((of["country"] or "", value))
        if isinstance(value, Fraction):
            return weeks.written(value)
        return value.isoformat() if isinstance(value, date) else str(value)

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return {one.id: one.name for one in self.known.values()} | {
            -draft.row.number: draft.values["name"] or "" for draft in self.drafts
        }
