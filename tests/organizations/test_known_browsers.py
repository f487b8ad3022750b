"""Browsers in which somebody has signed in before, over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from peerlearn.organizations.models import User
from tests.factories import PASSWORD, set_password, user_of
from tests.organizations.ways_in import (
    ask,
    code_in_the_last_mail,
    known_browser,
    type_code,
)
from tests.world import World

pytestmark = pytest.mark.django_db


def locked(world: World, mine: Client) -> bool:
    """Whether that browser shares the lock of strangers."""
    email = world.halden.employee.email
    for _ in range(3):
        ask(Client(), email)
    return bool(ask(mine, email).status_code == 422)


def test_a_known_browser_stays_known(world: World) -> None:
    mine = known_browser(world)
    mark = mine.cookies["known-browser"]
    assert mark["httponly"]
    assert mark["samesite"] == "Lax"
    assert mark["max-age"] == 365 * 24 * 3600
    assert not locked(world, mine)


def test_another_password_ends_it(world: World) -> None:
    mine = known_browser(world)
    set_password(world.halden.employee)
    assert locked(world, mine)


def test_who_changes_the_password_in_it_stays_known(world: World) -> None:
    mine = Client()
    ask(mine, world.halden.employee.email)
    type_code(mine, code_in_the_last_mail())
    assert mine.post("/account/password/set/", {"password1": PASSWORD}).status_code == 302
    mine.post("/account/logout/")
    assert not locked(world, mine)


def test_deactivating_ends_it(world: World) -> None:
    mine = known_browser(world)
    with world.halden.scope():
        world.halden.employee.deactivate(at=world.halden.organization.created_at)
    assert locked(world, mine)


def test_a_switched_off_user_ends_it(world: World) -> None:
    mine = known_browser(world)
    User.objects.filter(pk=user_of(world.halden.employee).pk).update(is_active=False)
    assert locked(world, mine)


def test_the_mark_of_somebody_else_opens_nothing(world: World) -> None:
    theirs = Client()
    ask(theirs, world.halden.colleague.email)
    type_code(theirs, code_in_the_last_mail())
    theirs.post("/account/logout/")
    assert locked(world, theirs)


@pytest.mark.parametrize("forged", ["", "x", '["abc"]', "WyJhYmMiXQ:1w5Lla:abc"])
def test_a_forged_mark_is_none(world: World, forged: str) -> None:
    mine = Client()
    mine.cookies["known-browser"] = forged
    assert locked(world, mine)


def test_five_share_a_browser(world: World) -> None:
    shared, place = Client(), world.halden
    people = [place.hr, place.manager, place.employee, place.colleague]
    for person in people:
        ask(shared, person.email)
        type_code(shared, code_in_the_last_mail())
        shared.post("/account/logout/")
    assert not locked(world, shared)
