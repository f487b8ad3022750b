"""Marking days, taking that back, and who did not come, by programs alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DataError
from django.db.models import Sum

from sessions import running
from sessions.models import Interaction, LearningSession
from tests.api.kit import Program, pointers
from tests.sessions.kit import make_booking, make_offer
from tests.world import Place, World

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)  # of the first day


@pytest.fixture
def halden(world: World) -> Any:
    with time_machine.travel(NOON, tick=False):
        yield world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    with halden.scope():
        return make_booking(make_offer(halden.colleague), halden.employee).session


def minutes(place: Place) -> int:
    with place.scope():
        return Interaction.objects.aggregate(total=Sum("minutes"))["total"] or 0


def states(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [day["state"] for day in answer.json()["days"]]


def test_done_and_not_done_after_all(halden: Place, session: LearningSession) -> None:
    learner, host = Program(halden, halden.employee), Program(halden, halden.colleague)
    one = {"public_id": session.public_id}
    day = {**one, "number": 1}
    read = learner.get("api_booking", kwargs=one)["ETag"]
    done = learner.post("api_booking_done", kwargs=day, If_Match=read, Idempotency_Key="d")
    assert states(done) == ["done", "planned", "planned"]
    assert learner.post("api_booking_not_done", kwargs=day, If_Match=read).status_code == 412
    assert states(host.post("api_booking_done", kwargs=day)) == states(done), "once"
    assert minutes(halden) == 480
    for _twice in range(2):
        assert states(host.post("api_booking_not_done", kwargs=day))[0] == "planned"
    assert minutes(halden) == 0
    again = learner.post("api_booking_done", kwargs=day, If_Match=read, Idempotency_Key="d")
    assert again["Idempotency-Replayed"] == "true"
    host.post("api_booking_done", kwargs=day)
    early = host.post("api_booking_done", kwargs={**one, "number": 2})
    assert (early.status_code, early.json()["detail"]) == (409, "That day has not begun yet.")
    assert host.post("api_booking_close", kwargs=one).status_code == 409, "two are to come"
    with time_machine.travel(NOON + timedelta(days=4), tick=False):
        late = Program(halden, halden.employee)
        assert late.post("api_booking_not_done", kwargs=day).status_code == 409
        assert states(late.post("api_booking_close", kwargs=one)) == ["done", "missed", "missed"]
        assert late.get("api_booking", kwargs=one).json()["state"] == "completed"


def test_a_day_is_not_taken_back_without_end(
    halden: Place, session: LearningSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time leaves rows for good, and the number of the marking has an end."""
    host, day = Program(halden, halden.colleague), {"public_id": session.public_id, "number": 1}
    monkeypatch.setattr(running, "MOST_MARKINGS", 3)
    for status in (200, 200, 409):
        host.post("api_booking_done", kwargs=day)
        last = host.post("api_booking_not_done", kwargs=day)
        assert last.status_code == status, last.content
    assert "too often" in last.json()["detail"]
    assert minutes(halden) == 480
    with halden.scope():  # the twin: what the column cannot hold
        session.blocks.filter(number=1).update(marking=32_767)
    monkeypatch.setattr(running, "MOST_MARKINGS", 40_000)
    with pytest.raises(DataError):
        host.post("api_booking_not_done", kwargs=day)


def test_who_has_no_part_in_it(halden: Place, session: LearningSession) -> None:
    day = {"public_id": session.public_id, "number": 1}
    for name in ("api_booking_done", "api_booking_not_done"):
        for who, status in ((halden.manager, 403), (halden.hr, 403), (halden.admin, 404)):
            assert Program(halden, who).post(name, kwargs=day).status_code == status
        for number in (0, 4, 32_768, 10**30):
            nowhere = {**day, "number": number}
            assert Program(halden, halden.employee).post(name, kwargs=nowhere).status_code == 404
    reader = Program(halden, halden.employee, ["read:bookings"])
    assert reader.post("api_booking_done", kwargs=day).status_code == 403
    assert minutes(halden) == 0


def test_said_answered_and_taken_back(halden: Place, session: LearningSession) -> None:
    learner, host = Program(halden, halden.employee), Program(halden, halden.colleague)
    day = {"public_id": session.public_id, "number": 1}
    place = {**day, "learner": halden.employee.public_id}
    assert host.get("api_booking_no_show", kwargs=place).status_code == 404
    assert learner.post("api_booking_no_show_answer", {"text": "x"}, kwargs=day).status_code == 404
    early = host.post("api_booking_no_show", kwargs={**place, "number": 2})
    assert (early.status_code, early.json()["type"]) == (409, "urn:peerlearn:refused")
    said = host.post("api_booking_no_show", kwargs=place)
    assert (said.status_code, said.json()["learner"]["name"]) == (200, "Nils Eriksen")
    assert learner.get("api_booking_no_show", kwargs=place).json() == said.json()
    for who in (halden.manager, halden.hr):
        assert Program(halden, who).get("api_booking_no_show", kwargs=place).status_code == 403
    wrong = learner.post("api_booking_no_show_answer", {"text": " "}, kwargs=day)
    assert (wrong.status_code, pointers(wrong)) == (400, ["#/text"])
    text = {"text": "The train stood still"}
    answered = learner.post("api_booking_no_show_answer", text, kwargs=day)
    assert answered.json()["answer"] == "The train stood still"
    assert host.get("api_booking_no_show", kwargs=place).json() == answered.json()
    assert learner.send("delete", "api_booking_no_show", kwargs=place).status_code == 403
    for _twice in range(2):
        gone = host.send("delete", "api_booking_no_show", kwargs=place)
        assert (gone.status_code, gone.content) == (204, b"")
    assert learner.get("api_booking_no_show", kwargs=place).status_code == 404
    nobody = {**place, "learner": halden.manager.public_id}
    for method in ("post", "delete"):
        assert host.send(method, "api_booking_no_show", kwargs=nobody).status_code == 404
    nul = halden.path("api_booking_no_show", **{**day, "learner": "AAA"}).replace("AAA", "A%00A")
    assert host.get(nul).status_code == 404
    host.post("api_booking_no_show", kwargs=place)
    host.post("api_booking_done", kwargs=day)
    assert minutes(halden) == 0, "nothing of it counts"
