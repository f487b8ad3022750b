"""A view that a secret opens instead of signing in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peerlearn.clock import now
from peerlearn.organizations.models import Employee, Organization
from tests.world import World


@pytest.fixture(autouse=True)
def _with_keys(settings: Any, world: World) -> None:
    settings.ORGANIZATION_URLCONF = "tests.organizations.key_urls"
    with world.halden.scope():
        Employee.objects.filter(pk=world.halden.employee.pk).update(number="k-1")


def test_a_key_lets_its_employee_in(world: World, client: Client) -> None:
    answer = client.get(f"/o/{world.halden.organization.slug}/feeds/k-1/")
    assert answer.status_code == 200
    assert answer.content.decode() == world.halden.employee.name


def test_a_key_gives_no_role(world: World, client: Client) -> None:
    answer = client.get(f"/o/{world.halden.organization.slug}/exports/k-1/")
    assert answer.status_code == 403


def test_a_session_counts_for_nothing_there(world: World, client: Client) -> None:
    world.halden.sign_in(client, world.halden.hr)
    answer = client.get(f"/o/{world.halden.organization.slug}/exports/k-1/")
    assert answer.status_code == 403
    assert client.get(f"/o/{world.halden.organization.slug}/exports/k-2/").status_code == 401


def test_whoever_has_no_key_is_refused_alike(world: World, client: Client) -> None:
    slugs = [world.halden.organization.slug, world.nordfjord.organization.slug, "no-such"]
    answers = [client.get(f"/o/{slug}/feeds/k-2/") for slug in slugs]
    answers.append(client.get(f"/o/{world.nordfjord.organization.slug}/feeds/k-1/"))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_a_key_ends_with_its_employee(world: World, client: Client) -> None:
    with world.halden.scope():
        world.halden.employee.deactivate(at=now())
    path = f"/o/{world.halden.organization.slug}/feeds/k-1/"
    assert client.get(path).status_code == 401


def test_a_key_ends_with_its_organization(world: World, client: Client) -> None:
    Organization.objects.filter(pk=world.halden.organization.pk).update(suspended_at=now())
    path = f"/o/{world.halden.organization.slug}/feeds/k-1/"
    assert client.get(path).status_code == 401


def test_everything_else_still_asks_to_sign_in(world: World, client: Client) -> None:
    answer = client.get(f"/o/{world.halden.organization.slug}/feeds/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
