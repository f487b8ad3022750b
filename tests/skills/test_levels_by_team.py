"""The arithmetic of coverage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skills.levels_by_team import Cell, Count, cells, total

TEAMS = st.none() | st.integers(1, 3)


@st.composite
def counts(draw: st.DrawFn) -> list[Count]:
    """At most one row for each skill, team and level, as a GROUP BY gives them."""
    keys = draw(st.sets(st.tuples(st.integers(1, 3), TEAMS, st.integers(1, 4))))
    rows = []
    for key in keys:
        people = draw(st.integers(1, 30))
        rows.append(Count(*key, people, draw(st.integers(0, people))))
    return rows


WANTED = st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 9))


@given(counts(), WANTED)
def test_nobody_is_lost_or_counted_twice(
    rows: list[Count], wanted: dict[tuple[int, int | None], int]
) -> None:
    table = cells(rows, wanted)
    assert sum(c.alone + c.with_help + c.learning for c in table.values()) == sum(
        row.people for row in rows
    )
    assert sum(cell.wanted for cell in table.values()) == sum(wanted.values())
    for cell in table.values():
        assert 0 <= cell.confirmed <= cell.alone
        assert cell.met == (cell.missing == 0)


@given(counts(), WANTED, st.integers(1, 3))
def test_a_total_is_the_sum_of_its_teams(
    rows: list[Count], wanted: dict[tuple[int, int | None], int], skill: int
) -> None:
    table = cells(rows, wanted)
    whole = total(table.values(), skill)
    alone = [row.people for row in rows if row.skill == skill and row.level >= 3]
    assert whole.alone == sum(alone)
    assert whole.team is None


def test_can_teach_counts_as_alone() -> None:
    table = cells([Count(1, 1, 4, 2, 1), Count(1, 1, 3, 1, 0), Count(1, 1, 2, 5, 5)], {(1, 1): 4})
    assert table == {(1, 1): Cell(1, 1, alone=3, confirmed=1, with_help=5, wanted=4)}
    assert table[1, 1].missing == 1
