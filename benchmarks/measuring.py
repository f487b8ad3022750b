"""Fair comparison on a noisy machine: two things in turn, medians, and their ratio."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

Act = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """One row of the table. `limit` is what docs/performance.md asks: at most, or at least."""

    name: str
    value: float
    limit: float
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"holds": self.holds}


def seconds(act: Act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def ratio(ours: Act, peer: Act, *, rounds: int, warm_up: int = 3) -> tuple[float, float, float]:
    """(median of ours / median of the peer, median of ours, median of the peer) in seconds.

    Interleaved, so that a drift of the machine meets both.
    """
    for _ in range(warm_up):
        ours()
        peer()
    mine, others = [], []
    gc.disable()
    try:
        for _ in range(rounds):
            mine.append(seconds(ours))
            others.append(seconds(peer))
    finally:
        gc.enable()
    ours_median, peer_median = statistics.median(mine), statistics.median(others)
    return ours_median / peer_median, ours_median, peer_median


def milliseconds(ours: float, peer: float) -> str:
    return f"{ours * 1000:.2f} ms against {peer * 1000:.2f} ms"
