"""Rows of the isolation matrix for notifications, health and the demo's mailbox."""

from __future__ import annotations

from typing import Any

from peerlearn.clock import now
from peerlearn.notifications.models import Notification, Outbox
from tests.isolation.matrix import ACT, ADMIN, PAGE, Row


def _notification(side: Any) -> dict[str, Any]:
    who = side.employee
    Notification.deliver(who, "welcome", subject_id=who.pk, due_at=now())
    notification = Notification.objects.get(recipient=who)
    notification.show(title="Welcome", path="/", at=now())
    return {"public_id": notification.public_id}


def _dead_letter(side: Any) -> dict[str, Any]:
    who = side.colleague
    Notification.deliver(who, "welcome", subject_id=who.pk, due_at=now())
    rows = Outbox.objects.of(side.organization.pk)
    rows.bury("SMTPServerDisconnected")
    return {"public_id": rows.get().public_id}


def _no_mail(side: Any) -> dict[str, Any]:
    return {"key": "absent"}


_OWN = Row(
    ACT,
    frozenset({"employee"}),
    subject=_notification,
    invisible=frozenset({"manager", "hr", "admin"}),
)
INSIDE: dict[str, Row] = {
    "notifications": Row(PAGE),
    "notifications_read": Row(ACT),
    "notification_read": _OWN,
    "notification_open": _OWN,
    "deliveries": Row(PAGE, ADMIN),
    "deliveries_test": Row(ACT, ADMIN),
    "deliveries_resend": Row(ACT, ADMIN),
    "delivery_resend": Row(ACT, ADMIN, subject=_dead_letter),
}
ONLY_IN_THE_DEMO = {"GET": {404}}
PUBLIC: dict[str, Row] = {
    "healthz": Row(PAGE),
    "readyz": Row({"GET": {200, 503}}),
    "metrics": Row({"GET": {404}}),
    "mailbox": Row(ONLY_IN_THE_DEMO),
    "mailbox_message": Row(ONLY_IN_THE_DEMO, subject=_no_mail),
    "mailbox_html": Row(ONLY_IN_THE_DEMO, subject=_no_mail),
}
