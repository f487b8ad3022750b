"""Nobody who has all published figures, and tries all ways it could have been, learns about one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from itertools import combinations
from math import prod

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analytics import disclosure
from analytics.disclosure import (
    FEW,
    Person,
    by_team,
    closes_on,
    grouped,
    holding,
    last_closed,
    publish,
    total,
    whole_months,
)
from tests.analytics.attack import learned, parts_of, published

K = 5
MOST_WORLDS = 3000


@st.composite
def organizations(draw: st.DrawFn, most: int = 20) -> list[Person]:
    """Teams in teams, managers below managers, not always the same way."""
    paths: list[tuple[int, ...]] = [()]
    for team in range(1, draw(st.integers(0, 4)) + 1):
        paths.append((*draw(st.sampled_from(paths)), team))
    number = draw(st.integers(1, most))
    managers: list[int | None] = [None, *draw(st.sets(st.integers(0, number - 1), max_size=4))]
    people = []
    for key in range(number):
        above = [manager for manager in managers if manager is None or manager < key]
        people.append(Person(key, draw(st.sampled_from(above)), draw(st.sampled_from(paths))))
    return people


def staff(first: int, count: int, manager: int | None, *path: int) -> list[Person]:
    return [Person(key, manager, path) for key in range(first, first + count)]


TWO_TEAMS = [*staff(1, 5, None, 1), *staff(11, 6, None, 2)]
# 1 leads 2, and 2 leads everybody else: the difference of the two lines is one person.
NESTED = [Person(1, None, ()), Person(2, 1, (1,)), *staff(11, 6, 2, 1), *staff(21, 5, 1, 2)]
THREE_DEEP = [*staff(1, 5, None, 1), *staff(11, 5, 1, 1, 2), *staff(21, 5, 11, 1, 2, 3)]


@settings(max_examples=25)
@given(organizations())
@example(TWO_TEAMS)
@example(NESTED)
@example(THREE_DEEP)
def test_nobody_learns_about_one_person(people: list[Person]) -> None:
    parts = parts_of(people, K)
    assume(prod(len(part) + 1 for part in parts) <= MOST_WORLDS)
    world = published(people, K)
    assert not learned(parts, world, knows_self=False)
    assert not learned(parts, world, knows_self=True)


@pytest.mark.parametrize("few", [0, 1])
def test_twin_with_narrower_ends_it_is_known(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact counts tell about all of 0 of 5; "0 or 1" tells the one who took part of the others."""
    monkeypatch.setattr(disclosure, "FEW", few)
    parts, world = parts_of(TWO_TEAMS, K), published(TWO_TEAMS, K)
    known = learned(parts, world, knows_self=True)
    assert (1, 3) in known
    assert ((0, 3) in learned(parts, world, knows_self=False)) == (few == 0)


def test_twin_without_k_a_group_is_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {figure.people for figure in publish(TWO_TEAMS, (), K)} == {5, 6, 11}
    alone = [Person(1, None, (1,)), *staff(11, 5, None, 2)]
    assert min(figure.people for figure in publish(alone, (), 1)) == 1
    monkeypatch.setattr(disclosure, "FEW", 0)
    assert len(learned(parts_of(alone, 1), published(alone, 1), knows_self=False)) == 2 * 6


def line_totals(people: Sequence[Person], took_part: frozenset[int]) -> Hashable:
    """What would be published without fixed groups: the exact total of each line of five or more,
    where it is neither nobody nor everybody."""
    above = {person.key: person.manager for person in people}
    found = []
    for manager in sorted({one for one in above.values() if one is not None}):
        line = {key for key in above if manager in _chain(key, above)}
        count = len(line & took_part)
        if len(line) >= K:
            found.append((manager, count if 0 < count < len(line) else None))
    return tuple(found)


def _chain(key: int, above: dict[int, int | None]) -> list[int]:
    found = []
    at = above.get(key)
    while at is not None:
        found.append(at)
        at = above.get(at)
    return found


def test_twin_without_fixed_groups_nested_managers_tell_of_one() -> None:
    """The line of 1 less the line of 2 is 2 alone."""
    people = [Person(1, None, ()), Person(2, 1, (1,)), *staff(11, 6, 2, 1)]
    parts = [[2], list(range(11, 17))]
    assert learned(parts, lambda took: line_totals(people, took), knows_self=False)
    world = published(people, K)
    assert not learned(parts_of(people, K), world, knows_self=False)
    assert all({2} != set(part) for part in parts_of(people, K))


@given(organizations(most=60), st.data())
def test_figures_hold_and_add_up(people: list[Person], data: st.DataObject) -> None:
    keys = st.sets(st.sampled_from([person.key for person in people]))
    took_part = frozenset(data.draw(keys))
    figures = publish(people, took_part, K)
    for figure in figures:
        count = len(figure.members & took_part)
        assert figure.people == len(figure.members) >= K
        assert 0 <= figure.at_least <= count <= figure.at_most <= figure.people
        assert figure.at_most - figure.at_least <= 2 * FEW
        inside = [one for one in figures if one.parent == figure.number]
        assert figure.smallest == (not inside)
        if inside:
            assert sum(one.people for one in inside) == figure.people
            assert frozenset().union(*(one.members for one in inside)) == figure.members
    above = {person.key: person.manager for person in people}
    path = {person.key: person.path for person in people}
    for figure in figures:  # inside a line, a team, only when all its people are
        for member in figure.members:
            assert set(figure.line) <= set(_chain(member, above))
            assert path[member][: len(figure.path)] == figure.path
    whole, cells = total(figures), by_team(figures)
    assert bool(whole) == bool(cells) == bool(figures)
    if whole:
        assert sum(cell.people for cell in cells) == whole.people


@given(organizations(most=40))
def test_groups_cannot_be_taken_apart(people: list[Person]) -> None:
    """Groups lie inside one another or apart: no sum or difference gives fewer than five."""
    figures = publish(people, frozenset(), K)
    for one, other in combinations([figure.members for figure in figures], 2):
        common = one & other
        assert not common or common in (one, other)
        for remainder in (one - other, other - one):
            assert not remainder or len(remainder) >= K


def test_the_groups_do_not_depend_on_what_people_did() -> None:
    idle, busy = publish(NESTED, frozenset(), K), publish(NESTED, frozenset({2, 11, 12, 13}), K)
    assert [one.members for one in idle] == [one.members for one in busy]


def test_ends_are_ranges() -> None:
    one_team = staff(1, 8, None, 1)
    shown = [
        (figure.at_least, figure.at_most)
        for count in range(9)
        for figure in publish(one_team, frozenset(range(1, count + 1)), K)
    ]
    assert shown == [(0, 2)] * 3 + [(3, 3), (4, 4), (5, 5)] + [(6, 8)] * 3


def test_a_second_team_is_folded() -> None:
    people = [*staff(1, 20, None, 9, 1), *staff(21, 6, None, 9, 2), *staff(31, 3, None, 9, 3)]
    figures = publish(people, frozenset(range(1, 9)), K)
    cells = by_team(figures)
    assert [(cell.key, cell.people, cell.numbers, cell.mixed) for cell in cells] == [
        (1, 20, "8", False),
        (None, 9, "0–2", True),
    ]
    assert (cells[1].percent, cells[0].percent) == ("0–22", "40")
    assert holding(figures) == 9


def test_two_small_teams_are_shown_together() -> None:
    people = [*staff(1, 20, None, 1), *staff(31, 3, None, 2), *staff(41, 4, None, 3)]
    assert [(c.key, c.people) for c in by_team(publish(people, (), K))] == [(1, 20), (None, 7)]


def test_a_team_around_them_holds_small_teams_together() -> None:
    people = [*staff(1, 9, None, 1), *staff(31, 3, None, 2, 3), *staff(41, 4, None, 2, 4)]
    assert [(c.key, c.people) for c in by_team(publish(people, (), K))] == [(1, 9), (2, 7)]


def test_managers_are_counted_among_their_peers() -> None:
    """Two directors of twenty each, five at the top: each line is shown whole."""
    people = [*staff(1, 5, None), *staff(101, 20, 1, 1), *staff(201, 20, 2, 2)]
    figures = publish(people, (), K)
    for director in (1, 2):
        line = total([figure for figure in figures if director in figure.line])
        assert line
        assert line.people == 20
    whole = total(figures)
    assert whole
    assert whole.people == 45


def test_too_few_altogether_show_nothing() -> None:
    figures = publish(staff(1, 4, None), (1, 2, 3, 4), K)
    assert figures == ()
    assert total(figures) is None
    assert by_team(figures) == []
    assert holding(figures) is None


def test_who_is_too_few_at_the_top_is_left_out() -> None:
    group = grouped([Person(1, None, ()), *staff(11, 9, 1, 1)], K)
    assert group
    assert group.people == frozenset(range(11, 20))


def test_a_loop_is_left_out() -> None:
    loop = [Person(1, 2, ()), Person(2, 1, ())]
    group = grouped([*loop, *staff(11, 5, None), *staff(21, 9, 1)], K)
    assert group
    assert group.people == frozenset(range(11, 16))


def test_a_month_closes_a_week_after_its_end() -> None:
    october = date(2026, 10, 1)
    assert closes_on(october) == date(2026, 11, 8)
    assert last_closed(date(2026, 11, 7)) == date(2026, 9, 1)
    assert last_closed(date(2026, 11, 8)) == october
    assert closes_on(date(2025, 12, 1)) == date(2026, 1, 8)


def test_only_whole_months_that_are_closed() -> None:
    today = date(2026, 11, 22)
    october = date(2026, 10, 1)
    assert whole_months(date(2026, 9, 1), date(2026, 12, 31), today) == [date(2026, 9, 1), october]
    assert whole_months(date(2026, 9, 2), date(2026, 10, 31), today) == [october]
    assert whole_months(date(2026, 9, 2), date(2026, 10, 30), today) == []
    assert whole_months(date(2025, 12, 1), date(2026, 1, 31), today) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
    assert whole_months(october, date(2026, 10, 31), date(2026, 11, 7)) == []
    assert whole_months(october, date(2026, 10, 31), date(2026, 11, 8)) == [october]
