"""A host declines a booking before it begins, and says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from sessions.cancelling import cancel, decline
from sessions.holding import hold
from sessions.models import Claim, LearningSession, Participation
from sessions.models import Place as Seat
from sessions.refusals import Refused
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def page_of(halden: Place, booking: Participation, name: str = "booking_decline") -> str:
    who = {"learner": booking.employee.public_id} if name == "booking_decline" else {}
    return halden.path(name, public_id=booking.session.public_id, **who)


def test_with_the_only_learner_the_session_is_off(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        moving = hold(offer, halden.employee, TUESDAY.replace(day=8), moves=booking, at=AT)
        for _press in range(2):
            decline(booking, by=halden.colleague, reason=" Ill ", at=AT)
        booking.refresh_from_db()
        session = LearningSession.objects.get(pk=booking.session_id)
        assert (booking.state, booking.cancel_reason) == ("declined", "Ill")
        assert (session.state, session.cancelled_by) == ("cancelled", halden.colleague)
        moving.refresh_from_db()
        assert moving.state == "expired", "and the move that was under way"
        assert not Claim.objects.filter(active=True).exists()
        assert not Seat.objects.exists()
        told = [tell(one) for one in Notification.objects.all()]
        assert [one.title for one in told if one] == [
            "Declined by Aisha Rahman: Relay protection settings"
        ]
        assert told[0]
        assert "Reason: Ill" in told[0].text
        assert make_booking(offer, halden.employee).state == "booked"


def test_of_a_group_the_others_stay(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        other = make_booking(offer, halden.manager)
        # Somebody else's move goes on.
        moving = hold(offer, halden.manager, TUESDAY.replace(day=8), moves=other, at=AT)
        decline(booking, by=halden.colleague, reason="Too many", at=AT)
        moving.refresh_from_db()
        assert moving.state == "held"
        other.refresh_from_db()
        assert other.state == other.session.state == "booked"
        assert not Claim.objects.filter(employee=halden.employee, active=True).exists()
        again = make_booking(offer, halden.hr)
        assert again.session_id == other.session_id, "the place is free"


def test_what_cannot_be_declined(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        begun = datetime(2026, 12, 1, 7, tzinfo=UTC)
        for by, reason, at, why in (
            (halden.colleague, " ", AT, "Say why"),
            (halden.manager, "Ill", AT, "Only the host"),
            (halden.employee, "Ill", AT, "Only the host"),
            (halden.colleague, "Ill", begun, "has begun"),
        ):
            with pytest.raises(Refused, match=why):
                decline(booking, by=by, reason=reason, at=at)
        booking.refresh_from_db()
        assert booking.state == "booked"


def test_the_pages(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
    page = page_of(halden, booking)
    halden.sign_in(client, halden.colleague)
    assert page in client.get(page_of(halden, booking, "booking")).content.decode()
    assert "Decline the booking of Nils Eriksen?" in text(client.get(page))
    assert number_of_queries(client, page) <= 12
    empty = client.post(page, {"reason": " "})
    assert empty.status_code == 422
    assert "Say why: Nils Eriksen reads it." in text(empty)
    answer = client.post(page, {"reason": "A <storm>"}, follow=True)
    assert "You have cancelled this." in text(answer)
    assert client.get(page).status_code == 302
    halden.sign_in(client, halden.employee)
    answer = client.get(page_of(halden, booking, "booking"))
    assert "Aisha Rahman has declined these days." in text(answer)
    assert "Reason: A &lt;storm&gt;" in text(answer)
    assert "Choose other days" in text(answer)
    past = client.get(halden.path("my_sessions"), {"show": "past"})
    assert "declined" in text(past)


def test_only_the_host_gets_there(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
    for reader, status in ((halden.employee, 403), (halden.manager, 403), (halden.admin, 404)):
        halden.sign_in(client, reader)
        assert client.post(page_of(halden, booking), {"reason": "x"}).status_code == status
    halden.sign_in(client, halden.colleague)
    for odd in (halden.colleague.public_id, "nobody", "\x00"):
        path = halden.path("booking_decline", public_id=booking.session.public_id, learner=odd)
        assert client.get(path).status_code == 404
    with time_machine.travel("2026-12-01T07:30:00Z", tick=False):
        late = client.post(page_of(halden, booking), {"reason": "Ill"})
        assert late.status_code == 409
        assert "Say at the day who did not come." in text(late)


def test_the_reason_is_read_by_nobody_else(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        declined = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        cancel(declined.session, by=halden.manager, reason="My own", at=AT)
        decline(declined, by=halden.colleague, reason="Between us", at=AT)
        page = halden.path("booking", public_id=declined.session.public_id)
    assert "Between us" in text(halden.sign_in(Client(), halden.employee).get(page))
    other = text(halden.sign_in(Client(), halden.manager).get(page))
    assert "Between us" not in other
    assert "My own" in other
