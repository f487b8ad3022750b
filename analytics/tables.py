"""A report as typed columns and rows: what preview and file hold. Pure; no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = str | int | float | date | None
Row = Sequence[Value]


class Kind(StrEnum):
    """TEXT takes str, NUMBER int or float, DATE date, PERCENT a share (0.62); all take None."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PERCENT = "percent"


TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.NUMBER: (int, float),
    Kind.DATE: (date,),
    Kind.PERCENT: (int, float),
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind = Kind.TEXT
    width: int = 14
    """In characters."""


@dataclass(frozen=True)
class Table:
    """`about` says what the figures are: (name, text) pairs; `folded`: groups were too
    small to stand alone."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    about: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[Column, Value], ...] = ()
    """Filters and date, which a CSV file repeats in every row, having no second sheet."""
    folded: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            check(self.columns, row)


def check(columns: Sequence[Column], row: Row) -> None:
    """Raise TypeError for a value that is not of its column's kind."""
    for column, value in zip(columns, row, strict=True):
        fits = value is None or (
            isinstance(value, TYPES[column.kind]) and not isinstance(value, bool)
        )
        if not fits:
            raise TypeError(f"{column.name} holds {column.kind}, not {value!r}")
