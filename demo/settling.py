"""What was due in the past counts as told at its time: nobody gets mail about last year."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.registry import NOTIFICATION
from peerlearn.notifications.telling import tell
from peerlearn.organizations.models import Membership
from peerlearn.organizations.scoping import require_organization_id
from sessions.calendar_entries import CALENDAR_MESSAGE
from sessions.holding import EXPIRE_HOLD
from sessions.models import CalendarEntry

KEPT_FOR = timedelta(days=45)
_READ_AFTER = timedelta(days=8)


def everybody_came(*, but: Collection[str], at: datetime) -> None:
    """They have been in since; those e-mails never were, and wait to be invited."""
    here = Membership.objects.filter(organization=require_organization_id(), entered_at=None)
    here.exclude(user__email__in=but).update(entered_at=at)


def settle(until: datetime, *, present: datetime) -> None:
    """Put what was due by `until` into the inboxes without mailing it; belongs in a scope.

    Called in the middle of the story, while each matter still holds, so that each notification
    is told as it would have been. What no longer holds, or is older than 45 days at `present`, is
    told to nobody. Holds that were to end by then have been booked or let go.
    """
    due = Notification.objects.filter(sent_at=None, due_at__lte=until)
    due.filter(due_at__lt=present - KEPT_FOR).delete()
    for notification in due.select_related("recipient", "organization").order_by("due_at", "id"):
        told = tell(notification) if notification.recipient.active else None
        if told is None:
            notification.delete()
            continue
        notification.show(title=told.title, path=told.path, at=notification.due_at)
        notification.mark_sent(at=notification.due_at)
        if present - notification.due_at > _READ_AFTER:
            notification.mark_read(at=notification.due_at)
    CalendarEntry.objects.filter(mailed_at=None, changed_at__lte=until).update(mailed_at=until)
    rows = Outbox.objects.of(require_organization_id()).filter(due_at__lte=until)
    rows.filter(kind__in=[NOTIFICATION, EXPIRE_HOLD, CALENDAR_MESSAGE]).delete()
