"""No set of published figures lets anyone compute the figure of fewer than k people."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.disclosure import WHOLE, Group, Publication, publish, whole_months

K = 5


@st.composite
def trees(draw: st.DrawFn) -> list[Group]:
    """Up to seven teams, some inside others, with a few people without a team."""
    groups = [Group(WHOLE, WHOLE, draw(st.integers(0, 7)))]
    for key in range(1, draw(st.integers(1, 7)) + 1):
        people = draw(st.integers(0, 9))
        parent = draw(st.integers(0, key - 1))
        groups.append(Group(key, parent, people, draw(st.integers(0, people))))
    return groups


def members(groups: list[Group], key: int) -> frozenset[int]:
    """The teams whose own people are in this one: itself and all below."""
    found = {key}
    for group in groups:  # parents come before their children
        if group.key != WHOLE and group.parent in found:
            found.add(group.key)
    return frozenset(found)


def everything_published(groups: list[Group], publication: Publication) -> list[frozenset[int]]:
    """Each published figure as the set of teams whose people it counts, team switch included."""
    sets = []
    for group in groups:
        if publication.total(group.key):
            sets.append(members(groups, group.key))
        rest = members(groups, group.key)
        for cell in publication.parts(group.key):
            if cell.key is not None:
                sets.append(members(groups, cell.key))
                rest -= sets[-1]
            else:
                sets.append(rest)
    return sets


def can_compute(target: frozenset[int], known: list[frozenset[int]], atoms: list[int]) -> bool:
    """Whether sums and differences of what is known give the target: Gauss over fractions."""
    rows = [[Fraction(atom in one) for atom in atoms] for one in known]
    wanted = [Fraction(atom in target) for atom in atoms]
    for column in range(len(atoms)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        scaled = [value / pivot[column] for value in pivot]
        rows = [[v - row[column] * s for v, s in zip(row, scaled, strict=True)] for row in rows]
        wanted = [v - wanted[column] * s for v, s in zip(wanted, scaled, strict=True)]
    return not any(wanted)


def revealed(groups: list[Group], smallest: int) -> list[frozenset[int]]:
    """Every set of teams with fewer than K people whose figure an attacker can compute."""
    people = {group.key: group.people for group in groups if group.people}
    known = [one & people.keys() for one in everything_published(groups, publish(groups, smallest))]
    atoms = sorted(people)
    found = []
    for size in range(1, len(atoms) + 1):
        for chosen in combinations(atoms, size):
            if sum(people[key] for key in chosen) < K:
                target = frozenset(chosen)
                if can_compute(target, known, atoms):
                    found.append(target)
    return found


@given(trees())
@example([Group(WHOLE, WHOLE, 0), Group(1, WHOLE, 9, 4), Group(2, WHOLE, 3, 1)])
@example([Group(WHOLE, WHOLE, 2), Group(1, WHOLE, 3), Group(2, 1, 6), Group(3, 2, 5)])
def test_nobody_can_compute_a_folded_figure(groups: list[Group]) -> None:
    assert revealed(groups, K) == []


def test_twin_without_k_a_small_team_is_revealed() -> None:
    groups = [Group(WHOLE, WHOLE, 0), Group(1, WHOLE, 9, 4), Group(2, WHOLE, 3, 1)]
    assert frozenset({2}) in revealed(groups, 1)


def test_twin_without_complementary_suppression_subtraction_reveals() -> None:
    """Hiding the small team alone would not do: the attack of these tests finds it."""
    everyone, large = frozenset({1, 2}), frozenset({1})
    assert can_compute(frozenset({2}), [everyone, large], [1, 2])


@given(trees())
def test_parts_add_up_to_the_total(groups: list[Group]) -> None:
    publication = publish(groups, K)
    for group in groups:
        total, parts = publication.total(group.key), publication.parts(group.key)
        assert bool(total) == bool(parts)
        if total:
            assert sum(cell.people for cell in parts) == total.people
            assert sum(cell.count for cell in parts) == total.count
            assert all(cell.people >= K for cell in parts)


@given(trees())
def test_what_is_shown_does_not_depend_on_what_people_did(groups: list[Group]) -> None:
    idle = [Group(g.key, g.parent, g.people, 0) for g in groups]
    assert publish(groups, K).shown == publish(idle, K).shown


def test_a_second_team_is_folded() -> None:
    publication = publish([Group(1, WHOLE, 20, 8), Group(2, WHOLE, 6, 2), Group(3, WHOLE, 3, 1)], K)
    assert [(c.key, c.people, c.count, c.folded) for c in publication.parts()] == [
        (1, 20, 8, 0),
        (None, 9, 3, 2),
    ]
    assert publication.total(2) is None


def test_two_small_teams_are_shown_together() -> None:
    publication = publish([Group(1, WHOLE, 20, 8), Group(2, WHOLE, 3, 2), Group(3, WHOLE, 4, 1)], K)
    assert [(c.key, c.people) for c in publication.parts()] == [(1, 20), (None, 7)]


def test_too_few_altogether_show_nothing() -> None:
    publication = publish([Group(1, WHOLE, 4, 4)], K)
    assert publication.total() is None
    assert publication.parts() == []


def test_a_loop_is_refused() -> None:
    with pytest.raises(ValueError, match="tree"):
        publish([Group(1, 2, 5), Group(2, 1, 5)], K)


def test_only_whole_months_that_are_over() -> None:
    today = date(2026, 11, 22)
    october = date(2026, 10, 1)
    assert whole_months(date(2026, 9, 1), date(2026, 12, 31), today) == [date(2026, 9, 1), october]
    assert whole_months(date(2026, 9, 2), date(2026, 10, 31), today) == [october]
    assert whole_months(date(2026, 9, 2), date(2026, 10, 30), today) == []
    assert whole_months(date(2025, 12, 1), date(2026, 1, 31), today) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
    assert whole_months(october, date(2026, 10, 31), date(2026, 10, 31)) == []
