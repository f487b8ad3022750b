"""Fair comparison on a noisy machine: two things in turn, medians, and their ratio."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Act = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """One row of the table. `limit` is what docs/performance.md asks: at most, or `sign` says."""

    name: str
    value: float
    limit: float
    sign: str = "≤"
    note: str = ""

    @property
    def holds(self) -> bool:
        return {
            "≤": self.value <= self.limit,
            "≥": self.value >= self.limit,
            "=": self.value == self.limit,
        }[self.sign]

    @property
    def distance(self) -> float:
        """How far from what is asked: the larger, the worse."""
        return {
            "≤": self.value - self.limit,
            "≥": self.limit - self.value,
            "=": abs(self.value - self.limit),
        }[self.sign]


def by_name(figures: Sequence[Figure]) -> dict[str, float]:
    """The values; of a figure in several forms (`booking_queries.hold`) also the worst of them by
    the name alone."""
    found: dict[str, float] = {}
    for figure in sorted(figures, key=lambda one: one.distance):
        found[figure.name.partition(".")[0]] = round(figure.value, 4)
    return found | {figure.name: round(figure.value, 4) for figure in figures}


def seconds(act: Act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_turn(acts: Sequence[Act], *, rounds: int, warm_up: int = 3) -> list[float]:
    """The median of each act in seconds. Interleaved, so that a drift of the machine meets all."""
    for _ in range(warm_up):
        for act in acts:
            act()
    taken: list[list[float]] = [[] for _ in acts]
    gc.disable()
    try:
        for _ in range(rounds):
            for act, times in zip(acts, taken, strict=True):
                times.append(seconds(act))
    finally:
        gc.enable()
    return [statistics.median(times) for times in taken]


def ratio(ours: Act, peer: Act, *, rounds: int, warm_up: int = 3) -> tuple[float, float, float]:
    """(median of ours / median of the peer, median of ours, median of the peer) in seconds."""
    mine, others = in_turn([ours, peer], rounds=rounds, warm_up=warm_up)
    return mine / others, mine, others


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def milliseconds(ours: float, peer: float) -> str:
    return f"{ours * 1000:.2f} ms against {peer * 1000:.2f} ms"
