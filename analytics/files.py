"""Writes a report's table as CSV or XLSX, in the active language. Knows no model.

Both write to a binary file and call `on_row` with the number of rows written every now and then;
an exception that it raises ends the writing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_range

from analytics.tables import Column, Kind, Table, Value
from peerlearn.web.cells import cleaned, harmless

OnRow = Callable[[int], None]
EVERY = 500  # rows between two calls of on_row
LONGEST_CELL = 32_767  # characters, Excel's limit
MOST_ROWS = 1_048_575  # below the header, Excel's limit

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _nothing(written: int) -> None:
    """Nobody wants to know."""


def write(table: Table, file_format: str, file: IO[bytes], on_row: OnRow = _nothing) -> None:
    """Write the table as "csv" or "xlsx"."""
    writers = {"csv": write_csv, "xlsx": write_xlsx}
    writers[file_format](table, file, on_row)


# --- CSV -------------------------------------------------------------------------------------
def csv_columns(table: Table) -> tuple[Column, ...]:
    """The table's columns, then its filters and date."""
    return (*table.columns, *(column for column, _ in table.constants))


def csv_text(value: Value, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.4f}".rstrip("0").rstrip(".") if kind is Kind.PERCENT else str(value)


def write_csv(table: Table, file: IO[bytes], on_row: OnRow = _nothing) -> None:
    """RFC 4180 in UTF-8 without a mark: for other systems, which would read the mark as text."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    columns = csv_columns(table)
    kinds = [column.kind for column in columns]
    constants = [value for _, value in table.constants]
    writer.writerow([harmless(column.name) for column in columns])
    for number, row in enumerate(table.rows, start=1):
        values = [*row, *constants]
        writer.writerow([csv_text(v, kind) for v, kind in zip(values, kinds, strict=True)])
        if number % EVERY == 0:
            on_row(number)
    text.flush()
    text.detach()


# --- XLSX ------------------------------------------------------------------------------------
def write_xlsx(table: Table, file: IO[bytes], on_row: OnRow = _nothing) -> None:
    """The rows on one sheet with typed cells and filters, what they mean on a second."""
    if len(table.rows) > MOST_ROWS:
        raise ValueError(f"Excel holds {MOST_ROWS} rows; choose CSV or a shorter period")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {
            Kind.TEXT: book.add_format({"num_format": "@"}),
            Kind.NUMBER: book.add_format({"num_format": "General"}),
            Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.PERCENT: book.add_format({"num_format": "0%"}),
        }
        _rows(book, table, heading, formats, on_row)
        _about(book, table, heading)


def _rows(book: Any, table: Table, heading: Any, formats: dict[Kind, Any], on_row: OnRow) -> None:
    sheet = book.add_worksheet(_sheet_name(table.title))
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, cleaned(column.name)[:LONGEST_CELL], heading)
    sheet.freeze_panes(1, 1)
    writers = {
        Kind.TEXT: lambda y, x, v, f: sheet.write_string(y, x, cleaned(v)[:LONGEST_CELL], f),
        Kind.NUMBER: sheet.write_number,
        Kind.DATE: sheet.write_datetime,
        Kind.PERCENT: sheet.write_number,
    }
    cells = [(at, writers[c.kind], formats[c.kind]) for at, c in enumerate(table.columns)]
    for number, row in enumerate(table.rows, start=1):
        for (at, write_cell, style), value in zip(cells, row, strict=True):
            if value is not None:
                write_cell(number, at, value, style)
        if number % EVERY == 0:
            on_row(number)
    sheet.autofilter(xl_range(0, 0, max(len(table.rows), 1), len(table.columns) - 1))


def _about(book: Any, table: Table, heading: Any) -> None:
    sheet = book.add_worksheet(_sheet_name(_("About")))
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    for at, (name, text) in enumerate(table.about):
        sheet.write_string(at, 0, cleaned(name), heading)
        sheet.write_string(at, 1, cleaned(text)[:LONGEST_CELL], wrapped)


def _sheet_name(title: str) -> str:
    """What Excel allows: 31 characters, none of []:*?/\\ and no apostrophe at either end."""
    name = cleaned(title).translate(dict.fromkeys(map(ord, "[]:*?/\\"), " ")).strip("' ")
    return name[:31] or _("Report")
