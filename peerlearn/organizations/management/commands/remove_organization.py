"""`AS_OWNER=1 manage.py remove_organization SLUG`: every row and file of it, for good."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from peerlearn.clock import now
from peerlearn.organizations.management.by_slug import OrganizationCommand
from peerlearn.organizations.removing import remove


class Command(OrganizationCommand):
    help = "Delete an organization with all that belongs to it. Asks for its slug once more."

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self.find(options["slug"])
        if not settings.AS_OWNER:
            raise CommandError(
                "whoever serves may not delete everything: run it with AS_OWNER=1 and "
                "DATABASE_OWNER_URL"
            )
        self.stdout.write(
            f"All rows and files of {organization.name} are deleted, and every user who belongs to "
            "no other organization. Nothing brings them back but a backup."
        )
        self.stdout.write("Type its slug once more: ", ending="")
        self.stdout.flush()
        if self._typed() != organization.slug:
            raise CommandError("that is not its slug: nothing was deleted")
        organization.suspend(at=now())  # nobody writes meanwhile
        rows = remove(organization)
        self.stdout.write(f"{organization.slug} is removed: {rows} rows, and its files")

    def _typed(self) -> str:
        try:
            return input().strip()
        except EOFError:
            return ""
