"""How much an import may ask for: mails, files, time, lines, days of keeping."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peerlearn.notifications.models import Outbox
from peerlearn.organizations import hiring_many
from peerlearn.organizations.importing import acts, mails
from peerlearn.organizations.importing.people import People
from peerlearn.organizations.importing.reading import Unreadable
from peerlearn.organizations.models import EmailChange, Employee, Import
from tests.notifications.kit import work
from tests.organizations.import_kit import (
    as_csv,
    check,
    columns,
    newest,
    path,
    read,
    upload,
    write,
)
from tests.world import Place, World

pytestmark = pytest.mark.django_db
DAY, AT = date(2026, 1, 5), datetime(2026, 11, 26, 9, tzinfo=UTC)


def hired(place: Place, many: int) -> list[Employee]:
    with place.scope():
        return hiring_many.hire_all(
            [
                {"name": f"N{n}", "email": f"n{n}@h.example", "number": f"N{n}", "hired_on": DAY}
                for n in range(many)
            ]
        )


def moved(at: int, to: int) -> bytes:
    """A file with another e-mail for those of these numbers."""
    rows = [[f"N{n}", f"N{n}", f"n{n}@elsewhere.example"] for n in range(at, to)]
    return as_csv([["Number", "Name", "E-mail"], *rows])


def asked(client: Client, place: Place, content: bytes) -> Import:
    """The import once it was checked, whatever that said."""
    row = read(client, place, content)
    client.post(path(place, row, "columns"), columns(row))
    work()
    return newest(place)


# --- Mails -----------------------------------------------------------------------------------
def test_a_day_has_room_for_300_other_emails(world: World, client: Client) -> None:
    place = world.halden
    hired(place, 302)
    row = asked(client, place, moved(0, 301))
    assert (row.state, row.failure, bytes(row.content)) == ("failed", "mails", b"")
    shown = client.get(path(place, row)).content.decode()
    assert "At most 300 work e-mails can change in a day" in shown
    done = write(client, place, check(client, place, moved(0, 300)))
    assert (done.state, done.counts["changed"]) == ("done", 300)
    with place.scope():
        assert EmailChange.objects.count() == 300
    assert asked(client, place, moved(300, 301)).failure == "mails"
    typed = place.path("employee_edit", public_id=place.employee.public_id)
    form = client.get(typed).context["form"].initial | {"email": "nils@elsewhere.example"}
    refused = client.post(typed, {name: value for name, value in form.items() if value is not None})
    assert refused.status_code == 422
    assert b"each is sent a mail" in refused.content


def test_what_was_sent_since_it_was_shown_counts_when_it_is_written(
    world: World, client: Client
) -> None:
    place = world.halden
    hired(place, 3)
    row = check(client, place, moved(0, 3))
    mails.count(298, place.organization.pk)
    done = write(client, place, row)
    assert (done.state, done.failure) == ("failed", "mails")
    with place.scope():
        assert not EmailChange.objects.exists()
    mails.count(2, place.organization.pk)  # what was refused counts nowhere
    with pytest.raises(Unreadable):
        mails.count(1, place.organization.pk)
    mails.count(300, world.nordfjord.organization.pk)


# --- Files -----------------------------------------------------------------------------------
def test_thirty_files_a_day(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        for _ in range(30):
            row = acts.begin(
                kind="people", by=place.hr, file_name="a.csv", content=b"a,b\n1,2", at=AT
            )
            assert acts.cancel(row, at=AT)
    refused = upload(client, place, b"a,b\n1,2")
    assert refused.status_code == 422
    assert b"30 files were chosen in a day" in refused.content
    with place.scope():
        assert Import.objects.count() == 30
    assert upload(Client(), world.nordfjord, b"a,b\n1,2").status_code == 302


def test_a_file_is_forgotten_though_somebody_went_on_meanwhile(
    world: World, client: Client
) -> None:
    place = world.halden
    row = read(client, place, moved(0, 1))
    with place.scope():
        before = Import.objects.get(pk=row.pk)
        assert acts.choose(row, mapping=row.mapping, order="dmy", at=row.begun_at)
        acts.forget(before, at=row.begun_at)
        left = Import.objects.get(pk=row.pk)
        assert (left.state, bytes(left.content)) == ("forgotten", b"")


# --- Time ------------------------------------------------------------------------------------
SLOW = "SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(20)"
LOCKED = "DO $$ BEGIN RAISE EXCEPTION 'locked' USING ERRCODE = '55P03'; END $$"


@pytest.mark.parametrize(
    ("statement", "state", "waiting"), [(SLOW, "failed", 0), (LOCKED, "checking", 1)]
)
def test_what_takes_too_long_is_not_tried_again_what_others_hold_is(
    world: World,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    state: str,
    waiting: int,
) -> None:
    def asks(*_how: Any, **_more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    row = read(client, world.halden, moved(0, 1))
    monkeypatch.setattr(People, "check", asks)
    client.post(path(world.halden, row, "columns"), columns(row))
    work()
    assert newest(world.halden).state == state
    assert Outbox.objects.filter(kind="import", subject=row.pk).count() == waiting


# --- Lines -----------------------------------------------------------------------------------
def test_a_line_of_5000_people_is_walked_in_no_time(world: World) -> None:
    """Where each would be walked from for itself, this takes far longer than it may."""
    place = world.halden
    chain = hired(place, 5_000)
    with place.scope():
        below = Employee.objects.filter(pk__in=[one.pk for one in chain[1:]])
        below.update(manager=F("pk") - 1)
        with at_most("2s"):
            hiring_many.amend_all([], on=DAY, at=AT, by=None)
        Employee.objects.filter(pk=chain[0].pk).update(manager=chain[-1].pk)
        with at_most("2s"), pytest.raises(ValidationError, match="N0 would report to themselves"):
            hiring_many.amend_all([], on=DAY, at=AT, by=None)


@contextmanager
def at_most(time: str) -> Iterator[None]:
    """Each statement within that time, and any time afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [time])
        yield
        cursor.execute("SET LOCAL statement_timeout = 0")


def test_eight_words_are_searched_for(world: World) -> None:
    """Each is a comparison with everybody; the text may be in one piece."""
    with world.halden.scope():
        for many in ("a " * 1_000, "a-" * 1_000):
            with CaptureQueriesContext(connection) as asked:
                Employee.objects.all().found(many)
            assert asked[0]["sql"].count("OFFSET 0") == 8 + 1  # and the text as a whole
