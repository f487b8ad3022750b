"""`manage.py dead_letters [--organization SLUG] [--resend]`: what failed too often."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peerlearn.notifications.models import Outbox
from peerlearn.organizations.models import Organization


class Command(BaseCommand):
    help = "List the effects that failed too often, by organization; --resend tries them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="this organization alone")
        parser.add_argument("--resend", action="store_true", help="forget their failures")

    def handle(self, *args: Any, **options: Any) -> None:
        dead = Outbox.objects.dead().select_related("organization").order_by("dead_at", "id")
        if slug := options["organization"]:
            if not Organization.objects.filter(slug=slug).exists():
                raise CommandError(f"no organization has the slug {slug!r}")
            dead = dead.filter(organization__slug=slug)
        for row in dead.iterator():
            self.stdout.write(
                f"{row.dead_at:%Y-%m-%d %H:%M} UTC  {row.organization.slug}  {row}  "
                f"{row.attempts} failures, the last {row.failure or 'unknown'}"
            )
        if options["resend"]:
            self.stdout.write(f"{dead.try_again()} will be tried again")
        elif not dead.exists():
            self.stdout.write("no dead letters")
