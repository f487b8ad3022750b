"""Whoever owns an account is told when its password was set or changed."""

from __future__ import annotations

from datetime import datetime

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Employee, Membership, User
from peerlearn.organizations.scoping import scope

FIRST, ANOTHER = "first", "another"


def tell(user: User, *, first: bool, at: datetime) -> None:
    """Once, by the outbox of an organization that lets them in; belongs in the transaction of the
    change, outside every scope. Who is in none has nothing that a password would open."""
    membership = Membership.objects.to_tell(user)
    if membership is None:
        return
    with scope(membership.organization_id):
        Notification.deliver(
            Employee.objects.get(membership=membership),
            "password_changed",
            subject_id=user.pk,
            due_at=at,
            occurrence=f"{FIRST if first else ANOTHER} {at.isoformat()}",
        )
