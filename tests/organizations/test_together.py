"""Two who change the same at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, RequestFactory

from peerlearn.organizations.granting import grant
from peerlearn.organizations.models import Employee, Team
from peerlearn.organizations.throttles import PASSWORD, Try
from tests.factories import BEGAN_AT, make_employee, make_team, user_of
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run them at once, each with its own connection; their results or what they raised."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            results[number] = act()
        except Exception as raised:
            results[number] = raised  # type: ignore[call-overload]  # shown to the test
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def test_two_edits_do_not_close_a_reporting_loop(world: World) -> None:
    place = world.halden
    with place.scope():
        a, b = make_employee("A"), make_employee("B")

    def put_under(person: Employee, manager: Employee) -> Callable[[], None]:
        def act() -> None:
            with place.scope():
                Employee.objects.get(pk=person.pk).assign(
                    team=None, manager=manager, job_title="", cost_band=None, on=date(2026, 1, 5)
                )

        return act

    results = together(put_under(a, b), put_under(b, a))
    assert [type(result) for result in results].count(ValidationError) == 1
    with place.scope():
        assert Employee.objects.filter(pk__in=[a.pk, b.pk], manager=None).count() == 1


def test_two_moves_do_not_close_a_loop_of_teams(world: World) -> None:
    place = world.halden
    with place.scope():
        a, b = make_team("A"), make_team("B")

    def move(team: Team, under: Team) -> Callable[[], None]:
        def act() -> None:
            with place.scope():
                Team.objects.get(pk=team.pk).move(under=under)

        return act

    results = together(move(a, b), move(b, a))
    assert [type(result) for result in results].count(ValidationError) == 1


def test_two_admins_do_not_end_each_others_role(world: World) -> None:
    place = world.halden
    with place.scope():
        grant(Employee.objects.get(pk=place.hr.pk), is_hr=True, is_admin=True, at=BEGAN_AT)

    def demote(person: Employee) -> Callable[[], None]:
        def act() -> None:
            with place.scope():
                person_now = Employee.objects.get(pk=person.pk)
                grant(person_now, is_hr=False, is_admin=False, at=BEGAN_AT)

        return act

    results = together(demote(place.admin), demote(place.hr))
    assert [type(result) for result in results].count(ValidationError) == 1
    with place.scope():
        assert Employee.objects.filter(is_admin=True).count() == 1


def test_adding_one_person_at_the_same_moment_makes_one(world: World) -> None:
    place, user = world.halden, user_of(world.halden.hr)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(user)
    data = {
        "name": "Åse",
        "email": "ase@halden.example",
        "hired_on": "2026-01-05",
        "time_zone": "Europe/Oslo",
        "working_days": ["0"],
        "day_starts": "08:00",
        "day_ends": "16:00",
    }
    path = place.path("employee_add")
    results = together(*[lambda client=client: client.post(path, data) for client in clients])
    assert sorted(result.status_code for result in results) == [302, 422]


def test_tries_at_once_are_counted_one_by_one(transactional_db: None) -> None:
    """Of twelve who try in the same moment five are let through."""

    def attempt() -> bool:
        return Try(RequestFactory().post("/"), PASSWORD, "nils@halden.example").count()

    results = together(*[attempt] * 12)
    assert sorted(results) == [False] * 7 + [True] * 5
