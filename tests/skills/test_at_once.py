"""Two people at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from skills import catalogue
from skills.levels import Source
from skills.models import Proficiency, Skill
from tests.skills.kit import AT, DAY, can, make_skill
from tests.world import Place, World


def together(place: Place, *acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread and a scope of its own, all beginning at once."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            with place.scope():
                barrier.wait(timeout=10)
                return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_leave_one_confirmation(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        mine = can(place.employee, skill, 3)
        for peer in (place.colleague, place.manager):
            can(peer, skill, 4)

    def confirm(peer: Any) -> Callable[[], Any]:
        return lambda: Proficiency.objects.get(pk=mine.pk).confirm(by=peer, at=AT)

    first, second = together(place, confirm(place.colleague), confirm(place.manager))
    assert first.confirmed_by_id == second.confirmed_by_id
    with place.scope():
        rows = Proficiency.objects.filter(employee=place.employee)
        assert rows.filter(source=Source.CONFIRMED).count() == 1
        assert rows.current().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_leave_one_level(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()

    def claim(level: int) -> Callable[[], Any]:
        return lambda: Proficiency.claim(employee=place.employee, skill=skill, level=level, on=DAY)

    together(place, claim(2), claim(3))
    with place.scope():
        assert Proficiency.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_the_catalogue_add_it_once(world: World) -> None:
    place = world.halden
    entries = catalogue.from_lines("Kubernetes | k8s\nDocker\nFault records")

    added = together(place, *[lambda: catalogue.add(entries)] * 2)
    assert sorted(len(one.skills) for one in added) == [0, 3]
    with place.scope():
        assert Skill.objects.count() == 3
