"""An organization in a file, cell by cell, without what opens doors and without the others."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import models

from peerlearn.organizations import exporting
from peerlearn.organizations.exporting import exported, fields_of
from peerlearn.organizations.models import Organization, User
from tests.analytics.kit import helped
from tests.factories import make_cost_band, make_employee, set_password, user_of
from tests.sessions.kit import TUESDAY, make_booking, make_offer, make_skill
from tests.skills.kit import can
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)


def exported_to(file: Path, slug: str = "halden-grid") -> str:
    out = StringIO()
    call_command("export_organization", slug, "--to", str(file), stdout=out)
    return out.getvalue()


def filled(place: Place) -> None:
    with place.scope():
        skill = make_skill('Øst & "æ"\nof two lines \\ \' = +')
        can(place.manager, skill, 4)
        make_booking(make_offer(place.manager, skill.name), place.employee)
        helped(place.manager, place.employee, skill, on=TUESDAY)
        make_cost_band(hourly_cost="61.50")
        make_employee("=SUM(A1)", team=place.team)
    set_password(place.employee)


def cell(field: Any, value: Any) -> Any:
    """As the field of the model has it."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, (models.DateField, models.TimeField, models.DecimalField)):
        return field.to_python(value)
    return value


def own_rows(model: type[models.Model], place: Place) -> Any:
    if model is Organization:
        return Organization.objects.filter(pk=place.organization.pk)
    if model is User:
        return User.objects.filter(memberships__organization=place.organization)
    return model._base_manager.filter(organization_id=place.organization.pk)


def test_every_cell_is_in_the_file(world: World, tmp_path: Path) -> None:
    place, file = world.halden, tmp_path / "halden.zip"
    filled(place)
    filled(world.nordfjord)
    assert " tables, 0 files\n" in exported_to(file)
    assert file.stat().st_mode & 0o777 == 0o600
    compared = 0
    with zipfile.ZipFile(file) as whole, place.scope():
        tables = json.loads(whole.read("manifest.json"))["tables"]
        assert len(tables) == len(exported()) == len(whole.namelist()) - 1
        for model in exported():
            name = model._meta.db_table
            lines = whole.read(f"{name}.jsonl").decode().splitlines()
            found = [json.loads(line, parse_float=Decimal) for line in lines]
            fields = [field for field in fields_of(model) if _is_compared(field)]
            expected = list(own_rows(model, place).order_by("pk").values(*_columns(fields)))
            assert [
                {field.column: cell(field, row[field.column]) for field in fields} for row in found
            ] == expected, name
            assert tables[name]["rows"] == len(found) == len(expected)
            assert set(tables[name]["columns"]) == set(
                found[0] if found else tables[name]["columns"]
            )
            compared += len(found) * len(fields)
    assert compared > 500


def _is_compared(field: Any) -> bool:
    """Ranges and bytes are written as Postgres writes them."""
    return "Range" not in type(field).__name__ and not isinstance(field, models.BinaryField)


def _columns(fields: list[Any]) -> list[str]:
    return [field.attname for field in fields]


def test_files_that_were_made_for_it_are_in_it(world: World, tmp_path: Path) -> None:
    for place, words in ((world.halden, b"ours"), (world.nordfjord, b"theirs")):
        name = f"organization-{place.organization.pk}/reports/one.csv"
        default_storage.save(name, ContentFile(words))
    assert " tables, 1 files\n" in exported_to(tmp_path / "halden.zip")
    with zipfile.ZipFile(tmp_path / "halden.zip") as whole:
        names = [name for name in whole.namelist() if name.startswith("files/")]
        assert [whole.read(name) for name in names] == [b"ours"]
        assert json.loads(whole.read("manifest.json"))["files"] == 1


def test_no_secret_and_nobody_else_is_in_it(world: World, tmp_path: Path) -> None:
    place, file = world.halden, tmp_path / "halden.zip"
    filled(place)
    exported_to(file)
    with zipfile.ZipFile(file) as whole:
        content = b"".join(whole.read(name) for name in whole.namelist()).decode()
    assert "nils@halden.example" in content
    assert user_of(place.employee).password not in content
    assert "nordfjord" not in content.lower()
    left_out = {
        f"{model._meta.db_table}.{field.column}"
        for model in exported()
        for field in set(model._meta.local_concrete_fields) - set(fields_of(model))
    }
    assert left_out >= {
        "organizations_user.password",
        "organizations_invitation.seed",
        "organizations_invitation.key_hash",
        "api_apitoken.digest",
    }


def test_twin_without_leaving_them_out_the_password_is_in_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_NO_SECRETS", {"password"})
    set_password(world.halden.employee)
    exported_to(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as whole:
        users = whole.read("organizations_user.jsonl").decode()
    assert user_of(world.halden.employee).password in users


def test_what_cannot_be_written_is_told(world: World, tmp_path: Path) -> None:
    taken = tmp_path / "there.zip"
    taken.touch()
    for file, slug, words in (
        (taken, "halden-grid", "there already"),
        (tmp_path / "no" / "folder.zip", "halden-grid", "No such file"),
        (tmp_path / "new.zip", "nowhere", "no organization has the slug"),
    ):
        with pytest.raises(CommandError, match=words):
            exported_to(file, slug)
    assert list(tmp_path.iterdir()) == [taken]
