"""Reports: choose, see the first rows, have the file made, take it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics.asking import refuse_too_many
from analytics.choices import FileFormat, Names, Risk
from analytics.files import CONTENT_TYPES, csv_columns
from analytics.forms import ReportForm, report_form
from analytics.making import LineChanged, NotAllowed, refuse_unseen
from analytics.models import NamedLook, Report, ReportDownload
from analytics.report_tables import build
from analytics.tables import Column, Kind, Table, Value
from peerlearn.clock import now
from peerlearn.organizations.access import (
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.web.numbers import percent
from peerlearn.web.pages import page_or_fragment, paginate, wants_fragment

FIRST_ROWS = 6
FILES_PER_PAGE = 20
TONES = {Risk.HIGH: "bad", Risk.SOME: "warn", Risk.LOW: "good"}


@dataclass(frozen=True)
class Shown:
    """A cell as the preview shows it."""

    text: str
    right: bool
    tone: str
    column: str = ""


@require_http_methods(["GET", "POST"])
@allow(HR, MANAGER)
def reports(request: OrganizationRequest) -> HttpResponse:
    """The choices with their preview; posting them makes the file."""
    form = _form(request, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        if "preview" in request.POST:
            return HttpResponseRedirect(f"{reverse('reports')}?{_query(form)}")
        if form.is_valid() and _may_ask(request, form):
            form.report(request.employee, now()).ask()
            messages.success(
                request, _("Your file is being made. You can leave this page meanwhile.")
            )
            return HttpResponseRedirect(f"{reverse('reports')}?{_query(form)}#files")
    context = {**_preview(request, form), "oob": wants_fragment(request), "here": "reports"}
    status = 422 if request.method == "POST" else 200
    return page_or_fragment(
        request, "analytics/reports.html", context, fragment="preview", status=status
    )


def _form(request: OrganizationRequest, data: Any) -> ReportForm:
    return report_form(request.employee, request.organization, data, at=now())


def _query(form: ReportForm) -> str:
    return urlencode({key: form.data.get(key, "") for key in form.fields})


def _may_ask(request: OrganizationRequest, form: ReportForm) -> bool:
    day = datetime.combine(form.today, time(0), request.organization.zone)
    try:
        refuse_too_many(request.employee, since=day)
    except ValidationError as refused:
        form.add_error(None, refused)
    return form.is_valid()


def _preview(request: OrganizationRequest, form: ReportForm) -> dict[str, Any]:
    if not form.is_valid() and form.errors.keys() - {"__all__"}:
        return {"form": form}
    report = form.report(request.employee, now())
    at = now()
    table = build(report, form.narrowed(), request.organization, at)
    if report.names == Names.NAMED and table.rows:
        NamedLook.note(report, on=form.today, at=at)
    csv = report.file_format == FileFormat.CSV
    columns = csv_columns(table) if csv else table.columns
    return {
        "form": form,
        "report": report,
        "table": table,
        "columns": [(c.name, c.kind in (Kind.NUMBER, Kind.PERCENT)) for c in columns],
        "rows": _first_rows(table, columns),
        "total": len(table.rows),
        "named": report.names == Names.NAMED,
    }


def _first_rows(table: Table, columns: tuple[Column, ...]) -> list[list[Shown]]:
    constants = [value for _, value in table.constants][: len(columns) - len(table.columns)]
    return [
        [
            replace(shown(value, column.kind), column=column.name)
            for value, column in zip([*row, *constants], columns, strict=True)
        ]
        for row in table.rows[:FIRST_ROWS]
    ]


def shown(value: Value, kind: Kind) -> Shown:
    """As the file holds it."""
    right = kind in (Kind.NUMBER, Kind.PERCENT)
    if value is None:
        return Shown("", right, "")
    if isinstance(value, date):
        return Shown(value.isoformat(), right, "")
    if kind is Kind.PERCENT and not isinstance(value, str):
        return Shown(percent(round(value * 100)), right, "")
    return Shown(str(value), right, _tone(str(value)))


def _tone(words: str) -> str:
    return next((tone for risk, tone in TONES.items() if words == str(risk.label)), "")


# --- Files -----------------------------------------------------------------------------------
def _files(request: OrganizationRequest) -> dict[str, Any]:
    at = now()
    own = Report.objects.visible_to(request.employee)
    page = paginate(request, own.select_related("team", "line_of"), per_page=FILES_PER_PAGE)
    return {
        "files": page,
        "at": at,
        "open": any(report.is_open for report in page),
        "seen": _seen(request),
    }


def _seen(request: OrganizationRequest) -> list[ReportDownload | NamedLook]:
    """Who saw names in which report, in the file or in the preview: the latest."""
    if not request.employee.is_hr:
        return []
    downloads = ReportDownload.objects.visible_to(request.employee)
    looks = NamedLook.objects.visible_to(request.employee)
    found = [
        *downloads.select_related("report__team", "report__line_of", "employee")[:FILES_PER_PAGE],
        *looks.select_related("team", "line_of", "employee")[:FILES_PER_PAGE],
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:FILES_PER_PAGE]


@require_GET
@allow(HR, MANAGER)
def report_files(request: OrganizationRequest) -> HttpResponse:
    """The list of files alone, for whoever waits for one."""
    context = {**_files(request), "here": "reports"}
    return page_or_fragment(request, "analytics/report_files.html", context, fragment="files")


@require_POST
@allow(HR, MANAGER)
def report_cancel(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """From the page of the choices it leads back to them, as they stand."""
    report = get_visible_or_404(Report.objects.visible_to(request.employee), public_id)
    if report.cancel():
        messages.success(request, _("%s is not made.") % report.file_name)
    else:
        messages.info(request, _("%s was made already.") % report.file_name)
    if "kind" not in request.POST:
        return redirect("report_files")
    query = _query(_form(request, request.POST))
    return HttpResponseRedirect(f"{reverse('reports')}?{query}#files")


@require_GET
@allow(HR, MANAGER)
def report_download(request: OrganizationRequest, public_id: str) -> Any:
    """The file, if it is there and whoever asks may still see what it holds."""
    report = get_visible_or_404(Report.objects.visible_to(request.employee), public_id)
    at = now()
    try:
        refuse_unseen(report, request.employee)
    except NotAllowed as why:
        refused = {"revoked": True, "line_changed": isinstance(why, LineChanged)}
        return render(request, "analytics/report_gone.html", refused, status=403)
    if not report.can_be_downloaded(at):
        context = {"report": report, "here": "reports"}
        return render(request, "analytics/report_gone.html", context, status=410)
    try:
        file = default_storage.open(report.path)
    except FileNotFoundError:  # a backup brings back the row alone
        context = {"report": report, "missing": True, "here": "reports"}
        return render(request, "analytics/report_gone.html", context, status=410)
    report.note_download(request.employee, at)
    return FileResponse(
        file,
        as_attachment=True,
        filename=report.file_name,
        content_type=CONTENT_TYPES[report.file_format],
    )
