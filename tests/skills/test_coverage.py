"""Coverage as of any day, for any scope, in a fixed number of queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from peerlearn.organizations.models import Employee
from skills.coverage import alone_on, coverage, resting_on_one, scope_of, sees
from skills.models import Need, Proficiency, Requirement
from tests.factories import make_employee, make_team
from tests.skills.kit import AT, DAY, can, counted, make_skill, wants
from tests.world import World

ON = date(2026, 6, 1)


def test_claimed_and_confirmed_stand_beside_each_other(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 3).confirm(by=can(place.colleague, skill, 4).employee, at=AT)
        can(place.manager, skill, 2)
        Requirement.want(team=place.team, skill=skill, wanted=3, on=DAY)
        cell = coverage(None, on=ON).cell(skill, place.team)
        assert (cell.alone, cell.confirmed, cell.with_help) == (2, 1, 1)
        assert (cell.wanted, cell.missing, cell.met) == (3, 1, False)
        # A confirmation that ran out counts as one's own word.
        assert coverage(None, on=date(2027, 6, 1)).cell(skill, place.team).confirmed == 0


def test_a_day_is_the_organizations_whoever_asks(world: World) -> None:
    """At noon on 2 March in Halden it is the 3rd in Auckland, where the reader is."""
    place = world.halden
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with place.scope():
        skill, other = make_skill(), make_skill("Put away")
        can(place.employee, skill, 3)
        can(place.employee, other, 3)
        place.employee.deactivate(at=noon)
        other.archive(at=noon)
        with timezone.override(ZoneInfo("Pacific/Auckland")):
            first, second = date(2026, 3, 1), date(2026, 3, 2)
            assert coverage(None, on=first).total(skill).alone == 1
            assert coverage(None, on=second).total(skill).alone == 0
            assert alone_on(skill, [first, second]) == [1, 0]
            assert other in coverage(None, on=first).skills
            assert other not in coverage(None, on=second).skills
            # The twin: Django's own look-up takes the reader's zone.
            assert Employee.objects.filter(deactivated_at__date__gt=second).count() == 1


def test_a_past_day_knows_the_team_of_that_day(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 3)
        elsewhere = make_team("Cables")
        place.employee.assign(
            team=elsewhere, manager=place.manager, job_title="", cost_band=None, on=ON
        )
        before, after = coverage(None, on=ON - timedelta(days=1)), coverage(None, on=ON)
        assert before.cell(skill, place.team).alone == 1
        assert before.cell(skill, elsewhere).alone == 0
        assert after.cell(skill, place.team).alone == 0
        assert after.cell(skill, elsewhere).alone == 1
        assert coverage(None, on=DAY - timedelta(days=1)).cells == {}


def test_who_left_is_not_counted_from_the_next_day_on(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        leaver = make_employee("Marta", team=place.team, leaving_on=ON)
        gone = make_employee("Tor", team=place.team)
        for person in (leaver, gone):
            can(person, skill, 3)
        gone.deactivate(at=datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("UTC")))
        days = [DAY, date(2026, 4, 1), ON, ON + timedelta(days=1)]
        counts = [coverage(None, on=day).total(skill).alone for day in days]
        assert counts == [2, 1, 1, 0]
        assert alone_on(skill, days) == counts


def test_archived_skills_stay_in_past_figures_alone(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 3)
        skill.archive(at=datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("UTC")))
        assert coverage(None, on=date(2026, 4, 1)).total(skill).alone == 1
        assert coverage(None, on=ON).total(skill).alone == 0


def test_a_manager_counts_the_reporting_line(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        for person in (place.employee, place.colleague, place.hr):
            can(person, skill, 3)
        scope = scope_of(place.manager)
        assert scope is not None
        assert sees(scope, place.employee.pk)
        assert not sees(scope, place.hr.pk)
        assert coverage(scope, on=ON).total(skill).alone == 2
        assert coverage(scope_of(place.hr), on=ON).total(skill).alone == 3
        assert coverage(scope_of(place.employee), on=ON).cells == {}


def test_who_moves_in_does_not_bring_along_what_the_old_team_wanted(world: World) -> None:
    place = world.halden
    with place.scope():
        ours, theirs = make_skill("Ours"), make_skill("Theirs")
        before = make_team("Cables")
        mover = make_employee("Rolf", team=before)
        can(mover, theirs, 3)
        Requirement.want(team=place.team, skill=ours, wanted=2, on=DAY)
        Requirement.want(team=before, skill=theirs, wanted=5, on=DAY)
        mover.assign(team=place.team, manager=place.manager, job_title="", cost_band=None, on=ON)
        table = coverage(scope_of(place.manager), on=ON - timedelta(days=1))
        assert table.cell(ours, place.team).wanted == 2
        # What the mover could do already counts where they were; the wish of that team does not.
        assert (table.cell(theirs, before).alone, table.cell(theirs, before).wanted) == (1, 0)
        assert coverage(None, on=ON - timedelta(days=1)).cell(theirs, before).wanted == 5


def test_an_archived_team_wants_nothing_from_that_day_on(world: World) -> None:
    place = world.halden
    with place.scope():
        skill, team = make_skill(), make_team("Cables")
        can(place.employee, skill, 3)
        Requirement.want(team=team, skill=skill, wanted=2, on=DAY)
        team.archive(at=datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("UTC")))
        day_before, day = date(2026, 4, 30), date(2026, 5, 1)
        assert [coverage(None, on=d).total(skill).wanted for d in (day_before, day)] == [2, 0]
        assert [len(resting_on_one(None, on=d)) for d in (day_before, day)] == [1, 0]


def test_a_skill_rests_on_one_person_when_it_is_needed(world: World) -> None:
    place = world.halden
    with place.scope():
        required, wanted, unneeded, shared = (make_skill(name) for name in "ABCD")
        for skill in (required, wanted, unneeded, shared):
            can(place.employee, skill, 3)
        can(place.hr, shared, 3)
        Requirement.want(team=place.team, skill=required, wanted=2, on=DAY)
        Requirement.want(team=place.team, skill=shared, wanted=2, on=DAY)
        wants(place.colleague, wanted)
        place.employee.leaving_on = date(2026, 12, 31)
        place.employee.save()
        risks = resting_on_one(None, on=ON)
        assert [risk.skill for risk in risks] == [required, wanted]
        assert {risk.holder.id for risk in risks} == {place.employee.pk}
        assert risks[0].leaving_on == date(2026, 12, 31)
        assert [risk.wanted for risk in risks] == [2, 0]
        assert [person.name for person in risks[1].ready] == [place.colleague.name]
        assert resting_on_one(scope_of(place.manager), on=ON) == risks
        assert resting_on_one({place.hr.pk}, on=ON) == []
        assert resting_on_one(None, on=DAY - timedelta(days=1)) == []
        assert [r.skill for r in resting_on_one(None, on=ON, skills=[wanted.pk])] == [wanted]


def test_the_readiest_come_first(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 4)
        can(place.hr, skill, 2)
        can(place.colleague, skill, 2)
        wants(place.colleague, skill, 3)
        wants(place.admin, skill, 3)
        wants(place.employee, skill, 1)  # wants more, but can do it alone already
        (risk,) = resting_on_one(None, on=ON)
        assert [(p.id, p.level, p.urgency) for p in risk.ready] == [
            (place.colleague.pk, 2, 3),
            (place.hr.pk, 2, 0),
            (place.admin.pk, 0, 3),
        ]


def test_the_one_who_leaves_first_comes_first(world: World) -> None:
    place = world.halden
    with place.scope():
        for name, leaving in (("A", None), ("B", date(2026, 9, 1)), ("C", date(2026, 7, 1))):
            skill = make_skill(name)
            person = make_employee(f"Holder {name}", team=place.team, leaving_on=leaving)
            can(person, skill, 3)
            wants(place.colleague, skill)
        assert [risk.skill.name for risk in resting_on_one(None, on=ON)] == ["C", "B", "A"]


@pytest.mark.parametrize("act", [coverage, resting_on_one])
def test_as_many_queries_for_100_as_for_10(world: World, act: Any) -> None:
    place = world.halden
    numbers = []
    with place.scope():
        for start, stop in ((0, 10), (10, 100)):
            for number in range(start, stop):
                skill = make_skill(f"Skill {number}")
                person = make_employee(f"Person {number}", team=place.team, manager=place.manager)
                can(person, skill, 3)
                can(place.employee, skill, 2)
                wants(place.colleague, skill)
                Requirement.want(team=place.team, skill=skill, wanted=1, on=DAY)
            scope = scope_of(place.manager)
            with counted() as statements:
                result = act(scope, on=ON)
            numbers.append(len(statements))
        assert numbers[0] == numbers[1] <= 6
        assert len(result.cells if act is coverage else result) == 100


def test_nothing_of_another_organization_is_counted(world: World) -> None:
    with world.nordfjord.scope():
        skill = make_skill()
        can(world.nordfjord.employee, skill, 3)
        wants(world.nordfjord.colleague, skill)
        assert coverage(None, on=ON).total(skill).alone == 1
    with world.halden.scope():
        assert coverage(None, on=ON).cells == {}
        assert resting_on_one(None, on=ON) == []
        assert not Proficiency.objects.exists()
        assert not Need.objects.exists()
