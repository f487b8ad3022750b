"""What the outbox does for analytics: makes files, deletes them, refreshes the rollups."""

from __future__ import annotations

from django.core.files.storage import default_storage

from analytics import rollups
from analytics.making import make
from analytics.models import EXPIRY, MAKING, Report
from peerlearn.clock import now
from peerlearn.notifications.outbox import OutsideEffect, effect, outside

ROLLUPS = "rollups"


@outside(MAKING, long=True)
class Making(OutsideEffect[Report]):
    def prepare(self, subject: int, occurrence: str) -> Report | None:
        report: Report | None = Report.objects.filter(pk=subject).first()
        return report if report is not None and report.begin() else None

    def perform(self, prepared: Report) -> None:
        make(prepared, at=now())

    def record(self, subject: int, occurrence: str, prepared: Report) -> None:
        """`make` has recorded what became of it, by compare-and-set."""


@outside(EXPIRY)
class Expiry(OutsideEffect[Report]):
    def prepare(self, subject: int, occurrence: str) -> Report | None:
        report: Report | None = Report.objects.filter(pk=subject, state="ready").first()
        return report

    def perform(self, prepared: Report) -> None:
        default_storage.delete(prepared.path)

    def record(self, subject: int, occurrence: str, prepared: Report) -> None:
        prepared.expire()


@effect(ROLLUPS, long=True)
def refresh_rollups(subject: int, occurrence: str) -> None:
    rollups.refresh(at=now())
