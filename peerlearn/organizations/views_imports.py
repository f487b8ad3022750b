"""HR's imports: choose a file, say what its columns are, look at what would change, let it be."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from peerlearn.clock import now
from peerlearn.organizations.access import HR, OrganizationRequest, allow, get_visible_or_404
from peerlearn.organizations.forms_imports import ColumnsForm, UploadForm, WriteForm
from peerlearn.organizations.importing import acts, page, words
from peerlearn.organizations.importing.kinds import kinds
from peerlearn.organizations.importing.lines import mistakes, told
from peerlearn.organizations.importing.plans import LineKind
from peerlearn.organizations.importing.wrong_rows import as_csv
from peerlearn.organizations.models import Import, ImportLine, ImportState
from peerlearn.organizations.posting import attempt, typed
from peerlearn.web.bodies import takes_files
from peerlearn.web.pages import page_or_fragment, paginate, wants_fragment

PER_PAGE, MISTAKES = 20, 20


@require_http_methods(["GET", "POST"])
@takes_files(megabytes=10)
@allow(HR)
def imports(request: OrganizationRequest) -> HttpResponse:
    """The file to begin with, and the imports of the past."""
    kind = request.GET.get("kind")
    initial = {"kind": kind if kind in kinds() else next(iter(kinds()))}
    form = UploadForm(typed(request), request.FILES or None, initial=initial)
    begun: list[Import] = []

    def begin() -> None:
        file = form.cleaned_data["file"]
        content = file.read()
        begun.append(
            acts.begin(
                kind=form.cleaned_data["kind"],
                by=request.employee,
                file_name=file.name,
                content=content,
                at=now(),
            )
        )

    if attempt(form, begin):
        return redirect("import_show", public_id=begun[0].public_id)
    past = Import.objects.visible_to(request.employee).without_files().select_related("by")
    listed = paginate(request, past, per_page=PER_PAGE)
    context = {"here": "imports", "form": form, "page": listed, "kinds": kinds()}
    status = 422 if form.errors else 200
    return render(request, "organizations/imports.html", context, status=status)


def _import(request: OrganizationRequest, public_id: str) -> Import:
    rows = Import.objects.visible_to(request.employee).select_related("by").defer("content")
    found: Import = get_visible_or_404(rows, public_id)
    return found


@require_GET
@allow(HR)
def import_show(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Where the import stands; a page that waits asks again until something has happened."""
    row = _import(request, public_id)
    if wants_fragment(request) and not row.is_working and "page" not in request.GET:
        return HttpResponseClientRefresh()
    return _shown(request, row)


def _shown(
    request: OrganizationRequest,
    row: Import,
    *,
    columns: ColumnsForm | None = None,
    last_word: WriteForm | None = None,
) -> HttpResponse:
    kind = acts.importing_of(row)
    context: dict[str, Any] = {
        "here": "imports",
        "row": row,
        "kind": kind,
        "phases": page.phases(row),
        "counts": page.counts(row),
        "claim": page.claim(row),
        "read_as": page.read_as(row),
    }
    if row.state in (ImportState.COLUMNS, ImportState.CHECKED):
        context["columns"] = columns or ColumnsForm(row=row, kind=kind)
    if row.state in (ImportState.CHECKED, ImportState.DONE):
        context |= _lines(request, row) | {"form": last_word or _last_word(row)}
    if row.state == ImportState.FAILED:
        context["what"], context["then"] = words.of_file(row.failure)
    wrong = (columns and columns.errors) or (last_word and last_word.errors)
    status = 422 if wrong else 200
    return page_or_fragment(
        request, "organizations/import.html", context, fragment="state", status=status
    )


def _last_word(row: Import, data: Any = None) -> WriteForm:
    return WriteForm(data, gone=row.counts.get(LineKind.GONE, 0), made=row.made)


def _lines(request: OrganizationRequest, row: Import) -> dict[str, Any]:
    """Those of one kind, or those that mean a change; a page of them, and the first mistakes."""
    kind = acts.importing_of(row)
    lines = ImportLine.objects.filter(of=row)
    asked, text = request.GET.get("show", ""), request.GET.get("q", "").replace("\0", "")[:200]
    shown = asked if asked in set(map(str, LineKind)) else ""
    chosen = lines.filter(kind=shown) if shown else lines.exclude(kind=LineKind.SAME)
    listed = paginate(request, chosen.filter(title__icontains=text) if text else chosen)
    wrong = lines.filter(kind=LineKind.ERROR)[:MISTAKES] if row.counts.get("error") else []
    return {
        "page": listed,
        "told": told(listed.object_list, kind),
        "mistakes": mistakes(wrong, kind),
        "show": shown,
        "q": text,
        "changes": sum(row.counts.get(name, 0) for name in ("new", "changed")),
    }


@require_GET
@allow(HR)
def import_mistakes(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """The rows with errors as a file, as long as there is the one that they stand in."""
    row: Import = get_visible_or_404(Import.objects.visible_to(request.employee), public_id)
    if row.state != ImportState.CHECKED or not row.counts.get(LineKind.ERROR, 0):
        return _too_late(request, row)
    written = as_csv(row, acts.importing_of(row))
    answer = HttpResponse(written, "text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.kind}-to-correct.csv"'
    return answer


@require_POST
@allow(HR)
def import_columns(request: OrganizationRequest, public_id: str) -> HttpResponse:
    row = _import(request, public_id)
    if row.state not in (ImportState.COLUMNS, ImportState.CHECKED):
        return _too_late(request, row)
    form = ColumnsForm(request.POST, row=row, kind=acts.importing_of(row))
    if not form.is_valid():
        return _shown(request, row, columns=form)
    order = form.cleaned_data.get("order", row.order)
    if not acts.choose(row, mapping=form.mapping, order=order, at=now()):
        return _too_late(request, row)
    return redirect("import_show", public_id=row.public_id)


@require_POST
@allow(HR)
def import_write(request: OrganizationRequest, public_id: str) -> HttpResponse:
    row = _import(request, public_id)
    if row.state != ImportState.CHECKED or row.counts.get(LineKind.ERROR, 0):
        return _too_late(request, row)
    form = _last_word(row, request.POST)
    if request.POST.get("digest") != row.digest:
        form.add_error(None, _("It was checked again meanwhile. Look at what would change now."))
    if not form.is_valid():
        return _shown(request, row, last_word=form)
    removes = form.cleaned_data["removes"]
    if not acts.write(row, removes=removes, by=request.employee, at=now()):
        return _too_late(request, row)
    return redirect("import_show", public_id=row.public_id)


@require_POST
@allow(HR)
def import_cancel(request: OrganizationRequest, public_id: str) -> HttpResponse:
    row = _import(request, public_id)
    if not acts.cancel(row, at=now()):
        return _too_late(request, row)
    messages.success(request, _("Nothing was changed, and %s is deleted.") % row.file_name)
    return redirect("imports")


def _too_late(request: OrganizationRequest, row: Import) -> HttpResponse:
    messages.info(request, _("The import has gone on meanwhile. This is how it stands."))
    return redirect("import_show", public_id=row.public_id)


@require_GET
@allow(HR)
def import_example(request: OrganizationRequest) -> HttpResponse:
    """A small file that can be imported as it is."""
    kind = request.GET.get("kind", "")
    if kind not in kinds():
        kind = next(iter(kinds()))
    answer = HttpResponse(kinds()[kind].example.read_bytes(), "text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-example.csv"'
    return answer
