"""Faults that people found in the browser, each as they met it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from sessions.cancelling import cancel, foretell
from sessions.choices import SessionState
from sessions.holding import forget_run_out, hold, release
from sessions.limits import HOLDS_OF_ONE_OFFER, MOVES
from sessions.models import Debrief, LearningSession, Participation, ShadowingOffer
from sessions.running import Answers, submit_debrief
from sessions.tasks import forget_what_ran_out
from tests.factories import make_employee
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.world import Place, World

LATER = date(2026, 12, 14)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        return make_offer(halden.colleague, capacity=2)


def test_home_while_later_days_are_held(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        make_booking(offer, halden.employee)
        hold(offer, halden.employee, LATER, at=AT)
    client = halden.sign_in(Client(), halden.employee)
    home = client.get(halden.path("home"))
    assert home.status_code == 200
    assert "You hold days beside Aisha Rahman until 10:10" in text(home)


def test_who_only_holds_or_gave_up_a_place_sees_no_others(
    halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", team=halden.team)
        session = make_booking(offer, halden.employee).session
        held = hold(offer, kari, TUESDAY, at=AT)
    path = halden.path("booking", public_id=session.public_id)
    client = halden.sign_in(Client(), kari)
    assert "Nils Eriksen" not in text(client.get(path))
    with halden.scope():
        release(held, at=AT)
        make_booking(offer, kari)
    assert "Nils Eriksen" in text(client.get(path))
    with halden.scope():
        cancel(session, by=kari, at=AT)
    assert "Nils Eriksen" not in text(client.get(path))


def test_a_place_that_was_given_up_does_not_come_back_by_an_old_button(
    halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", team=halden.team)
        session = make_booking(offer, halden.employee).session
        make_booking(offer, kari)
        cancel(session, by=kari, at=AT)
        before = Participation.objects.count()
    client = halden.sign_in(Client(), kari)
    answer = client.post(halden.path("book", public_id=session.public_id), {"goal": "Again"})
    assert answer.status_code == 302
    assert "Your ten minutes were over" not in text(client.get(answer["Location"]))
    with halden.scope():
        assert Participation.objects.count() == before


def test_a_host_who_cancels_is_not_told_who_only_holds(
    halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", team=halden.team)
        session = make_booking(offer, halden.employee).session
        hold(offer, kari, TUESDAY, at=AT)
        assert foretell(session, halden.colleague) == ([halden.employee], 0)
        cancel(session, by=halden.colleague, at=AT)
        cancelled = Notification.objects.filter(kind="booking_cancelled")
        assert [one.recipient for one in cancelled] == [halden.employee]


def test_who_leaves_a_group_leaves_the_others_in_it(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", team=halden.team)
        session = make_booking(offer, halden.employee).session
        make_booking(offer, kari)
    client = halden.sign_in(Client(), kari)
    path = halden.path("booking_cancel", public_id=session.public_id)
    assert "one other learner still comes" in text(client.get(path))
    assert client.post(path, {"reason": ""}).status_code == 302
    page = text(client.get(halden.path("booking", public_id=session.public_id)))
    assert "the others go on without you" in page
    with halden.scope():
        told = tell(Notification.objects.get(kind="booking_cancelled"))
    assert told
    assert "Kari Moen has given up their place" in told.text
    assert "One place is free again; Nils Eriksen still comes." in told.text


def test_tomorrow_is_not_said_of_today(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        own = make_booking(offer, halden.employee)
        reminder = Notification.objects.get(
            kind="booking_tomorrow", recipient=halden.employee, subject_id=own.pk
        )
        with time_machine.travel(reminder.due_at):
            assert tell(reminder)
        with time_machine.travel(reminder.due_at + timedelta(hours=10)):
            assert tell(reminder) is None


def test_nobody_holds_the_days_of_one_offer_all_day(halden: Place, offer: ShadowingOffer) -> None:
    client = halden.sign_in(Client(), halden.employee)
    path = halden.path("hold", public_id=offer.public_id)
    for _ in range(HOLDS_OF_ONE_OFFER):
        assert client.post(path, {"start": TUESDAY.isoformat()}).status_code == 302
    refused = client.post(path, {"start": TUESDAY.isoformat(), "goal": "Relays"})
    assert refused.status_code == 409
    assert "Try again tomorrow" in text(refused)
    assert "Relays" in refused.content.decode()
    with halden.scope():
        another = make_offer(halden.manager)
    other = halden.path("hold", public_id=another.public_id)
    assert client.post(other, {"start": LATER.isoformat()}).status_code == 302


def test_days_that_were_only_held_are_forgotten_after_a_week(
    halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        release(hold(offer, halden.employee, LATER, at=AT), at=AT)
        kept = make_booking(offer, halden.employee).session
        assert LearningSession.objects.filter(state=SessionState.EXPIRED).count() == 1
        forget_run_out(at=AT + timedelta(days=6))
        assert LearningSession.objects.count() == 2
    with time_machine.travel(AT + timedelta(days=8)):
        forget_what_ran_out()
        forget_what_ran_out()
    with halden.scope():
        assert list(LearningSession.objects.all()) == [kept]


def test_the_other_side_reads_the_answers_and_nobody_the_remark(
    halden: Place, offer: ShadowingOffer
) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", team=halden.team)
        own = make_booking(offer, halden.employee)
        make_booking(offer, kari)
        after = own.session.ends_at + timedelta(hours=1)
        answers = Answers("I set a relay", "Earlier in the week", "My checklist", "Was tired")
        submit_debrief(own, answers, at=after)
        assert Debrief.objects.count() == 1
    path = halden.path("session_run", public_id=own.session.public_id)
    with time_machine.travel(after):
        host = text(halden.sign_in(Client(), halden.colleague).get(path))
        other_learner = text(halden.sign_in(Client(), kari).get(path))
        form = text(
            halden.sign_in(Client(), halden.employee).get(
                halden.path("debrief", public_id=own.session.public_id)
            )
        )
    for words in ("I set a relay", "Earlier in the week", "My checklist"):
        assert words in host
        assert words not in other_learner
    assert "Was tired" not in host
    assert form.count("Aisha Rahman reads this.") == 3


def test_an_empty_past_is_the_past(halden: Place) -> None:
    client = halden.sign_in(Client(), halden.employee)
    page = client.get(halden.path("my_sessions") + "?show=past").content.decode()
    assert 'aria-current="page">Past and cancelled' in page
    assert "Nothing is behind you yet" in page


def test_a_day_that_is_not_free_leads_to_a_later_one(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        make_booking(offer, halden.manager, date(2026, 12, 8))
    client = halden.sign_in(Client(), halden.employee)
    path = halden.path("offer", public_id=offer.public_id)
    page = text(client.get(path + "?month=2026-12&start=2026-12-08"))
    assert "Fri 11 – Tue 15 December" in page


def test_whoever_is_away_hears_what_stands(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        make_booking(offer, halden.employee)
    client = halden.sign_in(Client(), halden.colleague)
    data = {"first_day": "2026-12-02", "last_day": "2026-12-02"}
    page: Any = client.post(halden.path("availability"), data, follow=True)
    assert "You are booked on some of these days, and that stands" in text(page)
    data = {"first_day": "2026-12-22", "last_day": "2026-12-22"}
    page = client.post(halden.path("availability"), data, follow=True)
    assert "You are booked on some" not in text(page)


def test_odd_hours_of_an_offer_can_be_saved_again(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.employee, minutes=440)
    client = halden.sign_in(Client(), halden.employee)
    path = halden.path("offer_edit", public_id=offer.public_id)
    form = client.get(path).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "another"}
    assert data["hours"] == "7.33"
    assert client.post(path, data).status_code == 302
    with halden.scope():
        offer.refresh_from_db()
        assert offer.minutes == 440


def test_back_to_the_days_from_another_zone(halden: Place, offer: ShadowingOffer) -> None:
    client = halden.sign_in(Client(), halden.employee)
    profile = halden.path("my_profile")
    page = client.get(halden.path("offer", public_id=offer.public_id) + f"?start={LATER}")
    back = f"{halden.path('offer', public_id=offer.public_id)}%3Fstart={LATER}"
    assert f"{profile}?next={back}" in page.content.decode()
    form = client.get(profile).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data["time_zone"] = "Europe/London"
    answer = client.post(f"{profile}?next={back}", data)
    assert answer["Location"] == back.replace("%3F", "?")
    for elsewhere in ("https://evil.example/", "//evil.example", "/o/another/", "/\\evil.example"):
        answer = client.post(profile, data, query_params={"next": elsewhere})
        assert answer["Location"] == profile


@pytest.mark.parametrize("level", ["9" * 5000, "²", ""])
def test_a_level_that_is_none(halden: Place, level: str) -> None:
    from tests.isolation.rows_sessions import a_proposal

    with halden.scope():
        address = a_proposal(halden)
    client = halden.sign_in(Client(), halden.colleague)
    data = {"answer": "not_yet", "level": level}
    assert client.post(halden.path("level_answer", **address), data).status_code == 302


def test_a_day_beyond_every_calendar_is_not_free(halden: Place, offer: ShadowingOffer) -> None:
    client = halden.sign_in(Client(), halden.employee)
    path = halden.path("hold", public_id=offer.public_id)
    assert client.post(path, {"start": "9999-12-31"}).status_code == 409


def test_a_host_lengthens_no_hold_of_a_learner(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        held = hold(offer, halden.employee, LATER, at=AT)
        address = {"public_id": held.session.public_id}
    host = halden.sign_in(Client(), halden.colleague)
    assert host.post(halden.path("hold_extend", **address)).status_code == 403


def test_a_host_moves_everybody_only_so_often(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        booking = make_booking(offer, halden.employee)
    host = halden.sign_in(Client(), halden.colleague)
    days = [LATER, LATER + timedelta(days=7)] * MOVES
    for number in range(MOVES + 1):
        with halden.scope():
            booking.refresh_from_db()
            path = halden.path("booking_move", public_id=booking.session.public_id)
        answer = host.post(path, {"start": days[number].isoformat(), "reason": "A storm"})
        assert answer.status_code == (302 if number < MOVES else 409), number
    assert "Try again tomorrow" in text(answer)
