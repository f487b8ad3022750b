"""Holding, booking, moving and cancelling over the API, once for each key."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.api import idempotency
from peerlearn.api.models import KeptAnswer
from peerlearn.api.queries import KEPT_FOR
from peerlearn.api.tasks import forget_kept_answers
from peerlearn.clock import now
from sessions.absent import say_absent
from sessions.cancelling import cancel
from sessions.choices import SessionState
from sessions.holding import hold, release
from sessions.models import LearningSession, Participation, ShadowingOffer
from tests.api.kit import Program, pointers
from tests.sessions.kit import AT, make_booking, make_offer
from tests.skills.kit import counted
from tests.world import World

START = {"start": "2026-12-01"}


@pytest.fixture(autouse=True)
def _that_day() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def offer(world: World) -> ShadowingOffer:
    with world.halden.scope():
        return make_offer(world.halden.colleague)


def of(one: Any) -> dict[str, str]:
    return {"public_id": one if isinstance(one, str) else one.public_id}


def holds(world: World) -> int:
    with world.halden.scope():
        return int(Participation.objects.filter(seat="shadow").count())


def test_hold_book_move_cancel(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    learner, host = Program(place, place.employee), Program(place, place.colleague)
    starts = learner.get("api_offer_starts", {"from": "2026-12-01"}, kwargs=of(offer)).json()
    assert starts["starts"][0]["day"] == "2026-12-01"
    assert len(starts["starts"][0]["blocks"]) == 3
    held = learner.post("api_offer_hold", {**START, "goal": "Alone"}, kwargs=of(offer))
    assert held.status_code == 201, held.content
    assert held.json()["state"] == "held"
    assert learner.get(held["Location"]).json() == held.json()
    one = of(held.json()["id"])
    more = learner.post("api_booking_more", kwargs=one)
    assert more.json()["mine"]["held_until"] == held.json()["mine"]["held_until"]
    booked = learner.post("api_booking_book", {}, kwargs=one)
    assert booked.status_code == 200, booked.content
    assert (booked.json()["state"], booked.json()["mine"]["goal"]) == ("booked", "Alone")
    assert [one["name"] for one in booked.json()["learners"]] == ["Nils Eriksen"]
    assert host.get("api_booking", kwargs=one).json()["mine"]["seat"] == "host"
    new = learner.post("api_booking_move", {"start": "2026-12-08"}, kwargs=one)
    assert new.status_code == 201, new.content
    assert new.json()["mine"]["moves"] == one["public_id"]
    moved = learner.post("api_booking_moved", {}, kwargs=of(new.json()["id"]))
    assert (moved.status_code, moved.json()["state"]) == (200, "booked"), moved.content
    assert moved.json()["starts_at"].startswith("2026-12-08")
    assert learner.get("api_booking", kwargs=one).json()["state"] == "moved"
    gone = host.post("api_booking_cancel", {"reason": "Ill"}, kwargs=of(moved.json()["id"]))
    assert gone.json()["state"] == "cancelled"
    listed = learner.get("api_bookings", {"mine": "true"}).json()["results"]
    assert {one["state"] for one in listed} == {"moved", "cancelled"}


def test_what_is_refused_says_what_is_free(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    with place.scope():
        make_booking(offer, place.manager)
    learner = Program(place, place.employee)
    refused = learner.post("api_offer_hold", START, kwargs=of(offer))
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    told = refused.json()
    assert told["type"] == "urn:peerlearn:taken"
    assert [one["day"] for one in told["next_starts"]] == ["2026-12-04", "2026-12-07"]
    soon = learner.post("api_offer_hold", {"start": "2026-11-24"}, kwargs=of(offer)).json()
    assert soon["type"] == "urn:peerlearn:too-soon"
    assert holds(world) == 1


def test_waiting_and_declining(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    with place.scope():
        booking = make_booking(offer, place.manager).session
    learner, host = Program(place, place.employee), Program(place, place.colleague)
    joined = learner.post("api_offer_wait", kwargs=of(offer))
    assert joined.json() == {"position": 1, "waiting": 1}
    assert host.get("api_offer", kwargs=of(offer)).json()["waiting"] == 1
    body = {"learner": place.manager.public_id, "reason": "The line is down"}
    assert learner.post("api_booking_decline", body, kwargs=of(booking)).status_code == 404
    declined = host.post("api_booking_decline", body, kwargs=of(booking))
    assert declined.json()["state"] == "cancelled", declined.content
    left = learner.send("delete", "api_offer_wait", kwargs=of(offer))
    assert (left.status_code, left.content) == (204, b"")


def test_who_sees_a_booking_and_how_much(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    with place.scope():
        session = make_booking(offer, place.employee, goal="A secret goal").session
    for who in (place.manager, place.hr):
        told = Program(place, who).get("api_booking", kwargs=of(session)).json()
        assert told["mine"] is None
        assert told["learners"][0]["id"] == place.employee.public_id
        assert {day["state"] for day in told["days"]} == {None}
        assert "secret" not in str(told)
        act = Program(place, who).post("api_booking_cancel", kwargs=of(session))
        assert act.status_code == 403
    assert Program(place, place.admin).get("api_booking", kwargs=of(session)).status_code == 404


def test_who_gave_up_a_place_learns_nothing_of_the_days(world: World) -> None:
    """With one learner left, a day that did not take place says that this one did not come."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, capacity=2)
        gave_up = make_booking(offer, place.employee)
        stays = make_booking(offer, place.manager)
        held = hold(offer, place.hr, AT.date() + timedelta(days=15), at=AT)
        other = make_booking(offer, place.admin, AT.date() + timedelta(days=15))
        release(held, at=AT)
        cancel(gave_up.session, by=place.employee, at=AT)
    with time_machine.travel(AT + timedelta(days=20), tick=False), place.scope():
        for one in (stays, other):
            say_absent(one, 1, by=place.colleague, at=now())
    with time_machine.travel(AT + timedelta(days=20), tick=False):
        seen = {
            who.pk: Program(place, who).get("api_booking", kwargs=of(one.session)).json()
            for who, one in ((place.employee, stays), (place.manager, stays), (place.hr, other))
        }
    days = {who: [day["state"] for day in told["days"]] for who, told in seen.items()}
    assert days[place.manager.pk] == ["missed", "planned", "planned"]
    assert days[place.employee.pk] == days[place.hr.pk] == [None] * 3


BODIES: list[tuple[Any, list[str]]] = [
    ({}, ["#/start"]),
    ({"start": ["2026-12-01"]}, ["#/start"]),
    ({"start": 20261201}, ["#/start"]),
    ({"start": "2026-13-01"}, ["#/start"]),
    ({**START, "goal": "\x00"}, ["#/goal"]),
    ({**START, "goal": "\ud800"}, ["#/goal"]),
    ({**START, "goal": ["x"]}, ["#/goal"]),
    ({**START, "goal": "x" * 301}, ["#/goal"]),
    ({**START, "goal": None}, ["#/goal"]),
    ({**START, "state": "booked", "organization": 1}, ["#/organization", "#/state"]),
    ({**START, "a/b~": 1}, ["#/a~1b~0"]),
    ([START], ["#"]),
]


def test_bodies_that_are_not_right(world: World, offer: ShadowingOffer) -> None:
    program = Program(world.halden, world.halden.employee)
    for body, where in BODIES:
        answer = program.post("api_offer_hold", body, kwargs=of(offer))
        assert answer.status_code == 400, (body, answer.content)
        assert pointers(answer) == where, (body, answer.content)
    path = world.halden.path("api_offer_hold", **of(offer))
    for raw, kind, status in (
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"NaN", "application/json", 400),
        (b"start=2026-12-01", "application/x-www-form-urlencoded", 415),
    ):
        answer = Client().post(path, raw, kind, headers=program.headers)
        assert answer.status_code == status, (raw[:20], answer.content)
        assert answer["Content-Type"] == "application/problem+json"
    assert holds(world) == 0


def test_days_that_are_asked_for(world: World, offer: ShadowingOffer) -> None:
    program = Program(world.halden, world.halden.employee)
    for query in ({"to": "2027-06-01"}, {"from": "x"}, {"from": "0001-01-01"}, {"day": "1"}):
        assert program.get("api_offer_starts", query, kwargs=of(offer)).status_code == 400, query
    none = program.get("api_offer_starts", {"to": "2026-11-01"}, kwargs=of(offer))
    assert none.json() == {"starts": []}


# --- Writes for what was read ------------------------------------------------------------------
def test_a_write_is_for_what_was_read(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    learner = Program(place, place.employee)
    held = learner.post("api_offer_hold", START, kwargs=of(offer))
    one = of(held.json()["id"])
    read = learner.get("api_booking", kwargs=one)["ETag"]
    assert held["ETag"] == read
    assert learner.post("api_booking_book", {}, kwargs=one, If_Match=read).status_code == 200
    stale = learner.post("api_booking_cancel", {}, kwargs=one, If_Match=read)
    assert stale.status_code == 412
    assert learner.get("api_booking", kwargs=one).json()["state"] == "booked"


# --- Keys --------------------------------------------------------------------------------------
def test_the_same_key_gives_the_same_answer(world: World, offer: ShadowingOffer) -> None:
    learner = Program(world.halden, world.halden.employee)
    first = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k-1")
    again = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    assert holds(world) == 1
    learner.post("api_offer_hold", START, kwargs=of(offer))  # the twin: without a key twice
    assert holds(world) == 2


def test_a_key_is_for_one_request_and_a_day(world: World, offer: ShadowingOffer) -> None:
    learner = Program(world.halden, world.halden.employee)
    learner.post("api_offer_wait", kwargs=of(offer), Idempotency_Key="k")
    other = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert other.status_code == 422
    wrong = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k k")
    assert wrong.status_code == 400
    assert holds(world) == 0
    with time_machine.travel(AT + KEPT_FOR + timedelta(seconds=1), tick=False):
        later = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert later.status_code == 201


def test_what_was_refused_is_looked_at_again(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    with place.scope():
        session = make_booking(offer, place.manager).session
    learner = Program(place, place.employee)
    refused = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert refused.status_code == 409
    Program(place, place.manager).post("api_booking_cancel", kwargs=of(session))
    again = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert again.status_code == 201, again.content


def test_answer_and_effect_are_there_together_or_not_at_all(
    world: World, offer: ShadowingOffer, monkeypatch: Any
) -> None:
    def crashes(*_: Any) -> None:
        raise RuntimeError

    learner = Program(world.halden, world.halden.employee)
    learner.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "keep", crashes)
        ended = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert ended.status_code == 500
    assert holds(world) == 0
    again = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="k")
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers


def test_kept_answers_are_forgotten(world: World, offer: ShadowingOffer) -> None:
    learner = Program(world.halden, world.halden.employee)
    learner.post("api_offer_wait", kwargs=of(offer), Idempotency_Key="k")
    for moment, left in ((AT, 1), (AT + KEPT_FOR, 0)):
        with time_machine.travel(moment, tick=False):
            forget_kept_answers()
        with world.halden.scope():
            assert KeptAnswer.objects.count() == left


def test_keys_of_others_do_not_meet(world: World, offer: ShadowingOffer, monkeypatch: Any) -> None:
    """Of another token, and of another organization."""
    place, other = world.halden, world.nordfjord
    with other.scope():
        theirs = make_offer(other.colleague)
    programs = [
        (Program(place, place.employee), offer),
        (Program(place, place.manager), offer),
        (Program(other, other.employee), theirs),
    ]
    for program, one in programs:
        joined = program.post("api_offer_wait", kwargs=of(one), Idempotency_Key="k")
        assert "Idempotency-Replayed" not in joined.headers
    with place.scope():
        first = int(KeptAnswer.objects.order_by("pk")[0].token_id)
        assert KeptAnswer.objects.count() == 2
    monkeypatch.setattr(idempotency, "owner_of", lambda _request: first)  # the twin
    program, one = programs[1]
    joined = program.post("api_offer_wait", kwargs=of(one), Idempotency_Key="k")
    assert joined["Idempotency-Replayed"] == "true"


def test_few_statements(world: World, offer: ShadowingOffer) -> None:
    """Reads twelve or fewer, with ten bookings as with one; acts as many as stand here."""
    place = world.halden
    learner, hr = Program(place, place.employee), Program(place, place.hr)
    counts: dict[str, list[int]] = {}
    for days in (1, 9):
        with place.scope():
            for day in range(days):
                start = AT.date() + timedelta(days=8 + 7 * (day + days))
                make_booking(make_offer(place.colleague), place.manager, start)
        for program, name in ((hr, "api_bookings"), (learner, "api_offers")):
            program.get("api_me")
            with counted() as statements:
                program.get(name, {"page_size": 100})
            counts.setdefault(name, []).append(len(statements))
    assert all(few == many <= 12 for few, many in counts.values()), counts
    with counted() as held:
        one = learner.post("api_offer_hold", START, kwargs=of(offer), Idempotency_Key="a").json()
    with counted() as booked:
        learner.post("api_booking_book", kwargs=of(one["id"]), Idempotency_Key="b")
    assert len(held) <= 24, held
    assert len(booked) <= 24, booked
    with place.scope():
        stands = LearningSession.objects.get(public_id=one["id"])
        assert stands.state == SessionState.BOOKED


# --- Days that lie apart -----------------------------------------------------------------------
APART = ["2026-12-01", "2026-12-04", "2026-12-10"]


def test_days_apart_are_found_held_and_moved(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, within_days=14)
        make_booking(make_offer(place.colleague), place.manager, date(2026, 12, 7))
    learner, host = Program(place, place.employee), Program(place, place.colleague)
    assert learner.get("api_offer", kwargs=of(offer)).json()["within_days"] == 14
    query = {"from": "2026-12-01", "to": "2026-12-11"}
    free = learner.get("api_offer_days", query, kwargs=of(offer)).json()["days"]
    assert [one["day"][-2:] for one in free] == ["01", "02", "03", "04", "10", "11"]
    assert free[0]["starts_at"].startswith("2026-12-01T08:00")
    body = {"start": APART[0], "days": [APART[1], APART[0], APART[2]]}
    held = learner.post("api_offer_hold", body, kwargs=of(offer))
    assert [day["starts_at"][:10] for day in held.json()["days"]] == APART, held.content
    booked = learner.post("api_booking_book", kwargs=of(held.json()["id"])).json()
    later = ["2026-12-02", "2026-12-03", "2026-12-11"]
    new = learner.post(
        "api_booking_move", {"start": later[0], "days": later}, kwargs=of(booked["id"])
    )
    assert new.status_code == 201, new.content
    moved = learner.post("api_booking_moved", kwargs=of(new.json()["id"])).json()
    assert [day["starts_at"][:10] for day in moved["days"]] == later
    of_all = {"start": APART[0], "days": APART}
    no = host.post("api_booking_move", of_all, kwargs=of(moved["id"]))
    assert (no.status_code, pointers(no)) == (400, ["#/days"])


def test_days_apart_that_are_not_right(world: World, offer: ShadowingOffer) -> None:
    place = world.halden
    with place.scope():
        apart = make_offer(place.colleague, within_days=14)
    learner = Program(place, place.employee)
    for one, days, where in (
        (apart, APART[1:], "#/days"),
        (apart, APART[:2], "#/days"),
        (apart, [APART[0], *APART[:2]], "#/days"),
        (apart, [*APART[:2], "soon"], "#/days/2"),
        (apart, APART[0], "#/days"),
        (offer, APART, "#/days"),
    ):
        wrong = learner.post("api_offer_hold", {**START, "days": days}, kwargs=of(one))
        assert (wrong.status_code, pointers(wrong)) == (400, [where]), wrong.content
    far = {**START, "days": [*APART[:2], "2026-12-15"]}
    told = learner.post("api_offer_hold", far, kwargs=of(apart)).json()
    assert told["type"] == "urn:peerlearn:too-far"
    assert learner.get("api_offer_days", kwargs=of(offer)).json() == {"days": []}
    assert holds(world) == 0
