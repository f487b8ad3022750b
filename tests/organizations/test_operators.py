"""What an operator does with organizations on the command line."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test import Client, override_settings

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Membership, Organization, User
from peerlearn.organizations.removing import _tables, remove
from peerlearn.runtime import removed
from tests.analytics.kit import helped
from tests.factories import BEGAN_AT, make_employee
from tests.notifications.kit import environment
from tests.sessions.kit import make_booking, make_offer, make_skill
from tests.skills.kit import can
from tests.world import Place, World


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_organizations_are_listed(world: World) -> None:
    with pytest.raises(CommandError, match="no organization has the slug 'nowhere'"):
        said("suspend_organization", "nowhere")
    said("suspend_organization", "nordfjord")
    first, second = said("organizations").splitlines()
    assert first == "halden-grid  Halden Grid  since 2025-01-06  5 people  open"
    assert second.startswith("nordfjord  Nordfjord  since 2025-01-06  5 people  suspended 20")


def test_nobody_gets_into_a_suspended_organization(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    assert client.get(place.path("employees")).status_code == 200
    assert "is suspended" in said("suspend_organization", "halden-grid")
    assert client.get(place.path("employees")).status_code == 404
    assert "is open" in said("restore_organization", "halden-grid")
    assert client.get(place.path("employees")).status_code == 200


# --- Removing ----------------------------------------------------------------------------------
def rows_of(organization: Organization) -> dict[str, int]:
    """Of each table of the database that names an organization, read inside the fence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns "
            "WHERE column_name = 'organization_id' AND table_schema = current_schema()"
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('app.organization_id', %s, true)", [str(organization.pk)])
        counts = {}
        for table in tables:
            where = "WHERE organization_id = %s"
            cursor.execute(f"SELECT count(*) FROM {table} {where}", [organization.pk])
            counts[table] = cursor.fetchone()[0]
        cursor.execute("ROLLBACK")
    return counts


def fill(place: Place) -> None:
    with place.scope():
        skill = make_skill()
        can(place.employee, skill, 3)
        make_booking(make_offer(place.colleague), place.employee)
        helped(place.employee, place.colleague, skill, on=BEGAN_AT.date())
        Notification.deliver(place.employee, "welcome", subject_id=1, due_at=BEGAN_AT)


def ask_to_remove(slug: str, typed: str, media: Path, *, as_owner: bool) -> tuple[int, str]:
    database = connection.settings_dict["NAME"]
    owner = urlsplit(environment()["DATABASE_OWNER_URL"])._replace(path=f"/{database}").geturl()
    more = {"DATABASE_OWNER_URL": owner, "MEDIA_ROOT": str(media), "AS_OWNER": str(int(as_owner))}
    command = ["remove_organization", slug, "--ledger", str(media.with_suffix(".jsonl"))]
    ended = subprocess.run(
        [sys.executable, "manage.py", *command],
        input=typed,
        env=environment(**more),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.django_db(transaction=True)
def test_an_organization_is_removed_with_all_that_is_its_own(world: World, tmp_path: Path) -> None:
    media, ledger = tmp_path / "media", tmp_path / "media.jsonl"
    for place in (world.halden, world.nordfjord):
        fill(place)
        (media / f"organization-{place.organization.pk}" / "reports").mkdir(parents=True)
        (media / f"organization-{place.organization.pk}" / "reports" / "a.csv").write_text("x")
    with world.nordfjord.scope():
        make_employee("Nils Eriksen", email=world.halden.employee.email)
    organization, other = world.halden.organization, world.nordfjord.organization
    before, theirs = rows_of(organization), rows_of(other)
    assert before["learning_sessions_interaction"]
    assert before["notifications_outbox"]

    for typed, as_owner, why in (
        ("halden-grid\n", False, "AS_OWNER=1"),
        ("halden\n", True, "nothing was deleted"),
        ("", True, "nothing was deleted"),
    ):
        code, words = ask_to_remove("halden-grid", typed, media, as_owner=as_owner)
        assert (code, why in words) == (1, True), words
        assert rows_of(organization) == before
        assert not ledger.exists()

    code, words = ask_to_remove("halden-grid", "halden-grid\n", media, as_owner=True)
    assert (code, "is removed" in words) == (0, True), words
    assert not any(rows_of(organization).values())
    assert rows_of(other) == theirs
    assert list(Organization.objects.all()) == [other]
    kept = set(User.objects.values_list("email", flat=True))
    assert world.halden.employee.email in kept  # works for the other one too
    assert world.halden.colleague.email not in kept
    assert not Membership.objects.filter(organization=organization.pk).exists()
    assert [folder.name for folder in media.iterdir()] == [f"organization-{other.pk}"]
    (line,) = removed.read(ledger)
    assert (line.slug, line.created_at) == ("halden-grid", organization.created_at)
    assert ledger.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_nothing_is_removed_that_cannot_be_noted(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda: "halden-grid")
    nowhere = str(tmp_path / "no" / removed.NAME)
    with override_settings(AS_OWNER=True), pytest.raises(CommandError, match="nothing was deleted"):
        said("remove_organization", "halden-grid", "--ledger", nowhere)
    world.halden.organization.refresh_from_db()
    assert world.halden.organization.suspended_at is None


@pytest.mark.django_db(transaction=True)
def test_twin_whoever_serves_removes_nothing(world: World) -> None:
    fill(world.halden)
    before = rows_of(world.halden.organization)
    with pytest.raises(ProgrammingError, match="permission denied"):
        remove(world.halden.organization)
    assert rows_of(world.halden.organization) == before


def test_every_table_that_names_an_organization_is_known(world: World) -> None:
    known = {model._meta.db_table for model in _tables()}
    assert known == set(rows_of(world.halden.organization))
