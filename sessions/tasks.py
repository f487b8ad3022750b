"""Ids in, one verb, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from peerlearn.clock import now
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope
from sessions.holding import forget_run_out


@shared_task(name="sessions.forget_run_out")
def forget_what_ran_out() -> None:
    """Delete what was only held, in every organization, one after the other."""
    for pk in Organization.objects.filter(suspended_at=None).values_list("pk", flat=True):
        with scope(pk):
            forget_run_out(at=now())
