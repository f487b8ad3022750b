"""What a colleague's profile says of their skills."""

from __future__ import annotations

import pytest
from django.test import Client

from peerlearn.clock import now
from skills.models import Offer
from tests.skills.kit import DAY, can, make_skill, queries_of, wants
from tests.world import Place, World

pytestmark = pytest.mark.django_db


def panel(client: Client, place: Place) -> str:
    path = place.path("employee_skills", public_id=place.colleague.public_id)
    response = client.get(path, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_everybody_sees_levels_and_wishes_by_name(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        relays, records, telex = (make_skill(name) for name in ("Relays", "Records", "Telex"))
        can(place.manager, relays, 4)
        level = can(place.colleague, relays, 3)
        level.confirm(by=place.manager, at=now())
        can(place.colleague, telex, 4)
        telex.archive(at=now())
        Offer.make(employee=place.colleague, skill=relays, on=DAY)
        wants(place.colleague, records, 3)
        can(place.employee, make_skill("Winding"), 3)
    place.sign_in(client, place.employee)
    text = panel(client, place)
    assert text.index("Relays") < text.index("Records")
    assert "confirmed by Mette Aas" in text
    assert "teaches it" in text
    assert "Alone" in text
    assert "wants to learn it: now" in text
    assert "Telex" not in text
    assert "Winding" not in text


def test_who_has_said_nothing(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    assert "Aisha Rahman has not said yet" in panel(client, place)
    place.sign_in(client, place.colleague)
    assert "You have not said yet" in panel(client, place)


def test_many_skills_ask_as_often_as_one(world: World, client: Client) -> None:
    place = world.halden
    path = place.path("employee_skills", public_id=place.colleague.public_id)
    with place.scope():
        can(place.colleague, make_skill(), 3)
    place.sign_in(client, place.employee)
    few = queries_of(client, path)
    with place.scope():
        for number in range(20):
            can(place.colleague, make_skill(f"Skill {number}"), 2)
    assert len(queries_of(client, path)) == len(few)
    assert "All 21" in panel(client, place)
    assert "Skill 9" in client.get(path + "?all=1").content.decode()


def test_the_skill_page_says_my_level_in_words(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        level = can(place.employee, skill, 3)
        can(place.manager, skill, 4)
    path = place.path("skill", public_id=skill.public_id)
    place.sign_in(client, place.colleague)
    assert "Your level" not in client.get(path).content.decode()
    place.sign_in(client, place.employee)
    page = client.get(path).content.decode()
    assert "Your level: <strong>Alone</strong>" in page
    assert "confirmed until" not in page
    with place.scope():
        level.confirm(by=place.manager, at=now())
    assert "confirmed until" in client.get(path).content.decode()
