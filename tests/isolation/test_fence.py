"""The two locks. Every test of a lock has a twin that shows it failing with the lock off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from peerlearn.organizations import audit
from peerlearn.organizations.addresses import organization_path
from peerlearn.organizations.fence import FencedManager
from peerlearn.organizations.models import Assignment, Employee, Team
from peerlearn.organizations.scoping import OutsideScope, current_organization_id, scope

pytestmark = pytest.mark.django_db


@contextmanager
def without_the_orm_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if somebody had forgotten the filter: only Postgres keeps organizations apart."""
    from django.db.models import Manager

    with monkeypatch.context() as patch:
        patch.setattr(FencedManager.__mro__[1], "get_queryset", Manager.get_queryset)
        yield


# --- The ORM's lock --------------------------------------------------------------------------
def test_a_query_outside_a_scope_raises() -> None:
    for query in (
        lambda: list(Employee.objects.all()),
        lambda: Employee.objects.count(),
        lambda: Employee.objects.filter(name="x").update(name="y"),
        lambda: Employee.objects.all().delete(),
        lambda: Employee.objects.bulk_create([Employee(name="x")]),
        lambda: Employee(name="x").save(),
        lambda: Team(name="x").save(),
    ):
        with pytest.raises(OutsideScope):
            query()


def test_a_query_made_inside_and_read_outside_is_refused_by_postgres(world: Any) -> None:
    with scope(world.halden.organization.pk):
        query = Employee.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        list(query)


def test_another_organization_cannot_be_entered_from_within(world: Any) -> None:
    ours, theirs = world.halden.organization.pk, world.nordfjord.organization.pk
    with scope(ours):
        with scope(ours):
            assert current_organization_id() == ours
        assert Employee.objects.filter(pk=world.halden.hr.pk).exists()
        with pytest.raises(OutsideScope), scope(theirs):
            pass
    assert current_organization_id() is None
    with scope(theirs):
        assert not Employee.objects.filter(pk=world.halden.hr.pk).exists()


@pytest.mark.parametrize("wrong", ["1", None, True, 1.0])
def test_a_scope_takes_an_id_and_nothing_else(wrong: Any) -> None:
    with pytest.raises(TypeError), scope(wrong):
        pass


# --- Postgres's lock -------------------------------------------------------------------------
def organizations_seen() -> set[int]:
    return set(Employee.objects.values_list("organization_id", flat=True))


def test_postgres_alone_shows_only_the_own_organization(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = world.halden, world.nordfjord
    with scope(ours.organization.pk), without_the_orm_lock(monkeypatch):
        assert organizations_seen() == {ours.organization.pk}
        assert not Employee.objects.filter(pk=theirs.hr.pk).exists()
        assert Employee.objects.filter(pk=theirs.hr.pk).update(name="x") == 0
        assert Assignment.objects.filter(organization=theirs.organization).delete()[0] == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT organization_id FROM organizations_employee")
            assert cursor.fetchall() == [(ours.organization.pk,)]


@pytest.mark.django_db(transaction=True)
def test_twin_without_row_security_the_same_query_shows_both(
    world: Any, monkeypatch: pytest.MonkeyPatch, owner: Any
) -> None:
    """With both locks off the test above would fail: it does not pass by chance."""
    with owner.cursor() as cursor:
        cursor.execute("ALTER TABLE organizations_employee DISABLE ROW LEVEL SECURITY")
        cursor.execute("SELECT DISTINCT organization_id FROM organizations_employee")
        seen = {organization_id for (organization_id,) in cursor.fetchall()}
    assert seen == {world.halden.organization.pk, world.nordfjord.organization.pk}


def test_nothing_can_be_written_into_another_organization(world: Any) -> None:
    ours, theirs = world.halden, world.nordfjord
    writes = (
        lambda: Team(name="x", organization=theirs.organization).save(),
        lambda: Team.objects.bulk_create([Team(name="y", organization=theirs.organization)]),
        lambda: Employee.objects.filter(pk=ours.employee.pk).update(
            organization=theirs.organization
        ),
    )
    with scope(ours.organization.pk):
        for write in writes:
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                write()


def refer(values: dict[str, Any], employee: Employee) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        Employee.objects.filter(pk=employee.pk).update(**values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_reference_cannot_leave_the_organization(world: Any) -> None:
    ours, theirs = world.halden, world.nordfjord
    with scope(ours.organization.pk):
        refer({"manager_id": ours.hr.pk}, ours.employee)
        for foreign in (
            {"manager_id": theirs.manager.pk},
            {"team_id": theirs.team.pk},
            {"membership_id": theirs.employee.membership_id},
        ):
            with pytest.raises(IntegrityError, match="foreign key"):
                refer(foreign, ours.employee)


@pytest.mark.django_db(transaction=True)
def test_nothing_survives_on_the_connection(world: Any) -> None:
    with scope(world.halden.organization.pk):
        assert Employee.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.organization_id', true)")
        assert cursor.fetchone()[0] in (None, "")


def test_an_error_inside_leaves_nothing_behind(world: Any) -> None:
    ours, theirs = world.halden, world.nordfjord
    with pytest.raises(IntegrityError), scope(ours.organization.pk):
        Team.objects.create(name=ours.team.name)
    with scope(theirs.organization.pk):
        assert organizations_seen() == {theirs.organization.pk}


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE organizations_employee DISABLE ROW LEVEL SECURITY",
        "DROP POLICY organizations_employee_fence ON organizations_employee",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION app_organization_id() RETURNS bigint LANGUAGE sql RETURN 1",
    ],
)
def test_the_serving_role_cannot_lift_the_fence(sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


# --- The audit -------------------------------------------------------------------------------
def test_the_catalogue_has_no_hole() -> None:
    assert audit.fence_problems() == []


def test_the_list_outside_the_fence_names_only_tables_that_exist() -> None:
    with connection.cursor() as cursor:
        tables = {table.name for table in connection.introspection.get_table_list(cursor)}
    assert tables >= audit.OUTSIDE_THE_FENCE
    assert len(tables - audit.OUTSIDE_THE_FENCE) >= 4


def test_twin_the_audit_names_a_table_that_is_not_behind_the_fence() -> None:
    problems = audit.fence_problems(audit.OUTSIDE_THE_FENCE - {"organizations_membership"})
    assert any("organizations_membership: row security" in text for text in problems)
    assert any("organizations_membership: has 0 policies" in text for text in problems)


@pytest.mark.parametrize(
    ("sabotage", "finding"),
    [
        (
            "ALTER TABLE organizations_team DISABLE ROW LEVEL SECURITY",
            "organizations_team: row security is not enabled and forced",
        ),
        (
            "ALTER TABLE organizations_team NO FORCE ROW LEVEL SECURITY",
            "organizations_team: row security is not enabled and forced",
        ),
        (
            "DROP POLICY organizations_team_fence ON organizations_team",
            "organizations_team: has 0 policies instead of one",
        ),
        (
            "ALTER POLICY organizations_team_fence ON organizations_team WITH CHECK (true)",
            "organizations_team: policy organizations_team_fence is not the strict one",
        ),
        (
            "CREATE POLICY more ON organizations_team USING (true)",
            "organizations_team: has 2 policies instead of one",
        ),
        (
            "ALTER TABLE organizations_team ALTER organization_id DROP NOT NULL",
            "organizations_team: organization_id is missing or may be null",
        ),
        (
            "ALTER TABLE organizations_team ADD CONSTRAINT plain FOREIGN KEY (parent_id) "
            "REFERENCES organizations_team (id) NOT VALID",
            "organizations_team: foreign key plain to organizations_team lacks organization_id",
        ),
        (
            "CREATE UNIQUE INDEX oracle ON organizations_team (name)",
            "organizations_team: unique index oracle spans organizations",
        ),
        (
            "CREATE VIEW everything AS SELECT * FROM organizations_team",
            "everything: views read past row security",
        ),
        (
            "CREATE TABLE forgotten (id int)",
            "forgotten: row security is not enabled and forced",
        ),
        (
            "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN 1",
            "peek: a function with its definer's rights",
        ),
        (
            "ALTER FUNCTION app_organization_id() IMMUTABLE",
            "app_organization_id: a plan that is kept would serve",
        ),
    ],
)
def test_twin_the_audit_finds(sabotage: str, finding: str, owner: Any) -> None:
    with owner.cursor() as cursor:
        cursor.execute(sabotage)
        cursor.execute(audit._FENCE, audit.parameters())
        found = [text for (text,) in cursor.fetchall()]
    assert any(text.startswith(finding) for text in found), found


def test_the_serving_role_is_restricted() -> None:
    assert audit.role_problems() == []
    audit.refuse_unsafe_role()


def test_twin_the_owner_may_not_serve(owner: Any) -> None:
    with owner.cursor() as cursor:
        cursor.execute(audit._ROLE)
        assert cursor.fetchone()[2] is True


@pytest.fixture
def owner() -> Iterator[Any]:
    """A connection as the owner of the tables; what it does is rolled back."""
    place, who = connection.settings_dict, settings.DATABASE_OWNER
    raw = psycopg2.connect(
        dbname=place["NAME"],
        host=place["HOST"],
        port=place["PORT"],
        user=who["USER"],
        password=who["PASSWORD"],
    )
    try:
        yield raw
    finally:
        raw.rollback()
        raw.close()


# --- Requests --------------------------------------------------------------------------------
def test_a_page_of_another_organization_does_not_exist(world: Any) -> None:
    client = Client()
    client.force_login(world.halden.hr.membership.user)
    own = client.get(organization_path(world.halden.organization, "employees"))
    foreign = client.get(organization_path(world.nordfjord.organization, "employees"))
    assert (own.status_code, foreign.status_code) == (200, 404)


def test_deactivation_ends_a_session_that_is_open(world: Any) -> None:
    client = Client()
    client.force_login(world.halden.employee.membership.user)
    path = organization_path(world.halden.organization, "employees")
    assert client.get(path).status_code == 200
    with scope(world.halden.organization.pk):
        world.halden.employee.deactivate(at=world.halden.organization.created_at)
    assert client.get(path).status_code == 404
