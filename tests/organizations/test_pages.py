"""Every page of organizations answers to those who may see it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_cost_band
from tests.world import World

PLAIN = [
    "start",
    "employees",
    "employee_add",
    "my_profile",
    "teams",
    "team_add",
    "settings",
    "cost_band_add",
]


@pytest.mark.parametrize("name", PLAIN)
def test_hr_and_admin_open_it(world: World, client: Client, name: str) -> None:
    person = world.halden.admin if name == "cost_band_add" else world.halden.hr
    world.halden.sign_in(client, person)
    assert client.get(world.halden.path(name)).status_code == 200


@pytest.mark.parametrize(
    "name", ["employee", "employee_edit", "employee_deactivate", "employee_reactivate"]
)
def test_hr_opens_a_person(world: World, client: Client, name: str) -> None:
    world.halden.sign_in(client, world.halden.hr)
    path = world.halden.path(name, public_id=world.halden.employee.public_id)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("name", ["team", "team_edit"])
def test_hr_opens_a_team(world: World, client: Client, name: str) -> None:
    world.halden.sign_in(client, world.halden.hr)
    path = world.halden.path(name, public_id=world.halden.team.public_id)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("name", ["cost_band_edit", "cost_band_remove", "employee_roles"])
def test_an_admin_opens_it(world: World, client: Client, name: str) -> None:
    with world.halden.scope():
        band = make_cost_band()
    subject = world.halden.employee if name == "employee_roles" else band
    world.halden.sign_in(client, world.halden.admin)
    assert client.get(world.halden.path(name, public_id=subject.public_id)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/code/", "/begin/", "/account/password/reset/"]
)
def test_anybody_opens_it(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200
