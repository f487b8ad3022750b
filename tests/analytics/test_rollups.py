"""Rollups say what the interactions say, whenever and however often they are refreshed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import MonthlyActivity, RollupMark
from peerlearn.notifications.models import Outbox
from tests.analytics.kit import NOW, OCTOBER, helped, make_skill, roll_up

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def activity() -> set[tuple[date, str, int, int]]:
    rows = MonthlyActivity.objects.values_list(
        "month", "employee__name", "minutes_given", "minutes_received"
    )
    return set(rows)


def test_both_sides_of_an_interaction_count_once(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        for day in (6, 7, 8):
            helped(place.employee, place.colleague, skill, on=date(2026, 10, day))
        helped(place.colleague, place.employee, skill, on=date(2026, 11, 3))
        expected = {
            (OCTOBER, "Nils Eriksen", 1440, 0),
            (OCTOBER, "Aisha Rahman", 0, 1440),
            (NOVEMBER, "Nils Eriksen", 0, 480),
            (NOVEMBER, "Aisha Rahman", 480, 0),
        }
        for _ in range(3):
            roll_up()
            assert activity() == expected
        mark = RollupMark.objects.get()
        assert mark.refreshed_at == NOW


def test_a_retraction_is_subtracted(world: Any) -> None:
    place = world.halden
    with place.scope():
        row = helped(place.employee, place.colleague, make_skill("x"), on=date(2026, 11, 3))
        roll_up()
        row.retract(at=NOW)
        roll_up()
        assert {given + received for _, _, given, received in activity()} == {0}


def test_a_late_commit_with_a_lower_id_is_not_missed(world: Any, sunday: Any) -> None:
    """What was seen is read again until nothing lower can appear any more."""
    place = world.halden
    with place.scope():
        skill = make_skill("x")
        helped(place.employee, place.colleague, skill, on=date(2026, 11, 3))
        roll_up()
        mark = RollupMark.objects.get()
        assert mark.settled_id == 0  # just seen, so not settled
        helped(place.employee, place.colleague, skill, on=date(2026, 11, 4))
        roll_up()
        assert (NOVEMBER, "Nils Eriksen", 960, 0) in activity()
        sunday.shift(timedelta(minutes=11))
        roll_up()
        settled = RollupMark.objects.get().settled_id
        assert settled == mark.seen_id


def test_each_organization_is_rolled_up_alone(world: Any) -> None:
    for place in (world.halden, world.nordfjord):
        with place.scope():
            helped(place.employee, place.colleague, make_skill("x"), on=date(2026, 10, 6))
            roll_up()
            assert len(activity()) == 2


def test_the_beat_asks_every_organization_once(world: Any) -> None:
    from analytics.effects import ROLLUPS
    from analytics.tasks import refresh_rollups

    refresh_rollups()
    refresh_rollups()
    assert Outbox.objects.filter(kind=ROLLUPS).count() == 2
    Outbox.objects.filter(kind=ROLLUPS).bury("Broken")
    refresh_rollups()
    assert Outbox.objects.filter(kind=ROLLUPS).alive().count() == 2


def test_organizations_take_turns_over_the_hour(world: Any) -> None:
    """Not all in one minute, and each at its own time every hour."""
    from analytics.effects import ROLLUPS
    from analytics.tasks import refresh_rollups, turn_of

    refresh_rollups()
    due = dict(Outbox.objects.filter(kind=ROLLUPS).values_list("organization_id", "due_at"))
    pks = [world.halden.organization.pk, world.nordfjord.organization.pk]
    assert due == {pk: NOW + turn_of(pk) for pk in pks}
    minutes = Counter(turn_of(pk).seconds // 60 for pk in range(1, 6001))
    assert set(minutes) == set(range(60))  # the twin, all at once, would be {0}
    assert max(minutes.values()) < 2 * 100


def test_refreshing_takes_a_fixed_number_of_queries(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("x")
        roll_up()
        counts = []
        for many in (1, 20):
            for day in range(1, many + 1):
                helped(place.employee, place.colleague, skill, on=date(2026, 11, day))
            with CaptureQueriesContext(connection) as queries:
                roll_up()
            counts.append(len(queries))
    assert counts[0] == counts[1]
