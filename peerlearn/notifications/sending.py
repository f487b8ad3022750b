"""How a mail of ours is put together, and how it leaves."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from smtplib import SMTPRecipientsRefused
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from peerlearn.notifications.connection import mail_connection
from peerlearn.notifications.registry import Undeliverable
from peerlearn.notifications.telling import Words
from peerlearn.organizations.models import Employee, Organization

_PERMANENT = 500  # SMTP: from here on the far side says that it will never take it
M = TypeVar("M", bound=EmailMultiAlternatives)


def compose(
    words: Words, *, to: str, recipient: Employee, message_id: str
) -> EmailMultiAlternatives:
    return compose_as(
        EmailMultiAlternatives, words, to=to, recipient=recipient, message_id=message_id
    )


def compose_as(
    message: type[M], words: Words, *, to: str, recipient: Employee, message_id: str
) -> M:
    """The recipient comes with their organization. `message` may have parts of its own."""
    mail = message(
        subject=words.title,
        body=words.text,
        from_email=formataddr(sender(recipient.organization)),
        to=[formataddr((" ".join(recipient.name.split()), to))],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(words.html, "text/html")
    return mail


def sender(organization: Organization) -> tuple[str, str]:
    """In whose name an organization's mails come: name and address."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"peerlearn, {organization.name}", address


def send(mail: EmailMultiAlternatives) -> None:
    """Outside every transaction. Raises Undeliverable when the far side will never take it."""
    try:
        with mail_connection() as mail.connection:
            mail.send()
    except SMTPRecipientsRefused as refusal:
        if all(code >= _PERMANENT for code, _ in refusal.recipients.values()):
            raise Undeliverable("RecipientRefused") from None
        raise


def of_this_site(name: str) -> str:
    """A Message-ID."""
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "localhost"
    return f"<{name}@{host}>"
