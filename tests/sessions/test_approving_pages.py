"""Approval on pages: asked for, answered, switched on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.organizations.models import Employee
from sessions.approving import decline
from sessions.models import LearningSession, Participation, Request
from tests.factories import make_employee
from tests.sessions.approving_kit import THURSDAY, ask, switch_on
from tests.sessions.kit import AT, make_offer
from tests.sessions.test_booking_pages import number_of_queries, press_hold, text
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    switch_on(world.halden)
    return world.halden


def page_of(client: Client, halden: Place, person: Employee, name: str, **kwargs: Any) -> str:
    halden.sign_in(client, person)
    response = client.get(halden.path(name, **kwargs))
    assert response.status_code == 200
    return text(response)


def test_a_start_that_leaves_time_to_approve_it_comes_first(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)  # with three days of notice
    halden.sign_in(client, halden.employee)
    page = halden.path("offer", public_id=offer.public_id)
    first = text(client.get(page))
    assert "Needs approval" in first
    assert "Fri 27 November – Tue 1 December" in first
    tight = client.get(page, {"start": "2026-11-26"})
    assert "can only do so until the end of Mon 23 November" in text(tight)
    assert "Needs approval" not in text(tight)
    assert f'<a href="{page}?start=2026-11-27">From Fri 27 November on' in tight.content.decode()

    # The twin: without approval the first free day is the first.
    halden.organization.shadowings_need_approval = False
    halden.organization.save()
    assert "Thu 26 – Mon 30 November" in text(client.get(page))
    assert "Little time" not in text(client.get(page, {"start": "2026-11-26"}))


def test_from_the_button_to_the_booking(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    assert "Needs approval" in text(client.get(halden.path("offer", public_id=offer.public_id)))
    booking = press_hold(client, halden, offer)["Location"]
    page = text(client.get(booking))
    assert "Mette Aas approves it first" in page
    assert "until Thu 26 November, 10:00 at the latest" in page
    assert "Ask for 3 days" in page
    page = text(client.post(f"{booking}book/", {"goal": "Set a relay"}, follow=True))
    assert "Waiting for the answer of Mette Aas, until Thu 26 November, 10:00" in page
    home = page_of(client, halden, halden.employee, "home")
    assert "Your days beside Aisha Rahman from Tue 1 December wait for approval." in home
    with halden.scope():
        session = LearningSession.objects.get()
        request = Request.objects.get()
    at = {"public_id": request.public_id}
    host = page_of(client, halden, halden.colleague, "booking", public_id=session.public_id)
    assert "Nils Eriksen wants to be beside you." in host
    assert "Nothing is booked yet" in host
    assert "Waits for approval" in page_of(client, halden, halden.colleague, "my_sessions")
    assert "1 request waits for your approval" in page_of(client, halden, halden.manager, "home")
    assert "Nils Eriksen beside Aisha" in page_of(client, halden, halden.manager, "requests")
    assert "No bookings" not in page_of(client, halden, halden.manager, "request", **at)
    with halden.scope():
        request.refresh_from_db()
        assert request.answer == "open", "looking changes nothing"
    wrong = client.post(halden.path("request_decline", **at), {"reason": ""})
    assert wrong.status_code == 422
    assert "Say why: Nils Eriksen reads it." in text(wrong)
    done = text(client.post(halden.path("request_approve", **at), follow=True))
    assert "Approved. Nils Eriksen and Aisha Rahman are told." in done
    assert "Nothing waits for you" in done
    assert "Approved by Mette Aas" in page_of(client, halden, halden.manager, "request", **at)
    late = client.post(halden.path("request_decline", **at), {"reason": "No"})
    assert late.status_code == 409
    assert "approved already" in text(late)
    assert "Booked." in page_of(
        client, halden, halden.employee, "booking", public_id=session.public_id
    )


def test_several_are_approved_at_once_what_runs_out_first_on_top(
    halden: Place, client: Client
) -> None:
    with halden.scope():
        learners = [make_employee(f"L{i}", manager=halden.manager) for i in range(6)]
        offers = [make_offer(make_employee(f"Host {i}")) for i in range(6)]
        asked = [ask(offers[0], learners[0])]
        asked.append(ask(offers[1], learners[1], date(2026, 11, 27)))  # runs out before
    page = page_of(client, halden, halden.manager, "requests")
    assert page.index("L1 beside Host 1") < page.index("L0 beside Host 0")
    few = number_of_queries(client, halden.path("requests"))
    with halden.scope():
        asked += [ask(offers[i], learners[i]) for i in range(2, 6)]
    assert number_of_queries(client, halden.path("requests")) == few <= 12
    assert number_of_queries(client, halden.path("home")) <= 12
    ids = [one.public_id for one in asked]
    done = client.post(halden.path("requests"), {"request": [*ids[:2], "\x00", "x"]}, follow=True)
    assert "2 requests are approved." in text(done)
    none = client.post(halden.path("requests"), {}, follow=True)
    assert "Choose what you approve." in text(none)
    with halden.scope():
        assert Participation.objects.filter(seat="shadow", state="booked").count() == 2


def test_what_became_of_it_is_said_to_the_learner(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        path = halden.path("booking", public_id=request.participation.session.public_id)
        decline(request, by=halden.manager, reason="The outage comes first", at=AT)
    halden.sign_in(client, halden.employee)
    page = text(client.get(path))
    assert "Mette Aas has declined these days." in page
    assert "Reason: The outage comes first" in page
    with halden.scope():
        request = ask(offer, halden.employee)
    at = {"public_id": request.public_id}
    page = text(client.post(halden.path("request_withdraw", **at), follow=True))
    assert "You have withdrawn your request." in page
    with halden.scope():
        late = ask(offer, halden.employee)
        path = halden.path("booking", public_id=late.participation.session.public_id)
    with time_machine.travel(THURSDAY, tick=False):
        halden.sign_in(client, halden.employee)
        assert "Nobody has answered in time." in text(client.get(path))


def test_the_setting_is_for_admins(world: World, client: Client) -> None:
    halden = world.halden
    halden.sign_in(client, halden.admin)
    path = halden.path("settings")
    form = client.get(path).context["form"]
    data = {name: form[name].value() for name in form.fields} | {
        "shadowings_need_approval": "on",
        "approval_from_days": "2",
    }
    assert client.post(path, data).status_code == 302
    halden.organization.refresh_from_db()
    assert halden.organization.shadowings_need_approval
    assert halden.organization.approval_from_days == 2
    halden.sign_in(client, halden.hr)
    assert "from 2 days on" in text(client.get(path))
