"""`manage.py restore_organization SLUG`: people get in again, and what waited is sent."""

from __future__ import annotations

from typing import Any

from peerlearn.organizations.management.by_slug import OrganizationCommand


class Command(OrganizationCommand):
    help = "Open a suspended organization again."

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self.find(options["slug"])
        organization.restore()
        self.stdout.write(f"{organization.slug} is open")
