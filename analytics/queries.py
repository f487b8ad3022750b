"""Many rows of reports, downloads and cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peerlearn.organizations.fence import FencedManager, FencedQuerySet

if TYPE_CHECKING:
    from analytics.models import Report, ReportDownload  # noqa: F401  # in strings too
    from peerlearn.organizations.models import Employee


class ReportQuerySet(FencedQuerySet["Report"]):
    def visible_to(self, employee: Employee) -> ReportQuerySet:
        """One's own."""
        return self.filter(requested_by=employee) if employee.active else self.none()

    def open(self) -> ReportQuerySet:
        """Waiting or being made."""
        return self.filter(state__in=["waiting", "running"])


class DownloadQuerySet(FencedQuerySet["ReportDownload"]):
    def visible_to(self, employee: Employee) -> DownloadQuerySet:
        """HR sees every named download; others none."""
        return self.filter(named=True) if employee.active and employee.is_hr else self.none()


ReportManager = FencedManager.from_queryset(ReportQuerySet)
DownloadManager = FencedManager.from_queryset(DownloadQuerySet)
