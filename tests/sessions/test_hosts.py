"""Who offers days, as other pages show it: the skill's page, a colleague's profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from skills.models import Need, Offer, Skill
from tests.factories import make_employee
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.skills.kit import queries_of
from tests.world import Place, World

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def on_monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def panel(client: Client, place: Place, skill: Skill) -> str:
    """The text of the panel, on one line."""
    path = place.path("skill_hosts", public_id=skill.public_id)
    response = client.get(path, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_skill_page_loads_who_teaches_it(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
    halden.sign_in(client, halden.employee)
    page = client.get(halden.path("skill", public_id=skill.public_id)).content.decode()
    hosts = halden.path("skill_hosts", public_id=skill.public_id)
    assert f'hx-get="{hosts}"' in page
    assert f'href="{hosts}"' in page  # without JavaScript
    assert "<html" in client.get(hosts).content.decode()


def test_hosts_stand_first_and_only_they_have_days(halden: Place, client: Client) -> None:
    """A host teaches by offering days, whatever their own list says."""
    with halden.scope():
        skill = make_skill()
        Offer.make(employee=halden.manager, skill=skill, on=DAY, note="After lunch")
        offer = make_offer(halden.colleague, place="Substation 4")
        closed = make_offer(halden.hr)
        closed.close()
    halden.sign_in(client, halden.employee)
    text = panel(client, halden, skill)
    assert text.index("Aisha Rahman") < text.index("Mette Aas")
    assert "3 days · Substation 4" in text
    assert "First free start" in text
    assert text.count("See days") == 1
    assert halden.path("offer", public_id=offer.public_id) in text
    assert "After lunch<br>Offers no days yet" in text
    assert "Ingrid Solheim" not in text


def test_a_host_who_also_says_so_stands_there_once(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        Offer.make(employee=halden.colleague, skill=skill, on=DAY)
        make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    assert panel(client, halden, skill).count("<strong>Aisha Rahman</strong>") == 1


def test_one_sees_ones_own_offer_and_no_days_to_book(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        make_offer(halden.colleague)
    halden.sign_in(client, halden.colleague)
    text = panel(client, halden, skill)
    assert halden.path("my_offers") in text
    assert "See days" not in text


def test_a_first_start_beside_somebody_says_so(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        make_booking(offer, halden.manager, date(2026, 11, 27))
        skill = make_skill()
    halden.sign_in(client, halden.employee)
    assert "Somebody is booked for it already, 1 place is left" in panel(client, halden, skill)


def test_an_archived_skill_offers_no_days(halden: Place, client: Client) -> None:
    with halden.scope():
        make_offer(halden.colleague)
        skill = make_skill()
        skill.archived_at = halden.organization.created_at
        skill.save(update_fields=["archived_at"])
    halden.sign_in(client, halden.employee)
    assert "Nobody has offered to teach it yet" in panel(client, halden, skill)


def test_as_many_statements_for_many_hosts(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
        make_offer(halden.colleague)
    halden.sign_in(client, halden.employee)
    path = halden.path("skill_hosts", public_id=skill.public_id)
    few = queries_of(client, path)
    with halden.scope():
        for _number in range(6):
            make_offer(make_employee())
    assert len(queries_of(client, path)) == len(few)
    assert "Show all" not in panel(client, halden, skill)
    with halden.scope():
        for _number in range(6):
            make_offer(make_employee())
    assert "Show all" in panel(client, halden, skill)
    assert panel(client, halden, skill).count("See days") == 8


# --- The list --------------------------------------------------------------------------------
def hosts_page(client: Client, place: Place, query: str = "") -> str:
    return " ".join(client.get(place.path("shadowing") + query).content.decode().split())


def test_what_i_want_comes_first_and_is_named(halden: Place, client: Client) -> None:
    with halden.scope():
        make_offer(halden.colleague, "Thermography")
        make_offer(halden.hr, "Fault records", "Winding", title="The workshop")
        Need.make(employee=halden.employee, skill=make_skill("Winding"), urgency=1, on=DAY)
    halden.sign_in(client, halden.employee)
    for query in ("", "?q=r"):
        text = hosts_page(client, halden, query)
        assert "The workshop" in text
        assert "Fault records, Winding" in text
        assert "You want to learn Winding" in text
    text = hosts_page(client, halden)
    assert text.index("The workshop") < text.index("Thermography")


def test_what_i_alone_offer_is_told_and_linked(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.employee, "Thermography")
        skill = make_skill("Thermography")
    halden.sign_in(client, halden.employee)
    for query in ("?q=thermo", f"?skill={skill.public_id}"):
        text = hosts_page(client, halden, query)
        assert "You offer this" in text
        assert halden.path("offer", public_id=offer.public_id) in text
    assert "Nobody offers days in that yet" in hosts_page(client, halden, "?q=winding")
    with halden.scope():
        offer.close()
    assert "Nobody offers days in that yet" in hosts_page(client, halden, "?q=thermo")


# --- A colleague's profile -------------------------------------------------------------------
def days_panel(client: Client, place: Place) -> str:
    path = place.path("employee_offers", public_id=place.colleague.public_id)
    return " ".join(client.get(path, headers={"HX-Request": "true"}).content.decode().split())


def test_a_profile_loads_what_somebody_can_and_offers(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.employee)
    who = {"public_id": halden.colleague.public_id}
    page = client.get(halden.path("employee", **who)).content.decode()
    for route in ("employee_skills", "employee_offers"):
        assert f'hx-get="{halden.path(route, **who)}"' in page
    assert "reports to them" not in page
    own = client.get(halden.path("employee", public_id=halden.employee.public_id))
    assert "reports to you" not in own.content.decode()


def test_the_days_that_a_colleague_offers(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        make_offer(halden.colleague, "Fault records").close()
    halden.sign_in(client, halden.employee)
    text = days_panel(client, halden)
    assert "Relay protection settings" in text
    assert "First free start" in text
    assert halden.path("offer", public_id=offer.public_id) in text
    assert "Fault records" not in text
    halden.sign_in(client, halden.colleague)
    assert "See days" not in days_panel(client, halden)


def test_who_offers_nothing(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.employee)
    assert "Aisha Rahman offers no days" in days_panel(client, halden)
