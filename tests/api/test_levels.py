"""What programs say of skills: one's own level, teaching and wishes; confirming others."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from skills.models import Offer, Proficiency
from tests.api.kit import Program, pointers
from tests.skills.kit import can, make_skill
from tests.world import Place, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def said(answer: Any) -> tuple[int, bool, int]:
    assert answer.status_code == 200, answer.content
    told = answer.json()
    return told["level"], told["teaches"], told["wants"]


def test_a_level_is_said_asked_about_and_confirmed(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        can(halden.manager, skill, 3)
        can(halden.colleague, skill, 2)
    mine = {"public_id": skill.public_id}
    program, manager = Program(halden, halden.employee), Program(halden, halden.manager)
    read = program.get("api_skill_mine", kwargs=mine)
    assert said(read) == (0, False, 0)
    stale = {"kwargs": mine, "If_Match": read["ETag"]}
    for _twice in range(2):  # one key, one effect
        answer = program.post("api_skill_mine", {"level": 3, "wants": 1}, kwargs=mine,
                              Idempotency_Key="say")  # fmt: skip
        assert said(answer) == (3, False, 1)
    assert program.post("api_skill_mine", {"level": 1}, **stale).status_code == 412
    assert said(program.post("api_skill_mine", {"teaches": True}, kwargs=mine)) == (3, True, 1)
    with halden.scope():
        asked = Notification.objects.filter(kind="confirmation_asked")
        assert [one.recipient_id for one in asked] == [halden.manager.pk]
        level = Proficiency.objects.current().get(employee=halden.employee)
    one = {"public_id": level.public_id}
    below = Program(halden, halden.colleague)
    assert below.post("api_proficiency_confirm", {"level": 3}, kwargs=one).status_code == 409
    assert program.post("api_proficiency_confirm", {"level": 3}, kwargs=one).status_code == 409
    assert manager.post("api_proficiency_confirm", {"level": 2}, kwargs=one).status_code == 409
    told = manager.post("api_proficiency_confirm", {"level": 3}, kwargs=one).json()
    assert (told["confirmed"], told["confirmed_by"]["id"]) == (True, halden.manager.public_id)
    again = program.get("api_skill_mine", kwargs=mine).json()
    assert (again["confirmed"], again["confirmed_until"]) == (True, told["confirmed_until"])
    assert "Mette Aas" in halden.sign_in(client, halden.employee).get(
        halden.path("my_skills")
    ).content.decode()  # fmt: skip
    assert program.send("delete", "api_skill_mine", kwargs=mine).status_code == 204
    assert said(program.get("api_skill_mine", kwargs=mine)) == (0, False, 0)


def test_what_is_refused(halden: Place, world: World) -> None:
    with halden.scope():
        skill, old = make_skill(), make_skill("Old")
        old.archive(at=now())
    with world.nordfjord.scope():
        foreign = make_skill("Foreign")
    program = Program(halden, halden.employee)
    mine = {"public_id": skill.public_id}
    wrong: dict[str, Any] = {"level": 5, "teaches": "yes", "wants": 4, "levle": 1}
    answer = program.post("api_skill_mine", wrong, kwargs=mine)
    assert (answer.status_code, pointers(answer)) == (400, ["#/levle"])
    del wrong["levle"]
    answer = program.post("api_skill_mine", wrong, kwargs=mine)
    assert (answer.status_code, pointers(answer)) == (400, ["#/level", "#/teaches", "#/wants"])
    below = program.post("api_skill_mine", {"level": 2, "teaches": True}, kwargs=mine)
    assert (below.status_code, below.json()["type"]) == (409, "urn:peerlearn:refused")
    for gone in (old, foreign):
        where = {"public_id": gone.public_id}
        assert program.post("api_skill_mine", {"level": 1}, kwargs=where).status_code == 404
    reading = Program(halden, halden.employee, ["read:skills"])
    assert reading.post("api_skill_mine", {"level": 1}, kwargs=mine).status_code == 403
    with halden.scope():
        assert not Proficiency.objects.exists()
        assert not Offer.objects.exists()
