"""What the page of an import says of the whole: its steps, its sentence, its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerlearn.organizations.importing.kinds import Text
from peerlearn.organizations.importing.plans import LineKind
from peerlearn.organizations.models import Import, ImportState

_STEPS: dict[str, int] = {
    ImportState.READING: 0,
    ImportState.COLUMNS: 1,
    ImportState.CHECKING: 2,
    ImportState.CHECKED: 2,
    ImportState.WRITING: 3,
    ImportState.DONE: 5,
}
_COUNTS: tuple[tuple[LineKind, Text, str, str], ...] = (
    (LineKind.NEW, gettext_lazy("New"), "good", "plus"),
    (LineKind.CHANGED, gettext_lazy("Changed"), "", "pencil"),
    (LineKind.GONE, gettext_lazy("Not in the file"), "bad", "minus"),
    (LineKind.ERROR, gettext_lazy("With errors"), "warn", "alert"),
    (LineKind.SAME, gettext_lazy("The same"), "", "check"),
)
_SEPARATORS = {
    ";": gettext_lazy("semicolons"),
    ",": gettext_lazy("commas"),
    "\t": gettext_lazy("tabs"),
    "|": gettext_lazy("bars"),
}
_ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}


@dataclass(frozen=True)
class Phase:
    name: Text
    about: Text
    done: bool
    now: bool


@dataclass(frozen=True)
class Count:
    kind: LineKind
    label: Text
    number: int
    tone: str
    icon: str


def phases(row: Import) -> list[Phase]:
    """File, columns, check, import, done; none is now when it ended otherwise."""
    at = _STEPS.get(row.state, -1)
    found = sum(bool(target) for target in row.mapping)
    columns = ngettext("%s is imported", "%s are imported", found) % found if found else ""
    words: tuple[tuple[Text, Text], ...] = (
        (_("File"), row.file_name),
        (_("Columns"), columns),
        (_("Check"), _("nothing saved yet") if at < 3 else ""),
        (_("Import"), _("all or nothing")),
        (_("Done"), ""),
    )
    return [Phase(*words[n], done=n < at, now=n == at) for n in range(len(words))]


def counts(row: Import) -> list[Count]:
    return [
        Count(kind, label, row.counts.get(kind, 0), tone, icon)
        for kind, label, tone, icon in _COUNTS
        if kind in row.counts
    ]


def claim(row: Import) -> str:
    """One sentence or two: what matters first."""
    new, changed, gone, wrong = (
        row.counts.get(kind, 0)
        for kind in (LineKind.NEW, LineKind.CHANGED, LineKind.GONE, LineKind.ERROR)
    )
    said = []
    if wrong:
        said.append(ngettext("%s row has errors.", "%s rows have errors.", wrong) % wrong)
    if new:
        said.append(ngettext("%s would be new.", "%s would be new.", new) % new)
    if changed:
        said.append(ngettext("%s would change.", "%s would change.", changed) % changed)
    if gone and not wrong:
        said.append(
            ngettext("%s person is not in the file.", "%s people are not in the file.", gone) % gone
        )
    return " ".join(said) or _("Nothing would change.")


def read_as(row: Import) -> str:
    told = row.told
    if told.get("format") == "xlsx":
        return _("Read from the sheet “%(sheet)s”, headings in row %(row)s.") % {
            "sheet": told["sheet"],
            "row": told["heading_row"],
        }
    return _("Read as %(encoding)s with %(separator)s, headings in row %(row)s.") % {
        "encoding": _ENCODINGS.get(told.get("encoding", ""), ""),
        "separator": _SEPARATORS.get(told.get("separator", ""), ""),
        "row": told.get("heading_row", 1),
    }
