"""The words before the charts."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from analytics.sentences import participation_change, risk_sentence
from peerlearn.web.numbers import percent

RELAY = ("Relay protection", "Nils Eriksen", 1, date(2027, 3, 31))
SCADA = ("SCADA", "Aisha Rahman", 2, None)


@pytest.mark.parametrize(
    ("before", "after", "words", "clear"),
    [
        ((0.2, 0.2), (0.2, 0.2), "as", True),
        ((0.0, 0.05), (0.0, 0.05), "about as", False),  # 0–2 of 41 twice
        ((0.0, 0.2), (0.1, 0.3), "about as", False),
        ((0.2, 0.2), (0.1, 0.3), "about as", False),
        ((0.0, 0.05), (0.3, 0.3), "about 28 points up", True),
        ((0.3, 0.3), (0.2, 0.2), "10 points down", True),
    ],
)
def test_equal_ranges_are_no_equal_numbers(
    before: tuple[float, float], after: tuple[float, float], words: str, clear: bool
) -> None:
    change = participation_change(before, after)
    assert (change.words, change.clear) == (words, clear)


Lacking = list[tuple[str, list[str], int]]


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ([("Oil", ["Plant"], 3)], "Nobody in Plant can do Oil alone."),
        ([("Oil", ["Plant"], 0)], "Nobody can do Oil alone where it is wanted."),
        ([("Oil", ["Plant", "Lab"], 3)], "Nobody can do Oil alone where it is wanted."),
        (
            [("Oil", ["Plant"], 3), ("Gas", ["Lab"], 3)],
            "Two skills can be done alone by nobody in the teams that want them.",
        ),
        ([], "No skill depends on one person."),
    ],
)
def test_what_nobody_can_is_a_sentence(lacking: Lacking, words: str) -> None:
    assert risk_sentence([], lacking, too_early=False) == words


def test_both_kinds_of_risk_are_told() -> None:
    one = [("Oil", ["Plant"], 3)]
    assert risk_sentence([RELAY, SCADA], one, too_early=False) == (
        "Two skills each depend on one person. One of those people leaves by March. "
        "For another one, a team that wants it has nobody."
    )
    assert risk_sentence([SCADA], [*one, *one], too_early=False) == (
        "SCADA depends on one person, Aisha Rahman. "
        "For two others, a team that wants them has nobody."
    )


def test_a_share_has_the_sign_of_its_language() -> None:
    with translation.override("en"):
        assert (percent(38), percent("0–25")) == ("38%", "0–25%")
