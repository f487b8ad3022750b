"""The rows of a file that cannot be taken, as a file: what stood in them, and what is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext as _

from peerlearn.organizations.importing.kinds import Importing
from peerlearn.organizations.importing.lines import mistakes
from peerlearn.organizations.importing.plans import LineKind
from peerlearn.organizations.models import Import, ImportLine
from peerlearn.web.cells import harmless

_MARK = "\ufeff"  # by which Excel knows UTF-8
_SEPARATORS = (",", ";", "\t", "|")  # a file may name another one, such as =
_AFTER_A_COMMA = re.compile('(,[ \u00a0\u3000"]*)(?=[=+@\uff1d\uff0b\uff20\uff0d-])')
_NOTHING = {"-", "–"}  # as systems write it: no formula, and read again as nothing


def as_csv(row: Import, kind: Importing) -> str:
    """With the separator that the file itself had, headings first."""
    text = io.StringIO(newline="")
    had = row.told.get("separator")
    separator = had if had in _SEPARATORS else ","
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    for cells in _rows(row, kind):
        writer.writerow([_written(cell, separator) for cell in cells])
    return _MARK + text.getvalue()


def _written(cell: str, separator: str) -> str:
    """Where commas part the columns, one parts a cell that needs no quotes here."""
    if cell in _NOTHING:
        return cell
    parted = cell if separator == "," else _AFTER_A_COMMA.sub(r"\1'", cell)
    return harmless(parted)


def _rows(row: Import, kind: Importing) -> Iterator[list[str]]:
    wrong: dict[int | None, list[str]] = defaultdict(list)
    for one in mistakes(ImportLine.objects.filter(of=row, kind=LineKind.ERROR), kind):
        wrong[one.row].append(f"{one.column}: {one.why}")
    found = row.rows()
    width = max(len(cells) for _number, cells in found)
    (_number, headings), *rows = found
    yield [*_padded(headings, width), _("Row"), _("What is wrong")]
    for number, cells in rows:
        if number in wrong:
            yield [*_padded(cells, width), str(number), "; ".join(wrong[number])]


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))
