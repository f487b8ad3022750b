"""Importing over HTTP, with a worker that does what is due."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peerlearn.organizations.models import Employee, Import
from tests.notifications.kit import work
from tests.world import Place

Rows = Sequence[Sequence[Any]]
HEADINGS = ("Number", "Name", "E-mail", "Team", "Manager", "Title", "Hired on", "Last day")


def as_csv(rows: Rows, *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Rows, *, above: Rows = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in (*above, *rows):
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(
    client: Client, place: Place, content: bytes, *, name: str = "people.csv", kind: str = "people"
) -> Any:
    """HR's answer to choosing this file."""
    place.sign_in(client, place.hr)
    file = SimpleUploadedFile(name, content)
    return client.post(place.path("imports"), {"kind": kind, "file": file})


def newest(place: Place) -> Import:
    with place.scope():
        found: Import = Import.objects.select_related("by").first()
        return found


def read(client: Client, place: Place, content: bytes, **how: Any) -> Import:
    """The import whose file a worker has read."""
    answer = upload(client, place, content, **how)
    assert answer.status_code == 302, answer.content.decode()
    work()
    return newest(place)


def path(place: Place, row: Import, name: str = "show") -> str:
    return place.path(f"import_{name}", public_id=row.public_id)


def columns(row: Import, **changed: str) -> dict[str, str]:
    """What the form of the columns holds, as it was guessed or as it is changed: c0="email"."""
    return {f"c{at}": target for at, target in enumerate(row.mapping)} | {
        "order": row.order,
        **changed,
    }


def check(client: Client, place: Place, content: bytes, **how: Any) -> Import:
    """The import as it is shown before it is written, with the columns that were guessed."""
    row = read(client, place, content, **how)
    assert row.state == "columns", (row.state, row.failure)
    answer = client.post(path(place, row, "columns"), columns(row))
    assert answer.status_code == 302, answer.content.decode()
    work()
    row = newest(place)
    assert row.state == "checked", (row.state, row.failure)
    return row


def write(client: Client, place: Place, row: Import, **said: str) -> Import:
    """Let it be written, and what became of it."""
    answer = client.post(path(place, row, "write"), {"digest": row.digest, **said})
    assert answer.status_code == 302, answer.content.decode()
    work()
    return newest(place)


def whole(client: Client, place: Place, content: bytes, **how: Any) -> Import:
    """From the file to its end: teams are made, nobody is removed."""
    return write(client, place, check(client, place, content, **how), makes="on")


def everybody(place: Place) -> list[list[Any]]:
    """A file that says what is here already."""
    with place.scope():
        people = Employee.objects.current().select_related("team", "manager").order_by("pk")
        return [
            [
                one.number,
                one.name,
                one.email,
                one.team.name if one.team else "",
                one.manager.email if one.manager else "",
                one.job_title,
                one.hired_on.isoformat(),
                one.leaving_on.isoformat() if one.leaving_on else "",
            ]
            for one in people
        ]


def lines(place: Place, row: Import, kind: str) -> list[tuple[int | None, str, Any]]:
    with place.scope():
        return list(row.lines.filter(kind=kind).values_list("row", "title", "what"))


def person(place: Place, email: str) -> Employee:
    with place.scope():
        rows = Employee.objects.select_related("team", "manager", "membership")
        found: Employee = rows.get(email=email)
        return found
