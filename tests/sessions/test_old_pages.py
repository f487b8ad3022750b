"""What is pressed or opened on a page that time has overtaken: the back button, an old link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from sessions.models import LearningSession, Participation
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.world import Place, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def test_back_after_booking_every_button_leads_to_the_booking(
    halden: Place, client: Client
) -> None:
    """The browser shows the old pages again, and each of their buttons is pressed once more."""
    with halden.scope():
        offer = make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    hold = halden.path("hold", public_id=offer.public_id)
    days = {"start": "2026-12-01"}
    booking = client.post(hold, days)["Location"]
    with halden.scope():
        session = LearningSession.objects.get()
    book = halden.path("book", public_id=session.public_id)
    assert client.post(book, {"goal": "Set a relay"})["Location"] == booking
    for name in ("book", "hold_extend", "hold_release"):
        again = client.post(
            halden.path(name, public_id=session.public_id), {"goal": "Another"}, follow=True
        )
        assert again.status_code == 200, name
    assert client.post(hold, days).status_code == 409
    page = text(client.get(booking))
    assert "Set a relay" in page
    assert "Another" not in page
    with halden.scope():
        mine = Participation.objects.get(employee=halden.employee)
        assert (mine.state, LearningSession.objects.count()) == ("booked", 1)


def test_whichever_of_two_clicks_is_answered_last_shows_the_days_that_are_held(
    halden: Place, client: Client
) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    hold, days = halden.path("hold", public_id=offer.public_id), {"start": "2026-12-01"}
    first, second = (client.post(hold, days)["Location"] for _click in range(2))
    assert first != second
    assert "Held for you until" in text(client.get(first, follow=True))
    client.post(f"{second}book/")
    assert client.get(first)["Location"] == second
    client.post(f"{second}cancel/")
    assert "not held any more" in text(client.get(first))
    other = client.post(hold, {"start": "2026-12-08"})["Location"]
    assert "not held any more" in text(client.get(first)), "other days are another matter"
    assert "Held for you until" in text(client.get(other))


def test_old_links_to_a_skill_that_is_gone(halden: Place, client: Client) -> None:
    """It is in the archive; what was booked with it stands."""
    with halden.scope():
        offer = make_offer(halden.colleague)
        skill = offer.skills.get()
        session = make_booking(offer, halden.employee).session
        skill.archive(at=AT)
    halden.sign_in(client, halden.employee)
    own = {"public_id": skill.public_id}
    assert "in the archive" in text(client.get(halden.path("skill", **own)))
    assert client.get(halden.path("skill_hosts", **own)).status_code == 200
    for where in (skill.public_id, "AAAAAAAAAAAA"):
        assert client.get(halden.path("shadowing"), {"skill": where}).status_code == 200
    assert client.get(halden.path("offer", public_id=offer.public_id)).status_code == 200
    assert "Booked" in text(client.get(halden.path("booking", public_id=session.public_id)))


@pytest.mark.parametrize("number", [10**9, -1, "x", "9" * 5000])
def test_a_page_that_does_not_exist_is_one_that_does(
    halden: Place, client: Client, number: int | str
) -> None:
    halden.sign_in(client, halden.hr)
    for name in ("employees", "bookings", "notifications", "my_sessions", "skills"):
        answer = client.get(halden.path(name), {"page": number, "page_size": number})
        assert answer.status_code == 200, name
