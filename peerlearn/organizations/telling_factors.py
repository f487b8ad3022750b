"""Whoever owns an account is told when something about its second factor changed."""

from __future__ import annotations

from datetime import datetime

from peerlearn.organizations.models import User
from peerlearn.organizations.telling_owners import tell_owner

APP_ADDED, APP_REMOVED = "app added", "app removed"
PASSKEY_ADDED, PASSKEY_REMOVED = "passkey added", "passkey removed"
CODES_MADE, CODE_USED = "codes made", "code used"
RESET = "reset"


def tell(user: User, what: str, *, at: datetime) -> None:
    """In the transaction of the change, outside every scope."""
    tell_owner(user, "second_factor", what, at=at)
