"""The bookings of one's people: for the reporting line above and HR, by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from sessions.cancelling import cancel
from sessions.holding import hold
from sessions.moving import confirm
from tests.factories import make_employee
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.skills.kit import queries_of
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def test_the_line_above_and_hr_see_who_is_beside_whom(halden: Place) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
        stranger = make_employee("Kari Moen", email="kari@halden.example", team=halden.company)
        make_booking(make_offer(halden.hr, "Payroll"), stranger)
        held = hold(
            make_offer(halden.colleague, "Cables"),
            halden.employee,
            AT.date() + timedelta(21),
            at=AT,
        )
        assert held.state == "held"
    path = halden.path("bookings")
    manager = text(halden.sign_in(Client(), halden.manager).get(path))
    assert "Nils Eriksen · beside Aisha Rahman" in manager
    assert "Kari Moen" not in manager  # does not report to her
    assert "Cables" not in manager  # only held
    hr = halden.sign_in(Client(), halden.hr)
    assert "Kari Moen" in text(hr.get(path))
    assert "Kari Moen" not in text(hr.get(path + "?q=nils"))
    assert "Nothing is found" in text(hr.get(path + "?q=nobody+of+that+name%00"))
    assert "Nils Eriksen" not in text(hr.get(path + "?show=past"))
    with halden.scope():
        cancel(session, by=halden.employee, at=AT)
    assert "Nils Eriksen" not in text(hr.get(path))
    assert "Nils Eriksen" in text(hr.get(path + "?show=past"))


def test_what_was_moved_or_given_up_stands_where_it_is_now(halden: Place) -> None:
    with halden.scope():
        kari = make_employee("Kari Moen", email="kari@halden.example", manager=halden.manager)
        offer = make_offer(halden.colleague, capacity=2)
        from_here = make_offer(halden.manager)
        moved = make_booking(from_here, halden.employee)
        group = make_booking(offer, halden.employee, AT.date() + timedelta(days=21)).session
        make_booking(offer, kari, AT.date() + timedelta(days=21))
        cancel(group, by=kari, at=AT)
        later = moved.session.first_day + timedelta(days=6)
        confirm(hold(from_here, halden.employee, later, moves=moved, at=AT), goal="", at=AT)
    manager = halden.sign_in(Client(), halden.manager)
    page = text(manager.get(halden.path("bookings")))
    assert page.count("Nils Eriksen · beside") == 2
    assert "Kari Moen" not in page


def test_as_many_statements_for_twenty_as_for_two(halden: Place) -> None:
    client = halden.sign_in(Client(), halden.manager)
    with halden.scope():
        offer = make_offer(halden.colleague)
    numbers = []
    for weeks in (range(1, 3), range(3, 21)):
        with halden.scope():
            for week in weeks:
                make_booking(offer, halden.employee, AT.date() + timedelta(weeks=week))
        numbers.append(len(queries_of(client, halden.path("bookings"))))
    assert numbers[0] == numbers[1] <= 12
