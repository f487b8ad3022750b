"""Booking through HTTP: who sees what, what each press of a button does."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client

from sessions.holding import hold
from sessions.models import Claim, LearningSession, ShadowingOffer
from skills.levels import Urgency
from skills.models import Need
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer, make_skill
from tests.skills.kit import queries_of
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        return make_offer(halden.colleague)


@pytest.fixture
def learner(halden: Place, client: Client) -> Client:
    return halden.sign_in(client, halden.employee)


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def press_hold(client: Client, halden: Place, offer: ShadowingOffer, **data: Any) -> Any:
    path = halden.path("hold", public_id=offer.public_id)
    return client.post(path, {"start": "2026-12-01", **data})


def test_links_keep_the_day_of_the_host_for_a_learner_far_away(
    halden: Place, client: Client
) -> None:
    """08:00 in Auckland is the day before in Los Angeles; the booker counts in the host's days."""
    with halden.scope():
        host = make_employee("Kiri Ngata", time_zone="Pacific/Auckland")
        far = make_offer(host)
        learner = make_employee("Jo Bell", time_zone="America/Los_Angeles")
    halden.sign_in(client, learner)
    page = client.get(press_hold(client, halden, far)["Location"])
    assert f"{far.public_id}/?start=2026-12-01" in page.content.decode()


def session_of(halden: Place) -> LearningSession:
    with halden.scope():
        found: LearningSession = LearningSession.objects.latest("pk")
        return found


# --- Who and when ------------------------------------------------------------------------------
def test_who_offers_days_is_found_by_skill_and_name(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    path = halden.path("shadowing")
    page = text(learner.get(path))
    assert "Aisha Rahman" in page
    assert "First free start Thu 26 November" in page
    assert "Aisha Rahman" in text(learner.get(path, {"q": "relay"}))
    assert "Aisha Rahman" in text(learner.get(path, {"q": "aisha"}))
    with halden.scope():
        skill = offer.skills.get()
    assert "Aisha Rahman" in text(learner.get(path, {"skill": skill.public_id}))
    assert "Nobody offers days in that yet" in text(learner.get(path, {"q": "welding"}))
    assert learner.get(path, {"q": "\x00", "skill": "\x00", "team": "\x00"}).status_code == 200


def test_a_month_shows_what_is_free_and_the_first_start_is_chosen(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    path = halden.path("offer", public_id=offer.public_id)
    response = learner.get(path, {"month": "2026-12"})
    page = text(response)
    assert "December 2026" in page
    assert "Tue 1 – Thu 3 December" in page
    assert "Hold these 3 days" in page
    assert "Europe/Oslo" in page
    body = response.content.decode()
    assert body.count('aria-pressed="true"') == 3
    assert 'id="day-2026-12-05" type="button" aria-disabled="true"' in body
    chosen = learner.get(path, {"start": "2026-12-07", "month": "2026-12"})
    assert "Mon 7 – Wed 9 December" in text(chosen)
    assert "That day is sooner" in text(learner.get(path, {"start": "2026-11-24"}))
    for odd in ("2026-13", "x", "1999-01", "9999-12"):
        assert learner.get(path, {"month": odd, "start": odd}).status_code == 200


def test_htmx_gets_the_booker_alone(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    path = halden.path("offer", public_id=offer.public_id)
    response = learner.get(path, {"start": "2026-12-07"}, headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div class="panel booker"')
    assert "HX-Trigger" not in response  # the focus goes to the chosen days, and they are read
    turned = learner.get(path, {"month": "2026-12"}, headers={"HX-Request": "true"})
    assert json.loads(turned["HX-Trigger"]) == {
        "announce": "December 2026. Chosen: Tue 1 – Thu 3 December"
    }


def test_a_day_that_is_past_says_so(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    page = text(learner.get(halden.path("offer", public_id=offer.public_id), {"month": "2026-11"}))
    assert "Friday 20 November, past" in page
    assert "Saturday 21 November, past" in page
    assert "Tuesday 24 November, not free" in page
    assert "Saturday 28 November, no working day" in page


def test_another_zone_shows_both_clocks_and_moves_the_day(halden: Place, client: Client) -> None:
    with halden.scope():
        far = make_employee("Kiri Ngata", time_zone="Pacific/Auckland", twelve_hour_clock=True)
        offer = make_offer(halden.colleague)
    halden.sign_in(client, far)
    page = text(client.get(halden.path("offer", public_id=offer.public_id), {"month": "2026-12"}))
    # 08:00 in Oslo is 20:00 of the same day in Auckland.
    assert "8:00 pm" in page.replace("\xa0", " ")
    assert "For Aisha Rahman in Europe/Oslo: Tue 1 December, 8:00 am – 4:00 pm" in page.replace(
        "\xa0", " "
    )
    with halden.scope():
        late = make_offer(halden.manager, starts_at=time(14), minutes=120)
    path = halden.path("offer", public_id=late.public_id)
    body = client.get(path, {"month": "2026-12", "start": "2026-12-01"})
    assert "Wed 2 – Fri 4 December" in text(body)  # Tuesday 14:00 in Oslo is Wednesday there
    assert 'id="day-2026-12-02" type="submit" name="start" value="2026-12-01"' in (
        body.content.decode()
    )


# --- Hold, confirm, book -----------------------------------------------------------------------
def test_hold_confirm_book(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    response = press_hold(learner, halden, offer)
    session = session_of(halden)
    address = halden.path("booking", public_id=session.public_id)
    assert response["Location"] == address
    page = text(learner.get(address))
    assert "Held for you until 10:10" in page
    assert "Aisha Rahman sees this before day 1" in page
    learner.post(halden.path("book", public_id=session.public_id), {"goal": "Set a relay"})
    page = text(learner.get(address))
    assert "Booked. Aisha Rahman is told." in page
    assert "Set a relay" in page
    assert "Boots and helmet" in page


def test_somebody_was_faster(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    with halden.scope():
        hold(offer, halden.manager, TUESDAY, at=AT)
    response = press_hold(learner, halden, offer, goal="Set a relay")
    assert response.status_code == 409
    page = text(response)
    assert "These days were just taken." in page
    assert "What you typed is kept." in page
    assert "Fri 4 December" in page
    assert "Mon 7 December" in page
    body = response.content.decode()
    assert body.count('name="goal" value="Set a relay"') == 3  # two starts and the chosen days


def test_ten_minutes_pass_while_typing(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    press_hold(learner, halden, offer)
    session = session_of(halden)
    book = halden.path("book", public_id=session.public_id)
    with time_machine.travel(AT + 11 * MINUTE, tick=False):
        gone = learner.get(halden.path("booking", public_id=session.public_id))
        assert "not held any more" in text(gone)
        again = learner.post(book, {"goal": "Set a relay"}, follow=True)
        assert "held again" in text(again)
        assert 'value="Set a relay"' in again.content.decode()
    with time_machine.travel(AT + 30 * MINUTE, tick=False):
        with halden.scope():
            make_booking(offer, halden.manager, at=AT + 30 * MINUTE)
        response = learner.post(book, {"goal": "Set a relay"})
        assert response.status_code == 409
        assert "What you typed is kept." in text(response)


def test_more_time_and_other_days(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    press_hold(learner, halden, offer)
    session = session_of(halden)
    with time_machine.travel(AT + 5 * MINUTE, tick=False):
        more = halden.path("hold_extend", public_id=session.public_id)
        assert "Held for you until 10:15" in text(learner.post(more, follow=True))
    let_go = learner.post(halden.path("hold_release", public_id=session.public_id))
    assert let_go["Location"] == halden.path("offer", public_id=offer.public_id)
    with halden.scope():
        assert not Claim.objects.exists()


def test_a_goal_too_long_is_kept_and_told(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    press_hold(learner, halden, offer)
    session = session_of(halden)
    goal = "x" * 301
    response = learner.post(halden.path("book", public_id=session.public_id), {"goal": goal})
    assert response.status_code == 422
    assert goal in response.content.decode()


def test_reading_changes_nothing(halden: Place, learner: Client, offer: ShadowingOffer) -> None:
    with halden.scope():
        session = make_booking(offer, halden.employee).session
    names = ["hold", "book", "hold_extend", "hold_release", "session_close", "note_add"]
    for name in names:
        public_id = offer.public_id if name == "hold" else session.public_id
        assert learner.get(halden.path(name, public_id=public_id)).status_code == 405


# --- Cancel ------------------------------------------------------------------------------------
def test_cancelling_says_who_is_told(
    halden: Place, learner: Client, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        session = make_booking(offer, halden.employee).session
    path = halden.path("booking_cancel", public_id=session.public_id)
    page = text(learner.get(path))
    assert "Cancel Tue 1 – Thu 3 December?" in page
    assert "Aisha Rahman is told now." in page
    assert session_of(halden).state == "booked"
    done = learner.post(path, {"reason": "I am ill"}, follow=True)
    assert "You have cancelled this." in text(done)
    # An old link never brings a cancelled booking back.
    learner.post(halden.path("book", public_id=session.public_id), {"goal": "x"})
    assert session_of(halden).state in ("cancelled", "held")
    with halden.scope():
        assert LearningSession.objects.get(pk=session.pk).state == "cancelled"
    halden.sign_in(client, halden.colleague)
    told = text(client.get(halden.path("booking", public_id=session.public_id)))
    assert "Nils Eriksen has cancelled this." in told
    assert "I am ill" in told


# --- Who may -----------------------------------------------------------------------------------
def test_goal_and_reason_stay_with_those_who_take_part(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    """The reporting line and HR see that there is a booking; what was said in it is not theirs."""
    with halden.scope():
        session = make_booking(offer, halden.employee, goal="Set a feeder relay").session
    path = halden.path("booking", public_id=session.public_id)
    onlookers = (halden.manager, halden.hr)
    assert "Set a feeder relay" in text(learner.get(path))
    for onlooker in onlookers:
        assert "Set a feeder relay" not in text(halden.sign_in(Client(), onlooker).get(path))
    cancel = halden.path("booking_cancel", public_id=session.public_id)
    learner.post(cancel, {"reason": "I am ill"})
    assert "I am ill" in text(halden.sign_in(Client(), halden.colleague).get(path))
    for onlooker in onlookers:
        assert "I am ill" not in text(halden.sign_in(Client(), onlooker).get(path))


def test_a_hold_in_a_group_is_its_owners_alone(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        session = make_booking(offer, halden.employee).session
        other = make_employee("Kari Moen")
        assert hold(offer, other, TUESDAY, at=AT).session == session
    path = halden.path("booking", public_id=session.public_id)
    for onlooker in (halden.manager, halden.hr, halden.employee, halden.colleague):
        page = text(halden.sign_in(client, onlooker).get(path))
        assert "Kari Moen" not in page
    assert "Kari Moen" in text(halden.sign_in(client, other).get(path))


def test_who_sees_a_booking(halden: Place, client: Client, offer: ShadowingOffer) -> None:
    with halden.scope():
        session = make_booking(offer, halden.employee).session
        below = make_employee("Kari Moen")
    names = ("booking", "session_run", "debrief")  # of days that have not begun
    seen = {
        halden.employee: (200, 200, 302),
        halden.colleague: (200, 200, 302),
        halden.manager: (200, 403, 403),
        halden.hr: (200, 403, 403),
        halden.admin: (404, 404, 404),
        below: (404, 404, 404),
    }
    for person, expected in seen.items():
        halden.sign_in(client, person)
        for name, status in zip(names, expected, strict=True):
            path = halden.path(name, public_id=session.public_id)
            assert client.get(path).status_code == status, (person, name)
    halden.sign_in(client, halden.manager)
    page = text(client.get(halden.path("booking", public_id=session.public_id)))
    assert "Cancel booking" not in page
    cancel = halden.path("booking_cancel", public_id=session.public_id)
    assert client.post(cancel).status_code == 403


def test_a_hold_is_nobody_elses_business(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        session = hold(offer, halden.employee, TUESDAY, at=AT).session
    path = halden.path("booking", public_id=session.public_id)
    for person in (halden.manager, halden.hr):
        halden.sign_in(client, person)
        assert client.get(path).status_code == 404


def test_a_closed_offer_is_gone_but_for_its_host(
    halden: Place, client: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        offer.close()
    path = halden.path("offer", public_id=offer.public_id)
    assert halden.sign_in(client, halden.employee).get(path).status_code == 404
    assert halden.sign_in(client, halden.colleague).get(path).status_code == 200


def test_the_days_of_the_change_of_clock(halden: Place, learner: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
    with time_machine.travel(datetime(2027, 3, 15, 9, tzinfo=AT.tzinfo), tick=False):
        halden.sign_in(learner, halden.employee)
        path = halden.path("hold", public_id=offer.public_id)
        learner.post(path, {"start": "2027-03-26"})  # Friday; the clock changes on Sunday
        session = session_of(halden)
        page = text(learner.get(halden.path("booking", public_id=session.public_id)))
        learner.post(halden.path("book", public_id=session.public_id), {"goal": ""})
        page = text(learner.get(halden.path("booking", public_id=session.public_id)))
    assert page.count("08:00–16:00") == 3
    with halden.scope():
        hours = [c.during.lower.hour for c in Claim.objects.filter(employee=halden.employee)]
    assert sorted(hours) == [6, 6, 7]


def number_of_queries(client: Client, path: str) -> int:
    """Without the scope's own two."""
    return len([sql for sql in queries_of(client, path) if "set_config" not in sql])


def test_as_many_queries_for_many_as_for_few(halden: Place, learner: Client) -> None:
    def fill(numbers: range) -> None:
        for number in numbers:
            host = make_employee(f"Host {number}", team=halden.team)
            make_offer(host, f"Skill {number}", "Relays")
            booked = make_offer(host, "Relays", days=1)
            make_booking(booked, make_employee(f"Guest {number}"), TUESDAY)

    with halden.scope():
        fill(range(2))
        first = ShadowingOffer.objects.order_by("pk")[0]
        session = make_booking(first, halden.employee, date(2027, 1, 4)).session
    paths = [
        halden.path("shadowing"),
        halden.path("shadowing") + "?q=relays",
        halden.path("offer", public_id=first.public_id),
        halden.path("booking", public_id=session.public_id),
        halden.path("session_run", public_id=session.public_id),
        halden.path("my_sessions"),
        halden.path("my_sessions") + "?show=past",
        halden.path("home"),
        halden.path("home_offers"),
        halden.path("my_offers"),
        halden.path("offer_add"),
        halden.path("availability"),
    ]
    few = {path: number_of_queries(learner, path) for path in paths}
    with halden.scope():
        fill(range(2, 14))
        for number in range(4):
            make_booking(first, halden.employee, date(2027, 2, 1 + 7 * number))
    many = {path: number_of_queries(learner, path) for path in paths}
    assert few == many
    assert max(many.values()) <= 12, many


def test_home_begins_with_what_is_wanted_most(
    halden: Place, learner: Client, offer: ShadowingOffer
) -> None:
    with halden.scope():
        make_offer(halden.colleague, "Fault records", created_at=AT - MINUTE)
        make_offer(halden.manager, "Thermography", created_at=AT - 2 * MINUTE)
        for name, urgency in [("Fault records", Urgency.SOME_DAY), ("Thermography", Urgency.NOW)]:
            Need.make(
                employee=halden.employee, skill=make_skill(name), urgency=urgency, on=AT.date()
            )
    page = learner.get(halden.path("home_offers")).content.decode()
    names = re.findall(r"Thermography|Fault records|Relay protection settings", page)
    assert list(dict.fromkeys(names)) == [
        "Thermography",
        "Fault records",
        "Relay protection settings",
    ]
