"""The mails of the ground floor. Every app has its own `mails.py`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import public_url


@renders("welcome", _("Welcome to the organization"))
def welcome(notification: Notification) -> dict[str, Any] | None:
    """To an employee who was added; subject_id is the employee's."""
    if notification.recipient.membership_id is None:
        return None
    return {"link": public_url("account_login")}
