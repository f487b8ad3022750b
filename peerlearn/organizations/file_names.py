"""The files of one organization: all lie below a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import default_storage

from peerlearn.organizations.models import Organization


def folder_of(organization: Organization) -> str:
    return f"organization-{organization.pk}"


def files_of(organization: Organization) -> Iterator[str]:
    """Their names in the storage."""
    return _below(folder_of(organization))


def _below(folder: str) -> Iterator[str]:
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in sorted(files):
        yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from _below(f"{folder}/{name}")
