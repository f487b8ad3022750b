"""Everything of one organization in one file, for whoever moves: a ZIP with one file of JSON lines
for each table, the files made for it below `files/`, and `manifest.json`, which says what each
table and column is.

Read by the serving role inside the fence, in one snapshot, never all rows at once. What opens
doors stays here: passwords, and whatever is named like a secret, hashed or not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction

from peerlearn.organizations.fence import FencedModel
from peerlearn.organizations.file_names import files_of
from peerlearn.organizations.models import Membership, Organization, User
from peerlearn.organizations.scoping import scope

FORMAT = 1
_SECRET = re.compile(r"password|secret|seed|token|hash|digest|key|code|data$")
_NO_SECRETS = frozenset({"search_key"})
# Answers kept for programs that ask twice: copies, and some hold what is shown once.
_LEFT_OUT = frozenset({"api_keptanswer"})
_ROWS = "SELECT row_to_json(one)::text FROM (SELECT {columns} FROM {table} WHERE {own}) AS one"

_OF_MEMBERS = "id IN (SELECT user_id FROM {members} WHERE {own})"


class Exported(NamedTuple):
    """How many rows of which table, and how many files."""

    rows: dict[str, int]
    files: int


def export(organization: Organization, file: Path, *, at: datetime) -> Exported:
    """Write the file, which must not be there. Raises OSError. Belongs outside every scope."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    if file.exists():
        raise FileExistsError(f"{file} is there already")
    try:
        with (
            open(unfinished, "xb", opener=_for_me_alone) as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as whole,
        ):
            made = _written(organization, whole, at)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _written(organization: Organization, whole: zipfile.ZipFile, at: datetime) -> Exported:
    tables, rows = {}, {}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        with scope(organization.pk):
            for model in exported():
                name = model._meta.db_table
                with whole.open(f"{name}.jsonl", "w", force_zip64=True) as part:
                    rows[name] = _write_rows(model, organization, part)
                tables[name] = {**_described(model), "rows": rows[name]}
        files = _write_files(files_of(organization), whole)
    about = {
        "format": FORMAT,
        "organization": {"slug": organization.slug, "name": organization.name},
        "made_at": at.isoformat(),
        "tables": tables,
        "files": files,
    }
    whole.writestr("manifest.json", json.dumps(about, indent=1, ensure_ascii=False))
    return Exported(rows, files)


def _write_files(names: Iterable[str], whole: zipfile.ZipFile) -> int:
    """Those that are still there when their turn comes; how many."""
    written = 0
    for name in names:
        try:
            with default_storage.open(name) as file, whole.open(f"files/{name}", "w") as part:
                shutil.copyfileobj(file, part)
            written += 1
        except FileNotFoundError:  # made reports are deleted when they run out
            continue
    return written


def exported() -> list[type[models.Model]]:
    """Organization, users and memberships, and whatever else names its organization."""
    outside = [Organization, User, Membership]
    inside = [
        model
        for model in apps.get_models()
        if (issubclass(model, FencedModel) or _names_its_organization(model))
        and model not in outside
        and model._meta.db_table not in _LEFT_OUT
    ]
    return [*outside, *sorted(inside, key=lambda model: model._meta.db_table)]


def _names_its_organization(model: type[models.Model]) -> bool:
    return any(field.name == "organization" for field in model._meta.local_fields)


def fields_of(model: type[models.Model]) -> list[Any]:
    """Those that leave; references do, whatever they are called."""
    fields: Any = model._meta.local_concrete_fields
    return [
        field
        for field in fields
        if field.is_relation or field.column in _NO_SECRETS or not _SECRET.search(field.column)
    ]


def _write_rows(model: type[models.Model], organization: Organization, part: Any) -> int:
    quote = connection.ops.quote_name
    own = "organization_id = %(organization)s"
    if model is Organization:
        own = "id = %(organization)s"
    elif model is User:
        own = _OF_MEMBERS.format(members=quote(Membership._meta.db_table), own=own)
    sql = _ROWS.format(
        columns=", ".join(quote(field.column) for field in fields_of(model)),
        table=quote(model._meta.db_table),
        own=f"{own} ORDER BY {quote(str(model._meta.pk.column))}",
    )
    count = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, {"organization": organization.pk})
        for (line,) in cursor:
            part.write(line.encode() + b"\n")
            count += 1
    return count


def _described(model: type[models.Model]) -> dict[str, Any]:
    """In English, whatever language is active: names of tables and columns are."""
    left = [field.column for field in model._meta.local_concrete_fields]
    columns = {field.column: _kind(field) for field in fields_of(model)}
    return {
        "what": " ".join((model.__doc__ or "").split()),
        "columns": columns,
        "left_out": [column for column in left if column not in columns],
    }


def _kind(field: Any) -> str:
    kind = field.get_internal_type()
    return f"{kind} → {field.related_model._meta.db_table}" if field.is_relation else kind
