"""Whoever owns an account is told what happens to its ways of signing in, wherever they work."""

from __future__ import annotations

from datetime import datetime

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import show_alone
from peerlearn.organizations.models import Employee, Membership, User
from peerlearn.organizations.scoping import scope


def tell_owner(user: User, kind: str, what: str, *, at: datetime) -> None:
    """By mail once, by the outbox of an organization that lets them in, and in the app of each in
    which they have been; none learns of another. Belongs in the transaction of the change, outside
    every scope. Who is in none has nothing that the account would open."""
    mailed_by = Membership.objects.to_tell(user)
    if mailed_by is None:
        return
    occurrence = f"{what} {at.isoformat()}"
    with scope(mailed_by.organization_id):
        employee = Employee.objects.get(membership=mailed_by)
        Notification.deliver(employee, kind, subject_id=user.pk, due_at=at, occurrence=occurrence)
    for membership in Membership.objects.entered_by(user).exclude(pk=mailed_by.pk):
        with scope(membership.organization_id):
            employee = Employee.objects.get(membership=membership)
            show_alone(employee, kind, subject_id=user.pk, occurrence=occurrence, at=at)
