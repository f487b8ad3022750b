"""Queries whose SQL is written once: the same rows, and never another organization's."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from django.db import ProgrammingError, transaction
from django.db.models import Exists, OuterRef

from peerlearn.organizations.models import Employee
from peerlearn.organizations.scoping import (
    OutsideScope,
    current_organization_id,
    in_any_organization,
    scope,
)
from peerlearn.organizations.written import NOBODY, Given, written
from tests.isolation.test_fence import without_the_orm_lock

pytestmark = pytest.mark.django_db


def _colleagues(people: Any, name: Any) -> Any:
    reports = Employee.objects.filter(manager=OuterRef("pk"))
    others = Employee.objects.filter(pk__in=people).exclude(name=name)
    return others.select_related("team").annotate(leads=Exists(reports)).order_by("pk")


def test_the_same_rows_as_a_queryset_written_anew(world: Any) -> None:
    asked = written(_colleagues)
    for side in (world.halden, world.nordfjord, world.halden):  # whoever comes first
        people = (NOBODY, side.hr.pk, side.manager.pk, side.employee.pk)
        with scope(side.organization.pk):
            rows = asked(people=people, name=side.hr.name)
            anew = list(_colleagues(people, side.hr.name))
            assert rows == anew == [side.manager, side.employee] or rows == anew == [
                side.employee,
                side.manager,
            ]
            told = [(one.leads, one.name, one.team) for one in rows]
            assert told == [(one.leads, one.name, one.team) for one in anew]
            assert asked(people=(NOBODY,), name="") == []


def test_another_organizations_rows_are_not_found(world: Any) -> None:
    asked = written(lambda pk: Employee.objects.filter(pk=pk))
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
    with without_the_orm_lock(monkeypatch), scope(world.halden.organization.pk):
        assert 'organization_id" = %s' not in asked._once[2]
        assert asked(pk=world.nordfjord.hr.pk) == []


def test_nothing_is_read_while_the_organization_is_a_placeholder(world: Any) -> None:
    with scope(world.halden.organization.pk):
        with in_any_organization(Given("any")):
            with pytest.raises(ProgrammingError) as refused, transaction.atomic():
                Employee.objects.count()
            assert isinstance(refused.value.__cause__, psycopg2.ProgrammingError)
        assert current_organization_id() == world.halden.organization.pk
