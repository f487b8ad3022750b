"""Cutting off, asking, moving the rest, ending and taking over by programs alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
import time_machine

from peerlearn.organizations.models import Employee
from sessions.models import HandOverRequest, LearningSession, ShadowingOffer
from tests.api.kit import Program, pointers
from tests.factories import make_employee
from tests.sessions.kit import AT, make_booking, make_offer
from tests.skills.kit import counted
from tests.world import Place, World

DAY_ONE = datetime(2026, 12, 1, 16, tzinfo=UTC)  # over; the second begins at seven


class There(NamedTuple):
    """A learner beside a colleague; Marta offers the same, and is free."""

    place: Place
    session: LearningSession
    marta: Employee
    offer: ShadowingOffer  # of hers

    def program(self, name: str) -> Program:
        return Program(self.place, getattr(self.place, name))


@pytest.fixture
def there(world: World) -> Any:
    place = world.halden
    with time_machine.travel(DAY_ONE, tick=False):
        with place.scope():
            session = make_booking(make_offer(place.colleague), place.employee).session
            marta = make_employee("Marta Berg", team=place.company)
            hers = make_offer(marta, place="Substation 9, Moss")
        yield There(place, session, marta, hers)


def of(one: Any) -> dict[str, str]:
    return {"public_id": one if isinstance(one, str) else one.public_id}


def ill(there: There, day: int = 2) -> dict[str, str]:
    """The colleague's program says it; what looks for another host."""
    body = {"day": day, "reason": "From tomorrow"}
    cut = there.program("colleague").post("api_booking_cut_off", body, kwargs=of(there.session))
    assert cut.status_code == 200, cut.content
    assert cut.json()["state"] == "open"
    return of(cut.json()["id"])


def test_from_the_illness_to_the_other_host(there: There) -> None:
    host, learner = there.program("colleague"), there.program("employee")
    marta = Program(there.place, there.marta)
    rest = ill(there)
    assert rest != of(there.session), "what was done stays where it is"
    assert [one["number"] for one in learner.get("api_booking", kwargs=rest).json()["days"]] == [
        2,
        3,
    ]
    (listed,) = there.program("manager").get("api_hand_overs").json()["results"]
    assert (listed["booking"], listed["host"]["name"]) == (rest["public_id"], "Aisha Rahman")
    assert (listed["reason"], listed["outcome"], listed["asked"]) == ("From tomorrow", "open", [])
    read = host.get("api_hand_over", kwargs=rest)
    told = read.json()
    assert [one["name"] for one in told["learners"]] == ["Nils Eriksen"]
    assert [one["starts_at"][:10] for one in told["days"]] == ["2026-12-02", "2026-12-03"]
    (candidate,) = told["candidates"]
    assert candidate["offer"] == there.offer.public_id
    assert candidate["host"]["name"] == "Marta Berg"
    assert len(told["later_starts"]) == 3

    body = {"offer": candidate["offer"]}
    asked = host.post("api_hand_over_ask", body, kwargs=rest, If_Match=read["ETag"])
    assert asked.status_code == 200, asked.content
    assert asked.json()["candidates"] == []
    (to,) = asked.json()["asked"]
    assert (to["host"]["id"], to["answer"]) == (there.marta.public_id, "open")
    assert to["expires_at"] <= told["last_answer"]
    again = host.post("api_hand_over_ask", body, kwargs=rest, If_Match=read["ETag"])
    assert again.status_code == 412, "it has changed since it was read"

    (one,) = marta.get("api_take_overs", {"open": "true"}).json()["results"]
    assert (one["host"]["name"], one["booking"], one["place"]) == (
        "Aisha Rahman",
        None,
        "Substation 9, Moss",
    )
    assert [step["text"] for step in one["plan"]] == ["Live relay test", "You run the test"]
    assert [person["name"] for person in one["learners"]] == ["Nils Eriksen"]
    taken = marta.post("api_take_over_accept", kwargs=of(one["id"]), Idempotency_Key="t")
    assert (taken.status_code, taken.json()["state"]) == (200, "booked"), taken.content
    assert taken.json()["host"]["name"] == "Marta Berg"
    replayed = marta.post("api_take_over_accept", kwargs=of(one["id"]), Idempotency_Key="t")
    assert replayed["Idempotency-Replayed"] == "true"
    after = marta.get("api_take_over", kwargs=of(one["id"])).json()
    assert (after["answer"], after["booking"]) == ("accepted", rest["public_id"])
    assert (after["learners"], after["plan"], after["place"]) == ([], [], "")
    assert marta.get("api_take_overs", {"open": "true"}).json()["results"] == []
    assert len(marta.get("api_take_overs", {"open": "false"}).json()["results"]) == 1
    settled = host.get("api_hand_over", kwargs=rest).json()
    assert (settled["outcome"], settled["days"], settled["last_answer"]) == ("handed", [], None)
    assert host.get("api_hand_overs").json()["results"] == []


def test_who_is_asked_declines_and_the_rest_moves(there: There) -> None:
    manager, marta = there.program("manager"), Program(there.place, there.marta)
    rest = ill(there)
    first = manager.post("api_hand_over_ask", kwargs=rest)
    assert [one["host"]["name"] for one in first.json()["asked"]] == ["Marta Berg"]
    (one,) = marta.get("api_take_overs").json()["results"]
    declined = marta.post("api_take_over_decline", kwargs=of(one["id"]))
    assert (declined.json()["answer"], declined.json()["open"]) == ("declined", False)
    late = marta.post("api_take_over_accept", kwargs=of(one["id"]))
    assert (late.status_code, late.json()["type"]) == (409, "urn:peerlearn:refused")
    nobody = manager.post("api_hand_over_ask", kwargs=rest)
    assert nobody.status_code == 409
    assert "No other host" in nobody.json()["detail"]
    taken = manager.post("api_hand_over_move", {"start": "2026-12-06"}, kwargs=rest)
    assert taken.json()["type"] == "urn:peerlearn:taken"
    day = manager.get("api_hand_over", kwargs=rest).json()["later_starts"][0]["day"]
    moved = manager.post("api_hand_over_move", {"start": day}, kwargs=rest)
    assert (moved.status_code, moved.json()["state"]) == (200, "booked"), moved.content
    assert moved.json()["starts_at"].startswith(day)
    settled = manager.post("api_hand_over_ask", {"offer": there.offer.public_id}, kwargs=rest)
    assert "settled already" in settled.json()["detail"]


def test_it_ends_with_what_was_done(there: There) -> None:
    hr = there.program("hr")
    rest = ill(there)
    for _twice in range(2):
        ended = hr.post("api_hand_over_end", kwargs=rest)
        assert (ended.status_code, ended.json()["state"]) == (200, "cancelled"), ended.content
    left = there.program("employee").get("api_booking", kwargs=of(there.session)).json()
    assert [one["number"] for one in left["days"]] == [1]


def test_the_host_goes_on_after_all(there: There) -> None:
    host, learner = there.program("colleague"), there.program("employee")
    rest = ill(there)
    host.post("api_hand_over_ask", kwargs=rest)
    waits = host.post("api_hand_over_back", kwargs=rest)
    assert (waits.status_code, "Another host is asked" in waits.json()["detail"]) == (409, True)
    marta = Program(there.place, there.marta)
    (one,) = marta.get("api_take_overs").json()["results"]
    marta.post("api_take_over_decline", kwargs=of(one["id"]))
    back = host.post("api_hand_over_back", kwargs=rest)
    assert (back.status_code, back.json()["state"]) == (200, "booked"), back.content
    assert back.json()["id"] == there.session.public_id
    assert [one["number"] for one in back.json()["days"]] == [1, 2, 3]
    assert host.get("api_hand_over", kwargs=rest).json()["outcome"] == "back"
    assert "settled already" in host.post("api_hand_over_back", kwargs=rest).json()["detail"]
    trace = learner.get("api_booking", kwargs=rest).json()
    assert (trace["state"], trace["mine"]["moves"]) == ("moved", there.session.public_id)


@pytest.mark.parametrize("days", [(3, 2), (2, 3)])
def test_what_was_cut_twice_stands_again_in_either_order(
    there: There, days: tuple[int, int]
) -> None:
    host = there.program("colleague")
    with time_machine.travel(AT, tick=False):
        offer = host.get("api_booking", kwargs=of(there.session)).json()["offer"]
        rests = {day: ill(there, day) for day in (3, 2)}
        for before, day in enumerate(days):
            back = host.post("api_hand_over_back", kwargs=rests[day])
            assert back.status_code == 200, back.content
            told = back.json()
            assert len(told["days"]) == 2 + before
            assert told["ends_at"] == told["days"][-1]["ends_at"]
            # Shorter than the offer, nobody joins it, and it is not moved by it.
            assert told["offer"] == (offer if before else None)


def test_who_has_no_say_and_what_is_not_right(there: There) -> None:
    place, learner, host = there.place, there.program("employee"), there.program("colleague")
    cut = {"day": 2}
    assert learner.post("api_booking_cut_off", cut, kwargs=of(there.session)).status_code == 403
    stranger = there.program("admin").post("api_booking_cut_off", cut, kwargs=of(there.session))
    assert stranger.status_code == 404
    for day in (1, 9):  # the first is over, though nobody has marked it
        gone = host.post("api_booking_cut_off", {"day": day}, kwargs=of(there.session))
        assert (gone.status_code, gone.json()["detail"]) == (409, "No such day is to come.")
    for body, where in (({}, ["#/day"]), ({"day": "2"}, ["#/day"]), ({"day": 0}, ["#/day"])):
        wrong = host.post("api_booking_cut_off", body, kwargs=of(there.session))
        assert (wrong.status_code, pointers(wrong)) == (400, where)
    rest = ill(there)
    for name in ("ask", "move", "end", "back"):
        body = {"start": "2026-12-08"} if name == "move" else {}
        assert learner.post(f"api_hand_over_{name}", body, kwargs=rest).status_code == 404
    with place.scope():
        hidden = make_offer(make_employee("Per Lie", team=place.company), active=False)
    unknown = host.post("api_hand_over_ask", of_offer(hidden), kwargs=rest)
    assert unknown.status_code == 404
    for name in ("api_hand_over", "api_take_over"):
        assert (
            host.get(place.path(name, public_id="AAA").replace("AAA", "A%00A")).status_code == 404
        )
    host.post("api_hand_over_ask", of_offer(there.offer), kwargs=rest)
    with place.scope():
        asked = HandOverRequest.objects.get()
    for name in ("accept", "decline"):
        assert host.post(f"api_take_over_{name}", kwargs=of(asked)).status_code == 404
    reader = Program(place, there.marta, ["read:bookings"])
    assert reader.post("api_take_over_accept", kwargs=of(asked)).status_code == 403
    with time_machine.travel(DAY_ONE + timedelta(days=1), tick=False):
        late = Program(place, there.marta)
        over = late.post("api_take_over_accept", kwargs=of(asked))
        assert over.status_code == 409
        assert late.get("api_take_over", kwargs=of(asked)).json()["learners"] == []


def of_offer(one: ShadowingOffer) -> dict[str, str]:
    return {"offer": one.public_id}


def test_lists_ask_as_little_with_many(there: There) -> None:
    place, hr, marta = there.place, there.program("hr"), Program(there.place, there.marta)
    counts: dict[str, list[int]] = {}
    for more in (1, 3):
        for number in range(more):
            with place.scope():
                mail = f"kim{more}{number}@halden.example"
                host = make_employee("Kim Aas", email=mail, team=place.team)
                start = DAY_ONE.date() + timedelta(days=6 + 7 * (number + more))
                other = make_booking(make_offer(host), place.colleague, start, at=AT).session
            program = Program(place, host)
            rest = program.post("api_booking_cut_off", {"day": 1}, kwargs=of(other)).json()["id"]
            asked = program.post("api_hand_over_ask", of_offer(there.offer), kwargs=of(rest))
            assert asked.status_code == 200, asked.content
        for program, name in ((hr, "api_hand_overs"), (marta, "api_take_overs")):
            program.get("api_me")
            with counted() as statements:
                found = program.get(name).json()["results"]
            assert len(found) == (1 if more == 1 else 4)
            counts.setdefault(name, []).append(len(statements))
    assert all(few == many <= 12 for few, many in counts.values()), counts
