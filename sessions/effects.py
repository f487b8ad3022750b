"""What the outbox does for this app."""

from __future__ import annotations

from peerlearn.clock import now
from peerlearn.notifications.registry import effect
from sessions.holding import EXPIRE_HOLD, expire_holds
from sessions.waiting import FREED, pass_on_freed, pass_on_what_ran_out


@effect(EXPIRE_HOLD)
def expire_hold(subject: int, occurrence: str) -> None:
    """Tidies up; nothing waits for it, since holds that ran out are ignored. A place that was
    offered and not taken goes to the next who waits."""
    at = now()
    pass_on_what_ran_out(subject, at=at)
    expire_holds(at=at)


@effect(FREED)
def freed(subject: int, occurrence: str) -> None:
    pass_on_freed(subject, at=now())
