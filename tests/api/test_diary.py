"""Ticking the plan and writing notes by programs alone."""

from __future__ import annotations

import time_machine

from tests.api.kit import Program, pointers
from tests.sessions.kit import AT, make_booking, make_offer
from tests.world import World


@time_machine.travel(AT, tick=False)
def test_plan_and_notes(world: World) -> None:
    place = world.halden
    with place.scope():
        session = make_booking(make_offer(place.colleague), place.employee).session
    one = {"public_id": session.public_id}
    learner, host = Program(place, place.employee), Program(place, place.colleague)
    steps = learner.get("api_booking_steps", kwargs=one).json()["steps"]
    assert [(step["day"], step["stage"], step["done_by"]) for step in steps] == [
        (1, "watch", None),
        (2, "together", None),
        (3, "lead", None),
    ]
    step = {**one, "day": 2, "position": steps[1]["position"]}
    ticked = host.post("api_booking_step", {"done": True}, kwargs=step)
    assert ticked.json()["steps"][1]["done_by"]["name"] == "Aisha Rahman", ticked.content
    off = learner.post("api_booking_step", {"done": False}, kwargs=step)
    assert off.json()["steps"] == steps
    assert pointers(learner.post("api_booking_step", {"done": "no"}, kwargs=step)) == ["#/done"]
    for nowhere in ({"day": 9}, {"position": 10**30}):
        gone = learner.post("api_booking_step", {"done": True}, kwargs={**step, **nowhere})
        assert gone.status_code == 404
    for text, shared in (("Ask about feeders", False), ("Bring the key", True)):
        body = {"text": text, "shared": shared}
        assert learner.post("api_booking_notes", body, kwargs=one).status_code == 201
    assert len(learner.get("api_booking_notes", kwargs=one).json()["notes"]) == 2
    (read,) = host.get("api_booking_notes", kwargs=one).json()["notes"]
    assert (read["author"]["name"], read["text"]) == ("Nils Eriksen", "Bring the key")
    assert pointers(host.post("api_booking_notes", {"text": " "}, kwargs=one)) == ["#/text"]
    for who, status in ((place.manager, 403), (place.hr, 403), (place.admin, 404)):
        program = Program(place, who)
        assert program.get("api_booking_steps", kwargs=one).status_code == status
        assert program.get("api_booking_notes", kwargs=one).status_code == status
        assert program.post("api_booking_notes", {"text": "x"}, kwargs=one).status_code == status
    learner.post("api_booking_cancel", kwargs=one)
    assert learner.post("api_booking_step", {"done": True}, kwargs=step).status_code == 403
    assert len(learner.get("api_booking_notes", kwargs=one).json()["notes"]) == 2, "they stay"
