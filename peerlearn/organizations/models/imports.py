"""A file that HR takes people over from, from the upload until it is forgotten."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import (
    FencedManager,
    FencedModel,
    OrganizationForeignKey,
    PublicIdField,
)
from peerlearn.organizations.models.employees import Employee
from peerlearn.organizations.queries import ImportManager

KEPT_FOR = timedelta(days=1)


class ImportState(models.TextChoices):
    READING = "reading", _("Being read")
    COLUMNS = "columns", _("Waits for its columns")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Waits for your word")
    WRITING = "writing", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Not imported")
    CANCELLED = "cancelled", _("Cancelled")
    FORGOTTEN = "forgotten", _("Deleted after a day")


WORKING = (ImportState.READING, ImportState.CHECKING, ImportState.WRITING)
OPEN = (*WORKING, ImportState.COLUMNS, ImportState.CHECKED)


class Import(FencedModel):
    """One file and what became of it. `turn` counts the pieces of work that were asked for: one
    that was asked for before the last is done by nobody.

    `content` is the file until it was read, then its rows; empty once the import is over. `told` is
    how it was read, `columns` its headings with a few values, `mapping` what each column goes to,
    `counts` what would be, and then was, done.
    """

    public_id = PublicIdField()
    kind = models.CharField(max_length=20)
    by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    file_name = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=ImportState, default=ImportState.READING)
    turn = models.PositiveSmallIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    content = models.BinaryField(default=b"")
    told = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    order = models.CharField(max_length=3, default="dmy")
    removes = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    made = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=20, blank=True)
    failed_row = models.PositiveIntegerField(default=0)
    changed_meanwhile = models.BooleanField(default=False)
    over_at = models.DateTimeField(null=True)

    objects = ImportManager()

    class Meta(FencedModel.Meta):
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in OPEN]) | Q(content=b""),
                name="import_file_deleted",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-begun_at"], name="import_begun")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def to_write(self) -> int:
        """How many lines are written: `done` counts up to it."""
        kinds = ("new", "changed", *(["gone"] if self.removes else []))
        return sum(self.counts.get(kind, 0) for kind in kinds)

    def rows(self) -> list[tuple[int, list[str]]]:
        """Those of the file, once it was read; the headings are the first."""
        rows: list[Any] = json.loads(zlib.decompress(bytes(self.content)))
        return [(number, cells) for number, cells in rows]

    @staticmethod
    def packed(rows: list[tuple[int, list[str]]]) -> bytes:
        said = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return zlib.compress(said, 1)

    def move(self, *states: ImportState, **values: Any) -> bool:
        """Compare-and-set: write the values if it still is in one of these states and in the turn
        that it was read in."""
        mine = Import.objects.filter(pk=self.pk, state__in=states, turn=self.turn)
        changed = mine.update(**values)
        if changed:
            for name, value in values.items():
                setattr(self, name, value)
        return bool(changed)


class ImportLine(FencedModel):
    """What an import would do, and then did, with one row or one person. Lives for a day."""

    of = OrganizationForeignKey(Import, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=7)
    place = models.PositiveIntegerField()  # in the order in which they are shown
    row = models.PositiveIntegerField(null=True)
    title = models.CharField(max_length=254)
    what = models.JSONField(default=dict)

    objects = FencedManager()

    class Meta(FencedModel.Meta):
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "of", "place"], name="import_line_place"
            ),
        ]
        indexes = [models.Index(fields=["organization", "of", "kind"], name="import_line_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
