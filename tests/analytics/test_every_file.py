"""Every kind of report, with names and without, as both formats: the file holds what the preview
shows, cell by cell."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from analytics.files import csv_text
from analytics.models import Report
from analytics.report_tables import build
from analytics.scopes import scope_of
from analytics.tables import Column, Kind, Table, Value
from analytics.views_reports import shown
from tests.analytics.kit import (
    NOW,
    asked,
    can,
    client_of,
    content,
    helped,
    made,
    make_skill,
    require,
    roll_up,
    teams_of,
    wants,
)

pytestmark = pytest.mark.django_db
REPORTS = [
    ("skill_coverage", "groups"),
    ("skill_coverage", "named"),
    ("shadowing_participation", "groups"),
    ("single_person_risk", "groups"),
    ("single_person_risk", "named"),
]


def furnished(place: Any) -> None:
    """Text, numbers, shares, dates and gaps in every report, and names like formulas."""
    with place.scope():
        relay, oil = make_skill("Relay protection"), make_skill('=Oil; "sampling"')
        place.employee.name = '+Nils ;"=1+1'
        place.employee.leaving_on = date(2027, 3, 31)
        place.employee.save()
        can(place.employee, relay, 4)
        can(place.colleague, relay, 2)
        can(place.colleague, oil).confirm(by=can(place.hr, oil, 4).employee, at=NOW)
        can(place.hr, oil, 1)
        require(place.team, relay, 2)
        wants(place.manager, oil)
        (_, people), *_ = teams_of((12, 7), place.company, place.manager)
        for learner in people[1:6]:
            helped(people[0], learner, relay, on=date(2026, 10, 6))
        roll_up()


def table_of(report: Report, place: Any) -> Table:
    with place.scope():
        return build(report, scope_of(place.hr), place.organization, NOW)


@pytest.mark.parametrize(("kind", "names"), REPORTS)
def test_a_workbook_holds_the_table(world: Any, kind: str, names: str) -> None:
    place = world.halden
    furnished(place)
    with place.scope():
        report = asked(place.hr, kind, names=names)
    book = openpyxl.load_workbook(io.BytesIO(content(made(report))))
    table, (sheet, about) = table_of(report, place), book.worksheets
    assert table.rows
    assert [cell.value for cell in sheet[1]] == [column.name for column in table.columns]
    assert sheet.max_row == len(table.rows) + 1
    for row, cells in zip(table.rows, sheet.iter_rows(min_row=2), strict=True):
        for column, value, cell in zip(table.columns, row, cells, strict=True):
            assert_the_same(cell, column, value)
    assert [(row[0].value, row[1].value) for row in about.rows] == list(table.about)


def assert_the_same(cell: Any, column: Column, value: Value) -> None:
    found = cell.value.date() if isinstance(cell.value, datetime) else cell.value
    assert found == value
    if value is not None:
        assert cell.data_type == {Kind.TEXT: "s", Kind.DATE: "d"}.get(column.kind, "n")


@pytest.mark.parametrize(("kind", "names"), REPORTS)
def test_a_csv_file_holds_the_table(world: Any, kind: str, names: str) -> None:
    place = world.halden
    furnished(place)
    with place.scope():
        report = asked(place.hr, kind, names=names, file_format="csv")
    text = content(made(report)).decode()
    table = table_of(report, place)
    columns = [*table.columns, *(column for column, _ in table.constants)]
    constants = [value for _, value in table.constants]
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == [column.name for column in columns]
    assert rows == [
        [csv_text(value, column.kind) for value, column in zip(row, columns, strict=True)]
        for row in ([*row, *constants] for row in table.rows)
    ]
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize(("kind", "names"), REPORTS)
def test_the_preview_shows_the_table(world: Any, kind: str, names: str, file_format: str) -> None:
    place = world.halden
    furnished(place)
    query = {"kind": kind, "names": names, "file_format": file_format}
    period = {"period_from": "2026-01-01", "period_to": "2026-10-31"}
    answer = client_of(place, place.hr).get(place.path("reports"), {**query, **period})
    with place.scope():
        table = table_of(asked(place.hr, kind, names=names, file_format=file_format), place)
    columns, constants = list(table.columns), list[Value]()
    if file_format == "csv":
        columns += [column for column, _ in table.constants]
        constants = [value for _, value in table.constants]
    assert [name for name, _ in answer.context["columns"]] == [column.name for column in columns]
    assert answer.context["total"] == len(table.rows)
    assert [[cell.text for cell in row] for row in answer.context["rows"]] == [
        [shown(value, column.kind).text for value, column in zip(row, columns, strict=True)]
        for row in ([*row, *constants] for row in table.rows[:6])
    ]


def test_twin_another_scope_is_another_table(world: Any) -> None:
    """What is compared is not the same whatever is asked for."""
    place = world.halden
    furnished(place)
    with place.scope():
        report = asked(place.manager, "single_person_risk", names="named")
    assert list(table_of(report, place).rows)
    sheet = openpyxl.load_workbook(io.BytesIO(content(made(report)))).worksheets[0]
    whole = [list(row) for row in table_of(asked_of(place), place).rows]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] != whole


def asked_of(place: Any) -> Report:
    with place.scope():
        return asked(place.hr, "skill_coverage", names="named")
