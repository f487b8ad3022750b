"""What an admin is told about the outbox: the kind, whom it is for and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.registry import NOTIFICATION, telling_of
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
    """In their order, with one further query. Belongs in a scope."""
    chosen = list(rows)
    subjects = [row.subject for row in chosen if row.kind == NOTIFICATION]
    told = {
        notification.pk: notification
        for notification in Notification.objects.filter(pk__in=subjects).select_related("recipient")
    }
    return [_delivery(row, told.get(row.subject)) for row in chosen]


def _delivery(row: Outbox, notification: Notification | None) -> Delivery:
    problem = _WORDS.get(row.failure, _("Something went wrong.")) if row.failure else ""
    if row.kind != NOTIFICATION or notification is None:
        return Delivery(row, row.kind.replace("_", " ").capitalize(), "", problem)
    try:
        label = telling_of(notification.kind).label
    except LookupError:  # an older release's kind
        label = notification.kind
    return Delivery(row, label, notification.recipient.name, problem)


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
