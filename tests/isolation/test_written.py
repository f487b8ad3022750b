"""Queries whose SQL is written once: the same rows, and never another organization's."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from peerlearn.organizations.models import Employee, User
from peerlearn.organizations.scoping import (
    OutsideScope,
    current_organization_id,
    in_any_organization,
    scope,
)
from peerlearn.organizations.written import NOBODY, Given, _plans, written
from tests.isolation.test_fence import without_the_orm_lock

pytestmark = pytest.mark.django_db


def _colleagues(people: Any, name: Any) -> Any:
    reports = Employee.objects.filter(manager=OuterRef("pk"))
    others = Employee.objects.filter(pk__in=people).exclude(name=name)
    return others.select_related("team").annotate(leads=Exists(reports)).order_by("pk")


def test_the_same_rows_as_a_queryset_written_anew(world: Any) -> None:
    asked = written(_colleagues)
    for side in (world.halden, world.nordfjord) * 6:  # after five Postgres keeps one plan for all
        people = (NOBODY, side.hr.pk, side.manager.pk, side.employee.pk)
        with scope(side.organization.pk):
            anew = list(_colleagues(people, side.hr.name))
            assert {one.pk for one in anew} == {side.manager.pk, side.employee.pk}
            told = [(one.pk, one.leads, one.name, one.team) for one in anew]
            rows = asked(people=people, name=side.hr.name)
            with CaptureQueriesContext(connection) as captured:  # what is written down is no plan
                again = asked(people=people, name=side.hr.name)
            assert "EXECUTE" not in captured[0]["sql"]
            for found in (rows, again):
                assert [(one.pk, one.leads, one.name, one.team) for one in found] == told
            assert asked(people=(NOBODY,), name="") == []


def test_another_organizations_rows_are_not_found(world: Any) -> None:
    asked = written(lambda pk: Employee.objects.filter(pk=pk))
    for _ in range(6):
        with scope(world.halden.organization.pk):
            assert asked(pk=world.halden.hr.pk) == [world.halden.hr]
            assert asked(pk=world.nordfjord.hr.pk) == []
        with scope(world.nordfjord.organization.pk):
            assert asked(pk=world.halden.hr.pk) == []
            assert asked(pk=world.nordfjord.hr.pk) == [world.nordfjord.hr]
    with pytest.raises(OutsideScope):
        asked(pk=world.halden.hr.pk)


def test_twin_without_the_filter_only_postgres_keeps_them_apart(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = written(lambda pk: Employee.objects.filter(pk=pk))
    with without_the_orm_lock(monkeypatch):
        for _ in range(6):
            for side, other in ((world.halden, world.nordfjord), (world.nordfjord, world.halden)):
                with scope(side.organization.pk):
                    assert asked(pk=side.hr.pk) == [side.hr]
                    assert asked(pk=other.hr.pk) == []
    assert asked._names == ["pk"]


def test_a_connection_that_was_lost_plans_anew(world: Any) -> None:
    asked = written(lambda pk: User.objects.filter(pk=pk))
    mine = world.halden.hr.membership.user
    assert asked(pk=mine.pk) == [mine]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(OperationalError), transaction.atomic():  # as on another connection
        asked(pk=mine.pk)
    _plans.clear()
    assert asked(pk=mine.pk) == [mine]


def test_nothing_is_read_while_the_organization_is_a_placeholder(world: Any) -> None:
    with scope(world.halden.organization.pk):
        with in_any_organization(Given("any")):
            with pytest.raises(ProgrammingError) as refused, transaction.atomic():
                Employee.objects.count()
            assert isinstance(refused.value.__cause__, psycopg2.ProgrammingError)
        assert current_organization_id() == world.halden.organization.pk
