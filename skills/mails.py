"""How the notifications of this app are told: templates/emails/confirmation_asked.*."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import organization_url
from skills.asking import CONFIRMATION_ASKED
from skills.days import business_day
from skills.models import Proficiency


@renders(CONFIRMATION_ASKED, _("Colleagues ask for your word on a level"))
def confirmation_asked(notification: Notification) -> dict[str, Any] | None:
    """All that waits for the recipient when it is told; nothing when it was answered meanwhile."""
    recipient = notification.recipient
    waiting = (
        Proficiency.objects.confirmable_by(recipient, business_day(notification.organization))
        .of_those_around(recipient)
        .select_related("employee", "skill")
        .order_by("-valid_from", "-pk")
    )
    latest = waiting.first()
    if latest is None:
        return None
    return {
        "latest": latest,
        "number": waiting.count(),
        "link": organization_url(notification.organization, "confirmations"),
    }
