"""People, teams and settings in a browser."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser.kit import LivePage, assert_no_overflow, look_at
from tests.factories import inside, make_cost_band, make_employee, user_of
from tests.world import World


@pytest.fixture(autouse=True)
def no_throttles(transactional_db: None) -> None:
    """They outlive a test: their table is no model's."""
    cache.clear()


PAGES = [
    ("hr", "start"),
    ("hr", "employees"),
    ("hr", "employee_add"),
    ("hr", "teams"),
    ("hr", "team_add"),
    ("hr", "settings"),
    ("admin", "settings"),
    ("admin", "cost_band_add"),
    ("employee", "employees"),
    ("employee", "my_profile"),
    ("hr", "employee"),
    ("employee", "employee"),
    ("hr", "employee_edit"),
    ("admin", "employee_roles"),
    ("hr", "employee_deactivate"),
    ("hr", "employee_reactivate"),
    ("hr", "team"),
    ("hr", "team_edit"),
    ("admin", "cost_band_edit"),
    ("admin", "cost_band_remove"),
]


def test_every_page_is_open_to_everyone_and_fits(world: World, live_page: LivePage) -> None:
    with world.halden.scope():
        band = make_cost_band("B")
        make_cost_band("C, for engineers who lead others", hourly_cost="84.5")
        make_employee("Zoë " + "Langbehn-Überwachungsdienst" * 3, team=world.halden.team)
    subjects = {"employee": world.halden.manager, "team": world.halden.team, "cost_band": band}
    signed_in = None
    for actor, name in PAGES:
        kind = next((kind for kind in subjects if re.match(rf"{kind}(_|$)(?!add)", name)), None)
        kwargs = {"public_id": subjects[kind].public_id} if kind else {}
        if actor != signed_in:
            live_page.sign_in(getattr(world.halden, actor))
            signed_in = actor
        page = live_page.go(world.halden.path(name, **kwargs))
        expect(page.locator("h1")).to_be_visible()
        assert_no_overflow(page)  # of the rest test_every_page.py asks


def test_hr_adds_a_person_who_is_found_while_typing(world: World, live_page: LivePage) -> None:
    live_page.sign_in(world.halden.hr)
    live_page.allow(422)
    page = live_page.go(world.halden.path("employee_add"))
    page.get_by_label("Name", exact=True).fill("Åse 李 Bakken")
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    page.get_by_label("Team").select_option("Substations")
    page.get_by_label("Reports to").fill("Mette Aas")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Somebody here already has this e-mail.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Åse 李 Bakken")
    look_at(page, "employee_add-wrong")
    page.get_by_label("Work e-mail").fill("ase@halden.example")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Åse 李 Bakken")
    page.goto(live_page.address + world.halden.path("employees"))
    page.get_by_role("searchbox").press_sequentially("åse")
    expect(page.locator("#people tbody tr")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("searchbox").fill("nobody of this name")
    expect(page.get_by_role("heading", name="Nobody is found")).to_be_visible()
    look_at(page, "employees-none")


def test_who_works_for_two_goes_from_one_to_the_other(world: World, live_page: LivePage) -> None:
    with inside(world.nordfjord.organization):
        make_employee("Nils Eriksen", email=world.halden.employee.email, job_title="Guest")
    assert user_of(world.halden.employee).memberships.count() == 2
    live_page.sign_in(world.halden.employee)
    page = live_page.go("/")
    expect(page.get_by_role("heading", name="Where to?")).to_be_visible()
    look_at(page, "organizations")
    page.goto(live_page.address + world.halden.path("employees"))
    page.get_by_role("link", name=re.compile("Halden Grid ?, change organization")).first.click()
    page.get_by_role("link", name="Open Nordfjord").click()
    expect(page).to_have_url(live_page.address + world.nordfjord.path("home"))
    there = page.get_by_role("link", name=re.compile("Nordfjord ?, change organization")).first
    expect(there).to_be_visible()
    page.goto(live_page.address + world.nordfjord.path("my_profile"))
    expect(page.get_by_text("Guest").first).to_be_visible()
    there.click()
    page.get_by_role("link", name="Open Halden Grid").click()
    expect(page).to_have_url(live_page.address + world.halden.path("home"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_what_became_of_an_email_is_open_to_everyone_and_fits(
    world: World, live_page: LivePage
) -> None:
    place, person = world.halden, world.halden.employee
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("employee_edit", public_id=person.public_id))
    page.get_by_label("Work e-mail").fill("nils.eriksen.of.the.substations@halden.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="E-mails to sign in with")).to_be_visible()
    look_at(page, "employee-email-changed")
