"""Teams over HTTP, and the shape of their tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.test import Client

from peerlearn.organizations.models import Team
from peerlearn.organizations.models.teams import DEEPEST
from peerlearn.organizations.tree import arrange
from tests.factories import BEGAN_AT, make_employee, make_team
from tests.world import World


@dataclass(frozen=True)
class Leaf:
    pk: int
    parent_id: int | None


def test_the_tree_has_parents_before_children_and_counts_what_is_below() -> None:
    leaves = [Leaf(3, 2), Leaf(1, None), Leaf(2, 1), Leaf(4, 1), Leaf(9, 77)]
    rows = arrange(leaves, {3: 5, 2: 1, 4: 2, None: 9})
    assert [(row.node.pk, row.depth, row.own, row.total) for row in rows] == [
        (1, 0, 0, 8),
        (2, 1, 1, 6),
        (3, 2, 5, 5),
        (4, 1, 2, 2),
        (9, 0, 0, 0),
    ]
    assert sum(row.opens for row in rows) == sum(len(row.closes) for row in rows)


def test_a_tree_of_a_thousand_levels_is_drawn() -> None:
    assert len(arrange([Leaf(n, n - 1 or None) for n in range(1, 1001)], {})) == 1000


def test_hr_adds_renames_and_moves(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    data = {"name": "Lines", "parent": place.company.public_id}
    assert client.post(place.path("team_add"), data).status_code == 302
    with place.scope():
        lines = Team.objects.get(name="Lines")
    path = place.path("team_edit", public_id=place.team.public_id)
    assert client.post(path, {"name": "Stations", "parent": lines.public_id}).status_code == 302
    page = client.get(place.path("teams")).content.decode()
    assert page.index("Lines") < page.index("Stations")


def test_a_name_twice_is_told_beside_it(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    response = client.post(place.path("team_add"), {"name": " Substations "})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"name"}


def test_a_loop_is_told_beside_the_field(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    path = place.path("team_edit", public_id=place.company.public_id)
    data = {"name": "Halden Grid", "parent": place.team.public_id}
    response = client.post(path, data)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"parent"}


def test_only_an_empty_team_is_archived_and_can_come_back(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        empty = make_team("Cables", parent=place.team)
    place.sign_in(client, place.hr)
    full = client.post(place.path("team_archive", public_id=place.team.public_id))
    assert full.status_code == 422
    assert b"is not empty" in full.content
    path = place.path("team_archive", public_id=empty.public_id)
    assert client.post(path).status_code == 302
    assert b"Cables" in client.get(place.path("teams")).content
    refused = client.post(place.path("team_add"), {"name": "Cables"})
    assert b"archived team has this name" in refused.content
    everyone = place.sign_in(Client(), place.employee)
    assert b"Cables" not in everyone.get(place.path("teams")).content
    back = client.post(place.path("team_reopen", public_id=empty.public_id))
    assert back.status_code == 302
    assert b"Cables" in everyone.get(place.path("teams")).content


def test_a_team_comes_back_at_the_top_when_the_one_above_is_archived(world: World) -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    with world.halden.scope():
        above = make_team("Above")
        below = make_team("Below", parent=above)
        below.archive(at=at)
        above.archive(at=at)
        below.reopen(at=BEGAN_AT)
        assert Team.objects.get(pk=below.pk).parent is None


def test_a_team_shows_its_people_and_who_leads_them(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.colleague)
    response = client.get(place.path("team", public_id=place.team.public_id))
    assert list(response.context["managers"]) == [place.manager]
    assert place.deactivated not in response.context["page"].object_list


def deep(levels: int) -> list[Team]:
    teams: list[Team] = []
    for _ in range(levels):
        teams.append(make_team(parent=teams[-1] if teams else None))
    return teams


def test_a_tree_deeper_than_twenty_is_told_beside_the_field(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        chain = deep(DEEPEST - 1)
    place.sign_in(client, place.hr)
    data = {"name": "Twentieth", "parent": chain[-1].public_id}
    assert client.post(place.path("team_add"), data).status_code == 302
    with place.scope():
        last = Team.objects.get(name="Twentieth")
    refused = client.post(place.path("team_add"), {"name": "One more", "parent": last.public_id})
    assert refused.status_code == 422
    assert "at most 20 deep" in str(refused.context["form"].errors["parent"])


def test_a_tree_does_not_become_too_deep_by_moving(world: World, client: Client) -> None:
    """What hangs below moves along: its height counts, and archived teams may come back."""
    place = world.halden
    with place.scope():
        chain, other = deep(DEEPEST - 2), deep(3)
        other[2].archive(at=BEGAN_AT)
    place.sign_in(client, place.hr)
    path = place.path("team_edit", public_id=other[0].public_id)
    data = {"name": other[0].name, "parent": chain[-1].public_id}
    refused = client.post(path, data)
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"parent"}
    assert client.post(path, {**data, "parent": chain[-2].public_id}).status_code == 302


def test_the_overview_draws_the_deepest_tree(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_employee(team=deep(DEEPEST)[-1])
    place.sign_in(client, place.hr)
    for name in ("teams", "dashboard"):
        assert client.get(place.path(name)).status_code == 200


def test_a_team_is_found_by_a_part_of_its_name(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    path = place.path("teams")
    page = client.get(path + "?q=%00subSTA").content.decode()
    assert "1 team found" in page
    assert place.path("team", public_id=place.team.public_id) in page
    assert place.path("team", public_id=place.company.public_id) not in page
    assert "No team is called that" in client.get(path + "?q=zzz").content.decode()
    part = client.get(path + "?q=sub", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="teams"' in part
