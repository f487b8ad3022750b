"""Figures for Prometheus: requests by route, and the outbox as Postgres has it at that moment.

Over several web processes they are summed when PROMETHEUS_MULTIPROC_DIR names a folder that is
emptied at each start; without it each process tells its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.db.models import Count, Min, Q
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from peerlearn.clock import now

if _folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(_folder).mkdir(parents=True, exist_ok=True)

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_own = CollectorRegistry()
_requests = Counter(
    "peerlearn_requests", "Answered requests", ["route", "method", "status"], registry=_own
)
_seconds = Histogram(
    "peerlearn_request_seconds",
    "Time to the answer",
    ["route"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_own,
)


def note_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Labels come from closed sets: a stranger cannot make new ones."""
    known = method if method in METHODS else "other"
    _requests.labels(route, known, str(status)).inc()
    _seconds.labels(route).observe(seconds)


class _Outbox(Collector):
    def collect(self) -> Iterator[Metric]:
        from peerlearn.notifications.models import Outbox

        at = now()
        found = Outbox.objects.aggregate(
            waiting=Count("pk", filter=Q(dead_at=None, due_at__lte=at)),
            dead=Count("pk", filter=Q(dead_at__isnull=False)),
            failing=Count("pk", filter=Q(dead_at=None, attempts__gt=0)),
            oldest=Min("due_at", filter=Q(dead_at=None, due_at__lte=at)),
        )
        age = (at - found["oldest"]).total_seconds() if found["oldest"] else 0.0
        for name, words, value in (
            ("waiting", "Effects that are due and not done", found["waiting"]),
            ("failing", "Effects that failed and are tried again", found["failing"]),
            ("dead", "Effects that failed too often", found["dead"]),
            ("oldest_seconds", "How late the oldest waiting effect is", age),
        ):
            yield GaugeMetricFamily(f"peerlearn_outbox_{name}", words, value=value)


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]  # untyped upstream
    else:
        requests = _own
    outbox = CollectorRegistry()
    outbox.register(_Outbox())
    return generate_latest(requests) + generate_latest(outbox)
