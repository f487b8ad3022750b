"""What comes first on the overview: the sentence, what rests on one person, and for how long."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.scopes import scope_of
from analytics.skill_history import dangers
from sessions.models import OfferSkill, ShadowingOffer
from tests.analytics.kit import (
    NOW,
    TODAY,
    can,
    client_of,
    make_skill,
    require,
    settle,
    staff,
    wants,
    words_of,
)
from tests.factories import make_employee, make_team

pytestmark = pytest.mark.django_db
PANELS = ["dashboard_figures", "dashboard_coverage", "dashboard_shadowing"]


def test_the_sentence_comes_first(world: Any) -> None:
    place = world.halden
    settle(place)
    words = words_of(client_of(place, place.hr).get(place.path("dashboard_risks")))
    assert "Three skills each depend on one person. Two of those people leave by June." in words
    first, second, third = (
        words.index(s) for s in ("Leaves 31 March", "Leaves 12 June", "Only person")
    )
    assert first < second < third
    assert "2 people ready to learn" in words


def test_a_team_that_has_nobody_is_told_beside_those_who_have_one(world: Any) -> None:
    """As the heat map shows it: in the sentence, among the risks, with what to do."""
    place = world.halden
    with place.scope():
        relay, oil = make_skill("Relay protection"), make_skill("Oil sampling")
        plant = make_team("Plant", parent=place.company)
        (learner,) = staff(plant, 1, place.manager)
        for person in staff(place.team, 3, place.manager):
            can(person, oil)
        can(learner, oil, 2)
        require(plant, oil, 1)
    client = client_of(place, place.manager)
    answer = client.get(place.path("dashboard_risks"))
    words = words_of(answer)
    assert "Nobody in Plant can do Oil sampling alone." in words
    assert "Nobody in Plant 1 person wanted, 3 elsewhere can do it alone" in words
    assert f"1 person ready to learn: {learner.name}" in words
    assert place.path("plan", public_id=oil.public_id) in answer.content.decode()
    narrowed = client.get(place.path("dashboard_risks"), {"team": plant.public_id})
    assert "Nobody in Plant can do Oil sampling alone." in words_of(narrowed)
    other = client.get(place.path("dashboard_risks"), {"team": place.team.public_id})
    assert "No skill depends on one person." in words_of(other)
    with place.scope():
        can(place.employee, relay)
        require(place.team, relay, 1)
        require(plant, relay, 1)
    words = words_of(client.get(place.path("dashboard_risks")))
    assert "Relay protection depends on one person, Nils Eriksen. For another one, a team" in words
    assert words.count("Nobody in Plant") == 2


def test_enough_in_the_company_is_no_danger_in_a_team(world: Any) -> None:
    """One wanted, one here, three elsewhere: green in the heat map, low in the file."""
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        can(place.employee, skill)
        require(place.team, skill, 1)
        for person in staff(make_team("Plant", parent=place.company), 3):
            can(person, skill)
    client = client_of(place, place.manager)
    assert "No skill depends" in words_of(client.get(place.path("dashboard_risks")))
    panel = client.get(place.path("dashboard_coverage"))
    assert 'class="c1"' in panel.content.decode().split("heat-key")[1]
    assert "at risk" not in words_of(panel)
    preview = client.get(place.path("reports"), {"period_from": "2026-01-01"}).content.decode()
    assert re.findall(r'class="tag (\w+)">(\w+)<', preview) == [("good", "Low")]


def test_one_risk_is_one_sentence(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        can(place.employee, skill)
        wants(place.colleague, skill)
    words = words_of(client_of(place, place.manager).get(place.path("dashboard_risks")))
    assert "Relay protection depends on one person, Nils Eriksen." in words
    assert f"1 person ready to learn: {place.colleague.name}" in words


def test_the_first_answer_has_the_sentence_and_leads_to_every_panel(world: Any) -> None:
    """Without JavaScript too: what matters, its action, and a link to each other panel."""
    place = world.halden
    skills = settle(place)
    with place.scope():
        offer = ShadowingOffer.objects.create(
            host=place.employee, time_zone="Europe/Oslo", created_at=NOW
        )
        OfferSkill.objects.create(offer=offer, skill=skills["Relay protection"])
    answer = client_of(place, place.hr).get(place.path("dashboard"), {"period": "quarter"})
    html = answer.content.decode()
    assert "Three skills each depend on one person." in words_of(answer)
    assert place.path("plan", public_id=skills["Relay protection"].public_id) in html
    for name in PANELS:
        link = f'<a class="more" href="{place.path(name)}?team=&amp;period=quarter"'
        assert link in re.sub(r"\s+", " ", html)


def test_how_long_somebody_has_been_the_only_person(world: Any) -> None:
    """Since the last other one left, forgot or was gone, and not before their own level."""
    place = world.halden
    with place.scope():
        before = make_employee(team=place.team, manager=place.manager)
        gone = make_employee(team=place.team, manager=place.manager, leaving_on=date(2026, 11, 1))
        left, forgot, own, days, never = (
            make_skill(name) for name in ("Left", "Forgot", "Own", "Days", "Never another")
        )
        can(before, left)
        before.deactivate(at=datetime(2025, 9, 21, 22, 30, tzinfo=UTC))  # the 22nd in Oslo
        can(gone, days)
        can(place.colleague, forgot)
        can(place.colleague, forgot, 2, on=date(2024, 11, 22) + timedelta(days=365))
        for skill in (left, forgot, days, never):
            can(place.employee, skill)
            wants(place.hr, skill)
        can(place.employee, never, 4, on=date(2026, 3, 1))
        can(place.employee, own, 2)
        can(place.employee, own, on=date(2026, 6, 30))
        wants(place.hr, own)
        since = {
            one.skill: one.alone_since
            for one in dangers(scope_of(place.hr), TODAY, place.organization)[0]
        }
        assert since == {
            "Left": date(2025, 9, 22),
            "Forgot": date(2025, 11, 22),
            "Days": date(2026, 11, 2),
            "Never another": date(2025, 6, 2),
            "Own": date(2026, 6, 30),
        }
    words = words_of(client_of(place, place.hr).get(place.path("dashboard_risks")))
    for expected in (
        "Only person for 14 months",
        "Only person for 12 months",
        "Only person for 17 months",
        "Only person for 4 months",
        "Only person since 2 November",
    ):
        assert expected in words


def test_plan_shadowing_leads_to_who_could_learn_beside_whom(world: Any) -> None:
    """Whether days are offered or not: then somebody can be asked for them."""
    place = world.halden
    skills = settle(place)
    client = client_of(place, place.manager)
    html = client.get(place.path("dashboard_risks")).content.decode()
    path = place.path("plan", public_id=skills["Relay protection"].public_id)
    assert path in html
    assert html.count("no shadowing offered yet") == 2
    assert html.count("Plan shadowing") == 3  # of what nobody in the team can, too
    plan = client.get(path).content.decode()
    assert "Ask for days" in plan
    assert "Suggest these days" not in plan
    with place.scope():
        offer = ShadowingOffer.objects.create(
            host=place.employee, time_zone="Europe/Oslo", created_at=NOW
        )
        OfferSkill.objects.create(offer=offer, skill=skills["Relay protection"])
    html = client.get(place.path("dashboard_risks")).content.decode()
    assert html.count("no shadowing offered yet") == 1
    assert offer.public_id in client.get(path).content.decode()
