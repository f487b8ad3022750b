"""The words of a notification, made when it is due: subject, text and HTML of its mail.

Templates are templates/emails/<kind>.subject.txt, .txt and .html; the last two extend
emails/base.txt and emails/base.html. Besides what the renderer returns they know `recipient`,
`organization` and `link`; words are in the recipient's
language, times in their zone, and `{{ starts_at|clock_time:recipient }}` follows the recipient's
clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import telling_of
from peerlearn.organizations.models import Employee


@dataclass(frozen=True)
class Words:
    """A mail in words."""

    title: str
    text: str
    html: str


@dataclass(frozen=True)
class Told(Words):
    """A notification in words. `path` is that of the page that it leads to, `to` whither it is
    mailed."""

    path: str
    to: str


def tell(notification: Notification) -> Told | None:
    """None when the matter no longer holds, or when the recipient's access has ended, unless it is
    for another address. Belongs in a scope."""
    recipient = notification.recipient
    recipient.organization = notification.organization
    with timezone.override(recipient.zone), translation.override(recipient.reads):
        found = telling_of(notification.kind).render(notification)
        if found is None or not (recipient.active or "to" in found):
            return None
        words = in_words(notification.kind, recipient, found)
        return Told(
            title=words.title,
            text=words.text,
            html=words.html,
            path=_path(found["link"]),
            to=found.get("to", recipient.email),
        )


def show_alone(
    recipient: Employee, kind: str, *, subject_id: int, occurrence: str, at: datetime
) -> None:
    """In the app at once and not by mail: that goes to the same person by another way."""
    notification = Notification.objects.create(
        recipient=recipient,
        kind=kind,
        subject_id=subject_id,
        occurrence=occurrence,
        due_at=at,
        sent_at=at,
    )
    if told := tell(notification):
        notification.show(title=told.title, path=told.path, at=at)


def in_words(kind: str, recipient: Employee, found: dict[str, Any]) -> Words:
    """From templates/emails/<kind>.*, in the language and the zone that are active."""
    context = {"recipient": recipient, "organization": recipient.organization, **found}
    return Words(
        title=" ".join(_plain(f"emails/{kind}.subject.txt", context).split()),
        text=_plain(f"emails/{kind}.txt", context).strip() + "\n",
        html=get_template(f"emails/{kind}.html").render(context),
    )


def _plain(name: str, context: dict[str, Any]) -> str:
    """Plain text is not HTML: an apostrophe in a name stays one."""
    backend: Any = get_template(name)
    rendered: str = backend.template.render(Context(context, autoescape=False))
    return rendered


def _path(link: str) -> str:
    """Mails lead to this site alone, so that the inbox can lead to the same page."""
    if not link.startswith(f"{settings.PUBLIC_ADDRESS}/"):
        raise ValueError("`link` must come from organization_url() or public_url()")
    return link.removeprefix(settings.PUBLIC_ADDRESS)
