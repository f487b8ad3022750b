"""What the outbox does for this app."""

from __future__ import annotations

from peerlearn.clock import now
from peerlearn.notifications.registry import effect
from peerlearn.organizations.hiring import LAST_DAY_OVER, end_after_last_day


@effect(LAST_DAY_OVER)
def last_day_over(subject: int, occurrence: str) -> None:
    end_after_last_day(subject, at=now())
