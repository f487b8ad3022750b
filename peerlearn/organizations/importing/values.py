"""What a cell says: text, an address, a day. Pure; no Django."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Literal

Order = Literal["dmy", "mdy"]

_EMAIL = re.compile(
    r"""[^\s@"(),:;<>\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?"""
)
_YEAR_FIRST = re.compile(
    r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
)
_YEAR_LAST = re.compile(
    r"(\d{1,2})[-./ ]{1,2}(\d{1,2})[-./ ]{1,2}(\d{4}|\d\d)(?: \d\d:\d\d(?::\d\d)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NEVER = {"00.00.0000", "0000-00-00", "00000000", "-", "–"}
_FAR = 9000  # years from which on systems mean "never"
_EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
LONGEST_EMAIL = 254


class Wrong(ValueError):
    """Why a cell cannot be taken: `code` is one that `words.py` knows."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


def text(value: str, most: int) -> str:
    """On one line; raises Wrong for what is no text, and for more than `most` characters."""
    found = " ".join(value.split())
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in found):
        raise Wrong("no_text")
    if found in _EXCEL_ERRORS:
        raise Wrong("excel_error")
    if len(found) > most:
        raise Wrong("long", str(most))
    return found


def squeezed(value: str) -> str:
    """By which names are compared: without case, and with single spaces."""
    return " ".join(value.split()).casefold()


def turned(name: str) -> str:
    """ "Eriksen, Nils" → "Nils Eriksen"; another name stays."""
    family, comma, given = name.partition(",")
    if not comma or "," in given or not given.strip() or not family.strip():
        return name
    return f"{given.strip()} {family.strip()}"


def email(value: str) -> str:
    """In lower case, as it is compared; "" stays."""
    found = text(value, LONGEST_EMAIL).removeprefix("mailto:").lower()
    if found and not _EMAIL.fullmatch(found):
        raise Wrong("email")
    return found


def order_of(values: Iterable[str]) -> Order | None:
    """Whether days or months come first, where a value tells; None when none does."""
    for value in values:
        if found := _YEAR_LAST.fullmatch(value.strip()):
            if int(found[1]) > 12:
                return "dmy"
            if int(found[2]) > 12:
                return "mdy"
    return None


def day(value: str, order: Order) -> date | None:
    """None for nothing and for the far days by which systems mean never; raises Wrong."""
    value = value.strip()
    if not value or value in _NEVER:
        return None
    if found := _YEAR_FIRST.fullmatch(value) or _COMPACT.fullmatch(value):
        year, month, on = (int(part) for part in found.groups()[:3])
    elif found := _YEAR_LAST.fullmatch(value):
        first, second, year = (int(part) for part in found.groups()[:3])
        on, month = (first, second) if order == "dmy" else (second, first)
        if len(found[3]) == 2:
            year += 2000 if year < 70 else 1900
    else:
        raise Wrong("day")
    if year >= _FAR:
        return None
    try:
        made = date(year, month, on)
    except ValueError:
        raise Wrong("day") from None
    if not 1900 <= made.year <= 2199:  # as `fields.py` has it
        raise Wrong("reach")
    return made
