"""HR imports skills: over HTTP, and what is worked out by properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.clock import now
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.plans import LineKind
from skills.catalogue_rows import Known, Step, Surroundings, plan
from skills.models import Skill, SkillCategory
from skills.names import search_key
from tests.organizations.import_kit import (
    as_csv,
    as_xlsx,
    check,
    columns,
    lines,
    newest,
    path,
    read,
    whole,
    write,
)
from tests.skills.kit import make_skill
from tests.world import Place, World

HEADINGS = ["Fähigkeit", "Synonyme", "Kategorie", "Beschreibung"]


def catalogue_of(place: Place) -> dict[str, tuple[list[str], str, str]]:
    with place.scope():
        rows = Skill.objects.filter(archived_at=None).select_related("category")
        return {
            one.name: (
                one.also_called(),
                one.category.name if one.category else "",
                one.description,
            )
            for one in rows.prefetch_related("names")
        }


@pytest.mark.django_db
def test_skills_from_a_list_and_the_same_list_again(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        relay = make_skill("Relay protection", "Vern")
        relay.description = "By hand"
        relay.save()
        SkillCategory.objects.create(name="Substations")
    rows = [HEADINGS,
            ["vern", "Relay tuning; VERN | relay protection", "substations", ""],
            ["Emoji 🔧 repair", "", "Workshop", "Of small\nthings"],
            ["=1+1", "k8s;kube", "workshop", ""]]  # fmt: skip
    row = check(client, place, as_csv(rows, separator="\t", encoding="utf-16"), kind="skills")
    assert row.mapping == ["name", "also_called", "category", "description"]
    assert (row.counts["new"], row.counts["changed"], row.made) == (2, 1, ["Workshop"])
    shown = client.get(path(place, row)).content.decode()
    assert "Also called: Vern, now Vern; Relay tuning" in shown
    assert "Category: now Substations" in shown
    assert write(client, place, row, makes="on").state == "done"
    assert catalogue_of(place) == {
        "Relay protection": (["Relay tuning", "Vern"], "Substations", "By hand"),
        "Emoji 🔧 repair": ([], "Workshop", "Of small things"),
        "=1+1": (["k8s", "kube"], "Workshop", ""),
    }
    # In a workbook "=1+1" would be a formula.
    again = check(client, place, as_xlsx(rows[:3]), name="skills.xlsx", kind="skills")
    assert (again.counts["same"], sum(again.counts.values()), again.made) == (2, 2, [])
    again = check(client, place, as_csv(rows), kind="skills")
    assert (again.counts["same"], sum(again.counts.values()), again.made) == (3, 3, [])
    assert "Nothing would change." in client.get(path(place, again)).content.decode()


@pytest.mark.django_db
def test_long_cells_are_kept_whole(world: World, client: Client) -> None:
    names = sorted(f"Name {at:03}" for at in range(300))
    rows = [HEADINGS, ["Welding", "\n".join(names), "", "w" * 2000]]
    assert whole(client, world.halden, as_csv(rows), kind="skills").state == "done"
    assert catalogue_of(world.halden)["Welding"] == (names, "", "w" * 2000)


@pytest.mark.django_db
def test_rows_with_errors(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        make_skill("Old skill", "Former").archive(at=now())
        make_skill("Splicing")
        for name in ("Left", "Right"):
            make_skill(name, "Both")
    wrong = [
        ["former", "", "", ""],
        ["", "A", "", ""],
        ["s" * 201, "", "", ""],
        ["Both", "", "", ""],
        ["A", "splicing", "", ""],
        ["B", "Old skill", "", ""],
        ["C", "D", "", ""],
        ["D", "", "c" * 121, ""],
        ["D", "", "", ""],
        ["d", "", "", ""],
        ["F", "", "", "d" * 2001],
        ["G", "n\n" * 2001, "", ""],
    ]
    row = check(client, place, as_csv([HEADINGS, *wrong]), kind="skills")
    found = {number: what["problems"][0][2:] for number, _title, what in lines(place, row, "error")}
    assert found == {
        2: ["skill_archived", ""],
        3: ["skill_missing", ""],
        4: ["long", "200"],
        5: ["skill_several", ""],
        6: ["skill_of_its_own", "splicing"],
        7: ["skill_of_its_own", "Old skill"],
        8: ["twice", "10"],
        9: ["long", "120"],
        11: ["twice", "10"],
        12: ["long", "2000"],
        13: ["long", "4000"],
    }
    assert "is a skill of its own" in client.get(path(place, row)).content.decode()
    before = catalogue_of(place)
    assert client.post(path(place, row, "write"), {"digest": row.digest}).status_code != 500
    assert catalogue_of(place) == before


@pytest.mark.django_db
def test_which_column_holds_the_skill_has_to_be_said(world: World, client: Client) -> None:
    place = world.halden
    row = read(client, place, as_csv([["Thing", "Kind"], ["Welding", "Metal"]]), kind="skills")
    answer = client.post(path(place, row, "columns"), columns(row, c0="", c1="category"))
    assert answer.status_code == 422
    assert "Choose the column of the skill." in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["archived", "made"])
def test_what_somebody_did_meanwhile_is_shown_again(world: World, client: Client, how: str) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Welding")
    rows = as_csv([HEADINGS, ["Welding", "Arc", "", ""], ["Soldering", "", "", ""]])
    row = check(client, place, rows, kind="skills")
    with place.scope():
        if how == "archived":
            skill.archive(at=now())
        else:
            make_skill("soldering")
    stopped = write(client, place, row)
    assert (stopped.state, stopped.changed_meanwhile) == ("checking", True)
    assert "Arc" not in str(catalogue_of(place))


@pytest.mark.django_db
def test_the_example_and_many_skills_take_as_many_statements(
    world: World, client: Client, django_assert_max_num_queries: Any
) -> None:
    place = world.halden
    example = client.get(place.path("import_example"), {"kind": "skills"})
    assert example.status_code == 302  # nobody is signed in
    place.sign_in(client, place.hr)
    example = client.get(place.path("import_example"), {"kind": "skills"})
    assert whole(client, place, example.content, kind="skills").counts["new"] == 2
    for category in ("One", "Another"):
        rows = [[f"Skill {n}", f"Name {category} {n}", category, ""] for n in range(200)]
        row = check(client, place, as_csv([HEADINGS, *rows]), kind="skills")
        with django_assert_max_num_queries(90):
            assert write(client, place, row, makes="on").state == "done"
        assert newest(place).counts["new" if category == "One" else "changed"] == 200
    assert catalogue_of(place)["Skill 7"] == (["Name Another 7", "Name One 7"], "Another", "")


# --- What is worked out ------------------------------------------------------------------------
def done(known: Mapping[int, Known], steps: tuple[Step, ...]) -> Surroundings:
    """The catalogue with these steps, as writing them leaves it."""
    skills = dict(known)
    for step in steps:
        at = step.skill if step.skill is not None else max(skills, default=0) + 1
        has = skills.get(at, Known(step.name))
        skills[at] = Known(
            has.name,
            (*has.also_called, *step.also_called),
            step.category or has.category,
            step.description or has.description,
        )
    names: dict[str, list[int]] = {}
    for at, one in skills.items():
        for key in {search_key(name) for name in (one.name, *one.also_called)}:
            names.setdefault(key, []).append(at)
    categories = {search_key(one.category): one.category for one in skills.values()}
    own = {search_key(one.name): at for at, one in skills.items()}
    return Surroundings(skills, names, own, frozenset({"old"}), categories)


words = st.sampled_from(["", "Relay", "relay", "Vern", "New", "A🔧", "Old", "Øst", "ost"])
cells = st.fixed_dictionaries(
    {
        "name": words,
        "also_called": st.lists(words, max_size=3).map("; ".join),
        "category": st.sampled_from(["", "Grid", "grid", "Shop"]),
        "description": st.sampled_from(["", "Long  text", "Long text"]),
    }
)


@given(st.lists(cells, max_size=5), st.lists(words.filter(bool), max_size=2))
def test_the_same_file_twice_changes_nothing(file: list[dict[str, str]], other: list[str]) -> None:
    known = {10: Known("Relay", tuple(other), "Grid"), 11: Known("Splicing", ("Vern",))}
    rows = [Row(number, one) for number, one in enumerate(file, start=2)]
    found = plan(rows, done(known, ()))
    assert len(found.lines) == len(file)
    if LineKind.ERROR in {line.kind for line in found.lines}:
        return
    again = plan(rows, done(known, found.steps))
    assert {line.kind for line in again.lines} <= {LineKind.SAME}, again.lines
    assert (again.made, again.steps) == ((), ())
