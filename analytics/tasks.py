"""Woken by beat (peerlearn/celery.py)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from celery import shared_task

from analytics.effects import ROLLUPS
from peerlearn.clock import now
from peerlearn.notifications.outbox import enqueue, revive
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope

HOUR = 3600  # seconds


def turn_of(organization_id: int) -> timedelta:
    """How long after the hour's beginning it is an organization's turn: always the same, and of
    many spread evenly."""
    digest = blake2b(organization_id.to_bytes(8), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest) % HOUR)


@shared_task(name="analytics.refresh_rollups")
def refresh_rollups() -> None:
    """Let every organization's rollups be refreshed within the hour; one that still waits is not
    asked twice, and one that failed too often gets another chance."""
    at = now()
    for pk in Organization.objects.filter(suspended_at=None).values_list("pk", flat=True):
        with scope(pk):
            enqueue(ROLLUPS, pk, due_at=at + turn_of(pk))
            revive(ROLLUPS, pk)
