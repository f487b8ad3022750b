"""Loads the demo organizations, or goes on where loading stopped; prints who may sign in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from analytics import rollups
from analytics.models import RollupMark
from demo import halden, nordfjord
from demo.chapters import Chapter, load
from demo.people import people_to_try
from demo.settling import everybody_came, settle
from peerlearn.clock import now
from peerlearn.organizations.models import Organization


class Command(BaseCommand):
    help = "Load the demo organizations. Does nothing when they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--who", action="store_true", help="only print who may sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.TESTING):
            raise CommandError("load_demo belongs to the demo: python3 manage.py demo")
        if options["who"]:
            self._print_people()
            return
        today = now().date()
        there = halden.organization(today)
        written = self._load(there, halden.Halden(there).chapters())
        there = nordfjord.organization(today)
        written += self._load(there, nordfjord.Nordfjord(there).chapters())
        if not written:
            self.stdout.write("Both demo organizations are there.")

    def _load(self, organization: Organization, chapters: list[Chapter]) -> int:
        return load(organization, [*chapters, _ENDING], self.stdout.write)

    def _print_people(self) -> None:
        head = (_("name"), _("e-mail"), _("organization"), _("what to look at"))
        rows = [head, *((p.name, p.email, p.organization, str(p.shows)) for p in people_to_try())]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        for row in rows:
            line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
            self.stdout.write(f"  {line}  {row[3]}")


def _finish() -> None:
    everybody_came(but=nordfjord.NOT_YET_HERE, at=now())
    settle(now(), present=now())
    rollups.refresh(at=now())


_ENDING = Chapter("figures by month", RollupMark.objects.exists, _finish)
