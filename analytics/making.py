"""Makes the file of a report: claim, compute and write outside any transaction, record."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime
from typing import IO, cast

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404
from django.utils import translation
from django.utils.text import slugify

from analytics.choices import Failure, FileFormat, Names, ReportKind
from analytics.files import MOST_ROWS, write
from analytics.models import Report
from analytics.report_tables import build
from analytics.scopes import Scope, scope_of
from analytics.tables import Table
from peerlearn.clock import now
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.roles import HR, MANAGER
from peerlearn.organizations.scoping import scope

MOST_OPEN = 5  # reports that one employee may have waiting or being made
MOST_A_DAY = 50  # that one employee may ask for
TRIES = 3
log = structlog.get_logger(__name__)


class Superseded(Exception):
    """Cancelled, or begun again by another worker."""


class NotAllowed(Exception):
    """Whoever asked may not see these figures any more."""


class LineChanged(NotAllowed):
    """Somebody whom the file is about does not report to whoever asked any more."""


def file_name(report: Report) -> str:
    """skill-coverage-named-substations-2026-10-31.xlsx: what, with names or not, of whom, until
    when; participation, which goes by whole months, from which to which."""
    words = [report.kind.replace("_", "-")]
    if report.names == Names.NAMED:
        words.append("named")
    words.extend(slug for one in (report.line_of, report.team) if one and (slug := _slug(one.name)))
    if report.line_of is None and report.team is None:
        words.append("whole-company")
    until = f"{report.period_to:%Y-%m-%d}"
    if report.kind == ReportKind.SHADOWING_PARTICIPATION:
        until = f"{report.period_from:%Y-%m}-to-{report.period_to:%Y-%m}"
    return "-".join([*words, until]) + f".{report.file_format}"


def _slug(name: str) -> str:
    return slugify(name, allow_unicode=True)[:30].strip("-")


def scope_of_report(report: Report, reader: Employee) -> Scope:
    """What the report covers, if `reader` may see that today; else NotAllowed."""
    if not (reader.has_role(HR) or reader.has_role(MANAGER)):
        raise NotAllowed
    if reader.is_hr != (report.line_of_id is None):
        raise NotAllowed
    try:
        return scope_of(reader, report.team.public_id if report.team else "")
    except Http404:
        raise LineChanged from None


def refuse_unseen(report: Report, reader: Employee) -> None:
    """Raise NotAllowed when `reader` may not see today what the finished file holds."""
    scope_of_report(report, reader)
    if report.people is not None:
        line = scope_of(reader).line
        if line is not None and not line.issuperset(report.people):
            raise LineChanged


def make(report: Report, *, at: datetime) -> None:
    """Compute, write, store and record. `report.begin()` came before; outside every scope."""
    try:
        with translation.override(_language(report)):
            _store(report, *_table(report, at))
    except Superseded:
        log.info("report_superseded", report_id=report.pk)
    except NotAllowed:
        _fail(report, Failure.NOT_ALLOWED)
    except Exception:
        if report.attempt < TRIES:
            raise
        log.exception("report_failed", report_id=report.pk)
        _fail(report, Failure.ERROR)


def _language(report: Report) -> str:
    """That of whoever asked for the report."""
    with scope(report.organization_id):
        people = Employee.objects.select_related("organization")
        return str(people.get(pk=report.requested_by_id).reads)


def _table(report: Report, at: datetime) -> tuple[Table, frozenset[int]]:
    """What the file holds, and whom it is about."""
    with scope(report.organization_id):
        organization = Organization.objects.get(pk=report.organization_id)
        reader: Employee = Employee.objects.get(pk=report.requested_by_id)
        fresh: Report = Report.objects.select_related("team").get(pk=report.pk)
        covered = scope_of_report(fresh, reader)
        people = covered.people_between(fresh.period_from, fresh.period_to)
        return build(fresh, covered, organization, at), people


def _store(report: Report, table: Table, people: frozenset[int]) -> None:
    if report.file_format == FileFormat.XLSX and len(table.rows) > MOST_ROWS:
        _fail(report, Failure.TOO_MANY_ROWS)
        return
    rows = max(len(table.rows), 1)

    def on_row(written: int) -> None:
        with scope(report.organization_id):
            if not report.advance(written * 100 // rows):
                raise Superseded

    with tempfile.TemporaryFile() as file:
        write(table, report.file_format, cast("IO[bytes]", file), on_row)
        size = file.tell()
        file.seek(0)
        path = default_storage.save(_random_path(report), File(file))
    try:
        with scope(report.organization_id):
            if not report.finish(path=path, size=size, at=now(), people=people):
                raise Superseded
    except BaseException:
        default_storage.delete(path)
        raise


def _random_path(report: Report) -> str:
    """Below the organization's own prefix, and guessed by nobody."""
    token = secrets.token_urlsafe(24)
    return f"organization-{report.organization_id}/reports/{token}.{report.file_format}"


def _fail(report: Report, failure: Failure) -> None:
    with scope(report.organization_id):
        report.fail(failure)
