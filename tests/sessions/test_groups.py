"""Several learners beside one host: what each of them sees of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db.models import Q
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from peerlearn.organizations.models import Employee
from sessions import queries
from sessions.booking import book
from sessions.cancelling import cancel
from sessions.holding import hold, release
from sessions.models import LearningSession, Note, Participation
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def kari(halden: Place) -> Employee:
    with halden.scope():
        return make_employee("Kari Moen", manager=halden.hr)


@pytest.fixture
def group(halden: Place) -> LearningSession:
    """Three places beside Aisha; Nils has booked one of them."""
    with halden.scope():
        return make_booking(make_offer(halden.colleague, capacity=3), halden.employee).session


def joins(halden: Place, group: LearningSession, learner: Employee) -> Participation:
    """Holds a place in the group."""
    with halden.scope():
        held = hold(group.offer, learner, TUESDAY, at=AT)
        assert held.session == group
        return held


# --- Who only held a place ----------------------------------------------------------------------
def pages(halden: Place, group: LearningSession) -> list[str]:
    names = ("session_run", "debrief", "booking_cancel")
    return [halden.path(name, public_id=group.public_id) for name in names]


def seen(halden: Place, group: LearningSession, reader: Employee) -> set[int]:
    client = halden.sign_in(Client(), reader)
    return {client.get(path).status_code for path in pages(halden, group)}


def test_whoever_let_a_place_go_sees_the_group_no_more(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    held = joins(halden, group, kari)
    assert 404 not in seen(halden, group, kari)
    with halden.scope():
        release(held, at=AT)
    assert seen(halden, group, kari) == {404}
    client = halden.sign_in(Client(), kari)
    for name in ("note_add", "session_close"):
        assert client.post(halden.path(name, public_id=group.public_id)).status_code == 404


def test_without_that_rule_they_would(
    halden: Place, group: LearningSession, kari: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = joins(halden, group, kari)
    with halden.scope():
        release(held, at=AT)
    monkeypatch.setattr(queries, "STANDS_OR_STOOD", Q())
    assert 404 not in seen(halden, group, kari)


def test_a_hold_that_is_over_shows_its_owner_the_days_and_nobody_else(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    """What was typed meanwhile is still kept, so this one page stays."""
    client = halden.sign_in(Client(), kari)
    held = joins(halden, group, kari)
    address = halden.path("booking", public_id=group.public_id)
    with time_machine.travel(AT + 11 * MINUTE, tick=False):
        for swept in (False, True):
            if swept:
                with halden.scope():
                    release(held, at=AT + 11 * MINUTE)
            answer = client.get(address)
            assert "These days are not held any more." in text(answer)
            for word in ("Nils", "Set a feeder relay"):
                assert word not in text(answer)
            assert f"{group.offer.public_id}/?start=2026-12-01" in answer.content.decode()
        book = halden.path("book", public_id=group.public_id)
        again = client.post(book, {"goal": "Read a relay"}, follow=True)
        assert 'value="Read a relay"' in again.content.decode()


def test_letting_go_twice_is_letting_go_once(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    client = halden.sign_in(Client(), kari)
    joins(halden, group, kari)
    for _press in range(2):
        let_go = client.post(halden.path("hold_release", public_id=group.public_id))
        assert let_go["Location"] == halden.path("offer", public_id=group.offer.public_id)


def test_their_manager_sees_nothing_of_a_hold(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    with halden.scope():
        boss = make_employee("Odd Lien")
        below = make_employee("Eva Sand", manager=boss)
    held = joins(halden, group, below)
    address = halden.path("booking", public_id=group.public_id)
    client = halden.sign_in(Client(), boss)
    assert client.get(address).status_code == 404
    with halden.scope():
        release(held, at=AT)
    assert client.get(address).status_code == 404
    with halden.scope():
        make_booking(group.offer, below)
    assert client.get(address).status_code == 200


def test_shared_notes_are_for_those_who_take_part(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    with halden.scope():
        Note.write(
            session=group,
            author=halden.colleague,
            text="Bring the old drawings",
            shared=True,
            token="a",
            at=AT,
        )
    held = joins(halden, group, kari)

    def read(reader: Employee) -> Any:
        with halden.scope():
            return Note.objects.visible_to(reader).exists()

    assert read(halden.employee)
    assert not read(kari)
    with halden.scope():
        release(held, at=AT)
    assert not read(kari)
    with halden.scope():
        make_booking(group.offer, kari)
    assert read(kari)
    with halden.scope():
        cancel(group, by=kari, at=AT)
    assert not read(kari)


# --- What the host sees -------------------------------------------------------------------------
def test_the_host_counts_those_who_are_coming(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    client = halden.sign_in(Client(), halden.colleague)
    booking = halden.path("booking", public_id=group.public_id)
    held = joins(halden, group, kari)
    for path in (halden.path("home"), halden.path("my_sessions"), booking):
        page = text(client.get(path))
        assert "Nils Eriksen" in page, path
        assert "Kari Moen" not in page, path  # only holds a place
        assert "2 learners" not in page, path
    with halden.scope():
        book(held, goal="", at=AT)
    for path in (halden.path("home"), halden.path("my_sessions"), booking):
        assert "2 learners" in text(client.get(path)), path
    with halden.scope():
        cancel(group, by=halden.employee, at=AT)
    for path in (halden.path("home"), halden.path("my_sessions"), booking):
        page = text(client.get(path))
        assert "Kari Moen" in page, path
        assert "Nils Eriksen" not in page, path
        assert "2 learners" not in page, path


def test_who_gives_up_one_place_tells_the_host_why_and_nobody_else(
    halden: Place, group: LearningSession, kari: Employee
) -> None:
    held = joins(halden, group, kari)
    with halden.scope():
        book(held, goal="", at=AT)
    learner = halden.sign_in(Client(), halden.employee)
    cancelling = halden.path("booking_cancel", public_id=group.public_id)
    assert learner.post(cancelling, {"reason": "At the dentist's"}).status_code == 302
    booking = halden.path("booking", public_id=group.public_id)
    assert "Reason: At the dentist" in text(learner.get(booking))
    assert "dentist" not in text(halden.sign_in(Client(), kari).get(booking))
    with halden.scope():
        told_host = tell(
            Notification.objects.get(kind="booking_cancelled", recipient=halden.colleague)
        )
        assert not Notification.objects.filter(kind="booking_cancelled", recipient=kari).exists()
    assert told_host
    assert "Reason: At the dentist's" in told_host.text
