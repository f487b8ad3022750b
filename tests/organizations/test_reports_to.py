"""Whom somebody reports to is typed: a name, an e-mail, or both as the list has them."""

from __future__ import annotations

import pytest
from django.test import Client

from peerlearn.organizations.models import Employee
from tests.factories import make_employee
from tests.organizations.kit import WEEK
from tests.world import Place, World

NEW = {**WEEK, "name": "Åse Bakken", "email": "ase@halden.example", "hired_on": "2026-01-05"}


@pytest.fixture
def halden(world: World, client: Client) -> Place:
    world.halden.sign_in(client, world.halden.hr)
    return world.halden


@pytest.mark.parametrize(
    "typed",
    ["mette aas", "Mette@Halden.example", "Mette Aas <mette@halden.example>", " Mette Aas "],
)
def test_typed_in_any_way(halden: Place, client: Client, typed: str) -> None:
    assert client.post(halden.path("employee_add"), {**NEW, "manager": typed}).status_code == 302
    with halden.scope():
        assert Employee.objects.get(name="Åse Bakken").manager == halden.manager


def test_nobody(halden: Place, client: Client) -> None:
    assert client.post(halden.path("employee_add"), {**NEW, "manager": " "}).status_code == 302
    with halden.scope():
        assert Employee.objects.get(name="Åse Bakken").manager is None


@pytest.mark.parametrize("typed", ["Mett", "jonas@nordfjord.example", "a\x00b", "<>", "x" * 501])
def test_who_is_not_here_is_told_and_kept(halden: Place, client: Client, typed: str) -> None:
    """A person of another organization is not here."""
    answer = client.post(halden.path("employee_add"), {**NEW, "manager": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"manager"}


def test_of_two_with_one_name_the_email_tells(halden: Place, client: Client) -> None:
    with halden.scope():
        other = make_employee("Mette Aas", email="m.aas@halden.example")
    path = halden.path("employee_add")
    answer = client.post(path, {**NEW, "manager": "Mette Aas"})
    assert "Several people are called “Mette Aas”" in answer.content.decode()
    assert 'value="Mette Aas"' in answer.content.decode()
    assert client.post(path, {**NEW, "manager": other.email}).status_code == 302
    with halden.scope():
        assert Employee.objects.get(name="Åse Bakken").manager == other


def test_the_list_and_what_stands_there(halden: Place, client: Client) -> None:
    path = halden.path("employee_edit", public_id=halden.employee.public_id)
    page = client.get(path).content.decode()
    assert 'value="Mette Aas &lt;mette@halden.example&gt;"' in page
    assert '<option value="Aisha Rahman &lt;aisha@halden.example&gt;">' in page
    assert '<option value="Nils Eriksen' not in page
    assert '<option value="Tor Lunde' not in page
