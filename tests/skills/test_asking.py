"""Who is asked to confirm a level, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import Told, tell
from skills.asking import ASKED, ask_to_confirm
from skills.models import Proficiency
from tests.factories import make_employee
from tests.skills.kit import AT, can, counted, make_skill
from tests.world import Place, World


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def told() -> dict[str, Told | None]:
    rows = Notification.objects.filter(kind="confirmation_asked")
    return {row.recipient.name: tell(row) for row in rows.select_related("recipient")}


def test_saying_a_level_asks_those_around_who_work_at_it(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        for peer, level in ((halden.colleague, 3), (halden.manager, 1), (halden.hr, 4)):
            can(peer, skill, level)
    halden.sign_in(client, halden.employee)
    path = halden.path("my_skill", public_id=skill.public_id)
    with time_machine.travel(AT, tick=False):
        client.post(path, {f"{skill.public_id}-level": "1"})
        with halden.scope():
            assert told() == {}, "nobody confirms that somebody is learning"
        client.post(path, {f"{skill.public_id}-level": "3"})
        client.post(path, {f"{skill.public_id}-level": "3"})
        with halden.scope():
            words = told()
            assert set(words) == {"Aisha Rahman"}, "not below the level, not of another team"
            asked = words["Aisha Rahman"]
            assert asked
            assert asked.title == "Nils Eriksen asks for your word on Relay protection settings"
            assert asked.path == halden.path("confirmations")
            due = Notification.objects.get().due_at
            assert due == datetime(2026, 1, 7, 7, tzinfo=UTC), "when her next day begins"
            Proficiency.objects.get(employee=halden.employee, valid_to=None).confirm(
                by=halden.colleague, at=AT
            )
            assert told() == {"Aisha Rahman": None}


def test_all_rows_at_once_ask_once(halden: Place, client: Client) -> None:
    with halden.scope():
        skills = [make_skill(f"Skill {number}") for number in range(4)]
        for skill in skills:
            can(halden.colleague, skill, 4)
    halden.sign_in(client, halden.employee)
    rows = {f"{skill.public_id}-level": "3" for skill in skills}
    rows |= {f"{skill.public_id}-want": "0" for skill in skills}
    with time_machine.travel(AT, tick=False):
        client.post(halden.path("my_skills"), {**rows, "added": [s.public_id for s in skills]})
        with halden.scope():
            words = told()
            assert set(words) == {"Aisha Rahman"}
            assert words["Aisha Rahman"]
            assert words["Aisha Rahman"].title == "4 levels wait for your word"


def test_few_are_asked_and_each_once_a_day(halden: Place) -> None:
    with halden.scope(), time_machine.travel(AT, tick=False):
        skill, other = make_skill(), make_skill("Fault records")
        can(halden.manager, skill, 3)
        peers = [make_employee(f"A peer {n}", team=halden.team) for n in range(6)]
        for peer in peers:
            can(peer, skill, 3)
            can(peer, other, 3)
        can(halden.employee, skill, 3)
        can(halden.employee, other, 3)
        with counted() as statements:
            ask_to_confirm(halden.employee, [skill], at=AT)
        assert len(statements) <= 3
        ask_to_confirm(halden.employee, [other, skill], at=AT)
        assert set(told()) == {"Mette Aas", "A peer 0", "A peer 1"}
        assert len(told()) == ASKED
        ask_to_confirm(halden.employee, [skill], at=AT + timedelta(days=1))
        assert Notification.objects.filter(recipient=halden.manager).count() == 2
