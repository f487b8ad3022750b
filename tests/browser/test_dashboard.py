"""The manager's page in a browser: it fits, fills itself, follows its filters, and changes."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, expect

from analytics.disclosure import month_of, preceding
from analytics.rollups import refresh
from peerlearn.clock import now
from sessions.models import OfferSkill, ShadowingOffer
from skills.models import Proficiency, Skill
from tests.analytics.kit import can, helped, make_skill, require, wants
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.factories import make_employee, make_team
from tests.world import Place, World

TEAMS = {
    "Control room": 9,
    "Lines & cables": 22,
    "Metering": 12,
    "Fleet & plant": 3,
    "Field IT": 14,
}
SKILLS = {  # how many can do it alone, by team; None: wanted, and nobody can
    "Relay protection settings": {"Substations": 1, "Control room": None},
    "Legacy SCADA gateway": {"Control room": 1, "Field IT": None},
    "Oil sampling, gas analysis": {"Metering": 1, "Fleet & plant": None},
    "Live-line jointing": {"Lines & cables": 2},
    "Switching plans": {"Substations": 2, "Control room": 1, "Lines & cables": 1},
    "Fault location": {"Substations": 1, "Lines & cables": 3, "Field IT": 1},
    "Outage messages": {"Control room": 4, "Lines & cables": 1, "Metering": 1},
    "Meter data repair": {"Metering": 4, "Field IT": 2},
    "Crane and lift plans": {"Substations": 1, "Lines & cables": 3, "Fleet & plant": 3},
    "Fibre splicing": {"Lines & cables": 3, "Metering": 1, "Field IT": 5},
    "Transformer tests": {"Substations": 2, "Lines & cables": 5, "Field IT": 4},
}


def furnished(place: Place) -> Skill:
    """Halden with six teams, eleven skills and a year of shadowing."""
    today = now().astimezone(place.organization.zone).date()
    with place.scope(), transaction.atomic():
        people: dict[str, list[Any]] = {"Substations": [place.employee, place.colleague]}
        teams = {"Substations": place.team}
        sizes = {"Substations": 16, **TEAMS}
        for name, size in sizes.items():
            if name not in teams:
                teams[name] = make_team(name, parent=place.company)
                people[name] = []
            while len(people[name]) < size:
                people[name].append(make_employee(team=teams[name], manager=place.manager))
        found = {name: _skill(name, by_team, teams, people) for name, by_team in SKILLS.items()}
        relay = found["Relay protection settings"]
        place.employee.leaving_on = today + timedelta(days=130)
        place.employee.save()
        can(people["Control room"][1], relay, 2)
        wants(people["Field IT"][3], relay)
        offer = ShadowingOffer.objects.create(
            host=place.employee, time_zone="Europe/Oslo", created_at=now()
        )
        OfferSkill.objects.create(offer=offer, skill=relay)
        holder = people["Control room"][0]
        holder.leaving_on = today + timedelta(days=200)
        holder.save()
        _shadowing(people, relay, today)
        refresh(at=now())
    return relay


def _skill(name: str, by_team: Any, teams: Any, people: Any) -> Skill:
    skill = make_skill(name)
    for team, alone in by_team.items():
        require(teams[team], skill, max(alone or 1, 2))
        for person in people[team][: alone or 0]:
            can(person, skill)
    return skill


def _shadowing(people: Any, skill: Skill, today: date) -> None:
    everyone = [person for team in people.values() for person in team]
    for back in range(13, 0, -1):
        month = preceding(month_of(today), back)
        for at in range(0, 60 - 3 * back, 2):
            giver, receiver = everyone[at % len(everyone)], everyone[(at * 7 + 3) % len(everyone)]
            if giver.pk != receiver.pk:
                helped(giver, receiver, skill, on=month + timedelta(days=at % 28))


@pytest.fixture
def place(transactional_db: None, world: World) -> Place:
    from peerlearn.organizations.models import Organization

    Organization.objects.update(created_at=datetime(2024, 1, 8, tzinfo=now().tzinfo))
    world.halden.organization.refresh_from_db()
    return world.halden


def test_every_panel_fills_itself_and_fits(place: Place, live_page: LivePage) -> None:
    furnished(place)
    live_page.sign_in(place.manager)
    page = live_page.go(place.path("dashboard"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("depend on one person.")
    expect(page.get_by_text("took part in").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    assert_accessible(page)
    assert_no_overflow(page)
    page.get_by_text("Show as table").click()
    screenshot(page, "dashboard")
    for name in ("risks", "figures", "coverage", "shadowing"):
        page = live_page.go(place.path(f"dashboard_{name}") + "?all")
        expect(page.locator("main .panel").first).to_be_visible()
        assert_accessible(page)
        assert_no_overflow(page)


def test_a_young_organization_looks_finished(place: Place, live_page: LivePage) -> None:
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("dashboard"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("It is too early")
    expect(page.get_by_text("Too early to say", exact=True)).to_have_count(2)
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "dashboard-early")


def test_team_and_period_live_in_the_address(place: Place, live_page: LivePage) -> None:
    furnished(place)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("dashboard"))
    page.get_by_label("Team", exact=True).select_option(label="Metering, 12 people")
    expect(page).to_have_url(re.compile(r"team=[^&]+&period=year"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Oil sampling, gas analysis")
    page.get_by_label("Quarter").check(force=True)
    expect(page).to_have_url(re.compile(r"team=[^&]+&period=quarter"))
    expect(page.locator("#coverage .heat")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Quarter")).to_be_checked()


def test_a_panel_that_fails_says_so_and_can_be_loaded_again(
    place: Place, live_page: LivePage
) -> None:
    furnished(place)
    live_page.sign_in(place.hr)
    live_page.allow(500)
    broken = "**/overview/coverage/**"
    live_page.page.route(broken, lambda route: route.fulfill(status=500, body="no"))
    page = live_page.go(place.path("dashboard"))
    panel = page.locator("#coverage")
    expect(panel.get_by_text("This part could not be loaded.")).to_be_visible()
    expect(page.locator("#shadowing .claim")).to_be_visible()
    page.unroute(broken)
    panel.get_by_role("link", name="Load again").click()
    expect(page.locator("#coverage .heat")).to_be_visible()


def test_it_changes_after_a_level_is_confirmed(place: Place, live_page: LivePage) -> None:
    """A second person reaches level 3 and a peer confirms it: the skill rests on two."""
    relay = furnished(place)
    live_page.sign_in(place.manager)
    page = live_page.go(place.path("dashboard"))
    risk = page.locator("#risks").get_by_role("link", name="Relay protection settings", exact=True)
    expect(risk).to_be_visible()
    expect(page.locator("#risks h1")).to_contain_text("Three skills")
    with place.scope(), transaction.atomic():
        today = now().astimezone(place.organization.zone).date()
        level = Proficiency.claim(employee=place.colleague, skill=relay, level=3, on=today)
        level.confirm(by=place.employee, at=now())
    page.reload()
    expect(page.locator("#risks h1")).to_contain_text("Two skills")
    # Nobody of the control room can yet, but it rests on one person no more.
    name = page.get_by_role("link", name="Relay protection settings", exact=True)
    row = page.locator("#risks li").filter(has=name)
    expect(row).to_contain_text("Nobody in Control room")
    expect(row).not_to_contain_text("Only person")


def test_without_javascript_the_sentence_stands_and_every_panel_is_a_link(
    place: Place, live_server: Any, browser: Browser
) -> None:
    furnished(place)
    context = browser.new_context(java_script_enabled=False)
    live = LivePage(context.new_page(), live_server.url)
    live.sign_in(place.manager)
    page = live.go(place.path("dashboard"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("depend on one person.")
    page.get_by_role("link", name="Plan shadowing for Relay protection settings").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Plan shadowing: Relay")
    page.go_back()
    page.locator("#coverage").get_by_role("link", name="Show on its own page").click()
    expect(page.locator(".heat")).to_be_visible()
    page.go_back()
    page.get_by_label("Team", exact=True).select_option(label="Metering, 12 people")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile("team="))
    context.close()
