"""Cells and plans: pure, held by properties."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.organizations.importing import places, values, weeks
from peerlearn.organizations.importing.given import Known, Row, Surroundings
from peerlearn.organizations.importing.planning import plan
from peerlearn.organizations.importing.plans import LineKind, Plan
from peerlearn.organizations.importing.values import Wrong
from peerlearn.organizations.reporting_lines import in_levels, loops

TODAY = date(2026, 11, 26)
BOSS = Known(id=1, name="Per Aune", email="per@h.example", hired_on=TODAY, number="1")
AROUND = Surroundings(today=TODAY, by=1, teams=("Lines",), bands=("B",))


# --- Cells -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("2026-09-01", "dmy", date(2026, 9, 1)),
        ("2026-09-01 00:00:00", "mdy", date(2026, 9, 1)),
        ("20260901", "dmy", date(2026, 9, 1)),
        ("01.09.2026", "dmy", date(2026, 9, 1)),
        ("1. 9. 2026", "dmy", date(2026, 9, 1)),
        ("1.9.26", "dmy", date(2026, 9, 1)),
        ("01/09/2026", "mdy", date(2026, 1, 9)),
        ("31/12/99", "dmy", date(1999, 12, 31)),
        ("29.02.2024", "dmy", date(2024, 2, 29)),
        ("31.12.9999", "dmy", None),
        ("00.00.0000", "dmy", None),
        (" ", "dmy", None),
    ],
)
def test_days(text: str, order: values.Order, found: date | None) -> None:
    assert values.day(text, order) == found


@pytest.mark.parametrize(
    "text",
    ["1.1.2300", "29.02.2026", "31.04.2026", "13/13/2026", "soon", "1.1", "1.1.1700", "٣.٣.2026x"],
)
def test_no_days(text: str) -> None:
    with pytest.raises(Wrong):
        values.day(text, "dmy")


@pytest.mark.parametrize("text", ["Norway", "norge", "Norwegen", "NO", "nor", " no "])
def test_countries(text: str) -> None:
    assert places.country(text) == "NO"


@pytest.mark.parametrize("text", ["Bayern", "BY", "DE-BY", "bayern "])
def test_regions(text: str) -> None:
    assert places.region(text, "DE") == "BY"
    assert places.region(text, "NO") == ""  # the same holidays everywhere
    with pytest.raises(Wrong):
        places.region("Viken", "DE")


def test_where_somebody_works_is_kept_as_far_as_it_differs() -> None:
    bavaria, norway = ("DE", "BY"), ("NO", "")
    settled = places.settled
    assert settled("DE", "Bayern", ("", ""), norway) == bavaria
    assert settled("DE", None, bavaria, norway) == bavaria
    assert settled(None, None, bavaria, bavaria) == bavaria  # nothing is said of it
    assert settled("SE", None, bavaria, norway) == ("SE", "")
    assert settled("NO", None, bavaria, norway) == ("", "")
    assert settled("", "", bavaria, norway) == ("", "")
    assert settled(None, "BY", ("", ""), ("DE", "")) == bavaria


@pytest.mark.parametrize("present", [("", ""), ("DE", "HE"), ("SE", "")])
def test_nothing_in_a_cell_is_as_the_organization_has_it(present: places.Place) -> None:
    bavaria, settled = ("DE", "BY"), places.settled
    assert settled("", "", present, bavaria) == ("", "")
    assert settled("DE", "", present, bavaria) == ("", "")
    assert settled("SE", "", present, bavaria) == ("SE", "")
    assert settled("", None, ("SE", ""), bavaria) == ("", "")
    assert settled("DE", None, ("DE", ""), bavaria) == ("DE", "")  # of regions nothing is said
    assert settled(None, "", present, bavaria) == (("SE", "") if present[0] == "SE" else ("", ""))


@pytest.mark.parametrize(
    ("text", "ends"),
    [("37.5", "15:30"), ("38,5 Std.", "15:42"), ("20:00", "12:00"), ("40 h", "16:00")],
)
def test_hours_of_a_week(text: str, ends: str) -> None:
    found = weeks.hours(text)
    assert found is not None
    assert weeks.EIGHT_HOURS.ends(found).isoformat("minutes") == ends
    assert (weeks.hours("0"), weeks.hours(" ")) == (None, None)


@pytest.mark.parametrize("text", ["full", "-5", "160", "1.234,5"])
def test_no_hours(text: str) -> None:
    with pytest.raises(Wrong):
        weeks.hours(text)
    with pytest.raises(Wrong):  # until 4 in the morning
        weeks.EIGHT_HOURS.ends(Fraction(99))


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_a_day_is_read_as_it_was_written(day: date) -> None:
    for form, order in (("%d.%m.%Y", "dmy"), ("%m/%d/%Y", "mdy"), ("%Y-%m-%d", "dmy")):
        assert values.day(day.strftime(form), order) == day  # type: ignore[arg-type]


@given(st.lists(st.dates(date(1971, 1, 1)), min_size=1))
def test_the_order_of_days_is_told_by_those_that_tell(days: list[date]) -> None:
    for form, order in (("%d.%m.%Y", "dmy"), ("%m/%d/%Y", "mdy")):
        found = values.order_of(day.strftime(form) for day in days)
        assert found in {order, None}
        assert (found is None) == all(day.day <= 12 for day in days)


@given(st.text(max_size=50))
def test_text_is_kept_or_refused_never_changed_but_for_its_spaces(text: str) -> None:
    is_text = all(unicodedata.category(c) not in {"Cc", "Cs"} for c in " ".join(text.split()))
    if not is_text or len(" ".join(text.split())) > 40:
        with pytest.raises(Wrong):
            values.text(text, 40)
        return
    found = values.text(text, 40)
    assert found == " ".join(text.split())
    found.encode()


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\x07"])
def test_what_is_no_text(text: str) -> None:
    with pytest.raises(Wrong) as refused:
        values.text(text, 40)
    assert refused.value.code == "no_text"


@pytest.mark.parametrize("email", ["Nils@Halden.example", "mailto:o'neil+x@müller.example"])
def test_emails(email: str) -> None:
    assert values.email(email) == email.lower().removeprefix("mailto:")


@pytest.mark.parametrize(
    "email", ["x", "@h.example", "x@", "x@h", "x@h.example, y@h.example", "a b@h.example",
              "x@h..example", "x@-h.example", "<x@h.example>", "x@h.example\nBcc: y@h.example"],
)  # fmt: skip
def test_no_emails(email: str) -> None:
    with pytest.raises(Wrong):
        values.email(email)


def test_names_with_a_comma() -> None:
    assert values.turned("Eriksen, Nils") == "Nils Eriksen"
    whole = ["Cher", "a, b, c", ", x", "x,"]
    assert [values.turned(name) for name in whole] == whole


# --- Plans -----------------------------------------------------------------------------------
def row(at: int, **cells: str) -> Row:
    return Row(at, cells)


def kinds(found: Plan) -> list[str]:
    return [line.kind.value for line in found.lines]


def codes(found: Plan) -> list[str]:
    return [problem.code for line in found.lines for problem in line.problems]


def test_a_column_that_is_not_there_changes_nothing() -> None:
    known = replace(BOSS, team="Lines", cost_band="B", job_title="CEO", leaving_on=TODAY)
    assert kinds(plan([row(2, number="1", name="Per Aune")], [known], AROUND)) == ["same"]
    cleared = plan([row(2, number="1", name="Per Aune", team="", leaving_on="")], [known], AROUND)
    assert [change.target for change in cleared.lines[0].changes] == ["team", "leaving_on"]


def test_people_are_known_by_number_first_then_by_email() -> None:
    other = Known(id=2, name="Bo Ek", email="bo@h.example", hired_on=TODAY, number="2")
    renamed = plan([row(2, number="2", name="Bo Lie", email="bo@h.example")], [BOSS, other], AROUND)
    assert renamed.lines[0].kind == LineKind.CHANGED
    both = plan([row(2, number="2", name="Bo", email="per@h.example")], [BOSS, other], AROUND)
    assert codes(both) == ["email_of_another"]


@pytest.mark.parametrize(
    ("manager", "found"),
    [("1", 1), ("per@h.example", 1), ("per aune", 1), ("Aune, Per", 1), ("7", -2), ("BO EK", -2)],
)
def test_managers_are_found_in_every_way(manager: str, found: int) -> None:
    rows = [
        row(2, number="7", name="Bo Ek", email="bo@h.example"),
        row(3, number="8", name="Li", email="li@h.example", manager=manager),
    ]
    made = plan(rows, [BOSS], AROUND)
    assert made.steps[1].values["manager"] == found


def test_managers_who_cannot_be_found() -> None:
    twin = Known(id=2, name="Per Aune", email="per2@h.example", hired_on=TODAY)
    gone = Known(id=3, name="Old Boss", email="old@h.example", hired_on=TODAY, active=False)
    rows = [
        row(n, name=f"N{n}", email=f"{n}@h.example", manager=manager)
        for n, manager in enumerate(["Per Aune", "Old Boss", "Nobody"], start=2)
    ]
    assert codes(plan(rows, [BOSS, twin, gone], AROUND)) == [
        "several",
        "left",
        "nobody",
    ]


def test_a_loop_by_way_of_who_is_here() -> None:
    below = Known(id=2, name="Bo Ek", email="bo@h.example", hired_on=TODAY, manager=1)
    found = plan(
        [row(2, number="1", name="Per Aune", manager="bo@h.example")], [BOSS, below], AROUND
    )
    assert codes(found) == ["manager_loop"]
    assert found.lines[0].problems[0].about == "Bo Ek"


def test_lines_deeper_than_any_company_are_refused() -> None:
    chain = [
        row(
            n, name=f"N{n}", email=f"{n}@h.example", manager="1" if n == 2 else f"{n - 1}@h.example"
        )
        for n in range(2, 53)
    ]
    assert codes(plan(chain[:49], [BOSS], AROUND)) == []
    found = plan(chain, [BOSS], AROUND)
    assert [line.row for line in found.lines if line.problems] == [51, 52]
    assert codes(found) == ["manager_deep"] * 2


def test_who_makes_the_line_of_those_below_too_deep_is_refused() -> None:
    known = [BOSS] + [
        Known(id=n, name=f"N{n}", email=f"{n}@h.example", hired_on=TODAY, manager=n - 1)
        for n in range(2, 51)
    ]
    above = row(2, name="Top", email="top@h.example")
    found = plan([above, row(3, number="1", name="Per Aune", manager="Top")], known, AROUND)
    assert [(line.row, line.problems[0].code) for line in found.lines if line.problems] == [
        (3, "manager_deep")
    ]
    deep = [*known, Known(id=51, name="N51", email="51@h.example", hired_on=TODAY, manager=50)]
    assert codes(plan([row(2, name="N51", email="51@h.example")], deep, AROUND)) == []


def test_teams_are_found_made_or_refused() -> None:
    around = replace(AROUND, archived_teams=("Old",))
    rows = [
        row(n, name=f"N{n}", email=f"{n}@h.example", team=team)
        for n, team in enumerate(["lines", " New  team", "new team", "old"], start=2)
    ]
    found = plan(rows, [BOSS], around)
    assert found.made == ("New team",)
    teams = [step.values["team"] for step in found.steps if not step.goes]
    assert teams == ["Lines", "New team", "New team"]
    assert codes(found) == ["team_archived"]


@given(st.dictionaries(st.integers(0, 20), st.none() | st.integers(0, 20)))
def test_loops_are_those_who_come_back_to_themselves(line: dict[int, int | None]) -> None:
    def comes_back(start: int) -> bool:
        at, steps = line.get(start), 0
        while at is not None and at != start and steps <= len(line):
            at, steps = line.get(at), steps + 1
        return at == start

    assert loops(line) == {key for key in line if comes_back(key)}
    if not loops(line):
        levels = in_levels(line)
        order = [key for level in levels for key in level]
        assert sorted(order) == sorted(line)
        for key, manager in line.items():
            if manager in line:
                assert order.index(manager) < order.index(key)


people = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from(["", *map(str, range(1, 9))]),
            "name": st.sampled_from(["Ann Lee", "Bo Ek", "Lee, Ann", "", "Åse 李", "\0"]),
            "email": st.sampled_from(["", *(f"{n}@h.example" for n in range(6)), "wrong"]),
            "team": st.sampled_from(["", "Lines", "New", "Newer"]),
            "manager": st.sampled_from(["", "1", "2", "3", "2@h.example", "Bo Ek", "9"]),
            "hired_on": st.sampled_from(["", "2026-01-01", "01.02.2026", "never"]),
            "leaving_on": st.sampled_from(["", "2027-01-01", "2020-01-01"]),
            "country": st.sampled_from(["", "Norway", "DE", "Nowhere"]),
            "region": st.sampled_from(["", "BY", "Bayern"]),
        }
    ),
    max_size=8,
)


def applied(found: Plan, known: list[Known]) -> list[Known]:
    """Who is there once the plan is written, with ids as Postgres would give them."""
    ids = {step.key: step.known or 100 - step.key for step in found.steps}
    there = {one.id: one for one in known}
    for step in found.steps:
        if step.goes:
            continue
        taken = {name: step.values[name] for name in step.changed}
        if taken.get("manager") is not None:
            taken["manager"] = ids.get(taken["manager"], taken["manager"])
        if step.known is None:
            base = Known(id=ids[step.key], name="", email="", hired_on=TODAY)
            taken["hired_on"] = step.values["hired_on"]
        else:
            base = replace(there[step.known], active=True)
        there[base.id] = replace(base, **taken)
    return list(there.values())


@given(people, st.sampled_from([True, False]))
def test_the_same_file_twice_changes_nothing_and_makes_no_loop(
    cells: list[dict[str, str]], second_left: bool
) -> None:
    second = Known(
        id=2, name="Bo Ek", email="2@h.example", hired_on=TODAY - timedelta(days=900), number="2",
        active=not second_left, team="Lines", manager=1,
    )  # fmt: skip
    rows = [Row(n, one) for n, one in enumerate(cells, start=2)]
    found = plan(rows, [BOSS, second], AROUND)
    assert len([line for line in found.lines if line.row]) == len(rows)
    if LineKind.ERROR in {line.kind for line in found.lines}:
        return
    after = applied(found, [BOSS, second])
    emails = [one.email for one in after]
    numbers = [one.number for one in after if one.number]
    assert len(set(emails)) == len(emails)
    assert len(set(numbers)) == len(numbers)
    assert not loops({one.id: one.manager for one in after})
    around = replace(AROUND, teams=("Lines", *found.made))
    again = plan(rows, after, around)
    assert {line.kind for line in again.lines} <= {LineKind.SAME, LineKind.GONE}
    assert again.made == ()
    assert found.digest == plan(rows, [BOSS, second], AROUND).digest
