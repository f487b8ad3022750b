"""Roles are given and taken in nobody's silence: over HTTP."""

from __future__ import annotations

from email.utils import parseaddr

import pytest
from django.core import mail
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.organizations import granting
from peerlearn.organizations.models import Employee, RoleChange
from tests.notifications.kit import work
from tests.organizations.kit import again
from tests.world import Place, World


def change(client: Client, place: Place, person: Employee, **roles: str) -> int:
    path = place.path("employee_roles", public_id=person.public_id)
    return client.post(path, roles).status_code


def hr_for_a_minute(world: World, client: Client) -> Place:
    place = world.halden
    place.sign_in(client, place.admin)
    assert change(client, place, place.admin, is_hr="on", is_admin="on") == 302
    assert change(client, place, place.admin, is_admin="on") == 302
    return place


def test_hr_for_a_minute_is_told_to_hr(world: World, client: Client) -> None:
    place = hr_for_a_minute(world, client)
    work()
    told = [(parseaddr(sent.to[0])[1], sent.subject) for sent in mail.outbox]
    to_hr = (place.hr.email, "The roles of Runa Dahl were changed")
    to_admin = (place.admin.email, "Your roles were changed")
    assert sorted(told) == sorted([to_hr, to_admin] * 2)
    first = next(sent for sent in mail.outbox if place.hr.email in sent.to[0])
    html = str(first.alternatives[0][0])  # type: ignore[attr-defined]  # EmailMultiAlternatives
    for words in (str(first.body), html):
        assert "Runa Dahl changed the roles of Runa Dahl in Halden Grid on" in words
        assert "Before: Admin. Since then: HR and admin." in words


def test_hr_for_a_minute_stays_to_be_seen(world: World, client: Client) -> None:
    place = hr_for_a_minute(world, client)
    path = place.path("employee", public_id=place.admin.public_id)
    for viewer in (place.hr, again(place, place.admin)):
        page = place.sign_in(Client(), viewer).get(path).content.decode()
        assert page.index("HR and admin became Admin") < page.index("Admin became HR and admin")
    for viewer in (place.manager, place.colleague):
        page = place.sign_in(Client(), viewer).get(path).content.decode()
        assert "became" not in page


def test_twin_who_tells_the_person_alone_leaves_hr_unaware(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(granting, "_concerned", lambda employee: [employee])
    place = hr_for_a_minute(world, client)
    work()
    assert not [sent for sent in mail.outbox if place.hr.email in sent.to[0]]


def test_whoever_loses_a_role_is_told(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    assert change(client, place, place.hr) == 302
    with place.scope():
        told = Notification.objects.filter(kind="roles_changed").values_list("recipient", flat=True)
        assert set(told) == {place.hr.pk, place.admin.pk}
        written = RoleChange.objects.get()
    assert (written.employee_id, written.by_id) == (place.hr.pk, place.admin.pk)
    assert (written.before, written.after) == ("HR", "No role")


def test_what_changes_nothing_or_is_refused_tells_nobody(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    assert change(client, place, place.hr, is_hr="on") == 302
    assert change(client, place, place.admin, is_hr="on") == 422  # the only admin
    assert work() == 0
    with place.scope():
        assert not RoleChange.objects.exists()
