"""The directory: what is found, in pages, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peerlearn.organizations.forms import TEAMS_LISTED
from peerlearn.organizations.models import Employee, Organization
from tests.factories import make_employee, make_team
from tests.world import World

AT_MOST = 12


def names(response: Any) -> list[str]:
    return [person.name for person in response.context["page"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("nils", ["Nils Eriksen"]),
        ("ERIKSEN ni", ["Nils Eriksen"]),
        ("people partner", ["Ingrid Solheim"]),
        ("aisha@hal", ["Aisha Rahman"]),
        ("%", []),
        ("tor lunde", []),
        ("karl berge", []),
    ],
)
def test_a_part_of_name_title_or_email_is_enough(
    world: World, client: Client, asked: str, found: list[str]
) -> None:
    world.halden.sign_in(client, world.halden.employee)
    assert names(client.get(world.halden.path("employees"), {"q": asked})) == found


def test_a_team_holds_those_below_it(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        deeper = make_team("Relays", parent=place.team)
        make_employee("Zara Deep", team=deeper)
    place.sign_in(client, place.employee)
    found = client.get(place.path("employees"), {"team": place.team.public_id})
    assert "Zara Deep" in names(found)
    assert "Runa Dahl" not in names(found)


SEARCHED = {
    "Sohlheim": ["Ingrid Solheim"],
    "Ingird": ["Ingrid Solheim"],
    "ingrid sol": ["Ingrid Solheim"],
    "Aasa": ["Åsa Øyen"],
    "ASA OYEN": ["Åsa Øyen"],
    "Øien": ["Åsa Øyen"],
    "Erikson, Nils": ["Nils Eriksen"],
    "nlis eriksen": ["Nils Eriksen"],
    "Weiss": ["Jörg Weiß"],
    "Joerg": ["Jörg Weiß"],
    "obrien": ["Nora O’Brien-Ås"],
    "O'Brien As": ["Nora O’Brien-Ås"],
    "nora@": ["Nora O’Brien-Ås"],
    "n.obrien": ["Nora O’Brien-Ås"],
    "halden.example": [],  # what everybody's e-mail ends in
    "relay fit": ["Åsa Øyen"],
    "substat weis": ["Jörg Weiß"],
    "weis - jörg": ["Jörg Weiß"],
    "Solheim Eriksen": [],
    # One letter begins a word: of a name, then of a title ("Head of").
    "o": ["Åsa Øyen", "Nora O’Brien-Ås", "Olav Strom", "Ole Storm", "Mette Aas"],
    # What is written so before what is nearly so.
    "strom": ["Olav Strom", "Pia Strøm", "Ada Stram", "Ole Storm"],
}


def test_the_nearest_is_first_and_typing_errors_are_forgiven(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        fitter = {"team": place.company, "job_title": "Relay fitter"}
        make_employee("Åsa Øyen", email="a1@halden.example", **fitter)
        make_employee("Jörg Weiß", email="j2@halden.example", team=place.team)
        make_employee("Nora O’Brien-Ås", email="nora@halden.example", job_title="n.obrien")
        for name in ("Ole Storm", "Olav Strom", "Pia Strøm", "Ada Stram"):
            make_employee(name, email=f"{name[:3]}@elsewhere.example".lower())
    place.sign_in(client, place.employee)
    found = {asked: names(client.get(place.path("employees"), {"q": asked})) for asked in SEARCHED}
    assert found == SEARCHED


@pytest.mark.parametrize(
    ("alphabet", "order"),
    [
        ("plain", "Aage Äke Anna Åse Bo Oskar Østen Zoë"),
        ("nb", "Anna Bo Oskar Zoë Äke Østen Aage Åse"),
        ("sv", "Aage Anna Bo Oskar Zoë Åse Äke Østen"),
    ],
)
def test_names_are_sorted_as_people_look_them_up(
    world: World, client: Client, alphabet: str, order: str
) -> None:
    place = world.halden
    Organization.objects.filter(pk=place.organization.pk).update(alphabet=alphabet)
    with place.scope():
        team = make_team("Sorted")
        for name in sorted(order.split()):
            make_employee(name, team=team)
    place.sign_in(client, place.employee)
    found = client.get(place.path("employees"), {"team": team.public_id})
    assert names(found) == order.split()


def test_another_name_and_another_title_are_found_at_once(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        Employee.objects.filter(pk=place.employee.pk).update(name="Ylva Quist", job_title="Pilot")
    place.sign_in(client, place.hr)
    for asked, found in (("quist", ["Ylva Quist"]), ("pilot", ["Ylva Quist"]), ("nils eri", [])):
        assert names(client.get(place.path("employees"), {"q": asked})) == found


def test_nobody_of_another_organization_is_near(world: World, client: Client) -> None:
    with world.nordfjord.scope():
        make_employee("Nils Eriksen", team=make_team("Nils"))
    world.halden.sign_in(client, world.halden.employee)
    found = client.get(world.halden.path("employees"), {"q": "nils"}).context["page"]
    assert [person.pk for person in found] == [world.halden.employee.pk]


def test_many_teams_are_typed_instead_of_listed(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    assert b'id="id_team"' in client.get(place.path("employees")).content
    with place.scope():
        for _ in range(TEAMS_LISTED):
            make_team()
    assert b'id="id_team"' not in client.get(place.path("employees")).content
    chosen = client.get(place.path("employees"), {"team": place.team.public_id})
    assert b"Substations</option>" in chosen.content
    assert len(names(chosen)) == 3


@pytest.mark.parametrize(
    "query", ["q=%00", "team=%00", "team=nothing", "page=-1", "page=x", "q=" + "y" * 900]
)
def test_an_address_that_makes_no_sense_is_no_error(
    world: World, client: Client, query: str
) -> None:
    world.halden.sign_in(client, world.halden.employee)
    assert client.get(world.halden.path("employees") + "?" + query).status_code == 200


def test_nobody_found_says_what_to_try(world: World, client: Client) -> None:
    world.halden.sign_in(client, world.halden.employee)
    response = client.get(world.halden.path("employees"), {"q": "nobody of that name"})
    assert b"Nobody is found" in response.content


def test_htmx_gets_the_list_alone(world: World, client: Client) -> None:
    world.halden.sign_in(client, world.halden.employee)
    path = world.halden.path("employees")
    part = client.get(path, {"q": "nils"}, headers={"HX-Request": "true"})
    assert b"Nils Eriksen" in part.content
    assert b"<html" not in part.content
    assert "HX-Request" in part.headers["Vary"]


def test_fifty_a_page(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        for number in range(50):
            make_employee(f"Worker {number:03}", team=place.team)
    place.sign_in(client, place.employee)
    first = client.get(place.path("employees"))
    assert len(names(first)) == 50
    second = client.get(place.path("employees"), {"page": 2})
    assert len(names(second)) == 5
    assert b"51" in second.content


@pytest.mark.parametrize(
    "name", ["employees", "employees?q=person", "teams", "team", "employee", "employee_edit"]
)
def test_the_queries_do_not_grow_with_the_people(world: World, client: Client, name: str) -> None:
    place = world.halden
    subject = {"employee": place.manager, "employee_edit": place.manager, "team": place.team}
    kwargs = {"public_id": subject[name].public_id} if name in subject else {}
    name, _, query = name.partition("?")
    path = place.path(name, **kwargs) + (f"?{query}" if query else "")
    place.sign_in(client, place.hr)
    counts = []
    for more in (4, 40):
        with place.scope():
            for _ in range(more):
                team = make_team(parent=place.team)
                make_employee(team=place.team, manager=place.manager)
                make_employee(team=team, manager=place.hr)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    # The scope's own two and the savepoints of the test's transaction come on top.
    own = [q for q in asked.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len([q for q in own if "set_config" not in q["sql"]]) <= AT_MOST
