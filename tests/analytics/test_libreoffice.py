"""LibreOffice opens what we write, and reads the same values. Run by .ci/run, which installs it."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from analytics.files import write
from analytics.tables import Column, Kind, Table

ROWS = [
    ["Relay protection", 3, date(2026, 3, 31), 0.5],
    ["=1+1", None, None, None],
    ["+SUM(A1:A9)", 0, date(2024, 2, 29), 1.0],
    ["Zażółć 😀 日本", 12, None, 0.25],
]


@pytest.mark.libreoffice
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_libreoffice_reads_the_same(tmp_path: Path, file_format: str) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not here; install libreoffice-calc"
    columns = (
        Column("Skill"),
        Column("Alone", Kind.NUMBER),
        Column("Leaves on", Kind.DATE),
        Column("Share", Kind.PERCENT),
    )
    source = tmp_path / f"report.{file_format}"
    with source.open("wb") as file:
        write(Table("Skill coverage", columns, ROWS), file_format, file)
    out = tmp_path / "read"
    # Comma, double quote, UTF-8, from the first line, cells as they are stored.
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    reading = ["--infilter=Text - txt - csv (StarCalc):44,34,76"] if file_format == "csv" else []
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            *reading,
            "--convert-to",
            filters,
            "--outdir",
            str(out),
            str(source),
        ],
        check=True,
        timeout=120,
        capture_output=True,
    )
    with (out / "report.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))
    assert [row[0].removeprefix("'") for row in found] == ["Skill", *(row[0] for row in ROWS)]
    assert [row[1] for row in found[1:]] == ["3", "", "0", "12"]
    assert [row[2] for row in found[1:]] == ["2026-03-31", "", "2024-02-29", ""]
