"""Rows of the isolation matrix for analytics."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from analytics.making import file_name
from analytics.models import Report
from tests.isolation.matrix import MANAGER_AND_HR, PAGE, Row

ASKED_AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def a_report(side: Any) -> Report:
    """HR's own, so that the manager cannot see it."""
    report = Report(
        kind="skill_coverage",
        period_from=date(2026, 1, 1),
        period_to=date(2026, 10, 31),
        names="groups",
        file_format="csv",
        requested_by=side.hr,
        requested_at=ASKED_AT,
    )
    report.file_name = file_name(report)
    report.ask()
    return report


def waiting(side: Any) -> dict[str, Any]:
    return {"public_id": a_report(side).public_id}


def ready(side: Any) -> dict[str, Any]:
    report = a_report(side)
    path = default_storage.save(f"tests/{report.public_id}.csv", ContentFile(b"Skill\r\n"))
    Report.objects.filter(pk=report.pk).update(
        state="ready", path=path, ready_at=ASKED_AT, expires_at=ASKED_AT + timedelta(days=36500)
    )
    return {"public_id": report.public_id}


_ASKED = {
    "kind": "skill_coverage",
    "period_from": "2026-01-01",
    "period_to": "2026-01-31",
    "team": "",
    "names": "groups",
    "file_format": "csv",
}
_MANAGER_HIDDEN = frozenset({"manager"})

INSIDE: dict[str, Row] = {
    "dashboard": Row(PAGE, MANAGER_AND_HR),
    "dashboard_risks": Row(PAGE, MANAGER_AND_HR),
    "dashboard_figures": Row(PAGE, MANAGER_AND_HR),
    "dashboard_coverage": Row(PAGE, MANAGER_AND_HR),
    "dashboard_shadowing": Row(PAGE, MANAGER_AND_HR),
    "reports": Row({"GET": {200}, "POST": {302}}, MANAGER_AND_HR, data=_ASKED),
    "report_files": Row(PAGE, MANAGER_AND_HR),
    "report_download": Row(
        {"GET": {200}}, MANAGER_AND_HR, subject=ready, invisible=_MANAGER_HIDDEN
    ),
    "report_cancel": Row(
        {"POST": {302}}, MANAGER_AND_HR, subject=waiting, invisible=_MANAGER_HIDDEN
    ),
}
PUBLIC: dict[str, Row] = {}
