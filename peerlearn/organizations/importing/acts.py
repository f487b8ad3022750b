"""An import from the upload to its end: each act moves it on by compare-and-set.

A worker reads, checks and writes (`work`); people choose in between. Whatever somebody else did
meanwhile, what is written is what was shown, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import enqueue, withdraw
from peerlearn.organizations.importing import headings, values
from peerlearn.organizations.importing.child import read_apart
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.kinds import Importing, Writing, kinds
from peerlearn.organizations.importing.plans import Line, LineKind, Plan
from peerlearn.organizations.importing.progress import Progress, Stopped
from peerlearn.organizations.importing.reading import MOST_ROWS, Unreadable
from peerlearn.organizations.models import Employee, Import, ImportLine, ImportState
from peerlearn.organizations.models.imports import KEPT_FOR, OPEN, WORKING
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.scoping import scope
from peerlearn.organizations.throttles import UPLOAD, UPLOADS_A_DAY, Try, a_day_of

WORK, FORGETTING, OVER = "import", "import_forgotten", "import_over"
MOST_OPEN = 5  # imports of one organization that are not over
_EXAMPLES, _TO_GUESS = 3, 200
_TOGETHER = 1000
_NO_FILE: dict[str, Any] = {"content": b"", "columns": [], "mapping": []}
_NO_LETTER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class _Changed(Exception):
    """What would be done is not what was shown."""


def importing_of(row: Import) -> Importing:
    return kinds()[row.kind]


# --- What people do: in the scope of a request -------------------------------------------------
def begin(*, kind: str, by: Employee, file_name: str, content: bytes, at: datetime) -> Import:
    """Take a file in and let it be read; it is deleted a day later whatever becomes of it."""
    with transaction.atomic():
        lock_the_tree(by.organization_id)
        if Import.objects.filter(state__in=OPEN).count() >= MOST_OPEN:
            raise ValidationError(
                _("%s imports are not over yet. Finish or cancel one of them.") % MOST_OPEN
            )
        _count_upload(by.organization_id)
        row: Import = Import.objects.create(
            kind=kind,
            by=by,
            begun_at=at,
            file_name=_NO_LETTER.sub("", file_name)[-120:] or "file",
            content=content,
        )
        enqueue(FORGETTING, row.pk, due_at=at + KEPT_FOR)
        _let_work(row, at)
    return row


def _count_upload(organization_id: int) -> None:
    upload = Try.within(a_day_of(UPLOAD, organization_id))
    if not upload.count():
        why = _("%s files were chosen in a day, and no more are taken.") % UPLOADS_A_DAY
        raise ValidationError(f"{why} {upload.wait}", code="too_many_uploads")


def choose(row: Import, *, mapping: Sequence[str], order: str, at: datetime) -> bool:
    """What each column goes to; lets it be checked. False when it is not waiting for that."""
    return _next(
        row,
        (ImportState.COLUMNS, ImportState.CHECKED),
        at,
        state=ImportState.CHECKING,
        mapping=list(mapping),
        order=order,
        changed_meanwhile=False,
    )


def write(row: Import, *, removes: bool, by: Employee, at: datetime) -> bool:
    """Let it be written as it was shown. False when it is not waiting for that."""
    return _next(row, (ImportState.CHECKED,), at, state=ImportState.WRITING, removes=removes, by=by)


def cancel(row: Import, *, at: datetime) -> bool:
    """Nothing comes of it, and its file is deleted; False when it is over already."""
    with transaction.atomic():
        if not row.move(*OPEN, state=ImportState.CANCELLED, over_at=at, **_NO_FILE):
            return False
        withdraw(WORK, row.pk)
        ImportLine.objects.filter(of=row).delete()
    return True


def forget(row: Import, *, at: datetime) -> None:
    """A day is over: the file goes if it is still there, and so does who stood in it."""
    with transaction.atomic():
        mine = Import.objects.filter(pk=row.pk)  # in whatever turn it is by now
        mine.filter(state__in=OPEN).update(state=ImportState.FORGOTTEN, over_at=at, **_NO_FILE)
        mine.update(made=[], kept=[])
        ImportLine.objects.filter(of=row).delete()


def _next(row: Import, states: Sequence[ImportState], at: datetime, **changes: Any) -> bool:
    with transaction.atomic():
        if not row.move(*states, turn=row.turn + 1, done=0, **changes):
            return False
        _let_work(row, at)
    return True


def _let_work(row: Import, at: datetime) -> None:
    enqueue(WORK, row.pk, due_at=at, occurrence=str(row.turn))


# --- What a worker does: outside every scope ---------------------------------------------------
def work(row: Import, *, at: datetime) -> None:
    """The piece of work that its state asks for."""
    try:
        match row.state:
            case ImportState.READING:
                _read(row, at)
            case ImportState.CHECKING:
                _check(row, at)
            case ImportState.WRITING:
                _write(row, at)
    except Stopped:
        return  # cancelled, or asked for again: nothing is kept of this
    except Unreadable as why:
        _fail(row, why.code, at, why.row)


def give_up(row: Import, *, at: datetime) -> None:
    """It failed for no reason that anybody could have foreseen."""
    _fail(row, "error", at)


def _fail(row: Import, code: str, at: datetime, on_row: int = 0) -> None:
    with scope(row.organization_id):
        if _end(row, ImportState.FAILED, at, failure=code, failed_row=on_row):
            ImportLine.objects.filter(of=row).delete()


def _end(row: Import, state: ImportState, at: datetime, **changes: Any) -> bool:
    """Over, with its file deleted; whoever does not look at it any more is told."""
    was_writing = row.state == ImportState.WRITING
    if not row.move(*WORKING, state=state, over_at=at, **changes, **_NO_FILE):
        return False
    if was_writing:
        Notification.deliver(row.by, OVER, subject_id=row.pk, due_at=at)
    return True


def _read(row: Import, at: datetime) -> None:
    contents = read_apart(bytes(row.content))
    kind = importing_of(row)
    rows = contents.rows
    rows = rows[headings.find_headings([cells for _number, cells in rows], kind.words) :]
    if len(rows) < 2:
        raise Unreadable("no_rows")
    if len(rows) - 1 > MOST_ROWS:
        raise Unreadable("rows", rows[MOST_ROWS + 1][0])
    names = _headings(rows)
    columns = [[_cell(cells, n) for _number, cells in rows[1:]] for n in range(len(names))]
    filled = [[value for value in column[:_TO_GUESS] if value] for column in columns]
    guesses = headings.guess(names, filled, kind.words)
    days = [
        value
        for column, guess in zip(columns, guesses, strict=True)
        if guess.target in kind.dates
        for value in column
    ]
    with scope(row.organization_id):
        if not row.move(
            ImportState.READING,
            state=ImportState.COLUMNS,
            content=Import.packed(rows),
            total=len(rows) - 1,
            told={**contents.told, "heading_row": rows[0][0]},
            order=values.order_of(days) or "dmy",
            columns=[
                {
                    "heading": _shown(name)[:120],
                    "values": [_shown(value)[:80] for value in some[:_EXAMPLES]],
                    "sure": guess.sure,
                }
                for name, some, guess in zip(names, filled, guesses, strict=True)
            ],
            mapping=[guess.target for guess in guesses],
        ):
            raise Stopped


def _headings(rows: Sequence[tuple[int, list[str]]]) -> list[str]:
    """Columns without a heading count too."""
    width = max(len(cells) for _number, cells in rows)
    return [_cell(rows[0][1], at) for at in range(width)]


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _rows_of(row: Import) -> list[Row]:
    columns = [(at, target) for at, target in enumerate(row.mapping) if target]
    return [
        Row(number, {target: _cell(cells, at) for at, target in columns})
        for number, cells in row.rows()[1:]
    ]


def _plan(row: Import, rows: Sequence[Row], at: datetime) -> Plan:
    by: Employee = Employee.objects.select_related("organization").get(pk=row.by_id)
    if not (by.active and by.is_hr):
        raise Unreadable("not_hr")
    return importing_of(row).check(rows, "mdy" if row.order == "mdy" else "dmy", by=by, at=at)


def _check(row: Import, at: datetime) -> None:
    rows = _rows_of(row)
    with scope(row.organization_id):
        _let_it_think()
        plan = _plan(row, rows, at)
        if not row.move(ImportState.CHECKING, state=ImportState.CHECKED, **_told(plan)):
            raise Stopped
        _keep_lines(row, plan)


def _let_it_think() -> None:
    """Ten thousand rows are worked out within the transaction, while Postgres hears nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "counts": dict(plan.counts),
        "made": list(plan.made),
        "kept": list(plan.kept),
        "digest": plan.digest,
    }


def _keep_lines(row: Import, plan: Plan) -> None:
    ImportLine.objects.filter(of=row).delete()
    order = {kind: at for at, kind in enumerate(LineKind)}
    lines = sorted(plan.lines, key=lambda line: order[line.kind])
    ImportLine.objects.bulk_create(
        (
            ImportLine(
                of=row,
                kind=line.kind.value,
                place=at,
                row=line.row,
                title=line.title[:254],
                what=_what(line),
            )
            for at, line in enumerate(lines)
        ),
        batch_size=_TOGETHER,
    )


def _what(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "changes": [[one.target, one.before, one.after] for one in line.changes],
        "problems": [[one.target, _shown(one.value), one.code, one.about] for one in line.problems],
        "note": line.note,
    }
    return {name: value for name, value in found.items() if value}


def _shown(value: str) -> str:
    """As a page and Postgres can hold it: what is no text shows as �."""
    return _NO_LETTER.sub("\N{REPLACEMENT CHARACTER}", value)


def _write(row: Import, at: datetime) -> None:
    """All or nothing: one transaction, whose last act is to be over."""
    rows = _rows_of(row)
    try:
        with Progress(row) as progress, scope(row.organization_id):
            _let_it_think()
            lock_the_tree(row.organization_id)
            plan = _plan(row, rows, at)
            if plan.digest != row.digest or plan.counts[LineKind.ERROR.value]:
                raise _Changed
            by: Employee = Employee.objects.select_related("organization").get(pk=row.by_id)
            how = Writing(of=row, by=by, at=at, removes=row.removes, progress=progress.add)
            importing_of(row).write(plan, how)
            progress.check()
            if not _end(row, ImportState.DONE, at, done=row.to_write):
                raise Stopped
    except (_Changed, ValidationError, IntegrityError):
        _check_again(row, at)


def _check_again(row: Import, at: datetime) -> None:
    """Somebody changed people since it was shown: it is shown again, as it is now."""
    with scope(row.organization_id):
        _next(
            row,
            (ImportState.WRITING,),
            at,
            state=ImportState.CHECKING,
            removes=False,
            changed_meanwhile=True,
        )
