"""`manage.py suspend_organization SLUG`: nobody gets in, nothing is sent; everything stays."""

from __future__ import annotations

from typing import Any

from peerlearn.clock import now
from peerlearn.organizations.management.by_slug import OrganizationCommand


class Command(OrganizationCommand):
    help = "End every access to an organization for now; restore_organization gives it back."

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self.find(options["slug"])
        organization.suspend(at=now())
        self.stdout.write(f"{organization.slug} is suspended: nobody gets in, mails wait")
