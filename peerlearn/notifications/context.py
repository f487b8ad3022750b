"""Context processor for the bell of the shell."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from peerlearn.notifications.models import Notification

MOST = 99  # beyond that the bell says "99+", and counting stops


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_notifications`, counted only where a page shows it: one look into one index."""
    employee = getattr(request, "employee", None)
    if employee is None:
        return {}

    def count() -> int:
        mine = Notification.objects.visible_to(employee).unread()
        counted: int = mine.order_by()[: MOST + 1].count()
        return counted

    return {"unread_notifications": SimpleLazyObject(count)}
