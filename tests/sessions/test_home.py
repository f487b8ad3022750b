"""What home says: no second offer, nothing that is booked already, nothing twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from sessions.models import LearningSession
from sessions.running import Answers, complete_day, submit_debrief
from skills.models import Need, Proficiency
from tests.sessions.kit import AT, MINUTE, make_booking, make_offer, make_skill
from tests.world import Place, World

DAY = date(2026, 1, 1)
AFTER = datetime(2026, 12, 4, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    """Nils beside Aisha."""
    with halden.scope():
        return make_booking(make_offer(halden.colleague), halden.employee).session


def page_of(client: Client, place: Place, who: Any, name: str = "home") -> str:
    place.sign_in(client, who)
    return " ".join(client.get(place.path(name)).content.decode().split())


def test_who_offers_days_already_is_led_to_them(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        skill, offer = session.skills.get(), session.offer
        Need.make(employee=halden.manager, skill=skill, urgency=3, on=DAY)
    page = page_of(client, halden, halden.colleague)
    assert "Mette Aas, now" in page
    assert "You offer days of this" in page
    assert halden.path("offer", public_id=offer.public_id) in page
    assert f"?skill={skill.public_id}" not in page
    with halden.scope():
        offer.close()
        Proficiency.claim(employee=halden.colleague, skill=skill, level=3, on=DAY)
    assert f"?skill={skill.public_id}" in page_of(client, halden, halden.colleague)


def test_who_is_booked_beside_me_waits_for_nothing(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        Need.make(employee=halden.employee, skill=session.skills.get(), urgency=3, on=DAY)
    assert "What colleagues want to learn" not in page_of(client, halden, halden.colleague)
    with halden.scope():
        records = make_skill("Fault records")
        Proficiency.claim(employee=halden.colleague, skill=records, level=3, on=DAY)
        Need.make(employee=halden.employee, skill=records, urgency=2, on=DAY)
    assert "Nils Eriksen, this year" in page_of(client, halden, halden.colleague)


def test_what_to_bring_is_for_the_learner(
    halden: Place, client: Client, session: LearningSession
) -> None:
    assert "Boots and helmet" in page_of(client, halden, halden.employee)
    assert "Boots and helmet" not in page_of(client, halden, halden.colleague)


def test_the_one_thing_to_do_stands_there_once(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        for block in session.blocks.all():
            complete_day(session, block.number, by=halden.colleague, at=block.ends_at)
    with time_machine.travel(AFTER, tick=False):
        page = page_of(client, halden, halden.employee)
        assert "What came of Relay protection settings?" in page
        assert "Waiting for you" not in page
        with halden.scope():
            mine = session.participations.get(employee=halden.employee)
            levels = dict.fromkeys(session.skills.all(), 2)
            submit_debrief(mine, Answers("Set it", "", "", ""), levels, at=AFTER)
        page = page_of(client, halden, halden.colleague)
        assert "Nils Eriksen proposes “With help” in Relay protection settings" in page


def test_days_to_book_are_neither_booked_nor_old_hat(
    halden: Place, client: Client, session: LearningSession
) -> None:
    """The own team's come before others'; what one can do alone one need not see."""
    with halden.scope():
        make_offer(halden.colleague, "Thermography", created_at=AT - MINUTE)
        make_offer(halden.hr, "Fault records")
        make_offer(halden.manager, "Winding")
        can = make_skill("Winding")
        Proficiency.claim(employee=halden.employee, skill=can, level=3, on=DAY)
    page = page_of(client, halden, halden.employee, "home_offers")
    assert re.findall(r"<h3>(.*?)</h3>", page) == ["Thermography", "Fault records"]
    assert page.count("From your team") == 1


def test_a_wish_comes_first_and_is_named(halden: Place, client: Client) -> None:
    with halden.scope():
        make_offer(halden.colleague, "Thermography")
        make_offer(halden.hr, "Fault records", "Winding", title="The workshop")
        Need.make(employee=halden.employee, skill=make_skill("Winding"), urgency=1, on=DAY)
    page = page_of(client, halden, halden.employee, "home_offers")
    assert re.findall(r"<h3>(.*?)</h3>", page) == ["The workshop", "Thermography"]
    assert "You want to learn Winding" in page
