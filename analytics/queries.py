"""Many rows of reports, downloads and cohorts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from peerlearn.organizations.fence import FencedManager, FencedQuerySet

if TYPE_CHECKING:
    from analytics.models import NamedLook, Report, ReportDownload  # noqa: F401  # in strings too
    from peerlearn.organizations.models import Employee


class ReportQuerySet(FencedQuerySet["Report"]):
    def visible_to(self, employee: Employee) -> ReportQuerySet:
        """One's own."""
        return self.filter(requested_by=employee) if employee.active else self.none()

    def asked_for(self, *, since: datetime) -> tuple[int, int]:
        """How many wait or are being made; how many were asked for since a moment. One query."""
        counts = self.aggregate(
            open=Count("pk", filter=Q(state__in=["waiting", "running"])),
            since=Count("pk", filter=Q(requested_at__gte=since)),
        )
        return counts["open"], counts["since"]


class DownloadQuerySet(FencedQuerySet["ReportDownload"]):
    def visible_to(self, employee: Employee) -> DownloadQuerySet:
        """HR sees every named download; others none."""
        return self.filter(named=True) if employee.active and employee.is_hr else self.none()


class LookQuerySet(FencedQuerySet["NamedLook"]):
    def visible_to(self, employee: Employee) -> LookQuerySet:
        """HR sees who looked at names; others do not."""
        return self if employee.active and employee.is_hr else self.none()


ReportManager = FencedManager.from_queryset(ReportQuerySet)
DownloadManager = FencedManager.from_queryset(DownloadQuerySet)
LookManager = FencedManager.from_queryset(LookQuerySet)
