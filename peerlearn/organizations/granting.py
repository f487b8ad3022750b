"""Giving and taking the roles of HR and admin, and telling everybody who has one of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from peerlearn.notifications.models import Notice, Notification
from peerlearn.organizations.models import Employee, RoleChange
from peerlearn.organizations.models.organization import lock_the_tree


def grant(
    employee: Employee, *, is_hr: bool, is_admin: bool, at: datetime, by: Employee | None = None
) -> None:
    """Give or take the roles; the last admin keeps theirs (ValidationError).

    The change stays, and is told to HR, to the admins and to the person in the same transaction:
    a role that is held for a minute opens as much as one that is held for a year.
    """
    with transaction.atomic():
        lock_the_tree(employee.organization_id)
        told = _concerned(employee)
        before = next(one for one in told if one == employee)  # others may have changed it
        was_hr, was_admin = before.is_hr, before.is_admin
        if (was_hr, was_admin) == (is_hr, is_admin):
            return
        if not is_admin and [one for one in told if one.is_admin and one.active] == [before]:
            raise before.only_admin()
        employee.is_hr, employee.is_admin = is_hr, is_admin
        employee.save(update_fields=["is_hr", "is_admin"])
        change = RoleChange.objects.create(
            employee=employee,
            by=by,
            was_hr=was_hr,
            was_admin=was_admin,
            is_hr=is_hr,
            is_admin=is_admin,
            at=at,
        )
        Notification.deliver_all(Notice(one, "roles_changed", change.pk, at) for one in told)


def _concerned(employee: Employee) -> list[Employee]:
    with_roles = Q(is_hr=True) | Q(is_admin=True)
    return list(Employee.objects.filter(Q(pk=employee.pk) | Q(with_roles, active=True)))
