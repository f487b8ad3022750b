"""Changing a work e-mail changes who signs in: over HTTP."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications import registry
from peerlearn.organizations import hiring
from peerlearn.organizations.hiring import amend
from peerlearn.organizations.models import EmailChange, Employee, Membership
from sessions.calendar_choices import open_feed
from tests.api.kit import Program
from tests.factories import BEGAN_AT, user_of
from tests.notifications.kit import work
from tests.organizations.kit import again, edit
from tests.organizations.test_invitations import ask, newcomer
from tests.world import Place, World


def test_another_email_is_another_sign_in(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    theirs = place.sign_in(Client(), person)
    assert theirs.get(place.path("employees")).status_code == 200
    place.sign_in(client, place.hr)
    assert edit(client, place, person, email="Nils.New@halden.example").status_code == 302
    assert theirs.get(place.path("employees")).status_code == 404
    changed = again(place, person)
    assert changed.email == "nils.new@halden.example"
    assert user_of(changed).email == "nils.new@halden.example"
    place.sign_in(theirs, changed)
    assert theirs.get(place.path("employees")).status_code == 200


def test_the_old_email_is_told_who_changed_it_and_whom_to_ask(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    before = person.email
    edit(client, place, person, email="mine@elsewhere.example")
    assert work() == 1
    (sent,) = mail.outbox
    assert [parseaddr(one)[1] for one in sent.to] == [before]
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]  # EmailMultiAlternatives
    for words in (str(sent.body), html):
        assert f"{place.hr.name} changed your work e-mail on" in words
        assert f"{place.admin.name}, {place.admin.email}" in words
        assert "m•••@elsewhere.example" in words
        assert "mine@elsewhere.example" not in words


def test_the_old_email_is_told_whatever_is_done_next(world: World, client: Client) -> None:
    """Ending the access for a moment would keep other mails back."""
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    edit(client, place, person, email="mine@elsewhere.example")
    edit(client, place, person, email="other@elsewhere.example")
    client.post(place.path("employee_deactivate", public_id=person.public_id))
    work()
    # With the one between nobody ever came in.
    assert [parseaddr(sent.to[0])[1] for sent in mail.outbox] == ["nils@halden.example"]


def test_no_change_of_the_email_tells_nobody(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    edit(client, place, person, email=" NILS@halden.example ", name="Nils E. Eriksen")
    taken = edit(client, place, person, email=place.colleague.email)
    assert taken.status_code == 422
    assert work() == 0
    with place.scope():
        assert not EmailChange.objects.exists()


def test_a_change_of_the_email_stays_to_be_seen(world: World, client: Client) -> None:
    place, person = world.halden, world.halden.employee
    path = place.path("employee", public_id=person.public_id)
    place.sign_in(client, place.hr)
    edit(client, place, person, email="mine@elsewhere.example")
    words = "nils@halden.example became mine@elsewhere.example"
    for viewer in (place.hr, place.admin, again(place, person)):
        page = place.sign_in(Client(), viewer).get(path).content.decode()
        assert words in page
        assert place.hr.name in page
    for viewer in (place.manager, place.colleague):
        assert words not in place.sign_in(Client(), viewer).get(path).content.decode()


def test_twin_a_mail_to_the_recipient_alone_reaches_the_new_email(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = registry.telling_of("email_changed")

    def without_address(notification: Any) -> Any:
        return {k: v for k, v in (telling.render(notification) or {}).items() if k != "to"}

    monkeypatch.setitem(
        registry._tellings, "email_changed", replace(telling, render=without_address)
    )
    place, person = world.halden, world.halden.employee
    place.sign_in(client, place.hr)
    edit(client, place, person, email="mine@elsewhere.example")
    Membership.objects.update(entered_at=BEGAN_AT)
    work()
    assert parseaddr(mail.outbox[0].to[0])[1] == "mine@elsewhere.example"


def test_hr_does_not_become_admin_by_changing_the_admins_email(
    world: World, client: Client
) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    assert edit(client, place, place.admin, email="mine@halden.example").status_code == 302
    assert again(place, place.admin).email == place.admin.email
    assert not Membership.objects.filter(user__email="mine@halden.example").exists()


KEPT = (
    *("name", "number", "hired_on", "leaving_on", "time_zone", "working_days", "day_starts"),
    *("day_ends", "team", "manager", "job_title", "cost_band"),
)


def change(employee: Employee, email: str, by: Employee) -> None:
    values = {name: getattr(employee, name) for name in KEPT}
    amend(employee, **values, email=email, by=by, on=BEGAN_AT.date(), at=BEGAN_AT)


def test_an_edit_that_was_read_before_another_leaves_one_sign_in(world: World) -> None:
    """Two of HR have the form open: one changes the e-mail, the other saves afterwards."""
    place = world.halden
    with place.scope():
        first, second = (Employee.objects.get(pk=place.employee.pk) for _ in range(2))
        change(first, "nils.e@halden.example", place.hr)
        change(second, "nils@halden.example", place.hr)
        changed = Employee.objects.get(pk=place.employee.pk)
    theirs = Membership.objects.filter(organization=place.organization, active=True)
    assert changed.email == "nils@halden.example"
    assert changed.membership in theirs
    assert not theirs.filter(user__email="nils.e@halden.example").exists()


def test_a_deactivation_ends_the_sign_in_that_is_theirs_now(world: World) -> None:
    place = world.halden
    with place.scope():
        stale = Employee.objects.get(pk=place.employee.pk)
        change(Employee.objects.get(pk=place.employee.pk), "nils.e@halden.example", place.hr)
        stale.deactivate(at=BEGAN_AT, by=place.hr)
    theirs = Membership.objects.filter(organization=place.organization, active=True)
    assert not theirs.filter(user__email__startswith="nils").exists()


# --- There and back again ----------------------------------------------------------------------
def _ways_of_before(place: Place) -> tuple[Program, str, Employee, str]:
    """A token and a feed of Nils; somebody invited, and where their invitation leads."""
    program = Program(place, place.employee)
    with place.scope():
        secret = open_feed(place.employee, at=now())
    invited = newcomer(place)
    invitation = ask(Client(), place, invited, place.hr)
    return program, place.path("calendar_feed", secret=secret), invited, invitation


def _there_and_back(place: Place, *people: Employee) -> None:
    client = place.sign_in(Client(), place.hr)
    for person in people:
        for email in ("elsewhere@halden.example", person.email):
            assert edit(client, place, person, email=email).status_code == 302
            assert again(place, person).email == email


def test_what_was_made_for_an_email_stays_shut_when_it_comes_back(world: World) -> None:
    program, feed, invited, invitation = _ways_of_before(world.halden)
    opened = [program.get("api_me"), Client().get(feed), Client().get(invitation)]
    assert [one.status_code for one in opened] == [200, 200, 200]
    _there_and_back(world.halden, world.halden.employee, invited)
    shut = [program.get("api_me"), Client().get(feed), Client().get(invitation)]
    assert [one.status_code for one in shut] == [401, 404, 404]


def test_twin_bound_to_the_email_alone_they_open_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiring, "endings", list)
    program, feed, invited, invitation = _ways_of_before(world.halden)
    _there_and_back(world.halden, world.halden.employee, invited)
    opened = [program.get("api_me"), Client().get(feed), Client().get(invitation)]
    assert [one.status_code for one in opened] == [200, 200, 200]
