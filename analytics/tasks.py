"""Woken by beat (peerlearn/celery.py)."""

from __future__ import annotations

from celery import shared_task

from analytics.effects import ROLLUPS
from peerlearn.clock import now
from peerlearn.notifications.outbox import enqueue, revive
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope


@shared_task(name="analytics.refresh_rollups")
def refresh_rollups() -> None:
    """Let every organization's rollups be refreshed; one that still waits is not asked twice, and
    one that failed too often gets another chance."""
    at = now()
    for pk in Organization.objects.filter(suspended_at=None).values_list("pk", flat=True):
        with scope(pk):
            enqueue(ROLLUPS, pk, due_at=at)
            revive(ROLLUPS, pk)
