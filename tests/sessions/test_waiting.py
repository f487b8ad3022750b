"""Waiting for a place: who gets what becomes free, in order, and for how long it is held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.outbox import run
from peerlearn.notifications.telling import tell
from peerlearn.organizations.models import Employee
from sessions import waiting
from sessions.booking import book
from sessions.cancelling import cancel, decline
from sessions.holding import hold, release
from sessions.models import (
    AvailabilityException,
    Claim,
    LearningSession,
    Participation,
    ShadowingOffer,
    Waiting,
)
from sessions.moving import confirm
from sessions.refusals import NotOpen, RunOut, Taken
from sessions.waiting import give_back, join, leave, position
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.world import Place, World

DAY = timedelta(days=1)
NEXT_WEEK = date(2026, 12, 8)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def wait(offer: ShadowingOffer, *names: str) -> list[Employee]:
    """They join one minute after the other."""
    people = [make_employee(name) for name in names]
    for number, one in enumerate(people):
        join(offer, one, at=AT - DAY + number * MINUTE)
    return people


def offered() -> dict[str, datetime | None]:
    """Whose a freed place is now, and until when."""
    rows = Participation.objects.filter(state="held").exclude(waiting=None)
    return dict(rows.values_list("employee__name", "held_until"))


def run_due(kind: str, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        for row in Outbox.objects.filter(kind=kind, due_at__lte=at):
            run(row.pk)


# --- The list ----------------------------------------------------------------------------------
def test_a_position_is_kept_and_given_up(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        kari, ola = wait(offer, "Kari", "Ola")
        join(offer, kari, at=AT)  # twice keeps the first position
        assert [position(offer, one) for one in (kari, ola, halden.hr)] == [(1, 2), (2, 2), (0, 2)]
        leave(offer, kari, at=AT)
        leave(offer, kari, at=AT)
        assert position(offer, ola) == (1, 1)
        join(offer, kari, at=AT)
        assert position(offer, kari) == (2, 2), "back at the end"


def test_who_cannot_wait(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        with pytest.raises(NotOpen):
            join(offer, halden.colleague, at=AT)
        with pytest.raises(NotOpen):
            join(offer, halden.deactivated, at=AT)
        offer.close()
        with pytest.raises(NotOpen):
            join(offer, halden.employee, at=AT)


# --- A place becomes free ------------------------------------------------------------------------
def test_the_first_who_waits_gets_the_days_that_a_learner_frees(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        kari, _ola = wait(offer, "Kari", "Ola")
        cancel(booking.session, by=halden.employee, at=AT)
        assert offered() == {"Kari": AT + DAY}
        assert Claim.objects.filter(active=True, held_until=AT + DAY).count() == 6
        with pytest.raises(Taken):
            hold(offer, halden.manager, TUESDAY, at=AT + MINUTE)
        held = Participation.objects.get(employee=kari)
        news = tell(Notification.objects.get(recipient=kari))
        assert news
        assert news.title == "A place is free for you: Relay protection settings"
        assert "until Tue 24 November, 10:00" in news.text
        assert news.path == halden.path("booking", public_id=held.session.public_id)
        book(held, goal="", at=AT + 2 * MINUTE)
        assert position(offer, kari) == (0, 1)
        assert tell(Notification.objects.get(kind="place_free")) is None


def test_a_place_of_a_full_group(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        mine = make_booking(offer, halden.employee)
        other = make_booking(offer, halden.manager)
        kari, _ola = wait(offer, "Kari", "Ola")
        cancel(mine.session, by=halden.employee, at=AT)
        held = Participation.objects.get(employee=kari)
        assert held.session_id == other.session_id
        assert offered() == {"Kari": AT + DAY}
        with pytest.raises(Taken):
            hold(offer, halden.hr, TUESDAY, at=AT)
        assert book(held, goal="", at=AT).state == "booked"


def test_not_taken_it_goes_to_the_next_and_to_nobody_twice(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        kari, ola = wait(offer, "Kari", "Ola")
        cancel(booking.session, by=halden.employee, at=AT)
    run_due("expire_hold", AT + DAY)
    with halden.scope():
        assert offered() == {"Ola": AT + 2 * DAY}
        late = Participation.objects.get(employee=kari)
        with pytest.raises(RunOut):
            book(late, goal="", at=AT + DAY)
        give_back(Participation.objects.get(employee=ola), at=AT + DAY)
        assert not offered(), "everybody has had it"
        assert not Claim.objects.filter(active=True).exists()
        assert position(offer, kari) == (1, 2), "and they go on waiting"
        assert not Outbox.objects.filter(kind="expire_hold", due_at__gt=AT + DAY).exists()


def test_it_is_held_until_the_notice_at_most(halden: Place) -> None:
    """Three days of notice before Tuesday: it can be booked until Saturday is over."""
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        wait(offer, "Kari")
        saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
        cancel(booking.session, by=halden.employee, at=saturday)
        assert offered() == {"Kari": datetime(2026, 11, 28, 23, tzinfo=UTC)}


def test_past_the_notice_nobody_gets_it(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        wait(offer, "Kari")
        cancel(booking.session, by=halden.employee, at=datetime(2026, 11, 29, 12, tzinfo=UTC))
        assert not offered()


def test_who_is_elsewhere_is_passed_by_and_keeps_the_position(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        kari, siri, ola = wait(offer, "Kari", "Siri", "Ola")
        make_booking(make_offer(halden.hr), kari)
        hold(make_offer(halden.manager), siri, TUESDAY, at=AT)  # just now, ten minutes
        cancel(booking.session, by=halden.employee, at=AT)
        assert offered() == {"Ola": AT + DAY}
        assert position(offer, kari) == (1, 3)
        assert position(offer, ola) == (3, 3)


def test_a_host_who_is_not_there_has_no_place(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        wait(offer, "Kari")
        AvailabilityException.objects.create(
            employee=halden.colleague, first_day=TUESDAY, last_day=TUESDAY
        )
        cancel(booking.session, by=halden.employee, at=AT)
        assert not offered()


def test_what_the_host_calls_off_is_offered_to_nobody(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        other = make_booking(offer, halden.manager, NEXT_WEEK)
        wait(offer, "Kari")
        cancel(booking.session, by=halden.colleague, at=AT)
        decline(other, by=halden.colleague, reason="Ill", at=AT)
        assert not offered()


def test_a_place_that_is_declined_or_moved_away(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        wait(offer, "Kari", "Ola")
        decline(first, by=halden.colleague, reason="Too many", at=AT)
        assert offered() == {"Kari": AT + DAY}
        second = Participation.objects.get(employee=halden.manager)
        moved = hold(offer, halden.manager, NEXT_WEEK, moves=second, at=AT)
        confirm(moved, goal="", at=AT)
        assert offered() == {"Kari": AT + DAY, "Ola": AT + DAY}
        assert LearningSession.objects.filter(state="held").count() == 1, "both on the same days"


def test_with_the_last_booking_an_offered_place_is_offered_again(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = make_booking(offer, halden.employee)
        second = make_booking(offer, halden.manager)
        wait(offer, "Kari", "Ola", "Siri")
        cancel(first.session, by=halden.employee, at=AT)
        cancel(second.session, by=halden.manager, at=AT + MINUTE)
        assert offered() == {"Kari": AT + DAY + MINUTE, "Ola": AT + DAY + MINUTE}


def test_days_that_overlap_the_new_ones_of_a_move_are_nobodys(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        wait(offer, "Kari")
        held = hold(offer, halden.employee, TUESDAY + DAY, moves=booking, at=AT)
        confirm(held, goal="", at=AT)
        assert not offered()


# --- Beside holds of one's own -------------------------------------------------------------------
def test_looking_for_other_days_does_not_lose_the_place(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        (kari,) = wait(offer, "Kari")
        cancel(booking.session, by=halden.employee, at=AT)
        other = hold(offer, kari, NEXT_WEEK, at=AT)
        assert offered() == {"Kari": AT + DAY}
        release(other, at=AT)
        assert offered() == {"Kari": AT + DAY}
        with pytest.raises(Taken):  # it is theirs already: confirmed on its own page
            hold(offer, kari, TUESDAY, at=AT)


# --- Who leaves ----------------------------------------------------------------------------------
def test_with_a_learner_who_leaves_a_place_becomes_free(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        make_booking(offer, halden.employee)
        wait(offer, "Kari")
        halden.employee.deactivate(at=AT)
    run_due("place_freed", AT)
    with halden.scope():
        assert offered() == {"Kari": AT + DAY}


def test_who_leaves_waits_no_more(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        kari, _ola = wait(offer, "Kari", "Ola")
        cancel(booking.session, by=halden.employee, at=AT)
        kari.deactivate(at=AT)
        assert not offered()
        assert not Claim.objects.filter(employee=kari).exists()
        assert Waiting.objects.standing().count() == 1
        halden.colleague.deactivate(at=AT)
        assert not Waiting.objects.standing().exists()


# --- Pages ---------------------------------------------------------------------------------------
def test_joining_and_leaving_on_the_page(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        wait(offer, "Kari")
    page = halden.path("offer", public_id=offer.public_id)
    halden.sign_in(client, halden.employee)
    assert "One colleague waits for a place." in text(client.get(page))
    assert number_of_queries(client, page) <= 12
    for _press in range(2):
        joined = client.post(halden.path("waiting_join", public_id=offer.public_id), follow=True)
        assert "You are on the waiting list." in text(joined)
        assert "You wait as number 2 of 2." in text(joined).replace(" of 2", " of 2", 1)
    mine = text(client.get(halden.path("my_sessions")))
    assert "You wait for a place" in mine
    assert "With Aisha Rahman. You are number 2." in mine
    left = client.post(halden.path("waiting_leave", public_id=offer.public_id), follow=True)
    assert "You wait no more." in text(left)
    assert "You wait for a place" not in text(client.get(halden.path("my_sessions")))


def test_the_host_sees_who_waits_and_nobody_else(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        wait(offer, "Kari Moen", "Ola Vik")
    halden.sign_in(client, halden.colleague)
    assert "On the waiting list: Kari Moen, Ola Vik" in text(client.get(halden.path("my_offers")))
    path = halden.path("waiting_join", public_id=offer.public_id)
    assert "You cannot shadow yourself." in text(client.post(path, follow=True))
    page = halden.path("offer", public_id=offer.public_id)
    assert "Wait for a place" not in text(client.get(page))
    halden.sign_in(client, halden.hr)
    assert "Kari Moen" not in text(client.get(page))


def test_the_place_is_booked_or_let_go_on_its_page(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        wait(offer, "Kari", "Ola")
        cancel(booking.session, by=halden.employee, at=AT)
        kari, ola = Waiting.objects.standing().select_related("employee")
        held = Participation.objects.select_related("session").get(waiting=kari)
    page = halden.path("booking", public_id=held.session.public_id)
    halden.sign_in(client, kari.employee)
    words = text(client.get(page))
    assert "A place became free. It is held for you until Tue 24 November, 10:00" in words
    assert "Give it 10 more minutes" not in words
    assert "A place is free for you, held until" in text(client.get(halden.path("my_sessions")))
    client.post(halden.path("hold_release", public_id=held.session.public_id))
    with halden.scope():
        assert offered() == {"Ola": AT + DAY}
        held = Participation.objects.select_related("session").get(waiting=ola)
    halden.sign_in(client, ola.employee)
    booked = client.post(
        halden.path("book", public_id=held.session.public_id), {"goal": "Alone"}, follow=True
    )
    assert "Booked. Aisha Rahman is told." in text(booked)


def test_as_many_statements_for_many_who_wait(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        wait(offer, "Kari")
        join(offer, halden.employee, at=AT)
    for reader, names in (
        (halden.employee, ("offer", "my_sessions")),
        (halden.colleague, ("my_offers",)),
    ):
        halden.sign_in(client, reader)
        for name in names:
            place = {"public_id": offer.public_id} if name == "offer" else {}
            few = number_of_queries(client, halden.path(name, **place))
            with halden.scope():
                wait(offer, *(f"{name} {number}" for number in range(20)))
                for _one in range(3):
                    join(make_offer(halden.colleague), halden.employee, at=AT)
            many = number_of_queries(client, halden.path(name, **place))
            assert few == many, name
            assert many <= 12, name


# --- The twin ------------------------------------------------------------------------------------
def test_without_the_memory_of_offers_one_gets_it_for_ever(
    halden: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nobody(waiting.Queue):
        def _had(self, session: LearningSession) -> set[int]:
            return set()

    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        kari, _ola = wait(offer, "Kari", "Ola")
        monkeypatch.setattr(waiting, "Queue", Nobody)
        cancel(booking.session, by=halden.employee, at=AT)
        give_back(Participation.objects.get(employee=kari), at=AT)
        assert offered() == {"Kari": AT + DAY}
