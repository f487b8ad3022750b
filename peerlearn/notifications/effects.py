"""The effect behind every notification: shown in the inbox, then mailed to whoever was ever in."""

from __future__ import annotations

import re
from hashlib import sha256

from django.core.mail import EmailMultiAlternatives

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.notifications.reach import is_mailed
from peerlearn.notifications.registry import NOTIFICATION, OutsideEffect, effect, outside
from peerlearn.notifications.sending import compose, of_this_site, send
from peerlearn.notifications.telling import tell

FORGETTING = "forget_notifications"


@outside(NOTIFICATION)
class Mail(OutsideEffect[EmailMultiAlternatives]):
    """A mail may arrive twice after a crash, with the same Message-ID: never exactly once."""

    def prepare(self, subject: int, occurrence: str) -> EmailMultiAlternatives | None:
        notification = (
            Notification.objects.select_related("recipient", "organization")
            .filter(pk=subject, sent_at=None)
            .first()
        )
        if notification is None:
            return None
        told = tell(notification)
        if told is None:
            notification.delete()
            return None
        notification.show(title=told.title, path=told.path, at=now())
        if not is_mailed(notification.organization_id, told.to):
            return None
        return compose(
            told, to=told.to, recipient=notification.recipient, message_id=message_id(notification)
        )

    def perform(self, prepared: EmailMultiAlternatives) -> None:
        send(prepared)

    def record(self, subject: int, occurrence: str, prepared: EmailMultiAlternatives) -> None:
        notification = Notification.objects.filter(pk=subject).first()
        if notification is not None:
            notification.mark_sent(at=now())


@effect(FORGETTING)
def forget_notifications(subject: int, occurrence: str) -> None:
    Notification.forget_old(at=now())


def message_id(notification: Notification) -> str:
    """The same for every attempt, so that mail programs show a copy once."""
    parts = (
        notification.kind,
        notification.subject_id,
        _atom(notification.occurrence),
        notification.recipient_id,
        notification.organization_id,
    )
    return of_this_site(".".join(str(part) for part in parts))


def _atom(occurrence: str) -> str:
    """As it may stand between two dots of a Message-ID."""
    if not occurrence:
        return "once"
    if re.fullmatch(r"[A-Za-z0-9_+-]+", occurrence):
        return occurrence
    return sha256(occurrence.encode()).hexdigest()[:16]
