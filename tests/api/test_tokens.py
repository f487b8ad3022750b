"""Tokens: made, used, ended; what one opens and what it never does."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from peerlearn.api import permissions
from peerlearn.api.models import MOST_TOKENS, ApiToken
from peerlearn.api.opening import REQUESTS
from peerlearn.api.secrets import PREFIX, is_whole, make_secret
from peerlearn.clock import now
from peerlearn.logs import mask
from peerlearn.organizations import throttles
from peerlearn.organizations.hiring import move_sign_in
from peerlearn.organizations.models import Organization, TryCount
from tests.api.kit import Program, make_token
from tests.organizations.ways_in import ELSEWHERE
from tests.skills.kit import counted
from tests.world import World

TYPED = {"name": "Wall  display", "scopes": ["read:people"], "days": "30"}


def test_a_token_is_made_shown_once_and_revoked(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    made = client.post(place.path("api_token_add"), TYPED)
    assert made.status_code == 201
    secret = re.search(rf"{PREFIX}[\w-]+", made.content.decode())
    assert secret is not None
    with place.scope():
        token = ApiToken.objects.get()
        assert (token.name, token.scopes, token.digest) == (
            "Wall display",
            ["read:people"],
            sha256(secret[0].encode()).hexdigest(),
        )
    listed = client.get(place.path("api_tokens")).content.decode()
    assert "Wall display" in listed
    assert "Read people and teams" in listed
    assert "Never used." in listed
    assert PREFIX not in listed
    asked = Client().get(place.path("api_me"), headers={"Authorization": f"Bearer {secret[0]}"})
    assert asked.status_code == 200
    assert asked.json()["employee"]["name"] == place.employee.name
    assert "Last used" in client.get(place.path("api_tokens")).content.decode()
    revoke = place.path("api_token_revoke", public_id=token.public_id)
    assert client.post(revoke).status_code == 302
    asked = Client().get(place.path("api_me"), headers={"Authorization": f"Bearer {secret[0]}"})
    assert asked.status_code == 401


def test_what_was_typed_is_kept(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    page = client.post(place.path("api_token_add"), {**TYPED, "scopes": ["read:everything"]})
    assert page.status_code == 422
    assert "Wall  display" in page.content.decode()


def test_a_person_has_so_many_tokens_at_most(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        for _one in range(MOST_TOKENS):
            make_token(place.employee, [])
    place.sign_in(client, place.employee)
    page = client.post(place.path("api_token_add"), TYPED)
    assert page.status_code == 422
    assert "as many as one person may" in page.content.decode()


def test_a_token_ends_within_a_year(world: World) -> None:
    place = world.halden
    with place.scope():
        with pytest.raises(IntegrityError), transaction.atomic():
            make_token(place.employee, days=367)
        make_token(place.employee, days=366)


def test_admins_see_whose_there_are_and_switch_off(world: World, client: Client) -> None:
    place = world.halden
    program = Program(place, place.employee)
    place.sign_in(client, place.admin)
    page = client.get(place.path("api_access")).content.decode()
    assert place.employee.name in page
    assert PREFIX not in page
    client.post(place.path("api_switch"), {"on": "0"})
    assert program.get("api_me").status_code == 401
    assert "switched it off" in client.get(place.path("api_access")).content.decode()
    client.post(place.path("api_switch"), {"on": "1"})
    assert program.get("api_me").status_code == 200


def test_an_admin_revokes_others_and_nobody_else_does(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        token, _secret = make_token(place.employee)
    revoke = place.path("api_token_revoke", public_id=token.public_id)
    place.sign_in(client, place.hr)
    assert client.post(revoke).status_code == 404
    place.sign_in(client, place.admin)
    assert client.post(revoke)["Location"] == place.path("api_access")
    with place.scope():
        token.refresh_from_db()
        assert token.revoked_by == place.admin


@pytest.mark.parametrize("how", ["time", "deactivated", "another e-mail", "suspended", "user"])
def test_what_ends_a_token(how: str, world: World) -> None:
    place = world.halden
    program = Program(place, place.employee)
    assert program.get("api_me").status_code == 200
    later = now()
    with place.scope():
        match how:
            case "time":
                later += timedelta(days=91)
            case "deactivated":
                place.employee.deactivate(at=later)
                place.employee.reactivate(at=later)
            case "another e-mail":
                address = "nils.eriksen@halden.example"
                move_sign_in(place.employee, address, by=place.hr, at=later)
                place.employee.save()
            case "suspended":
                Organization.objects.filter(pk=place.organization.pk).update(suspended_at=later)
            case "user":
                user = place.employee.membership.user
                user.is_active = False
                user.save()
    with time_machine.travel(later, tick=False):
        assert program.get("api_me").status_code == 401


def test_the_day_of_the_last_use_is_one_write_a_day(world: World) -> None:
    place = world.halden
    program = Program(place, place.employee)
    program.get("api_me")
    with counted() as statements:
        assert program.get("api_me").status_code == 200
    assert not [one for one in statements if one.startswith("UPDATE")], statements
    assert len(statements) == 4, statements


# --- Never more than its person, never more than its scopes ----------------------------------
def test_a_token_does_no_more_than_its_scopes(world: World) -> None:
    place = world.halden
    program = Program(place, place.hr, ["read:skills"])
    refused = program.get("api_employees")
    assert refused.status_code == 403
    assert "read:people" in refused.json()["detail"]
    assert program.get("api_skills").status_code == 200


def test_twin_without_the_permission_it_would(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(permissions.MayCall, "has_permission", lambda *_: True)
    place = world.halden
    assert Program(place, place.hr, ["read:skills"]).get("api_employees").status_code == 200


def test_a_token_sees_no_more_than_its_person(world: World, monkeypatch: Any) -> None:
    """HR sees who has left; others do not, whatever their token is for."""
    place = world.halden
    gone = {"public_id": place.deactivated.public_id}
    assert Program(place, place.hr).get("api_employee", kwargs=gone).status_code == 200
    program = Program(place, place.employee)
    assert program.get("api_employee", kwargs=gone).status_code == 404
    monkeypatch.setattr(  # the twin
        "peerlearn.organizations.queries.EmployeeQuerySet.visible_to", lambda rows, _employee: rows
    )
    assert program.get("api_employee", kwargs=gone).status_code == 200


def test_foreign_tokens_and_sessions_open_nothing(world: World, client: Client) -> None:
    ours, theirs = world.halden, world.nordfjord
    foreign = Program(theirs, theirs.hr)
    ours.sign_in(client, ours.hr)
    bodies = {
        foreign.get(ours.path("api_employees")).content,
        client.get(ours.path("api_employees")).content,
        Client().get("/o/no-such/api/v1/employees/").content,
        Client().get(ours.path("api_employees"), headers={"Authorization": "Basic x"}).content,
    }
    assert len(bodies) == 1


# --- How often -------------------------------------------------------------------------------
def test_requests_of_a_token_are_limited_refused_ones_too(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("peerlearn.api.opening.REQUESTS", 2)
    place = world.halden
    program, other = Program(place, place.employee), Program(place, place.employee)
    absent = {"public_id": "AAAAAAAAAAAA"}
    assert program.get("api_employee", kwargs=absent).status_code == 404
    assert program.get("api_employee", kwargs=absent).status_code == 404
    refused = program.get("api_me")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"] == "application/problem+json"
    assert other.get("api_me").status_code == 200
    monkeypatch.setattr(throttles.Try, "count_again", lambda *_: False)  # the twin
    assert program.get("api_me").status_code == 200
    assert REQUESTS > 2


def test_made_up_tokens_count_by_network_and_keep_nobody_out(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setitem(throttles.LIMITS, throttles.UNKNOWN_KEY, {throttles.NETWORK: ((3, 600),)})
    place = world.halden
    program = Program(place, place.employee)
    rows = TryCount.objects.count()
    answers = [_asked_with(make_secret(), place.path("api_me")) for _one in range(5)]
    assert [one.status_code for one in answers] == [401, 401, 401, 429, 429]
    assert TryCount.objects.count() == rows + 1
    assert 1 <= int(answers[4]["Retry-After"]) <= 600
    assert answers[4]["Content-Type"] == "application/problem+json"
    nowhere = _asked_with(make_secret(), "/o/no-such/api/v1/me/")
    assert (nowhere.status_code, nowhere.content) == (429, answers[4].content)
    assert [program.get("api_me").status_code for _one in range(3)] == [200] * 3
    elsewhere = _asked_with(make_secret(), place.path("api_me"), REMOTE_ADDR=ELSEWHERE)
    assert elsewhere.status_code == 401
    monkeypatch.setattr("peerlearn.api.opening.too_many", lambda _request: None)  # the twin
    assert _asked_with(make_secret(), place.path("api_me")).status_code == 401


def test_twin_counted_by_what_was_sent_each_leaves_a_row(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttles.Try, "count_again", throttles.Try.count)
    rows = TryCount.objects.count()
    for _one in range(5):
        _asked_with(make_secret(), world.halden.path("api_me"))
    assert TryCount.objects.count() >= rows + 5


def _asked_with(secret: str, path: str, **where: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {secret}"}, **where)


# --- Secrets ---------------------------------------------------------------------------------
def test_secrets() -> None:
    secret = make_secret()
    assert is_whole(secret)
    assert len({make_secret() for _one in range(50)}) == 50
    assert not is_whole(secret[:-1])
    assert not is_whole(secret.replace(secret[10], "x" if secret[10] != "x" else "y", 1))
    assert secret not in mask(f"GET /o/x/?a={secret} failed")


def test_what_was_never_a_token_costs_no_statement(world: World) -> None:
    headers = {"Authorization": "Bearer plt_guessed"}
    with counted() as statements:
        Client().get(world.halden.path("api_me"), headers=headers)
    assert not [one for one in statements if "trycount" in one or "apitoken" in one]
