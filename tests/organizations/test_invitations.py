"""Who is asked in, and what accepting does: over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.organizations import ending, inviting
from peerlearn.organizations.models import (
    Employee,
    Invitation,
    Membership,
    Organization,
    RoleChange,
    User,
)
from peerlearn.organizations.queries_invitations import InvitationQuerySet
from tests.factories import PASSWORD, make_employee, set_password, user_of
from tests.isolation.test_matrix import masked
from tests.notifications.kit import in_threads, work
from tests.organizations.kit import edit
from tests.world import Place, World


def newcomer(place: Place, email: str = "ase@halden.example", **values: Any) -> Employee:
    with place.scope():
        return make_employee("Åse Berg", email=email, came=False, **values)


def ask(client: Client, place: Place, person: Employee, by: Employee, **roles: str) -> str:
    """Lets `by` invite them; the path in the mail that reaches them."""
    place.sign_in(client, by)
    path = place.path("employee_invite", public_id=person.public_id)
    answer = client.post(path, roles)
    assert answer.status_code == 302, answer.content.decode()
    mail.outbox.clear()
    work()
    (sent,) = mail.outbox
    assert [parseaddr(one)[1] for one in sent.to] == [person.email]
    (found,) = re.findall(r"http://localhost:\d+(/o/\S+)", str(sent.body))
    return str(found)


def standing(place: Place, person: Employee) -> Invitation:
    with place.scope():
        row: Invitation = Invitation.objects.newest().get(employee=person)
        return row


def test_somebody_new_comes_in_with_a_password(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    path = ask(Client(), place, person, place.hr)
    assert mail.outbox[0].subject == "Ingrid Solheim invites you to Halden Grid"
    page = client.get(path)
    assert page.status_code == 200
    for words in ("Ingrid Solheim invites you to Halden Grid", person.email):
        assert words in page.content.decode()
    assert "_auth_user_id" not in client.session
    assert standing(place, person).accepted_at is None  # looking does nothing
    weak = client.post(path, {"password": "short"})
    assert weak.status_code == 422
    assert standing(place, person).accepted_at is None
    assert client.post(path, {"password": PASSWORD}).status_code == 302
    assert client.get(place.path("employees")).status_code == 200
    assert user_of(person).check_password(PASSWORD)
    with place.scope():
        assert Notification.objects.filter(recipient=person, kind="password_changed").exists()
    assert Client().get(path).status_code == 404


def test_somebody_new_comes_in_without_a_password(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    path = ask(Client(), place, person, place.admin)
    assert client.post(path).status_code == 302
    assert client.get(place.path("employees")).status_code == 200
    assert not user_of(person).has_usable_password()
    page = place.sign_in(Client(), place.hr).get(place.path("employee", public_id=person.public_id))
    assert "Accepted" in page.content.decode()
    again = client.post(place.path("employee_invite", public_id=person.public_id))
    assert again.status_code == 403  # Åse is no HR
    hr = place.sign_in(Client(), place.hr)
    assert (
        hr.post(place.path("employee_invite", public_id=person.public_id)).status_code == 422
    )  # has been here


def test_the_secret_stands_nowhere(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    secret = ask(client, place, person, place.hr).rstrip("/").rpartition("/")[2]
    assert len(secret) == 64  # 256 bits
    row = standing(place, person)
    kept = [str(getattr(row, field.attname)) for field in Invitation._meta.local_fields]
    assert secret not in " ".join(kept)
    assert row.expires_at - row.sends_at == timedelta(days=7)


def test_the_mail_speaks_the_language_of_who_reads_it(world: World, client: Client) -> None:
    place = world.halden
    Organization.objects.filter(pk=place.organization.pk).update(language="de")
    greeted = []
    for language in ("", "en"):
        person = newcomer(place, f"ase{language}@halden.example")
        with place.scope():
            Employee.objects.filter(pk=person.pk).update(language=language)
        ask(client, place, person, place.hr)
        greeted.append(str(mail.outbox[0].body).split()[0])
    assert greeted == ["Hallo", "Hello"]


def known_elsewhere(world: World) -> tuple[Employee, User]:
    """Halden adds somebody who signs in to Nordfjord with a password."""
    set_password(world.nordfjord.employee)
    person = newcomer(world.halden, world.nordfjord.employee.email)
    return person, user_of(person)


def test_whoever_has_an_account_signs_in_and_keeps_their_secrets(
    world: World, client: Client
) -> None:
    person, user = known_elsewhere(world)
    path = ask(Client(), world.halden, person, world.halden.hr)
    page = client.get(path).content.decode()
    assert "has an account already" in page
    assert f"/account/login/?next={path.replace('/', '%2F')}" in page
    assert client.post(path, {"password": "an altogether other one"}).status_code == 403
    assert "_auth_user_id" not in client.session
    client.force_login(user)
    assert client.post(path, {"password": "an altogether other one"}).status_code == 302
    assert standing(world.halden, person).accepted_at
    assert User.objects.get(pk=user.pk).password == user.password
    assert client.get(world.halden.path("employees")).status_code == 200


def test_twin_who_takes_everybody_for_new_changes_the_password(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, user = known_elsewhere(world)
    path = ask(Client(), world.halden, person, world.halden.hr)
    monkeypatch.setattr(User, "is_new", True)
    assert client.post(path, {"password": "an altogether other one"}).status_code == 302
    assert User.objects.get(pk=user.pk).password != user.password


def test_the_verb_itself_lets_nobody_else_in(world: World) -> None:
    """Whatever a page has looked at before."""
    person, user = known_elsewhere(world)
    ask(Client(), world.halden, person, world.halden.hr)
    invitation = standing(world.halden, person)
    with world.halden.scope():
        for signed_in in (None, user_of(world.halden.hr)):
            assert inviting.accept(invitation, signed_in=signed_in, at=now()) is None
        assert inviting.accept(invitation, signed_in=user, at=now()) == user


def test_somebody_else_is_told_so(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    path = ask(Client(), place, person, place.hr)
    place.sign_in(client, place.colleague)
    page = client.get(path).content.decode()
    assert f"You are signed in as {place.colleague.email}" in page
    assert client.post(path).status_code == 403
    assert standing(place, person).accepted_at is None
    out = client.post("/account/logout/", {"next": path})
    assert out["Location"] == path
    assert client.post(path).status_code == 302


def test_what_opens_nothing_is_answered_alike(world: World, client: Client) -> None:
    place = world.halden
    hr = place.sign_in(Client(), place.hr)
    people = [newcomer(place, f"{name}@halden.example") for name in "abcde"]
    used, withdrawn, replaced, moved, late = people
    paths = {one: ask(Client(), place, one, place.hr) for one in people}
    assert Client().post(paths[used]).status_code == 302
    row = standing(place, withdrawn)
    hr.post(place.path("invitation_withdraw", public_id=row.public_id))
    again = ask(Client(), place, replaced, place.hr)
    edit(hr, place, moved, email="elsewhere@halden.example")
    wrong = [paths[used], paths[withdrawn], paths[replaced], paths[moved]]
    wrong.append(paths[late][:-65] + "0" * 64 + "/")
    answers = [(client.get(path), path) for path in wrong]
    with time_machine.travel(now() + timedelta(days=7, minutes=1), tick=False):
        answers.append((client.get(paths[late]), paths[late]))
        answers.append((client.post(paths[late]), paths[late]))
    assert {answer.status_code for answer, _ in answers} == {404}
    assert len({masked(answer.content, path) for answer, path in answers}) == 1
    assert "ask whoever invited you" in answers[0][0].content.decode()
    assert client.get(again).status_code == client.get(paths[late]).status_code == 200


def test_roles_come_with_accepting_from_an_admin_alone(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    first = ask(Client(), place, person, place.hr, is_hr="on", is_admin="on")  # not on HR's form
    assert not standing(place, person).gives_roles
    with place.scope(), pytest.raises(ValidationError):
        inviting.invite(person, by=place.hr, at=now(), makes_hr=True)
    path = ask(Client(), place, person, place.admin, is_hr="on")
    assert client.get(first).status_code == 404
    with place.scope():
        assert not Employee.objects.get(pk=person.pk).is_hr
    assert client.post(path).status_code == 302
    with place.scope():
        change = RoleChange.objects.get(employee=person)
    assert (change.by_id, change.after) == (place.admin.pk, "HR")
    assert client.get(place.path("imports")).status_code == 200


def without_the_role(world: World) -> str:
    """Runa invites an HR, and is no admin any more."""
    place = world.halden
    path = ask(Client(), place, newcomer(place), place.admin, is_hr="on")
    with place.scope():
        Employee.objects.filter(pk=place.admin.pk).update(is_admin=False)
    return path


def test_a_role_that_the_inviter_may_not_give_any_more_is_not_given(
    world: World, client: Client
) -> None:
    assert client.post(without_the_role(world)).status_code == 404


def test_twin_without_asking_again_it_is_given(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Invitation, "is_open", lambda row, at: True)
    assert client.post(without_the_role(world)).status_code == 302
    assert client.get(world.halden.path("imports")).status_code == 200


def let_go(world: World) -> list[bool]:
    """Whether each invitation still stands: to who is let go, a sent one and an unsent one of
    who is let go."""
    place = world.halden
    to, sent, unsent = (newcomer(place, f"{name}@halden.example") for name in "abc")
    ask(Client(), place, to, place.hr)
    ask(Client(), place, sent, place.hr)
    with place.scope():
        inviting.invite(unsent, by=place.hr, at=now())
        to.deactivate(at=now(), by=place.admin)
        place.hr.deactivate(at=now(), by=place.admin)
    return [standing(place, one).ended_at is None for one in (to, sent, unsent)]


def test_an_invitation_ends_with_the_access(world: World) -> None:
    assert let_go(world) == [False, True, False]
    mail.outbox.clear()
    work()
    assert not mail.outbox


def test_twin_without_its_ending_it_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [one for one in ending.endings() if type(one).__name__ != "Invitations"]
    monkeypatch.setattr(ending, "_endings", others)
    assert let_go(world) == [True, True, True]


def two_at_once(world: World) -> int:
    """How many of two acceptances, begun together, came through."""
    place, person = world.halden, newcomer(world.halden)
    ask(Client(), place, person, place.hr)

    def accept() -> bool:
        with place.scope():
            row = Invitation.objects.select_related("by").get(employee=person)
            return inviting.accept(row, signed_in=None, at=now()) is not None

    return sum(in_threads(2, accept))


@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_are_one(world: World) -> None:
    assert two_at_once(world) == 1


@pytest.mark.django_db(transaction=True)
def test_twin_without_compare_and_set_both_come_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim(rows: Any, invitation_id: int, *, at: Any) -> bool:
        return bool(rows.filter(pk=invitation_id).update(accepted_at=at))

    monkeypatch.setattr(InvitationQuerySet, "claim", claim)
    monkeypatch.setattr(Invitation, "is_open", lambda row, at: True)  # was read before the other
    assert two_at_once(world) == 2


def test_nobody_is_asked_all_day_long(world: World, client: Client) -> None:
    place, person = world.halden, newcomer(world.halden)
    path = place.path("employee_invite", public_id=person.public_id)
    place.sign_in(client, place.hr)
    assert [client.post(path).status_code for _ in range(4)] == [302, 302, 302, 422]
    place.sign_in(client, place.admin)
    refused = client.post(path)
    assert refused.status_code == 422
    assert "There were too many tries." in refused.content.decode()
    work()
    assert len(mail.outbox) == 1  # of those that were replaced before they went, none


def test_adding_a_person_invites_them(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    week = {"time_zone": "Europe/Oslo", "working_days": ["0"], "day_starts": "08:00"}
    typed = {**week, "day_ends": "16:00", "name": "Åse", "email": "ase@halden.example"}
    answer = client.post(place.path("employee_add"), {**typed, "hired_on": "2026-01-05"})
    assert answer.status_code == 302
    work()
    assert [sent.subject for sent in mail.outbox] == ["Ingrid Solheim invites you to Halden Grid"]
    assert Membership.objects.get(user__email="ase@halden.example").entered_at is None
