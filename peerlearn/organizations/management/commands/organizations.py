"""`manage.py organizations`: who is served, since when, and how many people each has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count, Q

from peerlearn.organizations.models import Organization


class Command(BaseCommand):
    help = "List the organizations with their slugs, people and whether they are suspended."

    def handle(self, *args: Any, **options: Any) -> None:
        people = Count("memberships", filter=Q(memberships__active=True))
        found = Organization.objects.annotate(people=people).order_by("slug")
        for one in found.iterator():
            state = f"suspended {one.suspended_at:%Y-%m-%d}" if one.suspended_at else "open"
            self.stdout.write(
                f"{one.slug}  {one.name}  since {one.created_at:%Y-%m-%d}  "
                f"{one.people} people  {state}"
            )
        if not found.exists():
            self.stdout.write("no organizations")
