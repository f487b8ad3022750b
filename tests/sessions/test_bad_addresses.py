"""Days and ids that nobody chooses on a page are refused, not broken."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from sessions.models import LearningSession
from tests.sessions.kit import AT, make_booking, make_offer
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["9999-12-31", "2090-01-04", "0001-01-01"])
def test_no_day_beyond_the_calendar_is_held(halden: Place, client: Client, day: str) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    page = halden.path("offer", public_id=offer.public_id)
    assert client.get(page, {"start": day}).status_code == 200
    hold = halden.path("hold", public_id=offer.public_id)
    assert client.post(hold, {"start": day}).status_code == 409
    with halden.scope():
        assert not LearningSession.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("ids", ["%00/a", "a/%00"])
def test_nul_is_the_id_of_nobody(halden: Place, client: Client, ids: str) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
    halden.sign_in(client, halden.colleague)
    path = halden.path("level_answer", public_id=session.public_id, learner="l", skill="s")
    assert client.post(path.replace("/l/s/", f"/{ids}/")).status_code == 404
