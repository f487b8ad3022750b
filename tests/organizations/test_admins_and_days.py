"""Whose access HR does not decide, and which days nobody was ever hired on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from peerlearn.notifications.models import Outbox
from peerlearn.organizations.granting import grant
from peerlearn.organizations.hiring import amend
from peerlearn.organizations.models import Employee
from tests.factories import BEGAN_AT, make_employee
from tests.organizations.kit import WEEK, again, edit
from tests.world import Place, World

LAST = "2026-12-31"


def second_admin(place: Place) -> Employee:
    with place.scope():
        return make_employee("Liv Haugen", is_admin=True)


def correct(person: Employee, by: Employee, **changes: Any) -> None:
    values = {name: getattr(person, name) for name in (*WEEK, "name", "email", "number")}
    place = {"team": person.team, "manager": None, "job_title": "", "cost_band": None}
    days = {"hired_on": person.hired_on, "leaving_on": None, "on": date(2026, 1, 5)}
    amend(person, by=by, at=BEGAN_AT, **{**values, **place, **days, **changes})


def test_hr_ends_the_access_of_no_admin(world: World, client: Client) -> None:
    place, admin = world.halden, second_admin(world.halden)
    path = place.path("employee_deactivate", public_id=admin.public_id)
    place.sign_in(client, place.hr)
    assert client.get(path).status_code == client.post(path).status_code == 403
    assert again(place, admin).active
    assert path not in client.get(path.replace("deactivate/", "")).content.decode()
    with place.scope():
        grant(place.admin, is_hr=True, is_admin=True, at=BEGAN_AT)
    place.sign_in(client, place.admin)
    assert path in client.get(path.replace("deactivate/", "")).content.decode()
    assert client.post(path).status_code == 302
    assert not again(place, admin).active


def test_hr_sets_no_last_day_of_an_admin(world: World, client: Client) -> None:
    place, admin = world.halden, second_admin(world.halden)
    place.sign_in(client, place.hr)
    assert edit(client, place, admin, leaving_on=LAST).status_code == 302
    assert again(place, admin).leaving_on is None
    with place.scope():
        grant(place.admin, is_hr=True, is_admin=True, at=BEGAN_AT)
    place.sign_in(client, place.admin)
    assert edit(client, place, admin, leaving_on=LAST).status_code == 302
    assert again(place, admin).leaving_on == date(2026, 12, 31)


CHANGES = [{"email": "mine@halden.example"}, {"leaving_on": date(2026, 12, 31)}]


@pytest.mark.parametrize("changes", CHANGES, ids=["email", "leaving_on"])
def test_who_became_an_admin_meanwhile_is_one(world: World, changes: dict[str, Any]) -> None:
    """HR had the form open while somebody else gave the role."""
    place = world.halden
    with place.scope():
        stale = Employee.objects.get(pk=place.colleague.pk)
        grant(place.colleague, is_hr=False, is_admin=True, at=BEGAN_AT)
        with pytest.raises(ValidationError) as refused:
            correct(stale, place.hr, **changes)
        assert refused.value.message_dict.keys() == changes.keys()
        with pytest.raises(ValidationError, match="Only an admin ends"):
            stale.deactivate(at=BEGAN_AT, by=place.hr)


@pytest.mark.parametrize("changes", CHANGES, ids=["email", "leaving_on"])
def test_twin_of_whoever_is_none_hr_changes_both(world: World, changes: dict[str, Any]) -> None:
    place = world.halden
    with place.scope():
        correct(place.colleague, place.hr, **changes)
        place.colleague.deactivate(at=BEGAN_AT, by=place.hr)
    assert not again(place, place.colleague).active


FAR = [
    ("leaving_on", "9999-12-31"),
    ("leaving_on", "9999-12-30"),
    ("leaving_on", "2200-01-01"),
    ("hired_on", "0001-01-01"),
    ("hired_on", "1899-12-31"),
]


@pytest.mark.parametrize(("name", "day"), FAR)
def test_a_day_out_of_reach_is_told_beside_its_field(
    world: World, client: Client, name: str, day: str
) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    answer = edit(client, place, place.employee, time_zone="America/Los_Angeles", **{name: day})
    assert answer.status_code == 422
    assert "of the years 1900 to 2199" in str(answer.context["form"].errors[name])
    assert f'value="{day}"' in answer.content.decode()


@pytest.mark.parametrize(("name", "day"), FAR)
def test_the_verbs_refuse_it_too(world: World, name: str, day: str) -> None:
    place = world.halden
    with place.scope():
        with pytest.raises(ValidationError) as refused:
            correct(place.employee, place.hr, **{name: date.fromisoformat(day)})
        assert refused.value.message_dict.keys() == {name}
        with pytest.raises(ValidationError):
            make_employee(**{name: date.fromisoformat(day)})


def test_the_last_day_within_reach_has_a_day_after_it_everywhere(world: World) -> None:
    place = world.halden
    with place.scope():
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
            make_employee(leaving_on=date(2199, 12, 31), time_zone=zone)
    due = set(Outbox.objects.filter(kind="last_day_over").values_list("due_at", flat=True))
    zones = (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/Los_Angeles"))
    assert due == {datetime(2200, 1, 1, tzinfo=zone) for zone in zones}
