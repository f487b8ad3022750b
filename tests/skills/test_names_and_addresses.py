"""Names that cannot be seen or are taken, and addresses of skills that were merged."""

from __future__ import annotations

import pytest
from django.test import Client

from skills.merging import merge
from skills.models import Skill
from skills.names import search_key
from tests.skills.kit import AT, make_skill
from tests.world import World

UNSEEN = ["\u200b", "\u200b\u200d \ufeff", "\u2060", "\u202e", "\u3164", "\u2800"]


@pytest.mark.parametrize("name", UNSEEN, ids=ascii)
def test_a_name_that_nobody_sees_is_none(world: World, client: Client, name: str) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    answer = client.post(place.path("skill_add"), {"name": name})
    assert answer.status_code == 422
    with place.scope():
        assert not Skill.objects.exists()


def test_what_nobody_sees_parts_no_names() -> None:
    assert search_key("Kuber\u200bnetes\ufeff") == search_key("Kubernetes")
    assert search_key("Łódź \u202eSQL") == "lodz sql"


def test_another_name_is_no_other_skills_own(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_skill("Kubernetes")
        skill = make_skill("Containers", "k8s")
    place.sign_in(client, place.hr)
    for path in (
        place.path("skill_add"),
        place.path("skill_edit", public_id=skill.public_id),
    ):
        data = {"name": "Containers" if "edit" in path else "Pods", "also_called": "KUBERNETES"}
        answer = client.post(path, data)
        assert answer.status_code == 422
        assert "“Kubernetes” is a skill of its own" in str(
            answer.context["form"].errors["also_called"]
        )
    own = {"name": "Containers", "also_called": "containers\nk8s"}
    assert client.post(path, own).status_code == 302


NAMES = ["skill", "skill_outlook", "skill_edit", "skill_merge", "skill_archive"]


@pytest.mark.parametrize("name", NAMES)
def test_a_merged_skills_address_leads_to_what_it_became(
    world: World, client: Client, name: str
) -> None:
    place = world.halden
    with place.scope():
        old, new = make_skill("K8s"), make_skill("Kubernetes")
        merge(old, into=new, at=AT)
    place.sign_in(client, place.hr)
    answer = client.get(place.path(name, public_id=old.public_id), follow=True)
    assert answer.redirect_chain[-1] == (place.path("skill", public_id=new.public_id), 302)
    assert answer.status_code == 200
    assert client.get(place.path(name, public_id="absent")).status_code == 404


def test_an_outlook_for_htmx_is_kept_apart_from_the_page(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
    place.sign_in(client, place.hr)
    path = place.path("skill_outlook", public_id=skill.public_id)
    for headers in ({}, {"HX-Request": "true"}):
        assert "HX-Request" in client.get(path, headers=headers).headers["Vary"]
