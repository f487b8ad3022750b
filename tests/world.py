"""The small world: two organizations, each with the same seven places taken by named people.

def test_something(world, client):
    world.halden.sign_in(client, world.halden.hr)
    client.get(world.halden.path("employees"))
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from peerlearn.organizations.addresses import organization_path
from peerlearn.organizations.models import Employee, Organization, Team
from tests.factories import inside, make_employee, make_organization, make_team, user_of
from tests.kept_rows import KeptRows

LEFT_AT = datetime(2025, 9, 30, 16, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """One organization. The manager leads `team`; employee and colleague report to them."""

    organization: Organization
    company: Team  # the top of the tree
    team: Team  # below it
    admin: Employee  # not HR
    hr: Employee  # not admin; both report to nobody and are in `company`
    manager: Employee
    employee: Employee
    colleague: Employee
    deactivated: Employee  # was in `team`

    def scope(self) -> Any:
        """`with world.halden.scope():` is this organization's scope."""
        return inside(self.organization)

    def path(self, name: str, **kwargs: Any) -> str:
        """The path of a page of this organization, by its route name."""
        return organization_path(self.organization, name, **kwargs)

    def sign_in(self, client: Client, employee: Employee) -> Client:
        """Sign the employee's user in; returns the client."""
        client.force_login(user_of(employee))
        return client


@dataclass(frozen=True)
class World:
    halden: Place
    nordfjord: Place

    @staticmethod
    def sign_in(client: Client, employee: Employee) -> Client:
        """Sign the user of an employee of either organization in; returns the client."""
        client.force_login(user_of(employee))
        return client


def _settle(name: str, domain: str, team_name: str, people: list[str]) -> Place:
    organization = make_organization(name)
    emails = [f"{person.split()[0].lower()}@{domain}" for person in people]
    admin, hr, manager, employee, colleague, deactivated = zip(people, emails, strict=True)
    with inside(organization):
        company = make_team(name)
        team = make_team(team_name, parent=company)
        lead = _take_on(manager, team=team, job_title="Head of " + team_name.lower())
        below = {"team": team, "manager": lead, "job_title": "Technician"}
        place = Place(
            organization=organization,
            company=company,
            team=team,
            admin=_take_on(admin, team=company, job_title="IT", is_admin=True),
            hr=_take_on(hr, team=company, job_title="People partner", is_hr=True),
            manager=lead,
            employee=_take_on(employee, **below),
            colleague=_take_on(colleague, **below),
            deactivated=_take_on(deactivated, **below),
        )
        place.deactivated.deactivate(at=LEFT_AT)
    return place


def _take_on(person: tuple[str, str], **values: Any) -> Employee:
    name, email = person
    return make_employee(name, email=email, **values)


@pytest.fixture
def world(db: None) -> World:
    """Halden Grid and Nordfjord; nobody belongs to both. Made by the verbs once in a process."""
    if not _kept:
        _kept.append(_Kept.of(_make()))
    else:
        _kept[0].write()
    return _kept[0].fresh()


@dataclass(frozen=True)
class _Kept:
    """The world as it was made: its rows, and its objects before any test changed them."""

    rows: tuple[KeptRows, ...]
    objects: bytes

    @classmethod
    def of(cls, made: World) -> _Kept:
        both = (made.halden.organization, made.nordfjord.organization)
        return cls(tuple(KeptRows.of(one) for one in both), pickle.dumps(made))

    def write(self) -> None:
        for rows in self.rows:
            rows.write()

    def fresh(self) -> World:
        world: World = pickle.loads(self.objects)
        return world


_kept: list[_Kept] = []


def _make() -> World:
    return World(
        halden=_settle(
            "Halden Grid",
            "halden.example",
            "Substations",
            [
                "Runa Dahl",
                "Ingrid Solheim",
                "Mette Aas",
                "Nils Eriksen",
                "Aisha Rahman",
                "Tor Lunde",
            ],
        ),
        nordfjord=_settle(
            "Nordfjord",
            "nordfjord.example",
            "Turbines",
            ["Jonas Vik", "Siri Moen", "Karl Berge", "Olga Petrova", "Linh Tran", "Even Haug"],
        ),
    )
