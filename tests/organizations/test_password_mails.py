"""Setting or changing a password is told to whoever owns the account: over HTTP."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.organizations import telling_factors, telling_owners, telling_passwords
from peerlearn.organizations.models import Employee, Membership, User
from peerlearn.organizations.queries import MembershipQuerySet
from tests.factories import PASSWORD, make_employee, set_password, user_of
from tests.notifications.kit import work
from tests.world import Place, World

ANOTHER = "three geese over the fjord"
TWICE = {"password1": ANOTHER, "password2": ANOTHER}


@pytest.fixture(autouse=True)
def no_throttles(db: None) -> None:
    cache.clear()


def set_one(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    assert client.post("/account/password/set/", TWICE).status_code == 302


def change_it(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    world.sign_in(client, world.halden.employee)
    data = {"oldpassword": PASSWORD, **TWICE}
    assert client.post("/account/password/change/", data).status_code == 302


def forget_it(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    client.post("/account/password/reset/", {"email": world.halden.employee.email})
    code = re.search(r"\b\d{6}\b", str(mail.outbox.pop().body))
    assert code
    client.post("/account/password/reset/confirm/", {"code": code[0]})
    assert client.post("/account/password/reset/complete/", TWICE).status_code == 302


FIRST, LATER = "A password was set for you", "Your password was changed"
WAYS = [(set_one, FIRST), (change_it, LATER), (forget_it, LATER)]


@pytest.mark.parametrize(("way", "subject"), WAYS, ids=["set", "change", "reset"])
def test_its_owner_is_told(world: World, client: Client, way: Any, subject: str) -> None:
    way(world, client)
    assert user_of(world.halden.employee).check_password(ANOTHER)
    assert work() == 1
    (sent,) = mail.outbox
    assert parseaddr(sent.to[0])[1] == world.halden.employee.email
    assert sent.subject == subject
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]  # EmailMultiAlternatives
    for words in (str(sent.body), html):
        assert "set another password at once" in words
        assert "/account/password/reset/" in words
        assert ANOTHER not in words


def test_a_password_is_not_kept_when_nobody_can_be_told(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Notification, "deliver", broken)
    client.raise_request_exception = False
    world.sign_in(client, world.halden.employee)
    assert client.post("/account/password/set/", TWICE).status_code == 500
    assert not user_of(world.halden.employee).has_usable_password()


def test_twin_without_telling_it_is_kept_in_silence(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling_passwords, "tell", lambda *args, **kwargs: None)
    set_one(world, client)
    assert user_of(world.halden.employee).check_password(ANOTHER)
    assert work() == 0


def in_two_organizations(world: World) -> Employee:
    """Nils, as the second one knows him."""
    with world.nordfjord.scope():
        return make_employee("Nils N. Eriksen", email=world.halden.employee.email)


def notices(place: Place, employee: Employee) -> list[str]:
    """As the inbox of that organization shows them, without where it stands."""
    page = place.sign_in(Client(), employee).get(place.path("notifications"))
    assert page.status_code == 200
    return [one.title for one in page.context["page"].object_list]


def test_in_two_organizations_one_is_mailed_once_and_told_in_both(
    world: World, client: Client
) -> None:
    there = in_two_organizations(world)
    set_one(world, client)
    telling_factors.tell(user_of(there), telling_factors.PASSKEY_ADDED, at=now())
    work()
    assert [parseaddr(one.to[0])[1] for one in mail.outbox] == [there.email] * 2
    titles = ["A passkey was added to your account", FIRST]
    for place, employee in ((world.halden, world.halden.employee), (world.nordfjord, there)):
        assert sorted(notices(place, employee)) == titles
    with world.nordfjord.scope():  # nothing of the other one stands in it
        told = " ".join(str(one.__dict__) for one in Notification.objects.all())
    assert "halden" not in told.lower().replace(there.email, "")


def test_twin_told_by_one_organization_alone_the_other_shows_nothing(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling_owners, "show_alone", lambda *_args, **_more: None)
    there = in_two_organizations(world)
    set_one(world, client)
    work()
    assert notices(world.nordfjord, there) == []


def added_elsewhere_first(world: World) -> Employee:
    """Somebody begins an organization and adds her before she is anywhere."""
    with world.nordfjord.scope():
        make_employee("Ida Moen", email="ida@halden.example", came=False)
    with world.halden.scope():
        return make_employee("Ida Moen", email="ida@halden.example")


def test_nobody_keeps_it_back_by_adding_them_elsewhere(world: World, client: Client) -> None:
    world.sign_in(client, added_elsewhere_first(world))
    assert client.post("/account/password/set/", TWICE).status_code == 302
    telling_factors.tell(
        User.objects.get(email="ida@halden.example"), telling_factors.RESET, at=now()
    )
    work()
    assert [parseaddr(one.to[0])[1] for one in mail.outbox] == ["ida@halden.example"] * 2
    with world.nordfjord.scope():
        assert not Notification.objects.filter(recipient__name="Ida Moen").exists()


def test_twin_the_first_organization_mails_nothing(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_first(rows: MembershipQuerySet, user: User) -> Membership | None:
        return rows.active().filter(user=user).order_by("pk").first()

    monkeypatch.setattr(MembershipQuerySet, "to_tell", the_first)
    monkeypatch.setattr(
        type(Membership.objects), "to_tell", lambda manager, user: the_first(manager.all(), user)
    )
    world.sign_in(client, added_elsewhere_first(world))
    assert client.post("/account/password/set/", TWICE).status_code == 302
    work()
    assert mail.outbox == []


def test_who_is_in_no_organization_sets_one_too(client: Client) -> None:
    user = User.objects.for_email("nobody@elsewhere.example")
    client.force_login(user)
    assert client.post("/account/password/set/", TWICE).status_code == 302
    assert work() == 0
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
