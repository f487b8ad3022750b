"""What an import would do, as plain values: what is shown before it is done. Pure; no Django."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class LineKind(StrEnum):
    ERROR = "error"
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    SAME = "same"


@dataclass(frozen=True)
class Change:
    """One thing that becomes another; both as text, days as ISO."""

    target: str
    before: str
    after: str


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken: the cell, and a code that `words.py` knows."""

    target: str
    value: str
    code: str
    about: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the file, or somebody who is in none (`row` is None)."""

    kind: LineKind
    row: int | None
    title: str
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    note: str = ""  # a code, where nothing else says why


@dataclass(frozen=True)
class Plan:
    """`made` are things that the file names and that are not there yet, such as teams; `kept`
    people are in no row and stay all the same; `steps` is what `Importing.write` goes by."""

    lines: tuple[Line, ...]
    made: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    steps: tuple[Any, ...] = field(default=(), compare=False)

    @property
    def counts(self) -> Mapping[str, int]:
        found = Counter(line.kind.value for line in self.lines)
        return {kind.value: found[kind.value] for kind in LineKind}

    @property
    def digest(self) -> str:
        """The same for the same plan: what was shown is what is done."""
        return hashlib.sha256(
            repr((self.lines, self.made, self.kept)).encode("utf-8", "replace")
        ).hexdigest()
