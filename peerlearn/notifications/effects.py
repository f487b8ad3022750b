"""The effect behind every notification: shown in the inbox, then mailed."""

from __future__ import annotations

import re
from email.utils import formataddr, parseaddr
from hashlib import sha256
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from peerlearn.clock import now
from peerlearn.notifications.connection import mail_connection
from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import (
    NOTIFICATION,
    OutsideEffect,
    Undeliverable,
    effect,
    outside,
)
from peerlearn.notifications.telling import Told, tell

FORGETTING = "forget_notifications"
_PERMANENT = 500  # SMTP: from here on the far side says that it will never take it


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
        return _mail(notification, told)

    def perform(self, prepared: EmailMultiAlternatives) -> None:
        try:
            with mail_connection() as prepared.connection:
                prepared.send()
        except SMTPRecipientsRefused as refusal:
            if all(code >= _PERMANENT for code, _ in refusal.recipients.values()):
                raise Undeliverable("RecipientRefused") from None
            raise

    def record(self, subject: int, occurrence: str, prepared: EmailMultiAlternatives) -> None:
        notification = Notification.objects.filter(pk=subject).first()
        if notification is not None:
            notification.mark_sent(at=now())


@effect(FORGETTING)
def forget_notifications(subject: int, occurrence: str) -> None:
    Notification.forget_old(at=now())


def _mail(notification: Notification, told: Told) -> EmailMultiAlternatives:
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=told.title,
        body=told.text,
        from_email=formataddr((f"peerlearn, {notification.organization.name}", sender)),
        to=[formataddr((" ".join(notification.recipient.name.split()), told.to))],
        headers={
            "Message-ID": message_id(notification),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(told.html, "text/html")
    return mail


def message_id(notification: Notification) -> str:
    """The same for every attempt, so that mail programs show a copy once."""
    parts = (
        notification.kind,
        notification.subject_id,
        _atom(notification.occurrence),
        notification.recipient_id,
        notification.organization_id,
    )
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "localhost"
    return f"<{'.'.join(str(part) for part in parts)}@{host}>"


def _atom(occurrence: str) -> str:
    """As it may stand between two dots of a Message-ID."""
    if not occurrence:
        return "once"
    if re.fullmatch(r"[A-Za-z0-9_+-]+", occurrence):
        return occurrence
    return sha256(occurrence.encode()).hexdigest()[:16]
