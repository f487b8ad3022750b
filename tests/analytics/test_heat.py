"""The heat map's table: colours, order, and the columns that tell nothing."""

from __future__ import annotations

import pytest

from analytics.heat import Column, heat, look, without_empty
from skills.levels_by_team import Cell, Danger

COLUMNS = [
    Column("Lines", frozenset({1})),
    Column("Lab", frozenset({2})),
    Column("Fleet", frozenset({3})),
]
SKILLS = [(10, "a", "Relays", True), (11, "b", "Splicing", False)]


def cell(skill: int, team: int, alone: int = 0, wanted: int = 0) -> Cell:
    return Cell(skill=skill, team=team, alone=alone, wanted=wanted)


@pytest.mark.parametrize(
    ("alone", "wanted", "rests", "expected"),
    [
        (0, 0, False, "na"),
        (0, 2, False, "c0"),
        (0, 2, True, "c0"),  # the one person is elsewhere
        (1, 2, True, "cr"),
        (1, 1, False, "c1"),  # others elsewhere can do it too
        (2, 3, False, "cs"),
        (1, 0, False, "c1"),
        (4, 1, False, "c3"),
        (5, 1, False, "c5"),
    ],
)
def test_a_colour_says_how_safe(alone: int, wanted: int, rests: bool, expected: str) -> None:
    assert look(alone, wanted, max(wanted - alone, 0), rests=rests) == expected


@pytest.mark.parametrize("rests", [False, True])
@pytest.mark.parametrize("alone", range(5))
@pytest.mark.parametrize("wanted", range(5))
def test_a_colour_is_the_danger_of_the_files(alone: int, wanted: int, rests: bool) -> None:
    """Rust and high, amber and some, green and low are one."""
    if rests and alone > 1:
        return  # no such thing
    one = cell(10, 1, alone=alone, wanted=wanted)
    colour = look(alone, wanted, one.missing, rests=rests)
    assert one.danger(rests=rests) == {
        "c0": Danger.HIGH,
        "cr": Danger.HIGH,
        "cs": Danger.SOME,
        "na": None,
    }.get(colour, Danger.LOW if wanted else None)


def test_a_team_that_has_enough_hides_no_other_that_lacks_somebody() -> None:
    """Two teams in one column: four in one of them are nobody in the other."""
    columns = [Column("Grid", frozenset({1, 2}))]
    found = [cell(11, 1, alone=4, wanted=1), cell(11, 2, wanted=2)]
    (line,) = heat({(c.skill, c.team): c for c in found}, SKILLS[1:], columns)
    (square,) = line.squares
    assert (square.look, square.alone, square.against) == ("cs", 4, 6)
    assert line.at_risk


def test_what_is_at_risk_comes_first() -> None:
    found = [cell(10, 1, alone=1), cell(11, 2, alone=5), cell(11, 3, wanted=1)]
    enough = [(10, "a", "Relays", False), (11, "b", "Splicing", False)]
    lines = heat({(c.skill, c.team): c for c in found}, enough, COLUMNS)
    assert [(line.name, line.at_risk) for line in lines] == [("Splicing", True), ("Relays", False)]


def test_columns_that_tell_nothing_are_left_out() -> None:
    found = [cell(10, 1, alone=1, wanted=2), cell(11, 3, wanted=1)]
    lines = heat({(c.skill, c.team): c for c in found}, SKILLS, COLUMNS)
    narrowed, columns = without_empty(lines, COLUMNS)
    assert [column.name for column in columns] == ["Lines", "Fleet"]
    assert [[square.column for square in line.squares] for line in narrowed] == [
        ["Lines", "Fleet"]
    ] * 2
    assert [(line.alone, line.missing) for line in narrowed] == [
        (line.alone, line.missing) for line in lines
    ]
