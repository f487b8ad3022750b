"""Lists, objects, filters, pages, ETags and problems of the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from peerlearn.clock import now
from peerlearn.organizations.models import Employee, Team
from skills.models import Skill, SkillCategory
from tests.api.kit import Program, bearer, pointers
from tests.factories import make_employee, make_team
from tests.skills.kit import can, counted, make_skill
from tests.world import World

LISTS = ("api_employees", "api_teams", "api_skills", "api_proficiencies")


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["results"]]


def test_people_as_everybody_sees_them(world: World) -> None:
    place = world.halden
    with place.scope():
        Employee.objects.filter(pk=place.colleague.pk).update(leaving_on=date(2027, 1, 31))
    one = Program(place, place.employee).get(
        "api_employee", kwargs={"public_id": place.colleague.public_id}
    )
    assert one.json() == {
        "id": place.colleague.public_id,
        "name": "Aisha Rahman",
        "email": "aisha@halden.example",
        "job_title": "Technician",
        "team": {"id": place.team.public_id, "name": "Substations"},
        "manager": {"id": place.manager.public_id, "name": "Mette Aas"},
        "hired_on": "2025-01-06",
        "leaving_on": None,
        "time_zone": place.colleague.time_zone,
        "working_days": [0, 1, 2, 3, 4],
        "day_starts": "08:00:00",
        "day_ends": "16:00:00",
        "active": True,
    }
    seen = {"public_id": place.colleague.public_id}
    for who, day in ((place.manager, "2027-01-31"), (place.hr, "2027-01-31"), (place.admin, None)):
        answer = Program(place, who).get("api_employee", kwargs=seen).json()
        assert answer["leaving_on"] == day, who
    assert one["Cache-Control"] == "no-store, private"
    assert "Authorization" in one["Vary"]


def test_filters_of_people(world: World) -> None:
    place = world.halden
    program = Program(place, place.hr)
    team = {"team": place.team.public_id, "active": "true"}
    assert names(program.get("api_employees", team)) == [
        "Aisha Rahman",
        "Mette Aas",
        "Nils Eriksen",
    ]
    assert names(program.get("api_employees", {"q": "tech nils"})) == ["Nils Eriksen"]
    assert names(program.get("api_employees", {"active": "false"})) == ["Tor Lunde"]
    foreign = {"team": world.nordfjord.team.public_id}
    assert names(program.get("api_employees", foreign)) == []
    with place.scope():
        make_team("Old lines").archive(at=now())
    assert names(program.get("api_teams", {"archived": "true"})) == ["Old lines"]
    assert names(program.get("api_teams", {"parent": place.company.public_id})) == ["Substations"]


def test_skills_and_levels(world: World) -> None:
    place = world.halden
    with place.scope():
        category = SkillCategory.objects.create(name="Grid")
        relay = make_skill("Relay protection settings", "Relay tuning")
        relay.category = category
        relay.save()
        make_skill("Cable splicing")
        level = can(place.colleague, relay, 3)
        can(place.employee, relay, 1)
        can(place.deactivated, relay, 4)
    program = Program(place, place.employee)
    assert names(program.get("api_skills")) == ["Cable splicing", "Relay protection settings"]
    found = program.get("api_skills", {"q": "relay tunng", "category": category.public_id})
    assert found.json()["results"][0]["also_called"] == ["Relay tuning"]
    levels = program.get("api_proficiencies", {"skill": relay.public_id}).json()["results"]
    assert sorted(one["level"] for one in levels) == [1, 3]
    able = program.get("api_proficiencies", {"level_from": "3"}).json()["results"]
    assert [one["employee"]["id"] for one in able] == [place.colleague.public_id]
    one = program.get("api_proficiency", kwargs={"public_id": level.public_id}).json()
    assert one["confirmed"] is False
    assert one["skill"]["id"] == relay.public_id


# --- Pages -----------------------------------------------------------------------------------
def test_pages_lead_through_everything_and_back(world: World) -> None:
    place = world.halden
    with place.scope():
        for _number in range(5):
            make_employee("Kim Berg", email=f"kim{_number}@halden.example")
    program = Program(place, place.employee)
    address, seen, pages = place.path("api_employees") + "?page_size=2", [], 0
    while address:
        page = program.get(address).json()
        seen += [one["id"] for one in page["results"]]
        address, last, pages = page["next"], page, pages + 1
        assert str(place.employee.pk) not in (address or "").split("/")
    assert pages == 5
    assert len(seen) == len(set(seen)) == 10
    before = program.get(last["previous"]).json()
    assert [one["id"] for one in before["results"]] == seen[6:8]


WRONG = {
    "page_size=1000000000": "page_size",
    "page_size=0": "page_size",
    "page_size=x": "page_size",
    "page_size=-1": "page_size",
    "cursor=cD0yMDA": "cursor",
    "cursor=%00": "cursor",
    "q=%00": "q",
    "q=" + "a" * 201: "q",
    "team=a&team=b": "team",
    "teem=a": "teem",
    "active=perhaps": "active",
    "active=": "active",
}


def test_a_query_that_is_not_right_is_refused(world: World) -> None:
    program = Program(world.halden, world.halden.employee)
    for query, where in WRONG.items():
        answer = program.get(f"{world.halden.path('api_employees')}?{query}")
        assert answer.status_code == 400, (query, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
        assert pointers(answer) == [where]


def test_a_cursor_holds_for_its_list_alone(world: World) -> None:
    place, other = world.halden, world.nordfjord
    first = Program(place, place.employee).get("api_employees", {"page_size": 1}).json()["next"]
    query = first.split("?")[1]
    for path in (place.path("api_teams"), other.path("api_employees")):
        where = place if path.startswith(place.path("api_me")[:10]) else other
        program = Program(where, where.employee)
        assert program.get(f"{path}?{query}").status_code == 400


def test_as_many_statements_with_many_rows(world: World) -> None:
    place = world.halden
    program = Program(place, place.manager)
    program.get("api_me")  # notes its day
    counts: dict[str, list[int]] = {name: [] for name in LISTS}
    for rows in (3, 30):
        with place.scope():
            for number in range(rows):
                key = f"{rows} {number}"
                team = Team.objects.create(name=f"Team {key}", parent=place.team)
                skill = Skill.objects.create(name=f"Skill {key}")
                person = make_employee(f"P {key}", team=team, manager=place.manager)
                can(person, skill, 3)
        for name in LISTS:
            with counted() as statements:
                answer = program.get(name, {"page_size": 100})
            assert len(answer.json()["results"]) >= rows
            counts[name].append(len(statements))
    for name, (few, many) in counts.items():
        assert few == many <= 12, (name, few, many)


# --- ETags -----------------------------------------------------------------------------------
def test_what_is_known_is_not_sent_again(world: World) -> None:
    place = world.halden
    program = Program(place, place.employee)
    first = program.get("api_teams")
    again = program.get("api_teams", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    with place.scope():
        make_team("Overhead lines")
    assert program.get("api_teams", If_None_Match=first["ETag"]).status_code == 200


# --- Problems --------------------------------------------------------------------------------
def test_absent_and_foreign_are_the_same_bytes(world: World) -> None:
    place = world.halden
    program = Program(place, place.hr)
    absent = {
        program.get(f"{place.path('api_employees')}{one}/").content
        for one in (world.nordfjord.employee.public_id, "AAAAAAAAAAAA", "%00", "x" * 300)
    }
    assert len(absent) == 1


def test_other_methods(world: World) -> None:
    place = world.halden
    program = Program(place, place.employee)
    for method in ("post", "put", "patch", "delete", "options"):
        answer = program.send(method, "api_employees")
        assert answer.status_code == 405, method
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Allow"] == "GET, HEAD"


def test_errors_before_any_view_are_problems_too(world: World) -> None:
    place = world.halden
    with place.scope():
        headers = bearer(place.employee)
    path = place.path("api_employees")
    for answer, status in (
        (Client().get(path + "nowhere/at/all", headers=headers), 404),
        (Client().get(path, headers={**headers, "Accept": "text/html"}), 406),
        (Client().post(path, headers={**headers, "Transfer-Encoding": "chunked"}), 411),
        (Client().post(path, b"x" * 3_000_000, "application/json", headers=headers), 413),
    ):
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_fault_is_a_problem_and_tells_nothing(world: World, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("peerlearn.api.people.Employees.rows", broken)
    program = Program(world.halden, world.halden.employee)
    program.client.raise_request_exception = False
    answer = program.get("api_employees")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert b"secret" not in answer.content
