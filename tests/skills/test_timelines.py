"""Two histories of one person laid over each other stay one honest history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.months import add_months
from skills.timelines import Stretch, overlay

START = date(2026, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def histories(draw: st.DrawFn) -> list[Stretch]:
    """Rows that do not overlap, the last one perhaps open."""
    cuts = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=8)))
    rows = []
    for start, end in zip(cuts, [*cuts[1:], None], strict=True):
        if end is None and draw(st.booleans()):
            continue
        if draw(st.integers(0, 3)) == 0:
            continue
        confirmed = draw(st.none() | st.integers(start + 1, start + 40))
        rows.append(
            Stretch(
                draw(st.integers(1, 4)),
                day(start),
                None if end is None else day(end),
                None if confirmed is None else draw(st.integers(1, 3)),
                None if confirmed is None else day(start),
                None if confirmed is None else day(confirmed),
            )
        )
    return rows


def at(rows: list[Stretch], when: date) -> list[Stretch]:
    return [row for row in rows if row.holds(when)]


@given(histories(), histories())
def test_the_best_of_both_holds_on_every_day(one: list[Stretch], other: list[Stretch]) -> None:
    merged = overlay(one, other)
    for number in range(120):
        when = day(number)
        before = at(one, when) + at(other, when)
        after = at(merged, when)
        assert len(after) == bool(before)
        if before:
            assert after[0].weight(when) == max(row.weight(when) for row in before)


@given(histories())
def test_one_history_alone_stays_as_it_was(rows: list[Stretch]) -> None:
    merged = overlay(rows, [])
    for number in range(120):
        when = day(number)
        assert [r.level for r in at(merged, when)] == [r.level for r in at(rows, when)]
    assert all(row.end is None or row.start < row.end for row in merged)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-60, 60))
def test_months_are_counted_on_the_calendar(when: date, months: int) -> None:
    later = add_months(when, months)
    assert (later.year - when.year) * 12 + later.month - when.month == months
    assert later.day <= when.day


@pytest.mark.parametrize(
    ("when", "months", "expected"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_short_months(when: date, months: int, expected: date) -> None:
    assert add_months(when, months) == expected
