"""The pages of skills, role by role."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from peerlearn.clock import now
from skills.models import Doubt, Need, Offer, Proficiency, Requirement, Skill
from tests.factories import make_employee, make_team
from tests.skills.kit import can, make_skill, queries_of, wants
from tests.world import Place, World

ODD_NAMES = ["🦾 Robot arm", "=1+1", "x" * 200, "<script>alert(1)</script>", "data分析 & más"]


def today(place: Place) -> date:
    return now().astimezone(place.organization.zone).date()


def content(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


# --- The catalogue ---------------------------------------------------------------------------
def test_an_empty_catalogue_says_what_to_do(world: World, client: Client) -> None:
    place = world.halden
    assert "Begin the catalogue" in content(place.sign_in(client, place.hr), place.path("skills"))
    text = content(place.sign_in(client, place.employee), place.path("skills"))
    assert "HR begins it" in text
    assert "Begin the catalogue" not in text


def test_my_skills_without_a_catalogue_say_who_begins_it(world: World, client: Client) -> None:
    place = world.halden
    path = place.path("my_skills")
    begin = place.path("catalogue_begin")
    assert begin in content(place.sign_in(client, place.admin), path)
    text = content(place.sign_in(client, place.employee), path)
    assert "HR begins it" in text
    assert begin not in text
    assert 'type="search"' not in text
    with place.scope():
        make_skill()
    assert 'type="search"' in content(client, path)


def test_the_catalogue_counts_and_names_its_source(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Fault records")
        can(place.employee, skill, 3)
        wants(place.colleague, skill)
    page = place.sign_in(client, place.employee).get(place.path("skills"))
    (row,) = page.context["page"]
    assert (row.alone, row.confirmed, row.wants) == (1, 0, 1)
    assert "This service uses the ESCO classification of the European Commission." in (
        page.content.decode()
    )


def test_search_by_another_name(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_skill("Kubernetes", "k8s")
        make_skill("Fault records")
    place.sign_in(client, place.employee)
    path = place.path("skills")
    assert "Fault records" not in content(client, path + "?q=k8s")
    assert "Did you mean" in content(client, path + "?q=kbuernetse")
    assert "No skill is called that" in content(client, path + "?q=%00zzz%25")
    fragment = client.get(path + "?q=k8s", headers={"HX-Request": "true"}).content.decode()
    assert "Kubernetes" in fragment
    assert "<html" not in fragment


def test_the_archive_is_for_those_who_edit(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_skill("Telex").archive(at=now())
    path = place.path("skills") + "?archived=1"
    assert "Telex" in content(place.sign_in(client, place.hr), path)
    assert "Telex" not in content(place.sign_in(client, place.employee), path)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_hr_adds_a_skill_of_any_name(world: World, client: Client, name: str) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    data = {"name": name, "category": "New", "also_called": "also this\nand that"}
    response = client.post(place.path("skill_add"), data, follow=True)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    with place.scope():
        skill = Skill.objects.get()
        assert skill.name == name
        assert skill.also_called() == ["also this", "and that"] or name in skill.also_called()
        assert skill.category.name == "New"
    assert "also this" in content(client, place.path("skill_edit", public_id=skill.public_id))
    assert client.get(place.path("skills")).status_code == 200


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_a_name_that_cannot_be(world: World, client: Client, name: str) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    data = {"name": name, "description": "What I typed"}
    response = client.post(place.path("skill_add"), data)
    assert response.status_code == 422
    assert "What I typed" in response.content.decode()


def test_the_same_name_again_is_told(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_skill("Fault records")
        make_skill("Telex").archive(at=now())
    place.sign_in(client, place.hr)
    again = client.post(place.path("skill_add"), {"name": "FAULT  records"})
    assert again.status_code == 422
    assert "in the catalogue already" in again.content.decode()
    archived = client.post(place.path("skill_add"), {"name": "telex"})
    assert "in the archive" in archived.content.decode()


def test_an_edit_may_keep_the_name(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Fault records", "records")
    place.sign_in(client, place.admin)
    data = {"name": "Fault Records", "also_called": "fault log", "description": "Read them."}
    path = place.path("skill_edit", public_id=skill.public_id)
    assert client.post(path, data).status_code == 302
    with place.scope():
        skill = Skill.objects.get()
        assert (skill.name, skill.also_called()) == ("Fault Records", ["fault log"])


def test_the_catalogue_begins_with_a_pack_and_a_list(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    path = place.path("catalogue_begin")
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"own_list": "ok\n" + "x" * 201}).status_code == 422
    data = {"categories": ["Testing and quality"], "own_list": "Kubernetes | k8s", "category": "P"}
    text = client.post(path, data, follow=True).content.decode()
    assert "16 skills added." in text
    text = client.post(path, data, follow=True).content.decode()
    assert "0 skills added. 16 were there already." in text


def test_merging_says_what_moves_and_then_leads_on(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        old, new = make_skill("K8s admin"), make_skill("Kubernetes administration")
        can(place.employee, old, 3)
    place.sign_in(client, place.hr)
    path = place.path("skill_merge", public_id=old.public_id)
    assert "Kubernetes" in content(client, path + "?q=kubernetes")
    assert "1 person" in content(client, f"{path}?into={new.public_id}")
    assert client.post(path).status_code == 422
    assert client.post(path, {"into": "AAAAAAAAAAAA"}).status_code == 404
    assert client.post(path, {"into": old.public_id}).status_code == 422
    assert client.post(path, {"into": new.public_id}).status_code == 302
    page = client.get(place.path("skill", public_id=old.public_id))
    assert page.url.endswith(place.path("skill", public_id=new.public_id))
    again = client.post(path, {"into": new.public_id})  # it is said what became of it
    assert again["Location"] == place.path("skill", public_id=new.public_id)


def test_put_away_and_taken_back(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Telex")
    place.sign_in(client, place.hr)
    path = place.path("skill_archive", public_id=skill.public_id)
    assert "Archive “Telex”?" in content(client, path)
    client.post(path)
    own = place.path("skill", public_id=skill.public_id)
    assert "in the archive" in content(client, own)
    want = place.path("skill_want", public_id=skill.public_id)
    assert client.post(want, {"urgency": 3}).status_code == 404
    client.post(path, {"restore": "1"})
    assert client.post(want, {"urgency": 3}).status_code == 302


# --- A skill ---------------------------------------------------------------------------------
def at_risk(place: Place) -> Skill:
    day = today(place)
    skill = make_skill()
    marta = make_employee(
        "Marta Kowalczyk",
        team=place.team,
        manager=place.manager,
        leaving_on=day + timedelta(days=90),
    )
    can(marta, skill, 4)
    can(place.employee, skill, 2)
    wants(place.colleague, skill)
    Requirement.want(team=place.team, skill=skill, wanted=3, on=day)
    return skill


def test_leaving_dates_are_for_the_line_above_and_hr(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = at_risk(place)
    path = place.path("skill", public_id=skill.public_id)
    for person in (place.hr, place.manager):
        text = content(place.sign_in(client, person), path)
        assert "rests on Marta Kowalczyk, whose last day is" in text
        assert "days beside Marta Kowalczyk usually" in text
        assert "of 3 needed" in text
    for person in (place.employee, place.admin):
        text = content(place.sign_in(client, person), path)
        assert "Marta Kowalczyk" in text
        for told in ("rests on", "last day", "Leaves", "needed"):
            assert told not in text


def test_another_manager_does_not_learn_of_it(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = at_risk(place)
        other = make_employee("Other Manager")
        make_employee("Report", manager=other)
    text = content(place.sign_in(client, other), place.path("skill", public_id=skill.public_id))
    assert "rests on" not in text
    assert "needed" not in text


def test_what_another_team_wants_is_needed_too(world: World, client: Client) -> None:
    """The overview counts it for whoever leads the one person, so the page of the skill does."""
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        can(place.employee, skill, 3)
        Requirement.want(team=make_team("Plant"), skill=skill, wanted=1, on=today(place))
    path = place.path("skill", public_id=skill.public_id)
    page = content(place.sign_in(client, place.manager), path)
    assert f"Relay protection rests on {place.employee.name}." in page


def test_a_skill_that_nobody_can_do_says_so(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        can(place.employee, skill, 2)
        Requirement.want(team=place.team, skill=skill, wanted=1, on=today(place))
    path = place.path("skill", public_id=skill.public_id)
    words = "Nobody can do Relay protection alone."
    assert words in content(place.sign_in(client, place.manager), path)
    assert words not in content(place.sign_in(client, place.employee), path)


def test_the_outlook_counts_months_back_and_ahead(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = at_risk(place)
    path = place.path("skill_outlook", public_id=skill.public_id)
    page = place.sign_in(client, place.manager).get(path)
    counts = [count for _month, count in page.context["months"]]
    assert len(counts) == 13
    assert (counts[6], counts[-1]) == (1, 0)
    assert "by known leaving dates nobody from" in page.context["claim"]
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert 'id="outlook"' in part
    assert "<html" not in part
    assert place.sign_in(client, place.employee).get(path).status_code == 403


def test_wanting_and_teaching_from_the_page(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
    place.sign_in(client, place.employee)
    want, teach = (
        place.path(name, public_id=skill.public_id) for name in ("skill_want", "skill_teach")
    )
    client.post(want, {"urgency": "2"})
    client.post(want, {"urgency": "nonsense"})
    client.post(teach, {"offered": "1"})
    with place.scope():
        assert Need.objects.get().urgency == 2
        assert not Offer.objects.exists()  # to teach it, one can do it alone
        can(place.employee, skill, 3)
    client.post(teach, {"offered": "1"})
    client.post(want, {"urgency": "0"})
    with place.scope():
        assert not Need.objects.exists()
        assert Offer.objects.get().employee == place.employee
    client.post(teach)
    with place.scope():
        assert not Offer.objects.exists()


# --- My skills -------------------------------------------------------------------------------
def test_all_rows_are_saved_as_a_plain_form(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        one, two = make_skill("Fault records"), make_skill("SCADA events")
        for skill in (one, two):
            Requirement.want(team=place.team, skill=skill, wanted=1, on=today(place))
    place.sign_in(client, place.employee)
    path = place.path("my_skills")
    page = client.get(path)
    assert [row.skill.name for row in page.context["rows"]] == ["Fault records", "SCADA events"]
    data = {
        f"{one.public_id}-level": "4",
        f"{one.public_id}-teach": "on",
        f"{one.public_id}-want": "0",
        f"{two.public_id}-want": "3",
    }
    assert "Saved." in client.post(path, data, follow=True).content.decode()
    with place.scope():
        level = Proficiency.objects.get()
        assert (level.skill, level.level, level.source) == (one, 4, "claimed")
        assert Offer.objects.get().skill == one
        assert (Need.objects.get().skill, Need.objects.get().urgency) == (two, 3)
    client.post(path, data | {"remove": one.public_id})
    with place.scope():
        assert not Offer.objects.exists()
        assert not Proficiency.objects.current().exists()


def test_one_row_is_saved_by_itself(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Fault records")
    place.sign_in(client, place.employee)
    path = place.path("my_skill", public_id=skill.public_id)
    data = {f"{skill.public_id}-level": "2", f"{skill.public_id}-want": "1"}
    answer = client.post(path, data, headers={"HX-Request": "true"})
    assert "your own word" in answer.content.decode()
    assert "saved" in answer.content.decode()
    refused = client.post(
        path, data | {f"{skill.public_id}-teach": "on"}, headers={"HX-Request": "true"}
    )
    assert "you can do it alone" in refused.content.decode()
    wrong = client.post(path, {f"{skill.public_id}-level": "9"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert client.post(path, data).status_code == 302
    with place.scope():
        assert Proficiency.objects.get().level == 2
        assert not Offer.objects.exists()


def test_a_found_skill_is_added_to_the_list(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Kubernetes", "k8s")
    place.sign_in(client, place.employee)
    path = place.path("my_skills")
    assert "Kubernetes" in content(client, path + "?q=k8s")
    page = client.post(path, {"add": skill.public_id, "q": ""}, follow=True)
    assert [row.skill for row in page.context["rows"]] == [skill]
    assert "HR can add it" in content(client, path + "?q=Quantum")
    assert client.post(path, {"add": "\x00" * 12, "remove": "\x00"}).status_code == 302


# --- Confirmations ---------------------------------------------------------------------------
def test_a_peer_at_that_level_confirms(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        level = can(place.colleague, skill, 3)
        can(place.employee, skill, 4)
        can(place.hr, skill, 4)
    place.sign_in(client, place.employee)
    assert place.colleague.name in content(client, place.path("confirmations"))
    path = place.path("confirmation", public_id=level.public_id)
    client.post(path, {"answer": "yes", "level": "3"})
    with place.scope():
        confirmed = Proficiency.objects.current().get(employee=place.colleague)
        assert confirmed.confirmed_by == place.employee
    assert "Nobody waits for you" in content(client, place.path("confirmations"))
    place.sign_in(client, place.hr)
    again = client.post(path, {"answer": "yes", "level": "3", "from": "skill"}, follow=True)
    assert "was confirmed by a colleague a moment ago" in again.content.decode()


def test_whoever_cannot_say_is_named_to_nobody(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        level = can(place.colleague, skill, 3)
        can(place.employee, skill, 3)
    place.sign_in(client, place.employee)
    path = place.path("confirmation", public_id=level.public_id)
    client.post(path, {"answer": "no", "level": "3"})
    client.post(path, {"answer": "no", "level": "3"})
    with place.scope():
        assert Doubt.objects.count() == 1
    assert "Nobody waits for you" in content(client, place.path("confirmations"))
    for person in (place.colleague, place.hr, place.manager):
        text = content(
            place.sign_in(client, person), place.path("skill", public_id=skill.public_id)
        )
        assert "cannot say" not in text


def test_whoever_works_below_is_told_so(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        level = can(place.colleague, make_skill(), 3)
    place.sign_in(client, place.employee)
    path = place.path("confirmation", public_id=level.public_id)
    text = client.post(path, {"answer": "yes", "level": "3"}, follow=True).content.decode()
    assert "Only a colleague who works at that level" in text
    assert client.post(path, {"answer": "perhaps"}).status_code == 302
    with place.scope():
        assert Proficiency.objects.get().confirmed_by is None


# --- Requirements ----------------------------------------------------------------------------
def test_the_manager_sets_what_the_team_needs(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Kubernetes", "k8s")
    place.sign_in(client, place.manager)
    path = place.path("requirements", public_id=place.team.public_id)
    assert "Kubernetes" in content(client, path + "?q=k8s")
    page = client.post(path, {"add": skill.public_id}, follow=True)
    assert [row["skill"] for row in page.context["rows"]] == [skill]
    name = f"{skill.public_id}-wanted"
    wrong = client.post(path, {"added": skill.public_id, name: "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.content.decode()
    client.post(path, {"added": skill.public_id, name: "3"})
    with place.scope():
        assert Requirement.objects.get().wanted == 3
    client.post(path, {name: ""})
    with place.scope():
        assert not Requirement.objects.exists()


def test_the_team_page_leads_there(world: World, client: Client) -> None:
    place = world.halden
    own = place.path("team", public_id=place.team.public_id)
    path = place.path("requirements", public_id=place.team.public_id)
    for person in (place.hr, place.manager):
        assert path in content(place.sign_in(client, person), own)
    assert path not in content(place.sign_in(client, place.employee), own)


def test_a_team_of_somebody_else_is_not_set(world: World, client: Client) -> None:
    place = world.halden
    path = place.path("requirements", public_id=place.company.public_id)
    assert place.sign_in(client, place.manager).get(path).status_code == 403
    assert place.sign_in(client, place.hr).get(path).status_code == 200


# --- Queries ---------------------------------------------------------------------------------
def fill(place: Place, numbers: range) -> None:
    day = today(place)
    subject = Skill.objects.filter(name="Subject").first() or make_skill("Subject")
    for number in numbers:
        skill = make_skill(f"Skill {number:03}", f"other {number}")
        person = make_employee(f"Person {number}", team=place.team, manager=place.manager)
        can(person, skill, 3)
        can(person, subject, 2 + number % 2)
        can(place.employee, skill, 3)
        wants(person, subject)
        wants(place.employee, skill, 2)
        Offer.make(employee=person, skill=subject, on=day)
        Requirement.want(team=place.team, skill=skill, wanted=2, on=day)


def paths(place: Place) -> list[str]:
    with place.scope():
        subject = Skill.objects.get(name="Subject").public_id
    team = place.team.public_id
    return [
        place.path("skills"),
        place.path("skills") + "?q=skill",
        place.path("my_skills"),
        place.path("my_skills") + "?q=subject",
        place.path("confirmations"),
        place.path("skill", public_id=subject),
        place.path("skill_outlook", public_id=subject),
        place.path("requirements", public_id=team),
    ]


@pytest.mark.parametrize("role", ["manager", "hr"])
def test_as_many_queries_for_100_rows_as_for_10(world: World, client: Client, role: str) -> None:
    place = world.halden
    place.sign_in(client, getattr(place, role))
    with place.scope():
        fill(place, range(10))
    few = [len(queries_of(client, path)) for path in paths(place)]
    with place.scope():
        fill(place, range(10, 100))
    many = [len(queries_of(client, path)) for path in paths(place)]
    assert few == many
    assert max(many) <= 12
