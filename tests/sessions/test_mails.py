"""The mails of a booking: what they say, in whose clock, and that they say nothing stale."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import Told, tell
from sessions.cancelling import cancel
from sessions.running import Answers, submit_debrief
from tests.factories import make_employee
from tests.sessions.kit import AT, make_booking, make_offer
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def told(kind: str, recipient: Any) -> Told | None:
    return tell(Notification.objects.get(kind=kind, recipient=recipient))


def test_booked_to_host_and_learner(halden: Place) -> None:
    with halden.scope():
        learner = make_employee(
            "Fay O'Neil & Co", time_zone="America/New_York", twelve_hour_clock=True
        )
        session = make_booking(make_offer(halden.colleague), learner).session
        to_host = told("booking_booked", halden.colleague)
        to_learner = told("booking_booked", learner)
    assert to_host
    assert to_learner
    assert (
        to_host.title
        == "Fay O'Neil & Co shadows you, Tue 1 – Thu 3 December: Relay protection settings"
    )
    assert "Tue 1 December, 08:00–16:00" in to_host.text
    assert "Set a feeder relay" in to_host.text
    assert "O&#x27;Neil &amp; Co" in to_host.html
    assert to_learner.title == "Booked: shadowing Aisha Rahman, Tue 1 – Thu 3 December"
    assert "Tue 1 December, 2:00\xa0am – 10:00\xa0am" in to_learner.text
    assert "America/New_York, your zone" in to_learner.text
    assert "Bring: Boots and helmet" in to_learner.text
    assert to_learner.path == halden.path("booking", public_id=session.public_id)


def test_the_day_before_and_the_debrief(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        with time_machine.travel(datetime(2026, 11, 30, 14, tzinfo=UTC)):
            eve = told("booking_tomorrow", halden.employee)
        due = told("debrief_due", halden.employee)
        assert eve
        assert due
        assert eve.title == "Tomorrow, Tue 1 December, at 08:00: Relay protection settings"
        assert "you begin beside Aisha Rahman" in eve.text
        assert due.path == halden.path("debrief", public_id=booking.session.public_id)
        rows = Notification.objects.filter(recipient=halden.colleague)
        notice = rows.get(kind="debrief_due")
        assert notice.due_at == datetime(2026, 12, 3, 15, tzinfo=UTC)
        host = booking.session.participations.get(seat="host")
        submit_debrief(host, Answers(), nothing_to_add=True, at=notice.due_at)
        assert not rows.filter(kind="debrief_due").exists()


def test_nothing_is_said_of_what_was_cancelled(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        stale = list(Notification.objects.filter(recipient=halden.employee))
        cancel(booking.session, by=halden.colleague, reason="I am <ill>", at=AT)
        assert [tell(notification) for notification in stale] == [None, None, None]
        news = told("booking_cancelled", halden.employee)
    assert news
    assert (
        news.title == "Cancelled by Aisha Rahman, Tue 1 – Thu 3 December: Relay protection settings"
    )
    assert "Reason: I am <ill>" in news.text
    assert "I am &lt;ill&gt;" in news.html
