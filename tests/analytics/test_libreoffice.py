"""LibreOffice opens the reports, and reads the same values. Run by .ci/run, which installs it."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.tables import Kind, Value
from tests.analytics.kit import asked, content, made
from tests.analytics.test_every_file import REPORTS, furnished, table_of

# Comma, double quote, UTF-8, from the first line, cells as they are stored.
WRITING = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
READING = "--infilter=Text - txt - csv (StarCalc):44,34,76"


@pytest.mark.libreoffice
@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize(("kind", "names"), REPORTS)
def test_libreoffice_reads_the_same(
    tmp_path: Path, world: Any, kind: str, names: str, file_format: str
) -> None:
    place = world.halden
    furnished(place)
    with place.scope():
        report = asked(place.hr, kind, names=names, file_format=file_format)
    source = tmp_path / f"report.{file_format}"
    source.write_bytes(content(made(report)))
    table = table_of(report, place)
    assert table.rows
    head, *rows = opened(source, tmp_path)
    assert head[: len(table.columns)] == [column.name for column in table.columns]
    assert len(rows) == len(table.rows)
    for found, expected in zip(rows, table.rows, strict=True):
        for cell, column, value in zip(found, table.columns, expected, strict=False):
            assert is_the_same(cell, column.kind, value), (column.name, cell, value)


def is_the_same(cell: str, kind: Kind, value: Value) -> bool:
    if value is None:
        return cell == ""
    if isinstance(value, date):
        return cell == value.isoformat()
    if kind is Kind.TEXT:
        return cell.replace("'", "") == str(value).replace("'", "")
    share = float(cell.removesuffix("%")) / (100 if cell.endswith("%") else 1)
    return abs(share - float(value)) < 0.006


def opened(source: Path, folder: Path) -> list[list[str]]:
    """What LibreOffice reads in the first sheet."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not here; install libreoffice-calc"
    out = folder / "read"
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            *([READING] if source.suffix == ".csv" else []),
            "--convert-to",
            WRITING,
            "--outdir",
            str(out),
            str(source),
        ],
        check=True,
        timeout=120,
        capture_output=True,
    )
    with (out / "report.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
