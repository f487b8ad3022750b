"""`manage.py export_organization SLUG --to FILE.zip`: everything of one organization."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from peerlearn.clock import now
from peerlearn.organizations.exporting import export
from peerlearn.organizations.management.by_slug import OrganizationCommand


class Command(OrganizationCommand):
    help = "Write everything of an organization into a ZIP of JSON lines, without its secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="a new file")

    def handle(self, *args: Any, **options: Any) -> None:
        organization, file = self.find(options["slug"]), options["to"]
        try:
            made = export(organization, file, at=now())
        except OSError as error:
            raise CommandError(f"nothing was exported: {error.strerror or error}") from None
        rows = sum(made.rows.values())
        self.stdout.write(f"{file}: {rows} rows of {len(made.rows)} tables, {made.files} files")
