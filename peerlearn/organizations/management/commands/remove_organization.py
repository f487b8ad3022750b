"""`AS_OWNER=1 manage.py remove_organization SLUG --ledger FILE`: every row and file of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from peerlearn.clock import now
from peerlearn.organizations.management.by_slug import OrganizationCommand
from peerlearn.organizations.models import Organization
from peerlearn.organizations.removing import remove
from peerlearn.runtime import removed


class Command(OrganizationCommand):
    help = "Delete an organization with all that belongs to it. Asks for its slug once more."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        words = f"notes it for whoever restores an older backup: {removed.NAME} beside the backups"
        parser.add_argument("--ledger", type=Path, required=True, metavar="FILE", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self.find(options["slug"])
        if not settings.AS_OWNER:
            raise CommandError(
                "whoever serves may not delete everything: run it with AS_OWNER=1 and "
                "DATABASE_OWNER_URL"
            )
        self.stdout.write(
            f"All rows and files of {organization.name} are deleted, and every user who belongs to "
            "no other organization. Restoring an older backup removes it again."
        )
        self.stdout.write("Type its slug once more: ", ending="")
        self.stdout.flush()
        if self._typed() != organization.slug:
            raise CommandError("that is not its slug: nothing was deleted")
        self._note(organization, options["ledger"])
        organization.suspend(at=now())  # nobody writes meanwhile
        rows = remove(organization)
        self.stdout.write(f"{organization.slug} is removed: {rows} rows, and its files")

    def _note(self, organization: Organization, ledger: Path) -> None:
        """Before anything is deleted: what is deleted and not noted would come back."""
        slug, began = organization.slug, organization.created_at
        try:
            removed.note(ledger, slug=slug, created_at=began, at=now())
        except OSError as error:
            raise CommandError(f"nothing was deleted: {error.strerror or error}") from None

    def _typed(self) -> str:
        try:
            return input().strip()
        except EOFError:
            return ""
