"""Whoever owns an account is told when something about its second factor changed."""

from __future__ import annotations

from datetime import datetime

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Employee, Membership, User
from peerlearn.organizations.scoping import scope

APP_ADDED, APP_REMOVED = "app added", "app removed"
PASSKEY_ADDED, PASSKEY_REMOVED = "passkey added", "passkey removed"
CODES_MADE, CODE_USED = "codes made", "code used"
RESET = "reset"


def tell(user: User, what: str, *, at: datetime) -> None:
    """Once, by the outbox of an organization that lets them in; belongs in the transaction of the
    change, outside every scope. Who is in none has nothing that it would open."""
    membership = Membership.objects.to_tell(user)
    if membership is None:
        return
    with scope(membership.organization_id):
        Notification.deliver(
            Employee.objects.get(membership=membership),
            "second_factor",
            subject_id=user.pk,
            due_at=at,
            occurrence=f"{what} {at.isoformat()}",
        )
