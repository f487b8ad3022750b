"""What a refused request wrote before it was refused is undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peerlearn.organizations.models import Team
from tests.world import World


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (302, True), (400, False), (422, False), (503, False)]
)
def test_from_400_on_nothing_is_kept(
    settings: Any, world: World, client: Client, status: int, kept: bool
) -> None:
    settings.ORGANIZATION_URLCONF = "tests.organizations.writing_urls"
    world.halden.sign_in(client, world.halden.hr)
    assert client.get(f"/o/{world.halden.organization.slug}/write/{status}/").status_code == status
    with world.halden.scope():
        assert Team.objects.filter(name=f"Written with {status}").exists() == kept
