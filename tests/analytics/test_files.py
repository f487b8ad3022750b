"""Files read back cell by cell: typed, dated, and nothing that becomes a formula."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from analytics.files import EVERY, write
from analytics.tables import Column, Kind, Table
from peerlearn.web.cells import cleaned, harmless

COLUMNS = (
    Column("Skill", width=30),
    Column("Alone", Kind.NUMBER),
    Column("Leaves on", Kind.DATE),
    Column("Share", Kind.PERCENT),
)
NASTY = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    " =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠1",
    "\u3000=1",
    "{=1+1}",
    "Schütz \"A\", 'B'; C",
    "Zażółć 😀 日本",
    "http://example.org",
    "0012",
    "1e5",
    "_x0041_",
    "x" * 200,
]


def table(rows: list[list[Any]], **more: Any) -> Table:
    return Table("Skill coverage", COLUMNS, rows, **more)


def written(one: Table, file_format: str) -> bytes:
    file = io.BytesIO()
    write(one, file_format, file)
    return file.getvalue()


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("text", NASTY)
def test_xlsx_text_stays_text(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(table([[text, 1, None, None]]), "xlsx")))
    cell = book.worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert unescape(cell.value) == cleaned(text)


@pytest.mark.parametrize("text", NASTY)
def test_csv_text_is_no_formula(text: str) -> None:
    (_, row) = csv_rows(written(table([[text, 1, None, None]]), "csv"))
    assert not row[0].lstrip(" \u3000").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not row[0].startswith(("\t", "\r", "\n", "\0"))
    assert row[0].replace("'", "") == cleaned(text).replace("'", "")


@pytest.mark.parametrize("separator", [";", "|", "\t", "\n", "; ", ";\u3000", ';"', '; " "'])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＠"])
def test_a_semicolon_begins_no_formula(separator: str, sign: str) -> None:
    """Where a comma stands in numbers, spreadsheets part the columns of a CSV at semicolons."""
    (_, row) = csv_rows(written(table([[f"Oil{separator}{sign}1+1", 1, None, None]]), "csv"))
    assert row[0] == f"Oil{separator}'{sign}1+1"


def test_no_reader_of_semicolons_finds_a_formula_in_a_later_column() -> None:
    columns = (Column("Skill"), Column("Person"))
    one = Table("x", columns, [["Oil", 'x;"=1+1;y']])
    text = written(one, "csv").decode()
    for cell in next(csv.reader(io.StringIO(text.splitlines()[1]), delimiter=";")):
        assert not cell.startswith(("=", "+", "-", "@"))


def test_twin_what_is_not_neutralised_would_be_a_formula() -> None:
    assert harmless("=1+1") != "=1+1"
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "=1+1"
    assert book.worksheets[0]["A1"].data_type == "f"


@given(st.text(max_size=40))
def test_any_text_survives_in_csv(text: str) -> None:
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        return
    (_, row) = csv_rows(written(table([[text, 1, None, None]]), "csv"))
    assert row[0].replace("'", "") == cleaned(text).replace("'", "")
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0"))


def test_xlsx_cells_are_typed() -> None:
    rows = [["Relay protection", 3, date(2026, 3, 31), 0.625], ["Empty", None, None, None]]
    about = (("Period", "January to October 2026"), ("Scope", "=Whole company"))
    content = written(table(rows, about=about), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, notes = book.worksheets
    assert [cell.value for cell in sheet[1]] == ["Skill", "Alone", "Leaves on", "Share"]
    name, alone, leaves, share = sheet[2]
    assert (name.data_type, name.value) == ("s", "Relay protection")
    assert (alone.data_type, alone.value, alone.number_format) == ("n", 3, "General")
    assert (leaves.is_date, leaves.value.date()) == (True, date(2026, 3, 31))
    assert leaves.number_format == "yyyy-mm-dd"
    assert (share.value, share.number_format) == (0.625, "0%")
    assert [cell.value for cell in sheet[3]] == ["Empty", None, None, None]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:D3")
    assert (sheet.title, notes.title) == ("Skill coverage", "About")
    assert [[c.value for c in row] for row in notes.rows] == [list(pair) for pair in about]
    assert notes["B2"].data_type == "s"


def test_csv_is_plain_and_carries_its_filters() -> None:
    one = table(
        [["Ärger, “quoted”", -3, date(2026, 3, 31), 1 / 3]],
        constants=((Column("Scope"), "=Whole"), (Column("To", Kind.DATE), date(2026, 10, 31))),
    )
    content = written(one, "csv")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert csv_rows(content) == [
        ["Skill", "Alone", "Leaves on", "Share", "Scope", "To"],
        ["Ärger, “quoted”", "-3", "2026-03-31", "0.3333", "'=Whole", "2026-10-31"],
    ]


@pytest.mark.parametrize(
    "row", [["x", "3", None, None], [3, 3, None, None], ["x", True, None, None]]
)
def test_a_value_of_another_kind_is_refused(row: list[Any]) -> None:
    with pytest.raises(TypeError):
        table([row])


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_progress_is_told_and_may_stop_it(file_format: str) -> None:
    seen: list[int] = []

    class Stop(Exception):
        pass

    def on_row(number: int) -> None:
        seen.append(number)
        if number == 2 * EVERY:
            raise Stop

    rows = [["x", n, None, None] for n in range(3 * EVERY)]
    with pytest.raises(Stop):
        write(table(rows), file_format, io.BytesIO(), on_row)
    assert seen == [EVERY, 2 * EVERY]


@pytest.mark.parametrize("title", ["a/b:c*d?[e]\\f", "x" * 60, "'", ""])
def test_every_title_makes_a_sheet(title: str) -> None:
    content = written(Table(title, COLUMNS, []), "xlsx")
    assert len(openpyxl.load_workbook(io.BytesIO(content)).worksheets) == 2
