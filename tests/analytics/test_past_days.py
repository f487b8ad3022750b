"""Reports of a past day: who was where on that day, and whom a manager may look at."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.models import Report
from analytics.scopes import scope_of
from analytics.skill_history import figures
from skills.coverage import resting_on_one
from tests.analytics.kit import TODAY, asked, can, content, made, make_skill, require, wants
from tests.factories import make_employee, make_team

pytestmark = pytest.mark.django_db
THEN = {"period_from": date(2026, 1, 1), "period_to": date(2026, 1, 31), "file_format": "csv"}
MOVED_ON = date(2026, 6, 1)


def move(person: Any, team: Any, manager: Any) -> None:
    person.assign(team=team, manager=manager, job_title="", cost_band=None, on=MOVED_ON)


def rows_of(report: Report, *names: str) -> list[tuple[str, ...]]:
    """These columns of the file."""
    rows = list(csv.DictReader(io.StringIO(content(made(report)).decode(), newline="")))
    return [tuple(row[name] for name in names) for row in rows]


def settle(place: Any) -> Any:
    """In January two of Substations could do it; one of them went to Cables in June, and somebody
    of Cables, who could do it too, came."""
    skill = make_skill("Relay protection")
    cables = make_team("Cables", parent=place.company)
    comer = make_employee("Cora Comer", team=cables)
    for person in (place.employee, place.colleague, comer):
        can(person, skill)
    require(place.team, skill, 2)
    move(place.employee, cables, place.hr)
    move(comer, place.team, place.manager)
    make_employee(team=cables, manager=place.manager)  # so that the line has two teams
    return cables


@pytest.mark.parametrize("reader", ["hr", "manager"])
def test_a_team_is_those_who_were_in_it(world: Any, reader: str) -> None:
    """HR's file about the team and the one about everybody say the same of it."""
    place = world.halden
    with place.scope():
        settle(place)
        report = asked(getattr(place, reader), team=place.team, **THEN)
        whole = asked(place.hr, **THEN)
    shown = ["Skill", "Team", "Alone", "Alone at the start"]
    expected = ("Relay protection", "Substations", "2", "2")
    assert expected in rows_of(whole, *shown)
    # The manager may look at those who report to them today: Nils went to another line.
    if reader == "manager":
        expected = ("Relay protection", "Substations", "1", "1")
    assert rows_of(report, *shown) == [expected]


def test_names_are_those_of_that_day(world: Any) -> None:
    place = world.halden
    with place.scope():
        cables = settle(place)
        team = asked(place.hr, names="named", team=place.team, **THEN)
        line = asked(place.manager, names="named", **THEN)
    assert rows_of(team, "Person", "Team") == [
        ("Aisha Rahman", "Substations"),
        ("Nils Eriksen", "Substations"),
    ]
    assert rows_of(line, "Person", "Team") == [
        ("Aisha Rahman", "Substations"),
        ("Cora Comer", cables.name),
    ]


def test_what_rested_on_one_person_stands_in_their_team_of_that_day(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("SCADA")
        can(place.employee, skill)
        wants(place.hr, skill)
        cables = make_team("Cables", parent=place.company)
        move(place.employee, cables, place.manager)
        kind = "single_person_risk"
        then, elsewhere = (asked(place.hr, kind, team=one, **THEN) for one in (place.team, cables))
        now = asked(place.hr, kind, team=cables, **{**THEN, "period_to": TODAY})
    assert rows_of(then, "Skill", "Team") == [("SCADA", "Substations")]
    assert rows_of(elsewhere, "Skill", "Team") == []
    assert rows_of(now, "Skill", "Team") == [("SCADA", "Cables")]


def test_who_left_the_organization_counts_for_the_days_before(world: Any) -> None:
    """In a manager's file as in HR's."""
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        gone = make_employee(
            "Gerd Gone", team=place.team, manager=place.manager, leaving_on=date(2026, 6, 30)
        )
        can(gone, skill)
        gone.deactivate(at=datetime(2026, 7, 1, 12, tzinfo=UTC))
        report = asked(place.manager, **THEN)
    assert rows_of(report, "Skill", "Alone") == [("Relay protection", "1")]


def test_a_file_opens_while_all_it_is_about_report_to_its_reader(world: Any) -> None:
    """Also of somebody who was in the team then and is in another team of the line now."""
    place = world.halden
    with place.scope():
        cables = make_team("Cables", parent=place.company)
        skill = make_skill("Relay protection")
        can(place.employee, skill)
        move(place.employee, cables, place.manager)
        report = made(asked(place.manager, team=place.team, **THEN))
        assert place.employee.pk in set(report.people or ())
        later = scope_of(place.manager).narrowed(place.team.public_id)
        assert place.employee.pk not in later.people_between(MOVED_ON, TODAY)


def test_the_overview_says_the_same(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("SCADA")
        can(place.employee, skill)
        wants(place.hr, skill)
        move(place.employee, make_team("Cables", parent=place.company), place.manager)
        days = [MOVED_ON - timedelta(days=1), MOVED_ON]
        for reader in (place.hr, place.manager):
            scope = scope_of(reader, place.team.public_id)
            found = figures(scope, days, place.organization)
            assert [one.resting for one in found] == [1, 0]
            for one in found:
                risks = resting_on_one(scope.line, on=one.day, teams=scope.team_ids)
                assert len(risks) == one.resting
