"""An import that is written while others look, stop it, or write the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.organizations.importing import acts, progress
from peerlearn.organizations.importing.kinds import Writing
from peerlearn.organizations.importing.people import People
from peerlearn.organizations.importing.plans import Plan
from peerlearn.organizations.models import Employee, Import
from tests.factories import make_employee
from tests.notifications.kit import in_threads, wait_until
from tests.organizations.import_kit import HEADINGS, as_csv, check, everybody, newest, person
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
ASE = ("7", "Åse Bakken", "ase@halden.example", "", "", "", "2026-01-05", "")


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.02)


def begun(place: Place, client: Client) -> Import:
    """HR has said the last word; no worker has taken it yet."""
    row = check(client, place, as_csv([HEADINGS, *everybody(place), ASE]))
    with place.scope():
        assert acts.write(row, removes=False, by=place.hr, at=row.begun_at)
    return newest(place)


def seen_by_others(place: Place) -> Import:
    return in_threads(1, lambda: newest(place))[0]  # type: ignore[no-any-return]


def test_others_see_how_far_it_is_and_can_stop_it(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, told = world.halden, list[int]()
    row = begun(place, client)
    writes = People.write

    def slowly(self: People, plan: Plan, how: Writing) -> None:
        writes(self, plan, how)
        how.progress(2)
        told.append(wait_until(lambda: seen_by_others(place).done == 3))
        in_threads(1, lambda: _cancel(place, row))
        wait_until(lambda: how.progress(0))  # raises once it has heard of it

    monkeypatch.setattr(People, "write", slowly)
    acts.work(row, at=row.begun_at)
    assert told == [True]
    assert newest(place).state == "cancelled"
    with place.scope():
        assert not Employee.objects.filter(email="ase@halden.example").exists()


def _cancel(place: Place, row: Import) -> None:
    with place.scope():
        assert acts.cancel(Import.objects.get(pk=row.pk), at=row.begun_at)


def test_two_workers_write_it_once(world: World, client: Client) -> None:
    place = world.halden
    row = begun(place, client)
    in_threads(2, lambda: acts.work(newest(place), at=row.begun_at))
    assert newest(place).state == "done"
    assert person(place, "ase@halden.example").number == "7"
    with place.scope():
        assert Notification.objects.filter(kind="import_over").count() == 1


def test_somebody_who_is_added_meanwhile_is_not_written_over(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between planning under the lock and writing: the database has the last word."""
    place = world.halden
    row = begun(place, client)
    writes = People.write

    def late(self: People, plan: Plan, how: Writing) -> None:
        in_threads(1, lambda: _hire(place))
        writes(self, plan, how)

    monkeypatch.setattr(People, "write", late)
    acts.work(row, at=row.begun_at)
    again = newest(place)
    assert (again.state, again.changed_meanwhile) == ("checking", True)
    assert person(place, "ase@halden.example").name == "Somebody else"


def _hire(place: Place) -> Any:
    with place.scope():
        return make_employee("Somebody else", email="ase@halden.example")
