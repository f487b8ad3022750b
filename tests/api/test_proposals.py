"""Proposing, confirming, declining and taking back by programs alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from sessions.models import ShadowingOffer
from sessions.proposing import propose
from tests.api.kit import Program, pointers
from tests.sessions.kit import AT, make_offer
from tests.skills.kit import counted
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _that_day() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def offer(halden: Place) -> ShadowingOffer:
    with halden.scope():
        return make_offer(halden.colleague)


def of(one: Any) -> dict[str, str]:
    return {"public_id": one if isinstance(one, str) else one.public_id}


def to(learner: Any, **more: str) -> dict[str, str]:
    return {"learner": learner.public_id, "start": "2026-12-01", **more}


def test_proposed_and_confirmed(halden: Place, offer: ShadowingOffer) -> None:
    manager, learner = Program(halden, halden.manager), Program(halden, halden.employee)
    body = to(halden.employee, words="So that you meet")
    made = manager.post("api_offer_propose", body, kwargs=of(offer), Idempotency_Key="p")
    assert made.status_code == 201, made.content
    again = manager.post("api_offer_propose", body, kwargs=of(offer), Idempotency_Key="p")
    assert (again.content, again["Idempotency-Replayed"]) == (made.content, "true")
    told = manager.get(made["Location"]).json()
    assert told == made.json()
    assert (told["answer"], told["open"], told["booking"]) == ("open", True, None)
    assert told["kept_until"].startswith("2026-11-25"), "two days"
    assert [day["starts_at"][:10] for day in told["days"]] == [
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
    ]
    (mine,) = learner.get("api_proposals", {"mine": "true"}).json()["results"]
    assert (mine["by"]["name"], mine["words"]) == ("Mette Aas", "So that you meet")
    assert learner.get("api_booking", kwargs=of(mine["booking"])).json()["state"] == "held"
    assert manager.post("api_proposal_confirm", kwargs=of(mine["id"])).status_code == 403
    assert learner.post("api_proposal_take_back", kwargs=of(mine["id"])).status_code == 403
    hr = Program(halden, halden.hr)
    assert hr.post("api_proposal_take_back", kwargs=of(mine["id"])).status_code == 404
    read = learner.get("api_proposal", kwargs=of(mine["id"]))["ETag"]
    goal = {"goal": "Alone"}
    booked = learner.post("api_proposal_confirm", goal, kwargs=of(mine["id"]), If_Match=read)
    assert (booked.status_code, booked.json()["state"]) == (200, "booked"), booked.content
    assert booked.json()["mine"]["goal"] == "Alone"
    stale = learner.post("api_proposal_decline", kwargs=of(mine["id"]), If_Match=read)
    assert stale.status_code == 412
    late = manager.post("api_proposal_take_back", kwargs=of(mine["id"]))
    assert (late.status_code, late.json()["type"]) == (409, "urn:peerlearn:refused")
    after = manager.get("api_proposal", kwargs=of(mine["id"])).json()
    assert (after["answer"], after["booking"]) == ("accepted", booked.json()["id"])


def test_declined_let_go_and_taken_back(halden: Place, offer: ShadowingOffer) -> None:
    hr, learner = Program(halden, halden.hr), Program(halden, halden.employee)

    def proposed() -> dict[str, Any]:
        made = hr.post("api_offer_propose", to(halden.employee), kwargs=of(offer))
        assert made.status_code == 201, made.content  # so the days were free again
        mine: dict[str, Any] = learner.get("api_proposals").json()["results"][0]
        return mine

    one = of(proposed()["id"])
    no = learner.post("api_proposal_decline", {"reason": "On leave"}, kwargs=one)
    assert (no.json()["answer"], no.json()["open"]) == ("declined", False)
    assert hr.get("api_proposal", kwargs=one).json()["reason"] == "On leave"
    assert learner.post("api_proposal_confirm", kwargs=one).status_code == 409
    let_go = proposed()
    assert learner.post("api_booking_let_go", kwargs=of(let_go["booking"])).status_code == 204
    assert hr.get("api_proposal", kwargs=of(let_go["id"])).json()["answer"] == "declined"
    back = of(proposed()["id"])
    for _twice in range(2):
        taken = hr.post("api_proposal_take_back", kwargs=back)
        assert (taken.status_code, taken.json()["answer"]) == (200, "withdrawn")
    assert learner.get("api_proposals").json()["results"] == []


def test_to_whom_and_what_is_not_right(halden: Place, world: World, offer: ShadowingOffer) -> None:
    manager, hr = Program(halden, halden.manager), Program(halden, halden.hr)
    learner = Program(halden, halden.employee)
    for program, whom, status in (
        (learner, halden.manager, 403),  # leads nobody
        (manager, halden.admin, 404),  # does not report to her
        (manager, halden.manager, 404),
        (hr, halden.colleague, 404),  # the host
        (hr, world.nordfjord.employee, 404),
    ):
        refused = program.post("api_offer_propose", to(whom), kwargs=of(offer))
        assert refused.status_code == status, (whom, refused.content)
        assert refused["Content-Type"] == "application/problem+json"
    wrong = manager.post("api_offer_propose", {"start": "soon"}, kwargs=of(offer))
    assert pointers(wrong) == ["#/learner", "#/start"]
    soon = {**to(halden.employee), "start": "2026-11-24"}
    told = manager.post("api_offer_propose", soon, kwargs=of(offer)).json()
    assert told["type"] == "urn:peerlearn:too-soon"
    assert told["next_starts"][0]["day"] == "2026-11-26"
    reader = Program(halden, halden.manager, ["read:bookings"])
    assert (
        reader.post("api_offer_propose", to(halden.employee), kwargs=of(offer)).status_code == 403
    )


def test_a_list_asks_as_little_with_many(halden: Place) -> None:
    manager, counts = Program(halden, halden.manager), []
    for more in (1, 2):
        for number in range(more):
            with halden.scope():
                day = AT.date() + timedelta(days=8 + 7 * (number + more - 1))
                propose(
                    make_offer(halden.colleague), halden.employee, day, by=halden.manager, at=AT
                )
        manager.get("api_me")
        with counted() as statements:
            assert len(manager.get("api_proposals").json()["results"]) == 2 * more - 1
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12, counts
