"""Adding, correcting and ending the access of people, over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from peerlearn.organizations import throttles
from peerlearn.organizations.granting import grant
from peerlearn.organizations.hiring import amend
from peerlearn.organizations.models import Assignment, Employee
from tests.factories import BEGAN_AT, make_cost_band, make_employee, make_team
from tests.notifications.kit import work
from tests.organizations.kit import WEEK, again, edit
from tests.world import World

NEW = {**WEEK, "name": "Åse Bakken", "email": "ase@halden.example", "hired_on": "2026-01-05"}


def test_hr_adds_somebody_who_can_sign_in(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    data = {**NEW, "team": place.team.public_id, "manager": place.manager.public_id}
    response = client.post(place.path("employee_add"), data)
    assert response.status_code == 302
    with place.scope():
        person = Employee.objects.get(email="ase@halden.example")
        assert (person.team, person.manager) == (place.team, place.manager)
        assert Assignment.objects.get(employee=person).valid_from == date(2026, 1, 5)
    page = client.get(response["Location"])
    assert b"an invitation goes to" in page.content
    theirs = Client()
    place.sign_in(theirs, person)
    assert theirs.get(place.path("employees")).status_code == 200


def test_adding_twice_is_told_beside_the_email(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    assert client.post(place.path("employee_add"), NEW).status_code == 302
    response = client.post(place.path("employee_add"), {**NEW, "name": "Typed <b>again</b>"})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"email"}
    assert b"Typed &lt;b&gt;again&lt;/b&gt;" in response.content


def test_mails_to_whomever_hr_types_are_limited(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttles.LIMITS, throttles.WELCOME, {"account": ((3, 3600),)})
    place = world.halden
    place.sign_in(client, place.hr)

    def add(number: int) -> Any:
        data = {**NEW, "email": f"stranger{number}@elsewhere.example"}
        return client.post(place.path("employee_add"), data)

    assert add(1).status_code == 302
    assert add(1).status_code == 422  # nobody is mailed: it does not count
    assert edit(client, place, place.employee, email="x@elsewhere.example").status_code == 302
    assert add(2).status_code == 302
    refused = add(3)
    assert refused.status_code == 422
    assert b"each is sent a mail. There were too many tries. Please wait 60" in refused.content
    assert b"stranger3@elsewhere.example" in refused.content
    changed = edit(client, place, place.colleague, email="y@elsewhere.example")
    assert changed.status_code == 422
    assert edit(client, place, place.colleague, job_title="Fitter").status_code == 302
    assert work() == 5  # with two invitations beside what is told
    other = world.nordfjord
    other.sign_in(client, other.hr)
    assert client.post(other.path("employee_add"), NEW).status_code == 302


def test_the_same_number_is_told_beside_it(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    client.post(place.path("employee_add"), {**NEW, "number": "17"})
    other = {**NEW, "email": "other@halden.example", "number": "17"}
    response = client.post(place.path("employee_add"), other)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"number"}


@pytest.mark.parametrize(
    "name", ["李" * 200, "👩🏽‍🔧 Ωmega", "=1+1", "ا" * 200, "<script>alert(1)</script>", "x"]
)
def test_any_name_is_kept_as_it_is(world: World, client: Client, name: str) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    response = client.post(place.path("employee_add"), {**NEW, "name": name})
    assert response.status_code == 302
    with place.scope():
        assert Employee.objects.get(email=NEW["email"]).name == name
    assert client.get(response["Location"]).status_code == 200
    found = client.get(place.path("employees"), {"q": name})
    assert b"<script>alert" not in found.content


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", "n" * 201),
        ("name", "   "),
        ("email", "no e-mail"),
        ("team", "\x00"),
        ("manager", "AAAAAAAAAAAA"),
        ("time_zone", "Mars/Olympus"),
        ("working_days", ["7"]),
        ("working_days", []),
        ("day_ends", "07:00"),
        ("hired_on", "31 February"),
        ("leaving_on", "2025-01-01"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    world: World, client: Client, field: str, value: Any
) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    response = client.post(place.path("employee_add"), {**NEW, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}


def test_a_team_of_another_organization_is_no_choice(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    data = {**NEW, "team": world.nordfjord.team.public_id}
    response = client.post(place.path("employee_add"), data)
    assert response.context["form"].errors.keys() == {"team"}


def test_a_manager_nearly_written_so_is_suggested(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    asked = place.path("employee_edit", public_id=place.employee.public_id)
    refused = client.post(asked, {"manager": "Meta Aas"})
    words = "Nobody here is called “Meta Aas”. Do you mean Mette Aas &lt;mette@halden.example&gt;?"
    assert words in refused.content.decode()


def test_a_change_of_place_is_remembered_from_its_day(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    with place.scope():
        team, band = make_team("Lines"), make_cost_band()
    place.sign_in(client, place.hr)
    changes = {"team": team.public_id, "cost_band": band.public_id, "job_title": "Engineer"}
    assert edit(client, place, person, **changes).status_code == 302
    with place.scope():
        places = Assignment.objects.filter(employee=person).order_by("valid_from")
        rows = [(a.valid_from, a.valid_to, a.job_title, a.team) for a in places]
    assert rows == [
        (date(2025, 1, 6), date(2025, 6, 2), "Technician", place.team),
        (date(2025, 6, 2), None, "Engineer", team),
    ]
    history = client.get(place.path("employee", public_id=person.public_id))
    assert b"Places held" in history.content


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"on": "2090-01-01", "job_title": "New"}, "on"),
        ({"on": "2024-01-01", "job_title": "New"}, "on"),
        ({"email": "mette@halden.example"}, "email"),
    ],
)
def test_a_wrong_correction_changes_nothing(
    world: World, client: Client, changes: dict[str, str], field: str
) -> None:
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    response = edit(client, place, person, name="Somebody else", **changes)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert again(place, person).name == "Nils Eriksen"


def test_a_loop_in_the_reporting_line_is_told_beside_the_manager(
    world: World, client: Client
) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    response = edit(client, place, place.manager, manager=place.employee.public_id)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"manager"}
    itself = edit(client, place, place.manager, manager=place.manager.public_id)
    assert itself.context["form"].errors.keys() == {"manager"}


def test_the_first_day_moves_with_the_first_place(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    assert edit(client, place, person, hired_on="2024-03-01").status_code == 302
    with place.scope():
        assert Assignment.objects.get(employee=person).valid_from == date(2024, 3, 1)


def test_ending_access_ends_sessions_that_are_open(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    theirs = place.sign_in(Client(), person)
    assert theirs.get(place.path("employees")).status_code == 200
    place.sign_in(client, place.hr)
    path = place.path("employee_deactivate", public_id=person.public_id)
    assert b"from the next click on" in client.get(path).content
    assert client.post(path).status_code == 302
    assert theirs.get(place.path("employees")).status_code == 404
    assert theirs.get("/").headers["Location"] == "/organizations/"
    assert b"no organization yet" in theirs.get("/organizations/").content
    back = place.path("employee_reactivate", public_id=person.public_id)
    assert client.post(back).status_code == 302
    assert theirs.get(place.path("employees")).status_code == 200


def test_an_admin_comes_back_by_an_admin_alone(world: World, client: Client) -> None:
    """They come back with their roles, which HR may not give."""
    place = world.halden
    with place.scope():
        second = make_employee("Liv Haugen", is_admin=True)
        second.deactivate(at=BEGAN_AT)
    back = place.path("employee_reactivate", public_id=second.public_id)
    place.sign_in(client, place.hr)
    assert client.post(back).status_code == 403
    assert not again(place, second).active
    with place.scope():
        grant(place.admin, is_hr=True, is_admin=True, at=BEGAN_AT)
    place.sign_in(client, place.admin)
    assert client.post(back).status_code == 302
    assert again(place, second).active


def test_who_works_elsewhere_too_keeps_that(world: World, client: Client) -> None:
    with world.nordfjord.scope():
        make_employee("Nils Eriksen", email=world.halden.employee.email)
    theirs = world.sign_in(Client(), world.halden.employee)
    world.sign_in(client, world.halden.hr)
    person = world.halden.employee
    client.post(world.halden.path("employee_deactivate", public_id=person.public_id))
    assert theirs.get(world.halden.path("employees")).status_code == 404
    assert theirs.get(world.nordfjord.path("employees")).status_code == 200


def test_the_last_admin_stays(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    with place.scope():
        grant(place.admin, is_hr=True, is_admin=True, at=BEGAN_AT)
    deactivate = place.path("employee_deactivate", public_id=place.admin.public_id)
    response = client.post(deactivate)
    assert response.status_code == 422
    assert b"is the only admin" in response.content
    place.sign_in(client, place.admin)
    roles = place.path("employee_roles", public_id=place.admin.public_id)
    assert client.post(roles, {"is_hr": "on"}).status_code == 422
    assert again(place, place.admin).is_admin
    other = place.path("employee_roles", public_id=place.colleague.public_id)
    assert client.post(other, {"is_admin": "on"}).status_code == 302
    assert client.post(roles, {}).status_code == 302
    assert not again(place, place.admin).is_admin
    assert client.get(roles).status_code == 403


def test_leaving_dates_are_seen_by_hr_and_the_line_above_alone(world: World) -> None:
    place, person = world.halden, world.halden.employee
    with place.scope():
        Employee.objects.filter(pk=person.pk).update(leaving_on=date(2027, 3, 5))
    path = place.path("employee", public_id=person.public_id)
    seen = {
        actor: b"Fri 5 March" in place.sign_in(Client(), getattr(place, actor)).get(path).content
        for actor in ("hr", "manager", "employee", "colleague", "admin")
    }
    assert seen == {
        "hr": True,
        "manager": True,
        "employee": False,
        "colleague": False,
        "admin": False,
    }


def test_only_hr_sees_who_left_and_the_places_held(world: World, client: Client) -> None:
    place, gone = world.halden, world.halden.deactivated
    path = place.path("employee", public_id=gone.public_id)
    place.sign_in(client, place.colleague)
    assert client.get(path).status_code == 404
    assert gone.name.encode() not in client.get(place.path("employees"), {"left": "on"}).content
    mine = client.get(place.path("employee", public_id=place.colleague.public_id))
    assert b"Places held" not in mine.content
    place.sign_in(client, place.hr)
    assert client.get(path).status_code == 200
    assert gone.name.encode() not in client.get(place.path("employees")).content
    assert gone.name.encode() in client.get(place.path("employees"), {"left": "on"}).content


def test_my_hours_are_mine_to_keep(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    place.sign_in(client, person)
    data = {
        **WEEK,
        "time_zone": "Asia/Tokyo",
        "working_days": ["1", "2"],
        "twelve_hour_clock": "on",
    }
    assert client.post(place.path("my_profile"), data).status_code == 302
    kept = again(place, person)
    assert (kept.time_zone, kept.working_days) == ("Asia/Tokyo", [1, 2])
    assert kept.twelve_hour_clock
    page = client.get(place.path("employee", public_id=person.public_id))
    assert "8:00\N{NO-BREAK SPACE}am" in page.content.decode()
    wrong = client.post(place.path("my_profile"), {**data, "day_ends": "06:00"})
    assert wrong.status_code == 422


def test_correcting_somebody_gives_back_neither_access_nor_roles(world: World) -> None:
    """HR had the form open while somebody else ended the access and took a role."""
    place = world.halden
    with place.scope():
        person = make_employee("Åse Bakken", is_hr=True)
        stale = Employee.objects.get(pk=person.pk)
        grant(person, is_hr=False, is_admin=False, at=BEGAN_AT)
        person.deactivate(at=datetime(2026, 1, 5, 9, tzinfo=UTC))
        kept = {name: getattr(stale, name) for name in ("number", "hired_on", "leaving_on")}
        week = {name: getattr(stale, name) for name in WEEK}
        amend(
            stale,
            name="Åse Lie",
            email="ase.lie@halden.example",
            team=place.team,
            manager=None,
            job_title="",
            cost_band=None,
            on=date(2026, 1, 5),
            at=datetime(2026, 1, 5, 9, tzinfo=UTC),
            **kept,
            **week,
        )
    after = again(place, person)
    assert (after.name, after.active, after.is_hr) == ("Åse Lie", False, False)
    assert after.membership is not None
    assert not after.membership.active
