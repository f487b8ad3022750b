"""What the outbox does for this app."""

from __future__ import annotations

from peerlearn.clock import now
from peerlearn.notifications.registry import effect
from sessions.holding import EXPIRE_HOLD, expire_holds


@effect(EXPIRE_HOLD)
def expire_hold(subject: int, occurrence: str) -> None:
    """Tidies up; nothing waits for it, since holds that ran out are ignored."""
    expire_holds(at=now())
