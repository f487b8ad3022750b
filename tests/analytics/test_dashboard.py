"""The dashboard over HTTP: who sees what, what it says, small groups, costs."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.heat import Column, heat
from analytics.scopes import scope_of
from analytics.skill_history import dangers, figures, needed
from skills.coverage import coverage, placed_levels, resting_on_one
from skills.models import Proficiency
from tests.analytics.kit import (
    NOW,
    TODAY,
    can,
    client_of,
    helped,
    make_skill,
    require,
    roll_up,
    settle,
    staff,
    teams_of,
    wants,
    words_of,
)
from tests.factories import make_employee, make_organization, make_team

pytestmark = pytest.mark.django_db
PANELS = ["dashboard_risks", "dashboard_figures", "dashboard_coverage", "dashboard_shadowing"]
EVERY = ["dashboard", *PANELS]


def test_a_manager_sees_the_line_only(world: Any) -> None:
    place = world.halden
    settle(place)
    with place.scope():
        outside = Proficiency.objects.get(skill__name="Oil sampling").employee
    client = client_of(place, place.manager)
    words = words_of(client.get(place.path("dashboard_risks")))
    assert "Two skills each depend on one person." in words
    assert "Nobody in Substations 2 people wanted, 1 elsewhere can do it alone" in words
    assert outside.name not in words
    # Required by the line's team, so it stands in the table: nobody of the line can do it.
    table = client.get(place.path("dashboard_coverage")).content.decode()
    row = re.search(r"Oil sampling</a></th>(.*?)</tr>", table, re.S)
    assert row
    assert 'class="c0"' in row[1]


def test_empty_and_too_early(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    first = words_of(client.get(place.path("dashboard_risks")))
    assert "It is too early to say which skills depend on one person." in first
    with place.scope():
        require(place.team, make_skill("Nobody can"))
    later = words_of(client.get(place.path("dashboard_risks")))
    assert "Nobody can do Nobody can alone where it is wanted." in later
    assert "Nobody in Substations 2 people wanted, nobody elsewhere either" in later
    assert "Nothing to plan" not in later
    assert "0 of 2 wanted" in client.get(place.path("dashboard_coverage")).content.decode()
    shadowing = words_of(client.get(place.path("dashboard_shadowing")))
    assert "November can be shown from 8 December 2026 on" in shadowing
    for name in EVERY:
        assert client.get(place.path(name)).status_code == 200


@pytest.mark.parametrize("name", EVERY)
def test_who_may_look(world: Any, name: str) -> None:
    place = world.halden
    for who, status in (
        (place.hr, 200),
        (place.manager, 200),
        (place.employee, 403),
        (place.admin, 403),
    ):
        assert client_of(place, who).get(place.path(name)).status_code == status
    foreign = {"team": world.nordfjord.team.public_id}
    assert client_of(place, place.hr).get(place.path(name), foreign).status_code == 404
    assert client_of(place, place.hr).get(place.path(name), {"period": "x"}).status_code == 404
    with place.scope():
        outside = staff(make_team(parent=place.company), 7)[0].team
    other = {"team": outside.public_id}
    assert client_of(place, place.hr).get(place.path(name), other).status_code == 200
    assert client_of(place, place.manager).get(place.path(name), other).status_code == 404


def test_htmx_gets_the_panel_alone(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    for name in PANELS:
        part = client.get(place.path(name), headers={"HX-Request": "true"}).content.decode()
        assert part.lstrip().startswith("<section")
        assert "<html" not in part
        assert "<html" in client.get(place.path(name)).content.decode()


def test_the_first_answer_is_cheap_with_nothing_in_it(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.manager)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(place.path("dashboard"))
    assert "It is too early to say" in words_of(answer)
    around = ("SAVEPOINT", "RELEASE", "SELECT set_config('app.organization_id', ''")
    assert len([q for q in queries if not q["sql"].startswith(around)]) <= 12


def test_the_table_is_against_the_requirement(world: Any) -> None:
    place = world.halden
    settle(place)
    with place.scope():
        can(place.hr, make_skill("Asked by nobody"))
    html = client_of(place, place.hr).get(place.path("dashboard_coverage")).content.decode()
    assert "Relay protection: 1 of 2 wanted in Substations can do it alone" in html
    assert "Asked by nobody" not in html
    assert html.index("Oil sampling") < html.index("Relay protection") < html.index("SCADA")


def test_who_leads_a_branch_sees_its_teams(world: Any) -> None:
    """Not one column with everybody, however deep the branch hangs."""
    place = world.halden
    with place.scope():
        for person, name in ((place.employee, "Relays"), (place.colleague, "Breakers")):
            branch = make_team(name, parent=place.team)
            person.assign(
                team=branch,
                manager=place.manager,
                job_title=person.job_title,
                cost_band=None,
                on=TODAY,
            )
        assert [part.name for part in scope_of(place.manager).parts()] == ["Breakers", "Relays"]
        assert [part.name for part in scope_of(place.hr).parts()] == ["Substations", "Halden Grid"]


def test_figures_change_from_the_validity_dates(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill, safe = make_skill("Relay protection"), make_skill("Switching")
        for one in (skill, safe):
            require(place.team, one)
        can(place.employee, skill)
        can(place.employee, safe)
        can(place.colleague, skill, on=date(2026, 10, 1))
        for person in staff(place.team, 2, place.manager):
            can(person, safe, on=date(2026, 9, 1))
    words = words_of(client_of(place, place.manager).get(place.path("dashboard_figures")))
    assert "Skills resting on one person 0 of 2" in words
    assert "2 fewer than on 1 December 2025" in words
    assert "50% 1 of 2" in words
    assert "50 points up since 1 December 2025" in words


def settle_months(place: Any, sizes: tuple[int, ...]) -> list[Any]:
    """Teams of these sizes below the manager; in each the first four learned in October."""
    with place.scope():
        skill = make_skill("Relay protection")
        found = teams_of(sizes, place.company, place.manager)
        for _team, people in found:
            for person in people[:4]:
                helped(place.hr, person, skill, on=date(2026, 10, 6))
        roll_up()
    return found


def test_participation_by_month_and_team(world: Any) -> None:
    """Two of Substations go with the smaller team; HR, admin and manager are too few at the top."""
    place = world.halden
    (large, _), _ = settle_months(place, (20, 8))
    words = words_of(client_of(place, place.hr).get(place.path("dashboard_shadowing")))
    assert "27% took part in October, more than in September." in words
    assert "8 of 30 people hosted or learned" in words
    assert f"{large.name} 20% 4 of 20 about 15 points up" in words
    assert "Other 40% 4 of 10" in words
    assert "September 2026 30 0–4 0–13%" in words


def figures_of(text: str) -> set[tuple[str, int]]:
    found = re.findall(r"([\d–]+) of (\d+)(?! wanted)", text)
    return {(numbers, int(people)) for numbers, people in found}


def test_no_switch_tells_about_a_small_team(world: Any) -> None:
    """Every figure that a manager can ask for, over every team, taken from one another."""
    place = world.halden
    (_, _), (_, _), (small, _) = settle_months(place, (20, 6, 2))
    client = client_of(place, place.manager)
    seen: set[tuple[str, int]] = set()
    with place.scope():
        choices = [c.team.public_id for c in scope_of(place.manager).choices]
    for team in ["", *choices]:
        for period in ("quarter", "year"):
            query = {"team": team, "period": period}
            seen |= figures_of(words_of(client.get(place.path("dashboard_shadowing"), query)))
    people = {m for _, m in seen}
    assert people == {30, 20, 10}  # everyone, the large team, all others
    assert not {abs(a - b) for a in people for b in people} & {1, 2, 3, 4}
    words = words_of(client.get(place.path("dashboard_shadowing"), {"team": small.public_id}))
    assert "Too few people to show" in words
    assert "of 2 people" not in words
    strip = words_of(client.get(place.path("dashboard_figures"), {"team": small.public_id}))
    assert "Shown for whole months and 5 people or more" in strip


def test_somebody_who_moves_does_not_move_a_closed_month(world: Any) -> None:
    place = world.halden
    (_team, people), *_ = settle_months(place, (20, 8))
    client = client_of(place, place.manager)
    panel = place.path("dashboard_shadowing")
    before = words_of(client.get(panel, headers={"HX-Request": "true"}))
    with place.scope():
        people[0].assign(
            team=place.company, manager=place.hr, job_title="", cost_band=None, on=TODAY
        )
        people[1].deactivate(at=NOW)
        roll_up()
    assert words_of(client.get(panel, headers={"HX-Request": "true"})) == before


def test_the_month_that_runs_is_never_shown(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("x")
        people = staff(place.team, 9, place.manager)
        helped(people[0], people[1], skill, on=date(2026, 11, 3))
        roll_up()
    words = words_of(client_of(place, place.manager).get(place.path("dashboard_shadowing")))
    assert "November 2025" in words
    assert "November 2026" not in words
    assert "0–18% took part in October." in words


def test_who_moves_in_does_not_bring_along_what_the_old_team_wanted(world: Any) -> None:
    place = world.halden
    moved_on = TODAY - timedelta(days=10)
    with place.scope():
        before = make_team("Cables")
        mover = make_employee(team=before)
        ours, theirs = make_skill("Ours"), make_skill("Theirs")
        require(place.team, ours)
        require(before, theirs)
        mover.assign(
            team=place.team, manager=place.manager, job_title="", cost_band=None, on=moved_on
        )
        days = [moved_on - timedelta(days=1), TODAY]
        line = figures(scope_of(place.manager), days, place.organization)
        whole = figures(scope_of(place.hr), days, place.organization)
        narrowed = figures(scope_of(place.hr, before.public_id), days, place.organization)
    assert [figure.skills for figure in line] == [1, 1]
    assert [figure.skills for figure in whole] == [2, 2]
    assert [figure.skills for figure in narrowed] == [1, 1]


@pytest.mark.parametrize("seed", range(4))
def test_history_agrees_with_coverage(db: None, seed: int) -> None:
    """Two ways to the same figures: one pass of SQL, and the functions of the skill pages."""
    chance = random.Random(seed)
    organization = make_organization(f"Chance {seed}")
    days = [TODAY - timedelta(days=back) for back in (500, 300, 120, 30, 0)]
    with organization_scope(organization):
        company = make_team("All")
        teams = [make_team(parent=company) for _ in range(3)]
        boss = make_employee(team=company)
        hr = make_employee(team=company, is_hr=True)
        skills = [make_skill(f"Skill {n}") for n in range(8)]
        for _ in range(14):
            person = make_employee(
                team=chance.choice(teams),
                manager=chance.choice([boss, None]),
                hired_on=chance.choice([date(2024, 1, 1), days[1], days[2]]),
            )
            for skill in chance.sample(skills, 3):
                start = max(person.hired_on, chance.choice(days[:4]))
                can(person, skill, chance.randint(1, 4), on=start)
                if chance.random() < 0.4:
                    can(person, skill, chance.randint(1, 4), on=start + timedelta(days=20))
            if chance.random() < 0.4:
                wants(person, chance.choice(skills), on=max(person.hired_on, days[2]))
            if chance.random() < 0.3:
                person.leaving_on = chance.choice([d for d in days if d >= person.hired_on])
                person.save()
            if chance.random() < 0.5:
                days_after = [day for day in days if day > person.hired_on]
                person.assign(
                    team=chance.choice(teams),
                    manager=person.manager,
                    job_title="",
                    cost_band=None,
                    on=chance.choice(days_after),
                )
            if chance.random() < 0.2:
                person.deactivate(at=NOW - timedelta(days=chance.choice([5, 200])))
        for team in teams:
            for skill in chance.sample(skills, 3):
                require(team, skill, chance.randint(1, 3), on=chance.choice(days[:3]))
        skills[0].archive(at=NOW - timedelta(days=60))
        closed = make_team(parent=company)
        require(closed, skills[1], 2, on=days[1])
        closed.archive(at=NOW - timedelta(days=200))
        readers = [scope_of(reader) for reader in (hr, boss)]
        narrowed = [one.narrowed(c.team.public_id) for one in readers for c in one.choices]
        for scope in readers + narrowed:
            ids, within = scope.line, scope.team_ids
            found = figures(scope, days, organization)
            assert [f.day for f in found] == days
            for figure in found:
                expected = resting_on_one(ids, on=figure.day, teams=within)
                assert figure.resting == len(expected)
                if figure.day == TODAY:
                    table = coverage(ids, on=TODAY, teams=within)
                    risks, nobody = dangers(scope, TODAY, organization)
                    assert {(r.skill_id, r.holder_id, tuple(r.ready), r.wanted) for r in risks} == {
                        (r.skill.pk, r.holder.id, tuple(p.name for p in r.ready), r.wanted)
                        for r in expected
                    }
                    for risk in risks:
                        assert _alone(risk.skill_id, risk.alone_since) == {risk.holder_id}
                        day_before = risk.alone_since - timedelta(days=1)
                        assert _alone(risk.skill_id, day_before) != {risk.holder_id}
                    rows = needed(scope, TODAY, organization)
                    assert figure.skills == len(rows)
                    totals = {skill.pk: table.total(skill).alone for skill in table.skills}
                    assert figure.safe == sum(totals.get(row.id, 0) >= 3 for row in rows)
                    lacking = {one.skill_id for one in nobody}
                    assert lacking == {cell.skill for cell in table.cells.values() if cell.nobody}
                    lines = heat(
                        table.cells,
                        [(row.id, str(row.id), row.name, row.rests) for row in rows],
                        [Column(part.name, part.teams) for part in scope.parts()],
                    )
                    assert {int(line.public_id) for line in lines if line.at_risk} == lacking | {
                        risk.skill_id for risk in risks
                    }


def _alone(skill_id: int, day: date) -> set[int]:
    """Who could do it alone that day, by the functions of the skill pages."""
    rows = placed_levels(None, on=day).filter(skill=skill_id, level__gte=3)
    return set(rows.values_list("employee", flat=True))


def organization_scope(organization: Any) -> Any:
    from peerlearn.organizations.scoping import scope

    return scope(organization.pk)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("who", ["hr", "manager"])
def test_costs_are_fixed(world: Any, name: str, who: str) -> None:
    """At most twelve statements, as many with a hundred people and skills as with ten."""
    place = world.halden
    client = client_of(place, getattr(place, who))
    counts = []
    for more in (10, 90):
        with place.scope():
            people = staff(place.team, more, place.manager)
            for at, person in enumerate(people):
                skill = make_skill(f"Skill of {person.pk}")
                can(person, skill)
                require(place.team, skill, 1 + at % 3)
                helped(person, place.colleague, skill, on=date(2026, 10, 1 + at % 28))
            roll_up()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(
                place.path(name), {"period": "year"}, headers={"HX-Request": "true"}
            )
        assert answer.status_code == 200
        # The savepoint and the farewell of the scope exist only inside a test's transaction.
        around = ("SAVEPOINT", "RELEASE", "SELECT set_config('app.organization_id', ''")
        counts.append([q["sql"] for q in queries if not q["sql"].startswith(around)])
    assert len(counts[0]) == len(counts[1])
    assert len(counts[1]) <= 12, "\n".join(sql[:160] for sql in counts[1])
