"""The catalogue: search, packs, own lists, merging, archive."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from skills import catalogue
from skills.merging import merge, would_move
from skills.models import Need, Offer, Proficiency, Requirement, Skill
from skills.own import want
from tests.skills.kit import AT, DAY, can, counted, make_skill, wants
from tests.world import World


def found(text: str) -> list[str]:
    return [skill.name for skill in Skill.objects.current().looked_up(text)[0]]


def test_search_forgives(world: World) -> None:
    with world.halden.scope():
        make_skill("Kubernetes", "k8s", "kube")
        make_skill("Python")
        make_skill("Relay protection settings", "Schützeinstellung")
        make_skill("Relay testing")
        assert found("k8s") == ["Kubernetes"]
        assert found("K8S ") == ["Kubernetes"]
        assert found("kuber") == ["Kubernetes"]
        assert found("kubernets") == ["Kubernetes"]
        assert found("pyhton") == ["Python"]
        assert found("schutzeinst") == ["Relay protection settings"]
        assert found("protec") == ["Relay protection settings"]
        assert found("Relay testing")[0] == "Relay testing"
        assert found("%") == found("_") == found("zzzz") == found("") == []


def test_search_finds_nothing_of_another_organization(world: World) -> None:
    with world.nordfjord.scope():
        make_skill("Kubernetes", "k8s")
    with world.halden.scope():
        assert found("k8s") == []


def test_an_own_name_goes_before_another_one(world: World, client: Client) -> None:
    """And a skill that is found by another name says by which."""
    place = world.halden
    with place.scope():
        make_skill("Injection set", "Relay tester", "Omicron")
        make_skill("Relay protection settings", "relay guard")
        make_skill("Grid", "relay")
        assert found("relay") == ["Grid", "Relay protection settings", "Injection set"]
    place.sign_in(client, place.employee)
    page = client.get(place.path("skills") + "?q=relay").content.decode()
    assert "also called Relay tester" in page
    assert "relay guard" not in page, "its own name is as near"
    assert "Omicron" not in page
    assert "also called Omicron" in client.get(place.path("my_skills") + "?q=omic").content.decode()


def test_search_finds_the_pack_quickly(world: World) -> None:
    with world.halden.scope():
        catalogue.add(catalogue.ict_pack())
        for text in ("python", "sql", "javascript", "firewal", "databse", "linux"):
            assert found(text), text
        with counted() as statements:
            found("javscript")
        assert len(statements) <= 3


def test_the_pack_is_whole() -> None:
    pack = catalogue.ict_pack()
    assert len(pack) == 877
    assert len({entry.esco_uri for entry in pack}) == 877
    assert all(entry.name and entry.category for entry in pack)
    assert sum(number for _, number in catalogue.pack_categories()) == 877


def test_adding_a_pack_skips_what_is_there(world: World) -> None:
    with world.halden.scope():
        make_skill("Structured query language", "SQL")
        with counted() as statements:
            added = catalogue.add(catalogue.ict_pack())
        assert len(statements) < 20
        assert "SQL" in added.skipped
        assert len(added.skills) + len(added.skipped) == 877
        again = catalogue.add(catalogue.ict_pack())
        assert (len(again.skills), len(again.skipped)) == (0, 877)


def test_an_own_list(world: World) -> None:
    text = "Kubernetes | k8s | kube\n\n  docker \nDOCKER\n=1+1\n🦾 Robot arm\n|\n"
    with world.halden.scope():
        added = catalogue.add(catalogue.from_lines(text, category="Platform"))
        assert [skill.name for skill in added.skills] == [
            "Kubernetes",
            "docker",
            "=1+1",
            "🦾 Robot arm",
        ]
        assert {skill.category.name for skill in added.skills if skill.category} == {"Platform"}
        assert found("kube") == ["Kubernetes"]


def test_a_name_is_used_once(world: World) -> None:
    with world.halden.scope():
        make_skill("Kubernetes")
        with pytest.raises(IntegrityError), transaction.atomic():
            make_skill("KUBERNETES")
    with world.nordfjord.scope():
        make_skill("Kubernetes")


def test_renaming_keeps_what_it_is_also_called(world: World) -> None:
    with world.halden.scope():
        skill = make_skill("Kubernets", "k8s")
        skill.name_it("Kubernetes", ["kube"])
        assert Skill.objects.get().also_called() == ["kube"]
        assert found("kube") == ["Kubernetes"]
        assert not Skill.objects.matching("k8s").exists()


def test_merging_moves_everything(world: World) -> None:
    place = world.halden
    with place.scope():
        old, new = make_skill("K8s admin", "k8s"), make_skill("Kubernetes")
        can(place.employee, old, 3)
        can(place.colleague, old, 2)
        can(place.colleague, new, 4, on=date(2026, 2, 2))
        can(place.manager, new, 3)
        held = Proficiency.objects.get(employee=place.colleague, skill=old)
        held.confirm(by=place.employee, at=AT)
        wants(place.hr, old, 3, on=date(2026, 1, 7))
        wants(place.hr, new, 1, on=date(2026, 1, 9))
        wants(place.admin, old)
        for skill in (old, new):
            Offer.make(employee=place.manager, skill=skill, on=DAY)
        Requirement.want(team=place.team, skill=old, wanted=2, on=DAY)
        Requirement.want(team=place.team, skill=new, wanted=1, on=DAY)
        assert would_move(old).people == 2

        merge(old, into=new, at=AT)

        assert found("k8s") == found("k8s admin") == ["Kubernetes"]
        assert not Proficiency.objects.filter(skill=old).exists()
        assert Proficiency.objects.get(employee=place.employee).skill == new
        # Confirmed at 2 weighs more than one's own word at 4, as long as it runs.
        theirs = Proficiency.objects.filter(employee=place.colleague)
        assert theirs.on(date(2026, 6, 1)).get().level == 2
        assert theirs.on(date(2027, 6, 1)).get().level == 4
        need = Need.objects.get(employee=place.hr)
        assert (need.skill, need.urgency, need.since) == (new, 3, date(2026, 1, 7))
        assert Need.objects.get(employee=place.admin).skill == new
        assert Offer.objects.get().skill == new
        assert Requirement.objects.on(DAY).get().wanted == 2
        old.refresh_from_db()
        assert (old.merged_into, old.archived_at) == (new, AT)


def test_a_chain_of_merges_ends_at_the_last(world: World) -> None:
    with world.halden.scope():
        first, second, third = (make_skill(name) for name in ("A1", "B2", "C3"))
        merge(first, into=second, at=AT)
        merge(second, into=third, at=AT)
        first.refresh_from_db()
        assert first.merged_into == third


def test_what_cannot_be_merged(world: World) -> None:
    with world.halden.scope():
        one, other = make_skill("A1"), make_skill("B2")
        with pytest.raises(ValidationError):
            merge(one, into=one, at=AT)
        merge(one, into=other, at=AT)
        with pytest.raises(ValidationError):
            merge(one, into=other, at=AT)
        with pytest.raises(ValidationError):
            merge(other, into=one, at=AT)
        with pytest.raises(ValidationError):
            one.restore(at=AT)


def test_a_name_of_a_merged_skill_is_free_again(world: World) -> None:
    with world.halden.scope():
        old = make_skill("Go")
        merge(old, into=make_skill("Golang"), at=AT)
        old.refresh_from_db()
        assert make_skill("Go").pk != old.pk


def test_archive_and_restore(world: World) -> None:
    with world.halden.scope():
        skill = make_skill("Telex")
        skill.archive(at=AT)
        assert found("telex") == []
        assert list(Skill.objects.archived()) == [skill]
        skill.restore(at=AT)
        assert found("telex") == ["Telex"]


def test_forgetting_a_wish(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        want(place.employee, skill, 2, on=DAY)
        want(place.employee, skill, 0, on=DAY)
        assert not Need.objects.exists()


def test_labels_of_the_pack_become_names() -> None:
    """As a person writes them in a list; spellings of their own stay."""
    names = {entry.name for entry in catalogue.ict_pack()}
    assert {"Implement a firewall", "SQL", "Wireshark"} <= names
    assert not [name for name in names if name.split()[0].islower()]
