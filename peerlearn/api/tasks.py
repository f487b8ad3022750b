"""Ids in, one verb, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from peerlearn.api.models import KeptAnswer
from peerlearn.clock import now
from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope


@shared_task(name="api.forget_kept_answers")
def forget_kept_answers() -> None:
    """Those that are over, of every organization, one after the other."""
    for pk in Organization.objects.values_list("pk", flat=True):
        with scope(pk):
            KeptAnswer.objects.over(now()).delete()
