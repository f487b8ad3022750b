"""Who was never in gets no mails but codes and invitations; what is told waits in the app."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications import effects
from peerlearn.notifications.models import Notification
from peerlearn.organizations import inviting
from peerlearn.organizations.models import Employee
from tests.factories import make_employee, user_of
from tests.notifications.kit import work
from tests.world import World


def told(world: World) -> tuple[Employee, list[str]]:
    """Somebody who was only added, of whom something is told; whom it was mailed to."""
    place = world.halden
    with place.scope():
        person = make_employee("Åse Berg", email="ase@halden.example", came=False)
        for one in (person, place.colleague):
            Notification.deliver(one, "welcome", subject_id=one.pk, due_at=now())
    assert work() == 2
    return person, [parseaddr(sent.to[0])[1] for sent in mail.outbox]


def test_it_waits_in_the_app_for_who_was_never_in(world: World, client: Client) -> None:
    place = world.halden
    person, mailed = told(world)
    assert mailed == [place.colleague.email]
    assert work() == 0  # nor is it tried again
    page = place.sign_in(client, person).get(place.path("notifications"))
    assert "has added you to peerlearn" in page.content.decode()
    with place.scope():
        Notification.deliver(person, "welcome", subject_id=0, due_at=now())
    work()
    assert parseaddr(mail.outbox[-1].to[0])[1] == person.email  # signed in by now


def test_who_accepted_an_invitation_is_mailed(world: World) -> None:
    place = world.halden
    person, _mailed = told(world)
    with place.scope():
        row = inviting.invite(person, by=place.hr, at=now())
        inviting.accept(row, signed_in=None, at=now())
        Notification.deliver(person, "welcome", subject_id=0, due_at=now())
    work()
    assert person.email in [parseaddr(sent.to[0])[1] for sent in mail.outbox]


def test_who_was_in_elsewhere_is_not_mailed_by_a_stranger(world: World) -> None:
    """Anybody may begin an organization and add anybody's e-mail to it."""
    place, known = world.halden, world.nordfjord.employee
    with place.scope():
        person = make_employee("Olga", email=known.email, came=False)
        Notification.deliver(person, "welcome", subject_id=1, due_at=now())
    assert user_of(person) == user_of(known)
    work()
    assert not mail.outbox


def test_twin_without_the_rule_it_is_mailed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(effects, "is_mailed", always)
    person, mailed = told(world)
    assert person.email in mailed
