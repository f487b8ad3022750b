"""HR imports levels: over HTTP, and what is worked out by properties."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.clock import now
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.plans import LineKind
from peerlearn.organizations.importing.reporting import Finder, Marks
from peerlearn.organizations.models import Employee
from skills.level_rows import Has, Surroundings, plan
from skills.models import Proficiency, Skill
from tests.factories import HIRED_ON
from tests.organizations.import_kit import as_csv, check, lines, path, whole, write
from tests.world import World

HEADINGS = ["E-post", "Kompetanse", "Nivå"]
NILS, AISHA = "nils@halden.example", "aisha@halden.example"


def levels_of(world: World) -> dict[tuple[str, str], tuple[int, str]]:
    with world.halden.scope():
        rows = Proficiency.objects.current().select_related("employee", "skill")
        return {(r.employee.email, r.skill.name): (r.level, r.source) for r in rows}


@pytest.mark.django_db
def test_levels_and_skills_from_a_list(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        relay = Skill.objects.create(name="Relay protection")
        relay.name_it("Relay protection", ["Vern"])
        Proficiency.claim(employee=place.colleague, skill=relay, level=2, on=HIRED_ON)
    content = as_csv(
        [HEADINGS, [NILS, "vern", "3"], [AISHA, "Relay  Protection", "can teach"],
         [NILS, "Emoji 🔧 repair", "1"], [AISHA, "=1+1", "Alene"], [NILS, "Nothing yet", ""]]
    )  # fmt: skip
    row = check(client, place, content, kind="levels")
    assert row.mapping == ["email", "skill", "level"]
    assert row.made == ["=1+1", "Emoji 🔧 repair"]
    shown = client.get(path(place, row)).content.decode()
    assert "Level: With help, now Can teach" in shown
    assert "Level: Learning" in shown
    assert write(client, place, row, makes="on").state == "done"
    assert levels_of(world) == {
        (NILS, "Relay protection"): (3, "claimed"),
        (AISHA, "Relay protection"): (4, "claimed"),
        (NILS, "Emoji 🔧 repair"): (1, "claimed"),
        (AISHA, "=1+1"): (3, "claimed"),
    }
    with place.scope():
        before = Proficiency.objects.get(employee=place.colleague, skill=relay, level=2)
        today = now().astimezone(place.organization.zone).date()
        assert (before.valid_from, before.valid_to) == (HIRED_ON, today)
    again = check(client, place, content, kind="levels")
    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 5)


@pytest.mark.django_db
def test_what_a_peer_confirmed_stays(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        relay = Skill.objects.create(name="Relay protection")
        Proficiency.claim(employee=place.colleague, skill=relay, level=4, on=HIRED_ON)
        claimed = Proficiency.claim(employee=place.employee, skill=relay, level=3, on=HIRED_ON)
        claimed.confirm(by=place.colleague, at=now())
    content = as_csv([HEADINGS, [NILS, "Relay protection", "1"]])
    row = check(client, place, content, kind="levels")
    assert lines(place, row, "same")[0][2] == {"note": "confirmed_stays"}
    whole(client, place, content, kind="levels")
    assert levels_of(world)[NILS, "Relay protection"] == (3, "confirmed")


@pytest.mark.django_db
def test_rows_with_errors(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        old = Skill.objects.create(name="Old skill")
        old.archive(at=now())
        Employee.objects.filter(pk=place.manager.pk).update(name="Nils Eriksen")
    wrong = [
        ["nobody@halden.example", "A", "1"],
        ["tor@halden.example", "A", "1"],
        [NILS, "A", "5"],
        [NILS, "Old skill", "1"],
        [NILS, "", "1"],
        [NILS, "s" * 201, "1"],
        [NILS, "B", "1"],
        [NILS, "b", "2"],
        [NILS, "a\0b", "1"],
        ["", "A", "1"],
    ]
    row = check(client, place, as_csv([HEADINGS, *wrong]), kind="levels")
    codes = [what["problems"][0][2] for _row, _title, what in lines(place, row, "error")]
    assert codes == [
        "nobody", "left", "level", "skill_archived", "skill_missing", "long", "twice", "no_text",
        "nobody",
    ]  # fmt: skip
    shown = client.get(path(place, row)).content.decode()
    assert "Is no level. 1 learning, 2 with help, 3 alone, 4 can teach" in shown
    named = as_csv([["Navn", "Ferdighet", "Nivå"], ["Nils Eriksen", "A", "1"]])
    row = check(client, place, named, kind="levels")
    assert lines(place, row, "error")[0][2]["problems"][0][2] == "several"


@pytest.mark.django_db
def test_a_skill_archived_meanwhile_is_shown_again(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        skill = Skill.objects.create(name="Relay protection")
    row = check(client, place, as_csv([HEADINGS, [NILS, "Relay protection", "3"]]), kind="levels")
    with place.scope():
        skill.archive(at=now())
    stopped = write(client, place, row)
    assert (stopped.state, stopped.changed_meanwhile) == ("checking", True)
    assert levels_of(world) == {}


@pytest.mark.django_db
def test_an_example_can_be_imported_as_it_is(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    people = client.get(place.path("import_example")).content
    assert whole(client, place, people).state == "done"
    example = client.get(place.path("import_example"), {"kind": "levels"}).content
    assert whole(client, place, example, kind="levels").counts["new"] == 2


@pytest.mark.django_db
def test_statements_do_not_grow_with_levels(
    world: World, client: Client, django_assert_max_num_queries: Any
) -> None:
    place = world.halden
    few, many = (
        [[NILS, f"{mark} {n}", "2"] for n in range(count)]
        for mark, count in (("Few", 5), ("Many", 200))
    )
    for rows in (few, many):
        row = check(client, place, as_csv([HEADINGS, *rows]), kind="levels")
        with django_assert_max_num_queries(90):
            assert write(client, place, row, makes="on").state == "done"


rows = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from(["1", "2", "3", ""]),
            "skill": st.sampled_from(["Relay", "relay", "New", "", "Old", "A🔧"]),
            "level": st.sampled_from(["1", "4", "alone", "", "9"]),
        }
    ),
    max_size=6,
)
held = st.dictionaries(
    st.tuples(st.sampled_from([1, 2]), st.just(10)),
    st.builds(Has, st.integers(1, 4), st.booleans()),
)


@given(rows, held)
def test_the_same_list_twice_changes_nothing(
    cells: list[dict[str, str]], levels: dict[tuple[int, int], Has]
) -> None:
    people = {1: Marks("1", "a@h.example", "Ann"), 2: Marks("2", "b@h.example", "Bo")}

    def around(skills: dict[str, list[int]], levels: dict[tuple[int, int], Has]) -> Surroundings:
        names = {key: marks.name for key, marks in people.items()}
        return Surroundings(Finder(people, {3}), names, skills, frozenset({"old"}), levels)

    file = [Row(n, one) for n, one in enumerate(cells, start=2)]
    found = plan(file, around({"relay": [10]}, levels))
    assert len(found.lines) == len(file)
    if LineKind.ERROR in {line.kind for line in found.lines}:
        return
    keys = {step.skill for step in found.steps} | {"relay"}
    skills = {key: [10 if key == "relay" else 11 + n] for n, key in enumerate(sorted(keys))}
    after = dict(levels)
    for step in found.steps:
        before = levels.get((step.employee, skills[step.skill][0]))
        assert before is None or not before.confirmed
        after[step.employee, skills[step.skill][0]] = Has(step.level, False)
    again = plan(file, around(skills, after))
    assert {line.kind for line in again.lines} <= {LineKind.SAME}
    assert again.made == ()
