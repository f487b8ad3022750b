"""What an admin is told about the outbox: the kind, whom it is for and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.queries import OutboxQuerySet
from peerlearn.notifications.registry import NOTIFICATION, OutsideEffect, effect_of, telling_of
from peerlearn.organizations.models import Employee

TEST_MESSAGE = "test_message"

# By the name of the exception; what is not listed is shown as "something went wrong".
_WORDS: dict[str, str | Promise] = {
    "ConnectionRefusedError": _("The mail server cannot be reached."),
    "gaierror": _("The mail server cannot be found."),
    "TimeoutError": _("The mail server does not answer."),
    "SMTPServerDisconnected": _("The mail server broke off."),
    "SMTPConnectError": _("The mail server cannot be reached."),
    "SMTPAuthenticationError": _("The mail server refuses our sign-in."),
    "SMTPSenderRefused": _("The mail server refuses our sender address."),
    "SMTPRecipientsRefused": _("The mail server refuses the address for now."),
    "RecipientRefused": _("The mail server refuses the address. Is it right?"),
    "WorkerLost": _("The process that did it ended."),
}


@dataclass(frozen=True)
class Delivery:
    """One row of the outbox in words. `recipient` is "" for what is no notification."""

    row: Outbox
    label: str | Promise
    recipient: str
    problem: str | Promise


def deliveries_of(rows: Iterable[Outbox]) -> list[Delivery]:
    """In their order, with one further query for each kind. Belongs in a scope."""
    chosen = list(rows)
    subjects = [row.subject for row in chosen if row.kind == NOTIFICATION]
    told = {
        notification.pk: notification
        for notification in Notification.objects.filter(pk__in=subjects).select_related("recipient")
    }
    goes_to = {kind: _recipients(kind, chosen) for kind in {row.kind for row in chosen}}
    return [
        _delivery(row, told.get(row.subject), goes_to[row.kind].get(row.subject, ""))
        for row in chosen
    ]


def _recipients(kind: str, rows: list[Outbox]) -> dict[int, str]:
    outside = _outside(kind)
    return outside.recipients([row.subject for row in rows if row.kind == kind]) if outside else {}


def _outside(kind: str) -> OutsideEffect[Any] | None:
    try:
        return effect_of(kind).outside
    except LookupError:  # an older release's kind
        return None


def _delivery(row: Outbox, notification: Notification | None, goes_to: str) -> Delivery:
    problem = _WORDS.get(row.failure, _("Something went wrong.")) if row.failure else ""
    if row.kind != NOTIFICATION or notification is None:
        outside = _outside(row.kind)
        label = (outside and outside.label) or row.kind.replace("_", " ").capitalize()
        return Delivery(row, label, goes_to, problem)
    try:
        label = telling_of(notification.kind).label
    except LookupError:  # an older release's kind
        label = notification.kind
    return Delivery(row, label, notification.recipient.name, problem)


def told_to(rows: OutboxQuerySet, text: str) -> OutboxQuerySet:
    """Those for people who are meant by the text. Belongs in a scope."""
    people = Employee.objects.all().meant_by(text).values("pk")
    told = Notification.objects.filter(recipient__in=people).values("pk")
    return rows.filter(kind=NOTIFICATION, subject__in=told)


def test_message_to(admin: Employee, *, at: datetime) -> None:
    """Through the outbox, as every other mail goes."""
    Notification.deliver(
        admin, TEST_MESSAGE, subject_id=admin.pk, due_at=at, occurrence=f"{at:%Y%m%dT%H%M%S}"
    )


def last_test_message(admin: Employee) -> Notification | None:
    """`sent_at` says whether the mail server took it; what went wrong stands in the lists."""
    mine = Notification.objects.filter(recipient=admin, kind=TEST_MESSAGE, subject_id=admin.pk)
    return mine.order_by("-due_at", "-id").first()


def resend(row: Outbox) -> None:
    """Forget its failures: the finder takes it next."""
    Outbox.objects.filter(pk=row.pk).try_again()
