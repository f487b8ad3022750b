"""A report of 100,000 rows as an Excel file, against XlsxWriter alone on the same rows.

python3 -m benchmarks.export [--json]
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from benchmarks.measuring import Figure, ratio
from benchmarks.servers import SMALL, TINY, show_pure

ROWS = 1_000 if TINY else 100_000
ROUNDS = 1 if TINY else 2 if SMALL else 5
MEGABYTE = 1024  # of the kilobytes in which Linux says how much a process held
FIRST = date(2020, 1, 1)


def table() -> Any:
    """Every kind of column, as the reports have them."""
    from analytics.tables import Column, Kind, Table

    columns = (
        Column("Skill", width=32),
        Column("Team", width=24),
        Column("Wanted", Kind.NUMBER),
        Column("Can do it alone", Kind.NUMBER),
        Column("Risk"),
        Column("Share", Kind.PERCENT),
        Column("Since", Kind.DATE),
        Column("Person"),
    )
    rows = [
        (
            *(f"Skill {n % 613}", f"Team {n % 97}", n % 7, n % 5, ("Low", "High")[n % 2]),
            *((n % 101) / 100, FIRST + timedelta(days=n % 2_000), f"Person {n}"),
        )
        for n in range(ROWS)
    ]
    return Table("Skill coverage", columns, rows, about=(("Period", "2026"),))


def ours(made: Any) -> None:
    from analytics.files import write_xlsx

    write_xlsx(made, io.BytesIO())


def alone(made: Any) -> None:
    """The least that gives the same cells: typed, dates as dates, no row kept in memory."""
    options = {"constant_memory": True}
    with xlsxwriter.Workbook(io.BytesIO(), options) as book:
        sheet = book.add_worksheet("Skill coverage")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, column in enumerate(made.columns):
            sheet.write_string(0, at, column.name)
        for number, (skill, team, wanted, able, risk, share, since, person) in enumerate(
            made.rows, start=1
        ):
            sheet.write_string(number, 0, skill)
            sheet.write_string(number, 1, team)
            sheet.write_number(number, 2, wanted)
            sheet.write_number(number, 3, able)
            sheet.write_string(number, 4, risk)
            sheet.write_number(number, 5, share)
            sheet.write_datetime(number, 6, since, day)
            sheet.write_string(number, 7, person)


def measure() -> list[Figure]:
    memory = _memory()  # first: a child begins with the most that this process has held
    _set_up()
    made = table()
    value, mine, peer = ratio(lambda: ours(made), lambda: alone(made), rounds=ROUNDS, warm_up=1)
    note = f"{ROWS:,} rows: {mine:.1f} s against {peer:.1f} s"
    return [Figure("export_vs_xlsxwriter", value, 1.5, note=note), memory]


def _memory() -> Figure:
    """In a process of its own: the most that it ever held, over what it held with the rows."""
    command = [sys.executable, "-m", "benchmarks.export", "--memory"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    idle, rows, most = (int(word) / MEGABYTE for word in ended.stdout.split())
    note = f"{idle:.0f} MB idle, {rows - idle:.0f} more for the rows themselves"
    return Figure("export_mb", most - rows, 100, note=note)


def _tell_memory() -> None:
    import resource

    def most() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    _set_up()
    idle = most()
    made = table()
    rows = most()
    ours(made)
    print(idle, rows, most())


def _set_up() -> None:
    os.environ.update(TESTING="1", DJANGO_SETTINGS_MODULE="peerlearn.settings")
    import django

    django.setup()


if __name__ == "__main__":
    if "--memory" in sys.argv:
        _tell_memory()
    else:
        sys.exit(show_pure(measure))
