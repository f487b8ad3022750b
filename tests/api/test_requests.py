"""Approving, declining and withdrawing by programs alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from sessions.models import ShadowingOffer
from tests.api.kit import Program, pointers
from tests.sessions.approving_kit import switch_on
from tests.sessions.kit import AT, make_booking, make_offer
from tests.skills.kit import counted
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _that_day() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    switch_on(world.halden)
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        return make_offer(halden.colleague)


def of(one: Any) -> dict[str, str]:
    return {"public_id": one if isinstance(one, str) else one.public_id}


def asks(learner: Program, offer: ShadowingOffer, day: str = "2026-12-01") -> dict[str, Any]:
    """Holds and books; the request as the learner's program finds it."""
    held = learner.post("api_offer_hold", {"start": day, "goal": "Alone"}, kwargs=of(offer))
    booked = learner.post("api_booking_book", {}, kwargs=of(held.json()["id"]))
    assert booked.json()["state"] == "requested", booked.content
    found = learner.get("api_requests", {"mine": "true"}).json()["results"]
    mine: dict[str, Any] = next(one for one in found if one["booking"] == booked.json()["id"])
    return mine


def test_asked_and_approved(halden: Place, offer: ShadowingOffer) -> None:
    learner, manager = Program(halden, halden.employee), Program(halden, halden.manager)
    host = Program(halden, halden.colleague)
    with halden.scope():
        halden.organization.shadowings_need_approval = False
        halden.organization.save()
        make_booking(make_offer(halden.hr), halden.colleague)
        switch_on(halden)
        other = make_offer(halden.admin)
    mine = asks(learner, other)
    assert (mine["may_approve"], mine["may_decline"], mine["asked"]["name"]) == (
        False,
        False,
        "Mette Aas",
    )
    one = of(mine["id"])
    (listed,) = manager.get("api_requests", {"asked": "true"}).json()["results"]
    assert (listed["learner"]["name"], listed["goal"]) == ("Nils Eriksen", "Alone")
    assert (listed["may_approve"], listed["booking"]) == (True, None)
    assert [day["starts_at"][:10] for day in listed["days"]] == [
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
    ]
    read = manager.get("api_request", kwargs=one)
    assert read.json()["beside_others"] == ["Aisha Rahman"], "who has the same manager"
    assert learner.post("api_request_approve", kwargs=one).status_code == 403
    assert host.post("api_request_approve", kwargs=one).status_code == 404
    approved = manager.post("api_request_approve", kwargs=one, If_Match=read["ETag"])
    assert approved.status_code == 200, approved.content
    told = approved.json()
    assert (told["answer"], told["open"], told["answered_by"]["name"]) == (
        "accepted",
        False,
        "Mette Aas",
    )
    assert manager.get("api_booking", kwargs=of(told["booking"])).json()["state"] == "booked"
    twice = manager.post("api_request_approve", kwargs=one)
    assert (twice.status_code, twice.json()["answer"]) == (200, "accepted")
    stale = manager.post("api_request_decline", {"reason": "x"}, kwargs=one, If_Match=read["ETag"])
    assert stale.status_code == 412
    late = manager.post("api_request_decline", {"reason": "No"}, kwargs=one)
    assert (late.status_code, late.json()["type"]) == (409, "urn:peerlearn:answered")
    assert "approved already" in late.json()["detail"]
    assert manager.get("api_requests").json()["results"] == []


def test_declined_by_the_host_and_withdrawn(halden: Place, offer: ShadowingOffer) -> None:
    learner, host = Program(halden, halden.employee), Program(halden, halden.colleague)
    hr = Program(halden, halden.hr)
    one = of(asks(learner, offer)["id"])
    for body in ({}, {"reason": "  "}):
        wrong = host.post("api_request_decline", body, kwargs=one)
        assert (wrong.status_code, pointers(wrong)) == (400, ["#/reason"])
    assert learner.post("api_request_decline", {"reason": "x"}, kwargs=one).status_code == 403
    assert host.get("api_requests").json()["results"][0]["may_decline"] is True
    declined = host.post("api_request_decline", {"reason": "The line is down"}, kwargs=one)
    assert (declined.status_code, declined.json()["answer"]) == (200, "declined")
    reasons = {
        who: Program(halden, getattr(halden, who)).get("api_request", kwargs=one).json()["reason"]
        for who in ("employee", "colleague", "hr")
    }
    assert reasons == {"employee": "The line is down", "colleague": "The line is down", "hr": ""}

    again = of(asks(learner, offer)["id"])
    assert hr.post("api_request_withdraw", kwargs=again).status_code == 403
    assert Program(halden, halden.admin).get("api_request", kwargs=again).status_code == 404
    withdrawn = learner.post("api_request_withdraw", kwargs=again, Idempotency_Key="w")
    assert (withdrawn.status_code, withdrawn.json()["answer"]) == (200, "withdrawn")
    replay = learner.post("api_request_withdraw", kwargs=again, Idempotency_Key="w")
    assert replay["Idempotency-Replayed"] == "true"
    assert hr.post("api_request_approve", kwargs=again).status_code == 409
    starts = learner.get("api_offer_starts", {"from": "2026-12-01"}, kwargs=of(offer)).json()
    assert starts["starts"][0]["day"] == "2026-12-01", "free again"


def test_a_move_waits_and_is_approved(halden: Place, offer: ShadowingOffer) -> None:
    with halden.scope():
        halden.organization.shadowings_need_approval = False
        halden.organization.save()
        booking = make_booking(offer, halden.employee).session
        switch_on(halden)
    learner, hr = Program(halden, halden.employee), Program(halden, halden.hr)
    held = learner.post("api_booking_move", {"start": "2026-12-08"}, kwargs=of(booking)).json()
    moved = learner.post("api_booking_moved", {}, kwargs=of(held["id"]))
    assert moved.json()["state"] == "requested", moved.content
    (one,) = hr.get("api_requests", {"mine": "false"}).json()["results"]
    assert one["instead_of"]["starts_at"].startswith("2026-12-01")
    assert one["days"][0]["starts_at"].startswith("2026-12-08")
    approved = hr.post("api_request_approve", kwargs=of(one["id"])).json()
    assert approved["days"][0]["starts_at"].startswith("2026-12-08")
    stands = learner.get("api_booking", kwargs=of(approved["booking"])).json()
    assert (stands["state"], stands["starts_at"][:10]) == ("booked", "2026-12-08")


def test_a_list_asks_as_little_with_many(halden: Place) -> None:
    manager, counts = Program(halden, halden.manager), []
    for more in (1, 4):
        for number in range(more):
            with halden.scope():
                day = AT.date() + timedelta(days=8 + 7 * (number + more - 1))
                make_booking(make_offer(halden.colleague), halden.employee, day)
        manager.get("api_me")
        with counted() as statements:
            found = manager.get("api_requests").json()["results"]
        assert len(found) == (1 if more == 1 else 5)
        assert all(one["may_approve"] for one in found)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12, counts
