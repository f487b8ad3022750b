"""Days chosen one by one: what can be chosen, one hold for all of them, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from peerlearn.organizations.models import CompanyDay, Employee
from sessions.booking import book
from sessions.cancelling import cancel
from sessions.holding import hold
from sessions.models import (
    AvailabilityException,
    Claim,
    LearningSession,
    Participation,
    ShadowingOffer,
)
from sessions.refusals import Refused, TooFar
from sessions.waiting import join
from tests.factories import make_employee
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_concurrency import at_once, make_learners, nobody_is_in_two_places
from tests.world import Place, World

DAYS = [date(2026, 12, 1), date(2026, 12, 4), date(2026, 12, 10)]  # Tuesday, Friday, Thursday
OTHERS = [date(2026, 12, 2), date(2026, 12, 4), date(2026, 12, 8)]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        return make_offer(halden.colleague, within_days=14)


def asked(*days: date) -> dict[str, Any]:
    return {"day": [day.isoformat() for day in days]}


def days_of(session: LearningSession) -> list[date]:
    rows = session.blocks.order_by("number").values_list("starts_at", flat=True)
    return [starts_at.astimezone(session.zone).date() for starts_at in rows]


def book_apart(offer: ShadowingOffer, learner: Employee, days: list[date]) -> LearningSession:
    held = hold(offer, learner, days[0], days=days, at=AT)
    return book(held, goal="Alone", at=AT)


@pytest.mark.django_db
def test_days_are_chosen_one_by_one_and_held_together(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    halden.sign_in(client, halden.employee)
    page = halden.path("offer_days", public_id=offer.public_id)
    assert "Choose the days one by one" in text(
        client.get(halden.path("offer", public_id=offer.public_id))
    )
    assert "0 of 3 days chosen" in text(client.get(page))
    two = client.get(page, asked(*DAYS[:2]))
    assert "2 of 3 days chosen" in text(two)
    assert "Hold these" not in text(two)
    assert "1 of 3 days chosen" in text(client.get(page, asked(*DAYS[:2], DAYS[0])))  # put back
    assert "3 of 3 days chosen" in text(client.get(page, asked(*DAYS)))
    typed = {**asked(*DAYS), "start": DAYS[0].isoformat()}
    held = client.post(halden.path("hold", public_id=offer.public_id), typed, follow=True)
    assert "Tue 1 December, Fri 4 December, Thu 10 December" in text(held)
    with halden.scope():
        session = LearningSession.objects.get()
        assert days_of(session) == DAYS
        assert Claim.objects.count() == 6
        assert Participation.objects.filter(state="held", seat="shadow").count() == 1
    client.post(halden.path("book", public_id=session.public_id), {"goal": "Alone"})
    with halden.scope():
        assert LearningSession.objects.get().state == "booked"
        # The plan goes with the days.
        assert [one.day for one in session.steps.all()] == [1, 2, 3]


@pytest.mark.django_db
def test_what_stands_in_the_way_is_told_at_choosing(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        other = make_offer(make_employee("Other Host"), days=1)
        make_booking(other, halden.employee, date(2026, 12, 2))
        AvailabilityException.objects.create(
            employee=halden.colleague, first_day=date(2026, 12, 3), last_day=date(2026, 12, 3)
        )
        CompanyDay.rest(day=date(2026, 12, 7), name="Stocktaking", free_from=None)
    halden.sign_in(client, halden.employee)
    page = halden.path("offer_days", public_id=offer.public_id)
    told = {
        date(2026, 11, 24): "Tue 24 November is sooner than the host can prepare for.",
        date(2026, 12, 2): "You are booked elsewhere on Wed 2 December.",
        date(2026, 12, 3): "Thu 3 December is not free.",
        date(2026, 12, 7): "Mon 7 December is a holiday.",
        date(2026, 12, 15): "Tue 15 December is too far from the others",
    }
    for day, words in told.items():
        shown = text(client.get(page, asked(DAYS[0], day)))
        assert words in shown
        assert "1 of 3 days chosen" in shown
    many = text(client.get(page, asked(*DAYS, date(2026, 12, 11))))
    assert "Fri 11 December is one too many." in many
    assert "3 of 3 days chosen" in many
    for odd in ({"day": "x"}, {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"month": "2026-99"}):
        assert client.get(page, odd).status_code == 200


@pytest.mark.django_db
def test_whoever_comes_second_keeps_what_they_can_still_have(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        book_apart(offer, halden.manager, OTHERS)
    halden.sign_in(client, halden.employee)
    typed = {**asked(*DAYS), "start": DAYS[0].isoformat(), "goal": "To do it alone"}
    refused = client.post(halden.path("hold", public_id=offer.public_id), typed)
    assert refused.status_code == 409
    assert "Fri 4 December is not free." in text(refused)
    assert "2 of 3 days chosen" in text(refused)
    with halden.scope():
        assert not Participation.objects.filter(employee=halden.employee).exists()
        assert Claim.objects.count() == 6


@pytest.mark.django_db
def test_only_as_the_offer_lets(halden: Place, client: Client, offer: ShadowingOffer) -> None:
    far = [*DAYS[:2], date(2026, 12, 15)]
    with halden.scope():
        with pytest.raises(TooFar):
            hold(offer, halden.employee, far[0], days=far, at=AT)
        in_a_row = make_offer(halden.colleague)
        for which, days in [
            (in_a_row, DAYS),
            (offer, DAYS[:2]),
            (offer, [DAYS[1], DAYS[0], DAYS[2]]),
            (offer, [DAYS[0], DAYS[0], DAYS[2]]),
        ]:
            with pytest.raises(Refused):
                hold(which, halden.employee, days[0], days=days, at=AT)
        assert not Claim.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            make_offer(halden.colleague, within_days=2)
    halden.sign_in(client, halden.employee)
    page = halden.path("offer_days", public_id=in_a_row.public_id)
    assert client.get(page).status_code == 302


@pytest.mark.django_db
def test_a_booking_moves_to_days_apart_and_back(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        booking = make_booking(offer, halden.employee, date(2026, 12, 2))  # with two days of DAYS
    halden.sign_in(client, halden.employee)
    choose = halden.path("booking_move_days", public_id=booking.session.public_id)
    assert "3 of 3 days chosen" in text(client.get(choose, asked(*DAYS)))
    move = halden.path("booking_move", public_id=booking.session.public_id)
    typed = {**asked(*DAYS), "start": DAYS[0].isoformat()}
    held = client.post(move, typed)
    assert held.status_code == 302
    to = held["Location"].split("/")[-2]
    client.post(halden.path("move_confirm", public_id=to), {"goal": "Alone"})
    with halden.scope():
        booking.refresh_from_db()
        assert days_of(booking.session) == DAYS
        assert Claim.objects.filter(active=True).count() == 6
        assert nobody_is_in_two_places()
    again = halden.path("booking_move", public_id=booking.session.public_id)
    late = client.post(again, {**asked(date(2026, 12, 2), *DAYS[:2]), "start": "2026-12-02"})
    assert late.status_code == 409  # it would begin where it begins already
    back = client.post(again, {"start": "2026-12-02"})
    client.post(halden.path("move_confirm", public_id=back["Location"].split("/")[-2]))
    with halden.scope():
        booking.refresh_from_db()
        assert days_of(booking.session) == [date(2026, 12, day) for day in (2, 3, 4)]


@pytest.mark.django_db
def test_who_waits_gets_the_same_days(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        session = book_apart(offer, halden.employee, DAYS)
        join(offer, halden.manager, at=AT)
        cancel(session, by=halden.employee, reason="", at=AT)
        offered = Participation.objects.get(employee=halden.manager, state="held")
        assert days_of(offered.session) == DAYS


@pytest.mark.django_db
def test_days_whose_hold_ran_out_are_held_again(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        held = hold(offer, halden.employee, DAYS[0], days=DAYS, at=AT)
    halden.sign_in(client, halden.employee)
    path = halden.path("book", public_id=held.session.public_id)
    with time_machine.travel(AT + timedelta(minutes=11), tick=False):
        again = client.post(path, {"goal": "Alone"}, follow=True)
    assert "The days were still free and are held again." in text(again)
    with halden.scope():
        fresh = Participation.objects.get(state="held", seat="shadow")
        assert days_of(fresh.session) == DAYS


@pytest.mark.django_db(transaction=True)
def test_many_choose_days_that_cross_and_one_gets_all_of_theirs(world: World) -> None:
    """Each pair shares one day: whoever comes later has none of their three."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, within_days=14)
        learners = make_learners(12)

    def choose(number: int) -> str:
        days = DAYS if number % 2 else OTHERS
        with place.scope():
            held = hold(offer, learners[number], days[0], days=days, at=AT)
            book(held, goal="", at=AT)
        return "booked"

    ended = at_once([lambda i=i: choose(i) for i in range(12)], threads=12)
    assert ended["booked"] == 1, ended
    assert set(ended) <= {"booked", "Taken", "Busy"}, ended
    with place.scope():
        assert Claim.objects.count() == 6
        assert nobody_is_in_two_places()


@pytest.mark.django_db
def test_the_host_says_it_in_the_offer(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.colleague)
    with halden.scope():
        offer = make_offer(halden.colleague)
        skill = offer.skills.get().public_id
    typed = {
        "known": [skill],
        "days": "3",
        "within_days": "14",
        "hours": "8",
        "starts_at": "08:00",
        "time_zone": "Europe/Oslo",
        "notice_days": "3",
        "per_month": "2",
        "capacity": "1",
        **{f"stage_{day}": "watch" for day in range(1, 11)},
    }
    path = halden.path("offer_edit", public_id=offer.public_id)
    wrong = client.post(path, {**typed, "within_days": "2"})
    assert wrong.status_code == 422
    assert "within at least as many days" in text(wrong)
    assert client.post(path, typed).status_code == 302
    with halden.scope():
        offer.refresh_from_db()
        assert offer.within_days == 14
