"""Halden's people come as its HR system exports them, by the import that HR has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from demo.roster import Person
from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import withdraw
from peerlearn.organizations.importing import acts
from peerlearn.organizations.importing.people import PEOPLE
from peerlearn.organizations.models import Employee, Import, ImportState

FILE_NAME = "ansattliste.csv"
_HEADINGS = ("Ansattnr", "Navn", "E-post (jobb)", "Avdeling", "Nærmeste leder", "Stillingstittel",
             "Kostnadsgruppe", "Ansatt dato", "Sluttdato")  # fmt: skip


def export(people: Iterable[Person]) -> bytes:
    """With a mark for UTF-8, semicolons and days first, as Excel writes it in Norway."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_HEADINGS)
    for person in people:
        last = f"{person.leaving_on:%d.%m.%Y}" if person.leaving_on else ""
        writer.writerow(
            (person.number, person.name, person.email, person.team, person.manager, person.title,
             person.band, f"{person.hired_on:%d.%m.%Y}", last)
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def take_over(people: Iterable[Person], *, by: Employee, at: datetime) -> None:
    """Everything that HR and a worker do, from the file to its end; raises when rows are wrong."""
    row = acts.begin(kind=PEOPLE, by=by, file_name=FILE_NAME, content=export(people), at=at)
    acts.work(row, at=at)
    acts.choose(row, mapping=row.mapping, order=row.order, at=at)
    acts.work(row, at=at)
    if row.counts["error"]:
        wrong = row.lines.filter(kind="error").values_list("row", "what")
        raise ValueError(f"rows of the demo's people are wrong: {list(wrong[:3])}")
    acts.write(row, removes=False, by=by, at=at)
    acts.work(row, at=at)
    if row.state != ImportState.DONE:
        raise ValueError(f"the demo's people were not imported: {row.state} {row.failure}")
    _long_ago(row, at)


def _long_ago(row: Import, at: datetime) -> None:
    """It is over and forgotten: nobody is told of it today."""
    for kind in (acts.WORK, acts.FORGETTING):
        withdraw(kind, row.pk)
    Notification.withdraw(acts.OVER, row.pk)
    acts.forget(row, at=at)
