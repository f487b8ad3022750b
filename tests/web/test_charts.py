from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlearn.web import charts


def test_a_spark_runs_from_left_to_right_and_ends_at_its_point() -> None:
    line = charts.spark([1, 3, 2])
    assert line.path == "M2 24L44 4L86 14"
    assert (line.x, line.y) == ("86", "14")


def test_a_flat_spark_lies_at_the_foot_and_a_single_value_draws_nothing() -> None:
    assert charts.spark([5, 5]).path == "M2 24L86 24"
    assert charts.spark([5]).path == ""
    assert charts.spark([]).path == ""


def test_bars_stand_on_one_foot_and_the_last_is_now() -> None:
    drawn = charts.bars([10, None, 20], ["A", "B", "C"], shown=["10", "", "20"])
    assert [bar.now for bar in drawn.bars] == [False, False, True]
    assert {float(bar.y) + float(bar.height) for bar in drawn.bars} == {128.0}
    assert float(drawn.bars[0].height) * 2 == float(drawn.bars[2].height)
    assert drawn.bars[1].height == "0"
    assert drawn.goal_y == ""


def test_a_range_is_drawn_as_one() -> None:
    """The bar to its lower end, open to the upper one; a number has no open end."""
    exact, unsure = charts.bars([20, (10, 30)], ["A", "B"], shown=["20%", "10–30%"]).bars
    assert exact.open_height == exact.open_y == ""
    assert float(exact.height) == float(unsure.open_height)
    assert float(unsure.height) * 2 == pytest.approx(float(exact.height), abs=0.2)
    assert float(unsure.open_y) + float(unsure.open_height) == pytest.approx(float(unsure.y))
    assert float(unsure.value_y) < float(unsure.open_y)
    assert charts.bars([(0, 0)], ["A"]).bars[0].open_height == ""


def test_words_wider_than_the_outermost_bars_grow_inwards() -> None:
    drawn = charts.bars([1] * 12, ["A"] * 12, shown=["10–30%", *[""] * 10, "10–30%"]).bars
    assert (drawn[0].anchor, drawn[0].value_x) == ("start", drawn[0].x)
    assert drawn[-1].anchor == "end"
    assert charts.bars([1], ["A"], shown=["10–30%"]).bars[0].anchor == "middle"


def test_a_spark_of_ranges_is_the_band_between_their_ends() -> None:
    unsure = charts.spark([2.0, (0.0, 2.0)])
    assert unsure.band == "M2 4L86 24L86 4L2 4Z"
    assert unsure.whisker == "M86 24L86 4"
    known = charts.spark([(0.0, 2.0), 2.0])
    assert known.band
    assert (known.whisker, known.x, known.y) == ("", "86", "4")
    assert charts.spark([(1.0, 1.0), (3.0, 3.0)]) == charts.spark([1.0, 3.0])


def test_the_goal_stands_where_a_bar_of_its_height_would_end() -> None:
    drawn = charts.bars([60, 30], ["A", "B"], goal=60, highest=70)
    assert drawn.goal_y == drawn.bars[0].y
    assert float(drawn.bars[-1].x) + float(drawn.bars[-1].width) < float(drawn.goal_end)


def test_bars_refuse_what_they_cannot_draw() -> None:
    with pytest.raises(ValueError, match="label"):
        charts.bars([1], [])
    with pytest.raises(ValueError, match="negative"):
        charts.bars([-1], ["A"])


def test_no_bars_and_bars_of_nothing_are_drawn_without_height() -> None:
    assert charts.bars([], []).bars == ()
    assert charts.bars([0, 0], ["A", "B"]).bars[0].height == "0"


def test_steps_hold_and_then_change() -> None:
    drawn = charts.steps([("with", "", [1, 1, 2])], ["Jan", "Feb", "Mar"])
    (line,) = drawn.lines
    assert line.path.count("V") == 1
    assert line.path.startswith("M28 ")
    assert [tick.text for tick in drawn.up] == ["0", "1", "2"]
    assert [tick.text for tick in drawn.across] == ["Jan", "Feb", "Mar"]


def test_high_counts_get_at_most_five_ticks() -> None:
    assert len(charts.steps([("", "", [17, 3])], ["A", "B"]).up) <= 5


def test_steps_want_one_count_for_each_period() -> None:
    with pytest.raises(ValueError, match="period"):
        charts.steps([("", "", [1])], ["A", "B"])


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_every_mark_lies_inside_the_drawing(values: list[int]) -> None:
    labels = [str(i) for i in range(len(values))]
    for bar in charts.bars(values, labels).bars:
        assert 0 <= float(bar.x) <= float(bar.x) + float(bar.width) <= 440.1
        assert 0 <= float(bar.y) <= 128
    for line in charts.steps([("", "", values)], labels).lines:
        assert 0 <= float(line.y) <= 160


@given(st.floats(-1e4, 1e4))
def test_numbers_are_short_and_have_a_point(value: float) -> None:
    text = charts.number(value)
    assert abs(float(text) - value) <= 0.051
    assert "e" not in text
    assert text != "-0"
