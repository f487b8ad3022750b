"""Who is let in again, and what is taken back, moves no figure of a past day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics import closing, skill_history
from analytics.scopes import scope_of
from peerlearn.organizations.models import TeamArchival, TimeAway
from skills.coverage import alone_on, coverage, resting_on_one
from skills.merging import merge
from skills.models import FormerNeed, Requirement, Skill, SkillArchival
from skills.own import want
from tests.factories import make_team
from tests.skills.kit import DAY, can, make_skill
from tests.world import Place, World

LEFT, BACK = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
DAYS = [date(2026, 2, 1), date(2026, 3, 2), date(2026, 5, 31)]  # before, left, still away
AFTERWARDS = BACK.date()


def cohort(place: Place) -> list[set[int]]:
    months = (date(2026, 2, 1), date(2026, 4, 1))
    return [{row[0] for row in closing._cohort(one, place.organization)} for one in months]


def figures(place: Place, skill: Skill) -> dict[str, Any]:
    """What every reader of past days says of these days."""
    scope = scope_of(place.hr)
    totals = [coverage(None, on=day) for day in DAYS]
    return {
        "coverage": [one.total(skill).alone if skill in one.skills else None for one in totals],
        "over time": alone_on(skill, DAYS),
        "history": skill_history.figures(scope, DAYS, place.organization),
        "cohort": cohort(place),
        "required": [Requirement.objects.standing(day).count() for day in DAYS],
    }


def one_that_can(place: Place) -> Skill:
    skill = make_skill()
    can(place.colleague, skill, 3)
    can(place.employee, skill, 4)
    Requirement.want(team=place.team, skill=skill, wanted=2, on=DAY)
    return skill


def test_letting_in_again_moves_no_past_day(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = one_that_can(place)
        place.employee.deactivate(at=LEFT)
        before = figures(place, skill)
        assert before["over time"] == before["coverage"] == [2, 1, 1]
        assert [one.resting for one in before["history"]] == [0, 1, 1]
        assert [place.employee.pk in one for one in before["cohort"]] == [True, False]
        place.employee.reactivate(at=BACK)
        assert figures(place, skill) == before
        assert coverage(None, on=AFTERWARDS).total(skill).alone == 2
        assert alone_on(skill, [AFTERWARDS]) == [2]


def test_a_last_day_that_is_over_stays_a_last_day(world: World) -> None:
    """Their access ended some days later than they left."""
    place = world.halden
    with place.scope():
        skill = one_that_can(place)
        place.employee.leaving_on = LEFT.date() - timedelta(days=1)
        place.employee.save(update_fields=["leaving_on"])
        place.employee.deactivate(at=LEFT + timedelta(days=4))
        before = figures(place, skill)
        assert before["over time"] == [2, 1, 1]
        place.employee.reactivate(at=BACK)
        assert place.employee.leaving_on is None
        assert figures(place, skill) == before


def test_taking_a_skill_back_moves_no_past_day(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = one_that_can(place)
        skill.archive(at=LEFT)
        before = figures(place, skill)
        assert before["coverage"] == [2, None, None]
        assert [one.skills for one in before["history"]] == [1, 0, 0]
        skill.restore(at=BACK)
        assert figures(place, skill) == before
        assert coverage(None, on=AFTERWARDS).total(skill).alone == 2


def test_ending_a_wish_moves_no_past_day(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.colleague, skill, 3)
        want(place.employee, skill, 2, on=DAY)
        before = figures(place, skill), [names_of(skill, day) for day in DAYS]
        assert [one.resting for one in before[0]["history"]] == [1, 1, 1]
        assert before[1] == [["Nils Eriksen"]] * 3
        want(place.employee, skill, 0, on=AFTERWARDS)
        assert (figures(place, skill), [names_of(skill, day) for day in DAYS]) == before
        assert resting_on_one(None, on=AFTERWARDS) == []
        FormerNeed.objects.all().delete()  # the twin
        assert figures(place, skill) != before[0]


def test_what_was_wanted_goes_along_with_a_merge(world: World) -> None:
    place = world.halden
    with place.scope():
        skill, into = make_skill("Relays"), make_skill("Relay protection settings")
        can(place.colleague, into, 3)
        want(place.employee, skill, 2, on=DAY)
        want(place.employee, skill, 0, on=AFTERWARDS)
        assert resting_on_one(None, on=DAYS[0]) == []  # under its own name nobody could do it
        merge(skill, into=into, at=BACK)
        assert names_of(into, DAYS[0]) == ["Nils Eriksen"]


def names_of(skill: Skill, day: date) -> list[str]:
    """Who was ready to learn it, on the day on which it rested on one."""
    (risk,) = resting_on_one(None, on=day)
    return [person.name for person in risk.ready]


def test_reopening_a_team_moves_no_past_day(world: World) -> None:
    place = world.halden
    with place.scope():
        skill, team = one_that_can(place), make_team("Lines")
        Requirement.want(team=team, skill=skill, wanted=5, on=DAY)
        team.archive(at=LEFT)
        before = figures(place, skill)
        assert before["required"] == [2, 1, 1]
        team.reopen(at=BACK)
        assert figures(place, skill) == before
        assert Requirement.objects.standing(AFTERWARDS).count() == 2


def test_coming_back_on_the_day_itself_leaves_no_gap(world: World) -> None:
    place = world.halden
    with place.scope():
        skill, team = make_skill(), make_team("Lines")
        for began, ended in (
            (place.employee.deactivate, place.employee.reactivate),
            (skill.archive, skill.restore),
            (team.archive, team.reopen),
        ):
            began(at=LEFT)
            ended(at=LEFT + timedelta(hours=1))
        assert not any(one.objects.exists() for one in (TimeAway, SkillArchival, TeamArchival))


def test_since_when_a_skill_rests_on_one_person_knows_who_was_away(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 4)
        Requirement.want(team=place.team, skill=skill, wanted=2, on=DAY)
        place.employee.deactivate(at=LEFT)
        place.employee.reactivate(at=BACK)
        scope = scope_of(place.hr)
        (risk,), _ = skill_history.dangers(scope, AFTERWARDS, place.organization)
        assert risk.alone_since == AFTERWARDS


FORGETTING: list[Callable[[], Any]] = [
    lambda: TimeAway.objects.all().delete(),
    lambda: SkillArchival.objects.all().delete(),
]


@pytest.mark.parametrize("forget", FORGETTING, ids=["who was away", "what was archived"])
def test_twin_without_the_days_between_the_past_moves(
    world: World, forget: Callable[[], Any]
) -> None:
    place = world.halden
    with place.scope():
        skill = one_that_can(place)
        place.employee.deactivate(at=LEFT)
        skill.archive(at=LEFT)
        before = figures(place, skill)
        place.employee.reactivate(at=BACK)
        skill.restore(at=BACK)
        assert figures(place, skill) == before
        forget()
        assert figures(place, skill) != before
