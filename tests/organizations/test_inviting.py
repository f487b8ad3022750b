"""Many invitations at once, and the list of them: over HTTP."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Outbox
from peerlearn.organizations import inviting
from peerlearn.organizations.models import Employee, Invitation
from tests.factories import make_employee
from tests.notifications.kit import work
from tests.organizations.import_kit import HEADINGS, as_csv, path, whole
from tests.skills.kit import queries_of
from tests.world import Place, World


def newcomers(place: Place, count: int, **values: Any) -> list[Employee]:
    with place.scope():
        return [
            make_employee(f"New {n:03}", email=f"new{n}@halden.example", came=False, **values)
            for n in range(count)
        ]


def send(client: Client, place: Place, mails: int, **whom: str) -> Any:
    return client.post(place.path("invite_people"), {"mails": str(mails), **whom})


def told() -> list[str]:
    return sorted(parseaddr(sent.to[0])[1] for sent in mail.outbox)


def shown(client: Client, place: Place, name: str = "invite_people", **asked: str) -> str:
    return str(client.get(place.path(name), asked).content.decode())


def test_many_are_shown_and_then_asked_one_after_the_other(world: World, client: Client) -> None:
    place = world.halden
    people = newcomers(place, 3, team=place.team)
    place.sign_in(client, place.hr)
    page = shown(client, place, team=place.team.public_id)
    assert "3 mails, one to each of these people" in page
    assert all(person.email in page for person in people)
    assert place.colleague.email not in page  # has been here
    other = send(client, place, 2, team=place.team.public_id)
    assert other.status_code == 422
    assert "Look again" in other.content.decode()
    assert send(client, place, 3, team=place.team.public_id).status_code == 302
    with place.scope():
        rows = list(Invitation.objects.order_by("sends_at"))
    assert [one.sends_at - rows[0].sends_at for one in rows] == [
        inviting.PACE * n for n in (0, 1, 2)
    ]
    work()
    assert told() == ["new0@halden.example"]  # the others are not due yet
    with time_machine.travel(now() + timedelta(seconds=5), tick=False):
        work()
    assert told() == [person.email for person in people]
    assert "Nobody is left to invite here" in shown(client, place)
    assert send(client, place, 0).status_code == 422


def test_the_list_says_what_became_of_each(world: World, client: Client) -> None:
    place = world.halden
    came, late, waits = newcomers(place, 3)
    place.sign_in(client, place.admin)
    assert "Nobody was invited yet" in shown(client, place, "invitations")
    with place.scope():
        for person, at in ((came, now()), (late, now() - timedelta(days=8)), (waits, now())):
            inviting.invite(person, by=place.hr, at=at)
        came.membership.enter(at=now())
    names = {"came": "New 000", "run_out": "New 001", "waiting": "New 002", "ended": ""}
    for state, name in names.items():
        page = shown(client, place, "invitations", state=state)
        assert [one for one in ("New 000", "New 001", "New 002") if one in page] == [name][
            : bool(name)
        ]
    found = shown(client, place, "invitations", q="new1@")
    assert "New 001" in found
    assert "New 002" not in found
    assert "Nobody is found" in shown(client, place, "invitations", q="nobody")
    assert "whom=run_out" in shown(client, place, "invitations")
    assert "1 mail, to this person" in shown(client, place, whom="run_out")
    assert send(client, place, 1, whom="run_out").status_code == 302
    with place.scope():
        assert Invitation.objects.newest().get(employee=late).expires_at > now()
        assert Invitation.objects.filter(employee=late).count() == 2


def test_what_the_mail_server_refuses_is_seen(world: World, client: Client) -> None:
    place = world.halden
    (person,) = newcomers(place, 1)
    with place.scope():
        row = inviting.invite(person, by=place.hr, at=now() - timedelta(hours=1))
    Outbox.objects.filter(kind=inviting.SENDING, subject=row.pk).bury("RecipientRefused")
    place.sign_in(client, place.admin)
    assert "Not delivered. Is the e-mail right?" in shown(client, place, "invitations")
    page = shown(client, place, "deliveries")
    assert "Invitation" in page
    assert person.name in page


def test_after_an_import_who_is_new_is_invited(world: World, client: Client) -> None:
    place = world.halden
    newcomers(place, 1)
    file = as_csv([HEADINGS, ["", "Åse Berg", "ase@halden.example", "", "", "", "2026-01-05", ""]])
    row = whole(client, place, file)
    page = client.get(path(place, row)).content.decode()
    assert f"{place.path('invite_people')}?came_with={row.public_id}" in page
    preview = shown(client, place, came_with=row.public_id)
    assert "1 mail, to this person" in preview
    mail.outbox.clear()
    assert send(client, place, 1, came_with=row.public_id).status_code == 302
    work()
    assert "ase@halden.example" in told()
    assert "new0@halden.example" not in told()


def test_a_day_has_room_for_so_many(world: World, client: Client, settings: Any) -> None:
    settings.INVITATIONS_A_DAY = 5
    place = world.halden
    newcomers(place, 8)
    place.sign_in(client, place.hr)
    page = shown(client, place)
    assert "Send 3 invitations" in page  # one person, half of the organization's
    assert "5 more people have to wait until tomorrow" in page
    assert send(client, place, 8).status_code == 422
    assert send(client, place, 3).status_code == 302
    assert "No more mails may go today" in shown(client, place)
    place.sign_in(client, place.admin)
    assert "Send 2 invitations" in shown(client, place)
    assert send(client, place, 2).status_code == 302
    assert send(client, place, 1).status_code == 422
    with place.scope():
        assert Invitation.objects.count() == 5


def test_somebody_is_looked_for_among_many(world: World, client: Client) -> None:
    place = world.halden
    newcomers(place, 21)
    place.sign_in(client, place.hr)
    assert "Is somebody among them?" in shown(client, place)
    page = shown(client, place, q="New 007")
    assert "New 007" in page
    assert "New 008" not in page
    assert "Send 21 invitations" in page  # looking leaves nobody out
    assert "Nobody of that name is among them." in shown(client, place, q="Xerxes")


def test_who_was_asked_today_is_not_asked_again_with_others(world: World, client: Client) -> None:
    place = world.halden
    (person,) = newcomers(place, 1)
    with place.scope():
        inviting.withdraw(inviting.invite(person, by=place.hr, at=now()), at=now())
    place.sign_in(client, place.hr)
    assert "Nobody is left" in shown(client, place, whom="outside")
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        place.sign_in(client, place.hr)
        assert "1 mail, to this person" in shown(client, place, whom="outside")


@pytest.mark.parametrize("name", ["invite_people", "invitations"])
def test_as_few_statements_with_many(world: World, client: Client, name: str) -> None:
    place = world.halden
    few = newcomers(place, 3)
    if name == "invitations":
        with place.scope():
            inviting.invite_all(few, by=place.hr, at=now())
    place.sign_in(client, place.hr)
    before = len(queries_of(client, place.path(name)))
    with place.scope():
        many = [
            make_employee(email=f"more{n}@halden.example", came=False, team=place.team)
            for n in range(30)
        ]
        if name == "invitations":
            inviting.invite_all(many, by=place.hr, at=now())
    assert len(queries_of(client, place.path(name))) == before <= 12
