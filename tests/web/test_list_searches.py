"""Lists of more than twenty rows are searched, each in its own words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Notice, Notification, Outbox
from peerlearn.organizations.hiring import hire
from peerlearn.organizations.models import Employee
from sessions.models import Participation
from tests.factories import HIRED_ON
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.skills.kit import can, make_skill
from tests.world import Place, World

pytestmark = pytest.mark.django_db
MANY = 21


def crowd(place: Place) -> list[Employee]:
    with place.scope():
        return [
            hire(
                name=f"Person {chr(97 + at)}{chr(97 + at)}",
                email=f"p{at}@crowd.example",
                hired_on=HIRED_ON,
                team=place.team,
                manager=place.manager,
            )
            for at in range(MANY)
        ]


def seen(client: Client, path: str, text: str, **more: str) -> str:
    page = client.get(path, {"q": text, **more}).content.decode()
    return page.partition('id="list-q"')[2]


def test_members_and_holders_are_found_as_in_the_directory(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 3)
        path = place.path("skill", public_id=skill.public_id)
    place.sign_in(client, place.colleague)
    team = place.path("team", public_id=place.team.public_id)
    for few in (team, path):
        assert b'id="list-q"' not in client.get(few).content
    people = crowd(place)
    with place.scope():
        for person in people:
            can(person, skill, 2)
    for many in (team, path):
        assert b'id="list-q"' in client.get(many).content
        found = seen(client, many, "Erikson")
        assert "Nils Eriksen" in found
        assert "Person aa" not in found
        assert "Nothing here fits “nobody”." in seen(client, many, "nobody")


def test_confirmations_are_found_by_colleague_and_by_skill(world: World, client: Client) -> None:
    place = world.halden
    people = crowd(place)
    with place.scope():
        first, second = make_skill("Oil sampling"), make_skill("Relays")
        for skill in (first, second):
            can(place.manager, skill, 4)
        for person in people:
            can(person, first, 2)
        can(place.employee, second, 2)
    place.sign_in(client, place.manager)
    path = place.path("confirmations")
    for text in ("Nlis", "relay"):
        found = seen(client, path, text)
        assert "Nils Eriksen" in found, text
        assert "Person aa" not in found, text
    assert "Nothing here fits" in seen(client, path, "welding")


def test_the_inbox_and_deliveries_are_searched(world: World, client: Client) -> None:
    place = world.halden
    people = crowd(place)
    with place.scope():
        told = [*people, place.employee]
        Notification.deliver_all(Notice(one, "welcome", one.pk, now()) for one in told)
        Outbox.objects.all().bury("RecipientRefused")
        mine = (Notice(place.admin, "welcome", at, now()) for at in range(MANY + 1))
        Notification.deliver_all(mine)
        for at, row in enumerate(Notification.objects.filter(recipient=place.admin)):
            title = "Booked with Aisha" if at else "Level 3% confirmed"
            row.show(title=title, path=place.path("home"), at=now())
    place.sign_in(client, place.admin)
    found = seen(client, place.path("notifications"), "3%")
    assert "Level 3% confirmed" in found
    assert "Booked" not in found
    found = seen(client, place.path("deliveries"), "Eriksen")
    assert "for Nils Eriksen" in found
    assert "for Person" not in found.partition('id="waiting-h"')[0]
    assert "Nothing here fits" in seen(client, place.path("deliveries"), "Karl Berge")


def test_past_sessions_are_found_by_skill_and_by_colleague(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        offers: list[Any] = [
            make_offer(host, skill)
            for host, skill in ((place.manager, "Oil sampling"), (place.colleague, "Relays"))
        ]
        for weeks, offer in enumerate(offers):
            make_booking(offer, place.employee, TUESDAY + timedelta(weeks=weeks), at=AT)
        Participation.objects.all().update(state="completed")
    place.sign_in(client, place.employee)
    path = place.path("my_sessions")
    for text in ("relay", "Aisha"):
        found = seen(client, path, text, show="past")
        assert "With Aisha Rahman" in found, text
        assert "Mette Aas" not in found, text
    assert "Nothing here fits" in seen(client, path, "welding", show="past")
