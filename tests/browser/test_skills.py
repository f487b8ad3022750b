"""The skill pages in a browser: they fit, are open to everyone, and save by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

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


@pytest.mark.django_db(transaction=True)
def test_every_page_fits(world: World, live_page: LivePage) -> None:
    place = world.halden
    relay = furnished(place)
    for person, role in ((place.employee, "employee"), (place.hr, "hr"), (place.manager, "manager")):
        live_page.sign_in(person)
        for name in ("skills", "my_skills", "confirmations"):
            page = live_page.go(place.path(name))
            page.set_viewport_size({"width": 1440, "height": 900})
            assert_accessible(page)
            assert_no_overflow(page)
            screenshot(page, f"{name}-{role}")
        page = live_page.go(place.path("skill", public_id=relay.public_id))
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
        assert_no_overflow(page)
        screenshot(page, f"skill-{role}")
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
