"""What tests of approval share: switch it on, ask, and who is told."""

from __future__ import annotations

from datetime import date, timedelta

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from peerlearn.organizations.models import Employee
from sessions.booking import book
from sessions.holding import hold
from sessions.models import Request, ShadowingOffer
from tests.sessions.kit import AT, TUESDAY
from tests.world import Place

DAY = timedelta(days=1)
THURSDAY = AT + 3 * DAY  # three working days later
NEXT_WEEK = date(2026, 12, 8)


def switch_on(place: Place, *, from_days: int = 1) -> None:
    place.organization.shadowings_need_approval = True
    place.organization.approval_from_days = from_days
    place.organization.save()


def ask(offer: ShadowingOffer, learner: Employee, day: date = TUESDAY) -> Request:
    """Hold days and ask for them."""
    held = hold(offer, learner, day, at=AT)
    book(held, goal="Set a feeder relay", at=AT)
    return Request.objects.select_related("participation__session").get(participation=held)


def told(kind: str) -> dict[str, str]:
    """Who is told what of that kind, as it would be told now."""
    rows = Notification.objects.filter(kind=kind).order_by("pk")
    return {row.recipient.name: news.title for row in rows if (news := tell(row))}
