"""The lines of an import, as a page tells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerlearn.organizations.importing import words
from peerlearn.organizations.importing.kinds import Importing, Text
from peerlearn.organizations.importing.plans import LineKind
from peerlearn.organizations.models import ImportLine

TAGS: dict[str, tuple[Text, str]] = {
    LineKind.ERROR: (gettext_lazy("error"), "warn"),
    LineKind.NEW: (gettext_lazy("new"), "good"),
    LineKind.CHANGED: (gettext_lazy("changed"), ""),
    LineKind.GONE: (gettext_lazy("gone"), "bad"),
    LineKind.SAME: (gettext_lazy("the same"), ""),
}


@dataclass(frozen=True)
class Told:
    """`sentences` say what happens; of an error `cell` is what stands in the file."""

    row: int | None
    title: str
    tag: Text
    tone: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mistake:
    row: int | None
    title: str
    column: Text
    cell: str
    why: str


def told(lines: Iterable[ImportLine], kind: Importing) -> list[Told]:
    return [
        Told(line.row, line.title, *TAGS[line.kind], _short(line, tuple(_sentences(line, kind))))
        for line in lines
    ]


def _short(line: ImportLine, sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Of who is new everything is: that stands in one line."""
    if line.kind == LineKind.NEW and sentences:
        return (" · ".join(sentences),)
    return sentences


def _sentences(line: ImportLine, kind: Importing) -> Iterable[str]:
    if line.kind == LineKind.GONE:
        yield _("Not in the file")
    if note := line.what.get("note"):
        yield words.of_note(note)
    for target, before, after in line.what.get("changes", []):
        what = {
            "what": kind.targets.get(target, target),
            "before": _value(target, before, kind),
            "after": _value(target, after, kind),
        }
        if line.kind == LineKind.NEW:
            if target not in kind.in_title:
                yield _("%(what)s: %(after)s") % what
        elif not before:
            yield _("%(what)s: now %(after)s") % what
        elif not after:
            yield _("%(what)s: %(before)s, now none") % what
        else:
            yield _("%(what)s: %(before)s, now %(after)s") % what
    if line.kind == LineKind.ERROR:
        for mistake in mistakes([line], kind):
            yield f"{mistake.column}: {mistake.why}"


def mistakes(lines: Iterable[ImportLine], kind: Importing) -> list[Mistake]:
    return [
        Mistake(line.row, line.title, kind.targets.get(target, target), cell, words.of_cell(*why))
        for line in lines
        for target, cell, *why in line.what.get("problems", [])
    ]


def _value(target: str, text: str, kind: Importing) -> Any:
    if text and target in kind.dates:
        return date_format(date.fromisoformat(text), _("j F Y"))
    return kind.shown(target, text)
