"""Reads an untrusted file into rows of text. Runs as a program of its own: see `child.py`.

It gets the file on stdin and answers one JSON object on stdout: {"rows": [[number, [cell, …]], …],
"told": {…}}, or {"problem": code, "row": number}. Knows nothing of this application.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

MOST_BYTES = 10_000_000
MOST_ROWS = 10_000  # below the headings
MOST_COLUMNS = 100
LONGEST_CELL = 5_000  # characters; what is longer is cut, and refused where it matters
MOST_CELLS, MOST_TEXT = 300_000, 5_000_000  # of all rows: cells, and characters in them
_BEFORE_THE_PEOPLE = 20  # headings, and what stands above them
_BLANKS = 20_000  # empty rows that are passed over

# Of the parts of a workbook, which is a zip: unpacked, and against what they take packed.
MOST_PARTS = 2_000
MOST_UNPACKED = 120_000_000
MOST_RATIO, RATIO_COUNTS_FROM = 150, 2_000_000
MEMORY, SECONDS = 768 * 1024 * 1024, 60

_SEPARATORS = (";", ",", "\t", "|")
_TO_SNIFF = 65_536


class Unreadable(Exception):
    """`code` says why, `row` where it is known."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.code, self.row = code, row


Row = tuple[int, list[str]]


def read(content: bytes) -> tuple[list[Row], dict[str, str]]:
    """The rows that hold anything, with their numbers, and how the file was read."""
    if len(content) > MOST_BYTES:
        raise Unreadable("large")
    if not content.strip():
        raise Unreadable("empty")
    if content.startswith(b"PK\x03\x04"):
        rows, told = _workbook(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise Unreadable("encrypted" if encrypted else "old_excel")
    elif content.lstrip().startswith(b"%PDF"):
        raise Unreadable("pdf")
    else:
        rows, told = _separated(content)
    found = _within_limits(rows)
    if not found:
        raise Unreadable("empty")
    return found, told


def _within_limits(rows: Iterable[Row]) -> list[Row]:
    found: list[Row] = []
    text = held = blanks = 0
    for number, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            blanks += 1
            if blanks > _BLANKS:
                raise Unreadable("rows", number)
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable("columns", number)
        if len(found) == MOST_ROWS + _BEFORE_THE_PEOPLE:
            raise Unreadable("rows", number)
        cells = [cell[:LONGEST_CELL] for cell in cells]
        held += len(cells)
        if held > MOST_CELLS:
            raise Unreadable("cells", number)
        text += sum(map(len, cells))
        if text > MOST_TEXT:
            raise Unreadable("text", number)
        found.append((number, cells))
    return found


# --- Text with separators --------------------------------------------------------------------
def _separated(content: bytes) -> tuple[Iterator[Row], dict[str, str]]:
    text, encoding = _decoded(content)
    first, _, rest = text.partition("\n")
    mark = first.strip().lower()
    if mark.startswith("sep=") and len(mark) == 5:  # Excel's own line
        separator, text, begins = first.strip()[4], rest, 2
    else:
        separator, begins = _separator_of(text), 1
    told = {"format": "csv", "encoding": encoding, "separator": separator}
    return _csv_rows(text, separator, begins), told


def _decoded(content: bytes) -> tuple[str, str]:
    """With a mark at the beginning as that says; else UTF-8, or what Windows writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), "utf-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return _strictly(content, "utf-8-sig"), "utf-8"
    head = content[:2_000]
    if head[1::2].count(0) > len(head) // 4:
        return _strictly(content, "utf-16-le"), "utf-16"
    if head[0::2].count(0) > len(head) // 4:
        return _strictly(content, "utf-16-be"), "utf-16"
    if sum(byte < 32 and byte not in b"\t\r\n\x1b" for byte in head) > max(2, len(head) // 50):
        raise Unreadable("not_text")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(content, "cp1252"), "cp1252"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise Unreadable("not_text", content[: wrong.start].count(b"\n") + 1) from None


def _separator_of(text: str) -> str:
    """The one that parts most rows into the same number of cells."""

    def agreement(separator: str) -> int:
        lines = io.StringIO(text[:_TO_SNIFF], newline="")
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=separator) if cells)
        return max(((width - 1) * times for width, times in widths.items()), default=0)

    csv.field_size_limit(_TO_SNIFF)
    return max(_SEPARATORS, key=agreement)


def _csv_rows(text: str, separator: str, begins: int) -> Iterator[Row]:
    csv.field_size_limit(_TO_SNIFF)
    strict = True
    try:
        for _cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as wrong:
        if "end of data" in str(wrong) or "field larger" in str(wrong):
            raise Unreadable("quotation", _last_row(text, separator, begins)) from None
        strict = False  # a quotation mark within a cell, as people write inches
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    for number, cells in enumerate(rows, start=begins):
        yield number, [cell.strip() for cell in cells]


def _last_row(text: str, separator: str, begins: int) -> int:
    number = begins
    try:
        for _cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            number += 1
    except csv.Error:
        return number
    return number


# --- Workbooks -------------------------------------------------------------------------------
def _workbook(content: bytes) -> tuple[Iterator[Row], dict[str, str]]:
    _refuse_bomb(content)
    import defusedxml
    from openpyxl import load_workbook

    defusedxml.defuse_stdlib()  # type: ignore[attr-defined]  # not in the stubs
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # what it says of its own size is not believed
            if next(_sheet_rows(sheet), None) is not None:
                break
        else:
            raise Unreadable("empty")
        return _all_told(sheet), {"format": "xlsx", "sheet": str(sheet.title)[:100]}
    except (Unreadable, MemoryError):
        raise
    except Exception:  # whatever a damaged workbook makes of the library
        raise Unreadable("damaged") from None


def _refuse_bomb(content: bytes) -> None:
    """By what the zip says of its parts, which its reader does not exceed."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise Unreadable("damaged") from None
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted")
    if not any(part.filename.lower().endswith("xl/workbook.xml") for part in parts):
        raise Unreadable("no_workbook")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    ratio = unpacked / max(packed, 1)
    if (
        len(parts) > MOST_PARTS
        or unpacked > MOST_UNPACKED
        or (unpacked > RATIO_COUNTS_FROM and ratio > MOST_RATIO)
    ):
        raise Unreadable("bomb")


def _all_told(sheet: Any) -> Iterator[Row]:
    try:
        yield from _sheet_rows(sheet)
    except (Unreadable, MemoryError):
        raise
    except Exception:
        raise Unreadable("damaged") from None


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS + _BEFORE_THE_PEOPLE + _BLANKS:
            raise Unreadable("rows", number)
        texts = [_as_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


# --- The program -----------------------------------------------------------------------------
def _limit() -> None:
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS does not limit the address space
            continue


def main() -> None:
    _limit()
    try:
        rows, told = read(sys.stdin.buffer.read(MOST_BYTES + 1))
        answer: dict[str, Any] = {"rows": rows, "told": told}
    except Unreadable as why:
        answer = {"problem": why.code, "row": why.row}
    except MemoryError:
        answer = {"problem": "bomb", "row": 0}
    # A lone surrogate passes as it is: what is no text is told of its cell (values.py).
    said = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing is left to be tidied up


if __name__ == "__main__":
    main()
