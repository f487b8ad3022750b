"""A backup read back into an empty database, and what would make it less than whole."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from peerlearn.runtime import backup, removed
from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.roles import Login, grant
from skills.models import Skill
from tests.factories import make_cost_band, make_employee
from tests.organizations.test_operators import ask_to_remove, fill
from tests.runtime.test_roles import asked, here
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
_TABLES = (
    "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') "
    "AND relnamespace = 'public'::regnamespace ORDER BY 1"
)
_WHOLE = "SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} AS t"


@contextmanager
def another_database() -> Iterator[str]:
    """Migrated and empty, as `migrate` leaves a new one."""
    template = here("DATABASE_OWNER_URL").database.rpartition("_")[0]
    name = f"{template}_{token_hex(4)}"
    with replace(here("DATABASE_OWNER_URL"), database="postgres").cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        owner = replace(here("DATABASE_OWNER_URL"), database=name)
        grant(owner, app=here("DATABASE_URL").user, backup=here("DATABASE_BACKUP_URL").user)
        yield name
    finally:
        with replace(here("DATABASE_OWNER_URL"), database="postgres").cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def contents(database: str) -> dict[str, Any]:
    """How many rows of each table, and what stands in them: past row security."""
    role = replace(here("DATABASE_BACKUP_URL"), database=database)
    return {
        name: asked(role, _WHOLE.format(f'"{name}"'))[0]
        for (name,) in asked(role, _TABLES)
        if name not in ("django_migrations", "auth_permission", "django_content_type")
    }


def test_all_of_it_comes_back(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with world.halden.scope():
        make_cost_band(name='A "quoted", cell\nof two lines')
        Skill.objects.create(name="Øst & æ", search_key="ost & ae")
    file, ours = tmp_path / "all.zip", connection.settings_dict["NAME"]
    monkeypatch.setenv("DATABASE_BACKUP_URL", here("DATABASE_BACKUP_URL").url())
    assert backup.main_backup(["--to", str(file)]) == 0
    assert (file.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o600, [file])
    with pytest.raises(CannotStart, match="there already"):
        backup.main_backup(["--to", str(file)])
    with another_database() as name:
        owner = replace(here("DATABASE_OWNER_URL"), database=name)
        monkeypatch.setenv("DATABASE_OWNER_URL", owner.url())
        assert contents(name) != contents(ours)
        damaged = tmp_path / "damaged.zip"
        with zipfile.ZipFile(file) as whole, zipfile.ZipFile(damaged, "w") as less:
            for part in whole.namelist():
                rows = whole.read(part)
                short = rows.rsplit(b"\n", 2)[0] + b"\n"
                less.writestr(part, short if part == "skills_skill.csv" else rows)
        with pytest.raises(CannotStart, match="skills_skill: 0 rows instead of 1"):
            backup.main_restore(["--from", str(damaged)])
        assert backup.main_restore(["--from", str(file)]) == 0
        assert contents(name) == contents(ours)
        said = capsys.readouterr().out
        assert "kept for seven days" in said
        assert "what was removed since that backup is here again" in said
        assert said.count(f" rows of {len(contents(ours)) + 2} tables") == 2
        _still_fenced(replace(here("DATABASE_URL"), database=name), owner, world.halden)
        with pytest.raises(CannotStart, match=r"not empty: .*organizations_"):
            backup.main_restore(["--from", str(file)])
        with owner.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'skills'")
        with pytest.raises(CannotStart, match="not migrated by the release"):
            backup.main_restore(["--from", str(file)])


def test_who_was_removed_since_does_not_come_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real commands: backed up, removed, restored from the older backup."""
    fill(world.halden)
    fill(world.nordfjord)
    with world.nordfjord.scope():
        make_employee("Nils Eriksen", email=world.halden.employee.email)
    world.sign_in(Client(), world.halden.colleague)  # a session goes with its user
    file, ours = tmp_path / "before.zip", connection.settings_dict["NAME"]
    backup.back_up(here("DATABASE_BACKUP_URL"), file)
    before = contents(ours)
    media = tmp_path / "removed"
    code, words = ask_to_remove("halden-grid", "halden-grid\n", media, as_owner=True)
    assert code == 0, words
    after, ledger = contents(ours), tmp_path / removed.NAME
    assert after["organizations_signin"] != before["organizations_signin"]
    with another_database() as name:
        owner = replace(here("DATABASE_OWNER_URL"), database=name)
        monkeypatch.setenv("DATABASE_OWNER_URL", owner.url())
        unreadable = tmp_path / "unreadable.jsonl"
        unreadable.write_text('{"slug": "halden-grid"}\n')
        for wrong in (unreadable, tmp_path / "absent.jsonl"):
            with pytest.raises(CannotStart, match="nothing was restored"):
                backup.main_restore(["--from", str(file), "--removed", str(wrong)])
            assert contents(name)["organizations_organization"][0] == 0
        assert backup.main_restore(["--from", str(file)]) == 0
        assert contents(name) == after
        _still_fenced(replace(here("DATABASE_URL"), database=name), owner, world.nordfjord)
    with another_database() as name:
        restored = replace(here("DATABASE_OWNER_URL"), database=name)
        _note_two_days_ago(ledger, world.halden)  # it failed, or the backup would not hold them
        assert backup.restore(restored, file, ledger).removed == []
        assert contents(name) == before


def _note_two_days_ago(ledger: Path, place: Place) -> None:
    ledger.unlink()
    at, organization = datetime.now(UTC) - timedelta(days=2), place.organization
    removed.note(ledger, slug=organization.slug, created_at=organization.created_at, at=at)


def _still_fenced(app: Login, owner: Login, place: Place) -> None:
    """The serving role sees one organization and writes on; the owner sees nothing."""
    ours = place.organization.pk
    with app.cursor() as cursor:
        cursor.execute("SELECT set_config('app.organization_id', %s, false)", [str(ours)])
        cursor.execute("SELECT DISTINCT organization_id FROM organizations_employee")
        assert cursor.fetchall() == [(ours,)]
        cursor.execute(
            "INSERT INTO organizations_team (organization_id, public_id, name) "
            "VALUES (%s, 'abcdefghijkl', 'New')",
            [ours],
        )
    with owner.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("SELECT count(*) FROM organizations_employee")


def test_a_backup_of_the_serving_role_is_found_out(world: World, tmp_path: Path) -> None:
    serving = here("DATABASE_URL")
    with pytest.raises(CannotStart, match="row security hides rows"):
        backup.back_up(serving, tmp_path / "mine.zip")
    assert not list(tmp_path.iterdir())


def test_twin_unasked_postgres_refuses_and_forced_it_lacks_an_organization(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why both are needed: without them the file looks whole."""
    monkeypatch.setattr(backup, "check_bypasses", lambda role: None)
    with pytest.raises(CannotStart, match="row-level security"):
        backup.back_up(here("DATABASE_URL"), tmp_path / "refused.zip")
    assert not list(tmp_path.iterdir())
    ours = world.halden.organization.pk
    tell = "SELECT set_config('app.organization_id', %s, false)"
    monkeypatch.setattr(
        backup, "refuse_to_filter", lambda cursor: cursor.execute(tell, [str(ours)])
    )
    rows = backup.back_up(here("DATABASE_URL"), tmp_path / "partial.zip")
    ((everybody,),) = asked(
        here("DATABASE_BACKUP_URL"), "SELECT count(*) FROM organizations_employee"
    )
    assert 0 < rows["organizations_employee"] < everybody
