"""The skill pages in a browser: they fit, are open to everyone, and save by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, expect

from peerlearn.clock import now
from skills.models import Offer, Proficiency, Requirement, Skill
from skills.own import want
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.factories import make_employee
from tests.skills.kit import make_skill
from tests.world import Place, World

LONG = "Schutzeinrichtungsparametrierungsüberprüfung " * 4
NAMES = (
    "Fault records",
    "Feeder switching",
    "Injection set",
    "Oil sampling, gas analysis",
    "SCADA events",
    "Switching plans",
)


def furnished(place: Place) -> Skill:
    """A catalogue in use: one skill rests on a colleague who leaves."""
    today = now().astimezone(place.organization.zone).date()
    past = today - timedelta(days=200)
    with place.scope(), transaction.atomic():
        relay = make_skill("Relay protection settings", "relay setting", "IED settings")
        marta = make_employee(
            "Marta Kowalczyk",
            email="marta@halden.example",
            team=place.team,
            manager=place.manager,
            leaving_on=today + timedelta(days=120),
        )
        jonas = make_employee(
            "Jonas Berg", email="jonas@halden.example", team=place.team, manager=place.manager
        )
        make_skill(LONG[:200])
        Proficiency.claim(employee=marta, skill=relay, level=4, on=past)
        Proficiency.claim(employee=place.employee, skill=relay, level=2, on=past)
        for person, level in ((jonas, 2), (place.colleague, 1)):
            Proficiency.claim(
                employee=person, skill=relay, level=level, on=past + timedelta(days=30)
            )
        held = Proficiency.objects.current().get(employee=place.employee, skill=relay)
        held.confirm(by=marta, at=now() - timedelta(days=100))
        Offer.make(employee=marta, skill=relay, on=past, note="Three days, once a month")
        want(place.employee, relay, 3, on=past)
        want(jonas, relay, 2, on=today - timedelta(days=50))
        Requirement.want(team=place.team, skill=relay, wanted=3, on=past)
        for name, level in zip(NAMES, (4, 3, 3, 0, 1, 2), strict=True):
            skill = make_skill(name)
            Requirement.want(team=place.team, skill=skill, wanted=2, on=past)
            if level:
                Proficiency.claim(employee=place.employee, skill=skill, level=level, on=past)
            if level == 3:
                Proficiency.claim(employee=jonas, skill=skill, level=3, on=past)
        running = Proficiency.objects.current().get(
            employee=place.employee, skill__name="Injection set"
        )
        running.confirm(by=jonas, at=now() - timedelta(days=340))
    return relay


def levels_of(place: Place) -> dict[str, int]:
    with place.scope():
        rows = Proficiency.objects.current().filter(employee=place.employee)
        return dict(rows.values_list("skill__name", "level"))


@pytest.mark.django_db(transaction=True)
def test_by_keyboard_alone(world: World, live_page: LivePage) -> None:
    place = world.halden
    with place.scope():
        make_skill("Kubernetes", "k8s")
    live_page.sign_in(place.employee)
    page = live_page.go(place.path("my_skills"))
    page.get_by_label("Add a skill, also by its other names").focus()
    page.keyboard.type("k8s")
    expect(page.get_by_role("button", name="Add Kubernetes")).to_be_visible()
    page.keyboard.press("Tab")  # Save
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add Kubernetes")).to_be_focused()
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name="Kubernetes")
    expect(row.get_by_text("not answered")).to_be_visible()
    row.get_by_role("link", name="Kubernetes").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(row.get_by_text("your own word")).to_be_visible()
    expect(row.get_by_role("radio", name="Alone")).to_be_focused()
    assert levels_of(place) == {"Kubernetes": 3}
    page.keyboard.press("Tab")
    with page.expect_response("**/my-skills/*/"):
        page.keyboard.press("Space")
    expect(row.get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_response("**/my-skills/*/"):
        page.keyboard.press("ArrowDown")
    page.reload()
    row = page.get_by_role("row", name="Kubernetes")
    expect(row.get_by_role("radio", name="Alone")).to_be_checked()
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(row.get_by_role("combobox")).to_have_value("1")


@pytest.mark.django_db(transaction=True)
def test_without_javascript(world: World, live_server: Any, browser: Browser) -> None:
    place = world.halden
    with place.scope():
        make_skill("Kubernetes", "k8s")
    context = browser.new_context(java_script_enabled=False)
    live = LivePage(context.new_page(), live_server.url)
    live.sign_in(place.employee)
    page = live.go(place.path("my_skills"))
    page.get_by_label("Add a skill, also by its other names").fill("k8s")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add Kubernetes").click()
    row = page.get_by_role("row", name="Kubernetes")
    row.get_by_text("Can teach", exact=True).click()
    row.get_by_role("checkbox").check()
    row.get_by_role("combobox").select_option("this year")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    row = page.get_by_role("row", name="Kubernetes")
    expect(row.get_by_role("radio", name="Can teach")).to_be_checked()
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(row.get_by_role("combobox")).to_have_value("2")
    row.get_by_role("button", name="Take Kubernetes off my list").click()
    expect(page.get_by_role("row", name="Kubernetes")).to_have_count(0)
    assert levels_of(place) == {}
    context.close()


@pytest.mark.django_db(transaction=True)
def test_every_page_fits(world: World, live_page: LivePage) -> None:
    place = world.halden
    relay = furnished(place)
    # As those who see the most of each; the other routes are walked in test_every_page.py.
    for person, name in (
        (place.employee, "my_skills"),
        (place.hr, "skills"),
        (place.manager, "confirmations"),
    ):
        live_page.sign_in(person)
        page = live_page.go(place.path(name))
        page.set_viewport_size({"width": 1440, "height": 900})
        assert_accessible(page)
        assert_no_overflow(page)
        screenshot(page, name)
    page = live_page.go(place.path("skill", public_id=relay.public_id))
    page.wait_for_load_state("networkidle")
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "skill")
    live_page.sign_in(place.hr)
    for name in ("skill_add", "catalogue_begin"):
        page = live_page.go(place.path(name))
        assert_accessible(page)
        assert_no_overflow(page)
        screenshot(page, name)
    for name in ("skill_edit", "skill_merge", "skill_archive"):
        page = live_page.go(place.path(name, public_id=relay.public_id))
        assert_accessible(page)
        assert_no_overflow(page)
        screenshot(page, name)
    page = live_page.go(place.path("requirements", public_id=place.team.public_id) + "?q=relai")
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "requirements")
