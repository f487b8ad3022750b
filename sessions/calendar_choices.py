"""How one employee wants their calendar to follow: by mail, by a feed that a secret opens, or not.

Called inside a scope; takes the time as `at`.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.models import Employee
from sessions.calendar_entries import catch_up
from sessions.models import CalendarChoice


def choice_of(employee: Employee) -> CalendarChoice:
    """As it is kept; of whoever has chosen nothing, as it is for everybody."""
    found = CalendarChoice.objects.filter(employee=employee).first()
    return found or CalendarChoice(employee=employee)


def keep(employee: Employee, *, by_mail: bool, with_names: bool, at: datetime) -> None:
    """Mails or none, names in the feed or none. Whoever wants mails again gets what is to come."""
    with transaction.atomic():
        CalendarChoice.objects.update_or_create(
            employee=employee, defaults={"by_mail": by_mail, "with_names": with_names}
        )
        if by_mail:
            catch_up(employee, at=at)


def open_feed(employee: Employee, *, at: datetime) -> str:
    """A new secret, said this once; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(24)
    CalendarChoice.objects.update_or_create(
        employee=employee, defaults={"key_hash": _hashed(secret), "key_made_at": at}
    )
    return secret


def close_feed(employee: Employee) -> None:
    CalendarChoice.objects.filter(employee=employee).update(key_hash="", key_made_at=None)


def employee_of(secret: str) -> Employee | None:
    """Whose feed it opens, by its hash alone."""
    rows = CalendarChoice.objects.filter(key_hash=_hashed(secret)).exclude(key_hash="")
    found = rows.select_related("employee").first()
    return found.employee if found else None


def _hashed(secret: str) -> str:
    """192 random bits need no salt, and no slow hash."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


@ends_with_access
class Feed(Ending):
    def end(self, employee: Employee, *, at: datetime) -> None:
        close_feed(employee)

    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:
        close_feed(employee)
