"""An organization leaves: its files, every row of it, and the users who belong to no other."""

from __future__ import annotations

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction

from peerlearn.organizations.fence import FencedModel
from peerlearn.organizations.file_names import folder_of
from peerlearn.organizations.models import Membership, Organization, User
from peerlearn.organizations.scoping import scope


def remove(organization: Organization) -> int:
    """Delete it for good; how many rows there were. Belongs to the owner of the tables, outside
    every scope: some may not be deleted by whoever serves.

    The files go first: when something fails, all of it can be done again.
    """
    _delete_files(folder_of(organization))
    with transaction.atomic():
        users = list(Membership.objects.filter(organization=organization).values_list("user"))
        with scope(organization.pk):
            rows = sum(_delete(model, "organization_id", organization) for model in _tables())
        rows += _delete(Organization, "id", organization)
        alone = User.objects.filter(pk__in=[pk for (pk,) in users], memberships=None)
        rows += alone.delete()[0]
    return rows


def _tables() -> list[type[models.Model]]:
    """The fenced ones and those outside the fence that name their organization."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, FencedModel)
        or any(field.name == "organization" for field in model._meta.local_fields)
    ]


def _delete(model: type[models.Model], column: str, organization: Organization) -> int:
    """In any order: references are looked at when the transaction ends."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE {column} = %s",  # noqa: S608  # nosec B608  # a model's name
            [organization.pk],
        )
        return int(cursor.rowcount)


def _delete_files(folder: str) -> None:
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        _delete_files(f"{folder}/{name}")
    default_storage.delete(folder)
