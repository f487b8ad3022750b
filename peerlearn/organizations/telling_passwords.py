"""Whoever owns an account is told when its password was set or changed."""

from __future__ import annotations

from datetime import datetime

from peerlearn.organizations.models import User
from peerlearn.organizations.telling_owners import tell_owner

FIRST, ANOTHER = "first", "another"


def tell(user: User, *, first: bool, at: datetime) -> None:
    """In the transaction of the change, outside every scope."""
    tell_owner(user, "password_changed", FIRST if first else ANOTHER, at=at)
