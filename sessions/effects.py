"""What the outbox does for this app."""

from __future__ import annotations

from peerlearn.clock import now
from peerlearn.notifications.registry import effect
from sessions.approving import end_what_ran_out, remind
from sessions.asking import ASK_AGAIN
from sessions.holding import EXPIRE_HOLD, expire_holds
from sessions.waiting import FREED, pass_on_freed, pass_on_what_ran_out


@effect(EXPIRE_HOLD)
def expire_hold(subject: int, occurrence: str) -> None:
    """Tidies up; nothing waits for it, since holds that ran out are ignored. A place that was
    offered and not taken goes to the next who waits."""
    at = now()
    end_what_ran_out(subject, at=at)
    pass_on_what_ran_out(subject, at=at)
    expire_holds(at=at)


@effect(ASK_AGAIN)
def ask_for_approval_again(subject: int, occurrence: str) -> None:
    """A reminder after a working day, and after another one it goes further up."""
    remind(subject, occurrence, at=now())


@effect(FREED)
def freed(subject: int, occurrence: str) -> None:
    pass_on_freed(subject, at=now())
