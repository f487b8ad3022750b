"""The figures of benchmarks as JSON."""

from __future__ import annotations

from benchmarks.measuring import Figure, by_name


def test_the_worst_form_of_a_figure_stands_by_its_name() -> None:
    figures = [
        Figure("booking_queries.hold", 9, 10),
        Figure("booking_queries.book", 8, 10),
        Figure("single_slot_winners.2", 1, 1, "="),
        Figure("single_slot_winners.4", 0, 1, "="),
        Figure("bookings_vs_view.a", 0.7, 0.5, "≥"),
        Figure("bookings_vs_view.b", 0.6, 0.5, "≥"),
        Figure("vs_bare_view", 0.61234, 0.5, "≥"),
    ]
    found = by_name(figures)
    assert {name: found[name] for name in found if "." not in name} == {
        "booking_queries": 9,
        "single_slot_winners": 0,
        "bookings_vs_view": 0.6,
        "vs_bare_view": 0.6123,
    }
    assert found["booking_queries.book"] == 8
