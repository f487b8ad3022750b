"""The heat map's table: colours, order, and the columns that tell nothing."""

from __future__ import annotations

import pytest

from analytics.heat import Column, heat, look, without_empty
from skills.levels_by_team import Cell

COLUMNS = [
    Column("Lines", frozenset({1})),
    Column("Lab", frozenset({2})),
    Column("Fleet", frozenset({3})),
]
SKILLS = [(10, "a", "Relays"), (11, "b", "Splicing")]


def cell(skill: int, team: int, alone: int = 0, wanted: int = 0) -> Cell:
    return Cell(skill=skill, team=team, alone=alone, wanted=wanted)


@pytest.mark.parametrize(
    ("alone", "wanted", "total", "expected"),
    [
        (0, 0, 4, "na"),
        (0, 2, 0, "c0"),
        (1, 2, 1, "cr"),
        (1, 0, 3, "c1"),
        (4, 1, 9, "c3"),
        (5, 1, 9, "c5"),
    ],
)
def test_a_colour_says_how_safe(alone: int, wanted: int, total: int, expected: str) -> None:
    assert look(alone, wanted, total) == expected


def test_columns_that_tell_nothing_are_left_out() -> None:
    found = [cell(10, 1, alone=1, wanted=2), cell(11, 3, wanted=1)]
    lines = heat({(c.skill, c.team): c for c in found}, SKILLS, COLUMNS)
    narrowed, columns = without_empty(lines, COLUMNS)
    assert [column.name for column in columns] == ["Lines", "Fleet"]
    assert [[square.column for square in line.squares] for line in narrowed] == [
        ["Lines", "Fleet"]
    ] * 2
    assert [(line.alone, line.wanted) for line in narrowed] == [
        (line.alone, line.wanted) for line in lines
    ]
