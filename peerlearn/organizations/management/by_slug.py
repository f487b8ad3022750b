"""Commands about one organization, named by its slug."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peerlearn.organizations.models import Organization


class OrganizationCommand(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="as in its addresses; `organizations` lists them")

    def find(self, slug: str) -> Organization:
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(
                f"no organization has the slug {slug!r}. `manage.py organizations` lists them."
            )
        return found
