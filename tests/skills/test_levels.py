"""Levels are claimed, confirmed, run out, and tell how it was on any past day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from peerlearn.months import add_months
from peerlearn.organizations.models import Organization
from skills.levels import Source
from skills.models import Doubt, Need, Offer, Proficiency, Requirement
from tests.skills.kit import AT, DAY, can, make_skill, wants
from tests.world import World

LATER = date(2026, 3, 2)


def test_a_past_day_is_answered_after_every_change(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 2)
        can(place.employee, skill, 3, on=LATER)
        Proficiency.objects.current().get().withdraw(on=date(2026, 6, 1))

        def level(day: date) -> list[int]:
            return list(Proficiency.objects.on(day).values_list("level", flat=True))

        assert level(DAY - timedelta(days=1)) == []
        assert level(DAY) == [2]
        assert level(LATER - timedelta(days=1)) == [2]
        assert level(LATER) == [3]
        assert level(date(2026, 6, 1)) == []


def test_two_changes_on_one_day_leave_one_row(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        first = can(place.employee, skill, 2)
        again = can(place.employee, skill, 4)
        assert Proficiency.objects.count() == 1
        assert again.public_id == first.public_id


def test_a_change_cannot_lie_before_the_last_one(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 2, on=LATER)
        with pytest.raises(ValidationError):
            can(place.employee, skill, 3, on=DAY)


def test_an_archived_skill_takes_nothing_new(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        skill.archive(at=AT)
        with pytest.raises(ValidationError):
            can(place.employee, skill, 2)
        with pytest.raises(ValidationError):
            wants(place.employee, skill)
        with pytest.raises(ValidationError):
            Offer.make(employee=place.employee, skill=skill, on=DAY)
        with pytest.raises(ValidationError):
            Requirement.want(team=place.team, skill=skill, wanted=1, on=DAY)
        assert Requirement.want(team=place.team, skill=skill, wanted=0, on=DAY) is None


def test_a_peer_confirms_for_the_organizations_interval(world: World) -> None:
    place = world.halden
    Organization.objects.filter(pk=place.organization.pk).update(confirmation_months=6)
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        can(place.colleague, skill, 3)
        confirmed = mine.confirm(by=place.colleague, at=AT)
        day = AT.date()
        assert confirmed.source == Source.CONFIRMED
        assert confirmed.confirmed_until == add_months(day, 6)
        assert confirmed.is_confirmed(confirmed.confirmed_until)
        assert not confirmed.is_confirmed(confirmed.confirmed_until + timedelta(days=1))
        assert Proficiency.objects.on(DAY).get(employee=place.employee).confirmed_until is None
        assert Proficiency.objects.confirmed(day).count() == 1
        assert Proficiency.objects.confirmed(date(2027, 1, 1)).count() == 0


def test_the_day_of_a_confirmation_is_the_organizations_own(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        can(place.colleague, skill, 3)
        late = datetime(2026, 1, 6, 23, 30, tzinfo=UTC)  # 00:30 on the 7th in Oslo
        assert mine.confirm(by=place.colleague, at=late).confirmed_on == date(2026, 1, 7)


@pytest.mark.parametrize("level", [None, 1, 2])
def test_whoever_works_below_that_level_cannot_confirm(world: World, level: int | None) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        if level:
            can(place.colleague, skill, level)
        with pytest.raises(ValidationError):
            mine.confirm(by=place.colleague, at=AT)


def test_nobody_confirms_themselves(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        with pytest.raises(ValidationError):
            mine.confirm(by=place.employee, at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            Proficiency.objects.create(
                employee=place.employee,
                skill=make_skill("Other"),
                level=3,
                source=Source.CONFIRMED,
                confirmed_by=place.employee,
                confirmed_on=DAY,
                confirmed_until=LATER,
                valid_from=DAY,
            )


def test_a_level_that_changed_meanwhile_is_not_confirmed(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        seen = can(place.employee, skill, 3)
        can(place.colleague, skill, 4)
        can(place.employee, skill, 4, on=AT.date())
        with pytest.raises(ValidationError):
            seen.confirm(by=place.colleague, at=AT)


def test_the_first_of_two_who_confirm_on_one_day_stays(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        for peer in (place.colleague, place.manager):
            can(peer, skill, 4)
        stale = Proficiency.objects.get(pk=mine.pk)
        mine.confirm(by=place.colleague, at=AT)
        second = stale.confirm(by=place.manager, at=AT + timedelta(minutes=1))
        assert second.confirmed_by == place.colleague
        rows = Proficiency.objects.filter(employee=place.employee)
        assert rows.filter(source=Source.CONFIRMED).count() == 1


def test_saying_the_same_again_keeps_the_confirmation(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.colleague, skill, 3)
        can(place.employee, skill, 3).confirm(by=place.colleague, at=AT)
        assert can(place.employee, skill, 3, on=LATER).source == Source.CONFIRMED
        assert can(place.employee, skill, 4, on=LATER).source == Source.CLAIMED


def test_a_doubt_keeps_the_question_away_until_the_level_changes(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        can(place.colleague, skill, 4)
        asked = Proficiency.objects.confirmable_by(place.colleague, LATER)
        assert [row.pk for row in asked] == [mine.pk]
        Doubt.objects.create(proficiency=mine, by=place.colleague)
        assert not Proficiency.objects.confirmable_by(place.colleague, LATER).exists()
        can(place.employee, skill, 4, on=LATER)
        assert Proficiency.objects.confirmable_by(place.colleague, LATER).count() == 1


def test_two_rows_of_one_person_cannot_overlap(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 2)
        with pytest.raises(IntegrityError), transaction.atomic():
            Proficiency.objects.create(
                employee=place.employee,
                skill=skill,
                level=3,
                source=Source.CLAIMED,
                valid_from=LATER,
            )


@pytest.mark.parametrize("level", [0, 5])
def test_levels_are_one_to_four(world: World, level: int) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        with pytest.raises(IntegrityError), transaction.atomic():
            can(place.employee, skill, level)


def test_a_wish_keeps_its_waiting_time(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        wants(place.employee, skill, 1)
        wants(place.employee, skill, 3, on=LATER)
        need = Need.objects.get()
        assert (need.urgency, need.since) == (3, DAY)


def test_a_requirement_tells_how_it_was(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        Requirement.want(team=place.team, skill=skill, wanted=2, on=DAY)
        Requirement.want(team=place.team, skill=skill, wanted=3, on=LATER)
        Requirement.want(team=place.team, skill=skill, wanted=0, on=date(2026, 6, 1))
        days = (DAY, LATER, date(2026, 6, 1))
        assert [
            list(Requirement.objects.on(day).values_list("wanted", flat=True)) for day in days
        ] == [[2], [3], []]
        connection.check_constraints()
