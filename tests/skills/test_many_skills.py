"""A new organization with many skills, before Postgres has counted them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client

from peerlearn.runtime.roles import from_environment
from skills.catalogue import add, from_lines, ict_pack
from skills.forms import LIST_LINES
from skills.models import Skill
from tests.world import World

MANY = 8_000


def analyse() -> None:
    """As autovacuum does: the owner may."""
    database = connection.settings_dict["NAME"]
    with replace(from_environment("DATABASE_OWNER_URL"), database=database).cursor() as cursor:
        cursor.execute("ANALYZE skills_skill, skills_skillname")


@pytest.mark.django_db(transaction=True)
def test_search_does_not_wait_for_statistics(world: World, client: Client) -> None:
    """With a join of skills and names each statement ran into the timeout of five seconds."""
    place = world.halden
    with world.nordfjord.scope():
        add(ict_pack())
    analyse()
    with place.scope():
        add(from_lines("\n".join(f"Skill {i} of a kind | alias {i}" for i in range(MANY))))
    place.sign_in(client, place.employee)
    for text in ("kind", "skil of kind", "alias 77"):
        assert client.get(place.path("skills"), {"q": text}).status_code == 200
    with place.scope():
        found, loose = Skill.objects.current().looked_up("kind")
        assert (found.count(), loose) == (MANY, False)


def test_a_list_of_too_many_lines_is_told_beside_it(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    text = "\n".join(f"Skill {i}" for i in range(LIST_LINES + 1))
    answer = client.post(place.path("catalogue_begin"), {"own_list": text})
    assert answer.status_code == 422
    assert "That are 2001 lines. Add 2000 at a time" in answer.content.decode()
    assert f"Skill {LIST_LINES}" in answer.content.decode()
    with place.scope():
        assert not Skill.objects.exists()
    fitting = text.rsplit("\n", 1)[0]
    assert client.post(place.path("catalogue_begin"), {"own_list": fitting}).status_code == 302
