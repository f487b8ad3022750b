"""The form of an offer: skills outside one's list, the days of its plan, an empty catalogue."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from sessions.models import ShadowingOffer
from tests.sessions.kit import AT, make_skill
from tests.skills.kit import can
from tests.world import Place, World

OFFER = {
    "days": "1",
    "hours": "8",
    "starts_at": "08:00",
    "time_zone": "Europe/Oslo",
    "notice_days": "3",
    "per_month": "1",
    "capacity": "1",
    **{f"stage_{day}": "watch" for day in range(1, 11)},
}


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def shown_days(page: str) -> list[str]:
    """The days of the plan that are not folded up."""
    return re.findall(r'data-day="(\d+)"', page.split("data-later-days")[0])


def test_without_a_catalogue_it_says_who_begins_one(halden: Place, client: Client) -> None:
    path = halden.path("offer_add")
    halden.sign_in(client, halden.hr)
    page = client.get(path).content.decode()
    assert halden.path("catalogue_begin") in page
    assert 'name="days"' not in page
    halden.sign_in(client, halden.employee)
    page = client.get(path).content.decode()
    assert "HR begins the catalogue" in page
    assert halden.path("catalogue_begin") not in page
    with halden.scope():
        make_skill()
    assert 'name="days"' in client.get(path).content.decode()


def test_several_skills_outside_the_own_list(halden: Place, client: Client) -> None:
    with halden.scope():
        own, *others = (make_skill(name) for name in ("Relays", "Winding", "Records", "Telex"))
        can(halden.employee, own, 3)
    halden.sign_in(client, halden.employee)
    path = halden.path("offer_add")
    page = client.get(path).content.decode()
    assert "optional" not in page.split("</legend>")[0].split("<legend")[1]
    data = {**OFFER, "known": own.public_id, "another": others[0].public_id}
    data |= {"another_2": others[1].public_id, "another_3": others[0].public_id}
    assert client.post(path, data).status_code == 302
    with halden.scope():
        offer = ShadowingOffer.objects.get()
        names = sorted(skill.name for skill in offer.skills.all())
    assert names == ["Records", "Relays", "Winding"]


def test_the_plan_has_as_many_days_as_the_offer(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        can(halden.employee, skill, 3)
    halden.sign_in(client, halden.employee)
    path = halden.path("offer_add")
    assert shown_days(client.get(path).content.decode()) == ["1", "2", "3"]
    for typed, days in (("1", 1), ("10", 10), ("0", 3), ("x", 3), ("²", 3), ("9" * 5000, 3)):
        page = client.post(path, {**OFFER, "days": typed}).content.decode()
        assert len(shown_days(page)) == days, typed
    client.post(path, {**OFFER, "known": skill.public_id})
    with halden.scope():
        offer = ShadowingOffer.objects.get()
    edit = halden.path("offer_edit", public_id=offer.public_id)
    assert shown_days(client.get(edit).content.decode()) == ["1"]
