"""Debriefs and the levels that come of them, by programs alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from sessions.models import LearningSession
from sessions.running import complete_day
from skills.models import Proficiency
from tests.api.kit import Program, pointers
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.world import Place, World

EVENING = datetime(2026, 12, 1, 18, tzinfo=UTC)


@pytest.fixture
def halden(world: World) -> Any:
    with time_machine.travel(EVENING, tick=False):
        yield world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    """Of a host who can teach it."""
    with halden.scope():
        Proficiency.claim(employee=halden.colleague, skill=make_skill(), level=4, on=AT.date())
        return make_booking(make_offer(halden.colleague), halden.employee).session


def test_given_read_and_answered(halden: Place, session: LearningSession) -> None:
    learner, host = Program(halden, halden.employee), Program(halden, halden.colleague)
    one = {"public_id": session.public_id}
    with halden.scope():
        skill = make_skill().public_id
    levels = [{"skill": skill, "level": 3}]
    body = {"can_now": "Set a relay", "private_remark": "Tired", "levels": levels}
    early = learner.post("api_booking_debrief", body, kwargs=one)
    assert (early.status_code, early.json()["type"]) == (409, "urn:peerlearn:refused")
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=EVENING)
    given = learner.post("api_booking_debrief", body, kwargs=one)
    assert given.status_code == 200, given.content
    assert given.json()["mine"]["private_remark"] == "Tired"
    assert learner.get("api_booking_debrief", kwargs=one).json() == given.json()
    read = host.get("api_booking_debrief", kwargs=one)
    assert "Tired" not in read.content.decode()
    told = read.json()
    assert told["mine"] is None
    assert [(other["person"]["name"], other["can_now"]) for other in told["others"]] == [
        ("Nils Eriksen", "Set a relay")
    ]
    (level,) = told["levels"]
    assert (level["level"], level["decision"], level["waits"]) == (3, "open", True)

    place = {**one, "learner": halden.employee.public_id, "skill": skill}
    yes = {"confirm": True, "level": 3}
    assert learner.post("api_booking_level", yes, kwargs=place).status_code == 403
    changed = host.post("api_booking_level", {**yes, "level": 2}, kwargs=place)
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:peerlearn:refused")
    confirmed = host.post("api_booking_level", yes, kwargs=place)
    assert confirmed.json()["levels"][0]["decision"] == "confirmed", confirmed.content
    with halden.scope():
        now = Proficiency.objects.current().get(employee=halden.employee)
        assert (now.level, now.confirmed_by) == (3, halden.colleague)
    nothing = host.post("api_booking_debrief", {"nothing_to_add": True}, kwargs=one)
    assert nothing.json()["mine"]["can_now"] == ""
    undone = learner.post("api_booking_not_done", kwargs={**one, "number": 1})
    assert undone.status_code == 409, "a debrief is given"


def test_what_is_not_right_and_who_may_not(halden: Place, session: LearningSession) -> None:
    learner, host = Program(halden, halden.employee), Program(halden, halden.colleague)
    one = {"public_id": session.public_id}
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=EVENING)
        skill, other = make_skill().public_id, make_skill("Cable splicing").public_id
    level = {"skill": skill, "level": 3}
    for program, body, where in (
        (learner, {"can_now": ["x"]}, ["#/can_now"]),
        (learner, {"can_now": "x" * 1001}, ["#/can_now"]),
        (learner, {"nothing_to_add": "yes"}, ["#/nothing_to_add"]),
        (learner, {"levels": [{"skill": skill, "level": 5}]}, ["#/levels/0/level"]),
        (learner, {"levels": [{"skill": other, "level": 3}]}, ["#/levels"]),
        (learner, {"levels": [level, level]}, ["#/levels"]),
        (host, {"levels": [level]}, ["#/levels"]),
    ):
        wrong = program.post("api_booking_debrief", body, kwargs=one)
        assert wrong.status_code == 400, (body, wrong.content)
        assert pointers(wrong) == where, (body, wrong.content)
    assert learner.post("api_booking_debrief", {}, kwargs=one).status_code == 409, "nothing said"
    for who, status in ((halden.manager, 403), (halden.hr, 403), (halden.admin, 404)):
        program = Program(halden, who)
        assert program.get("api_booking_debrief", kwargs=one).status_code == status
        assert program.post("api_booking_debrief", {}, kwargs=one).status_code == status
    place = {**one, "learner": halden.employee.public_id, "skill": skill}
    no = {"confirm": False}
    assert host.post("api_booking_level", no, kwargs=place).status_code == 404, "none proposed"
    nul = halden.path("api_booking_level", **{**place, "skill": "AAA"}).replace("AAA", "A%00A")
    answer = host.client.post(nul, no, "application/json", headers=host.headers)
    assert answer.status_code == 404
