"""Where one is signed in: listed and ended, over HTTP; and the operator who takes a factor off."""

from __future__ import annotations

from io import StringIO
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from peerlearn.notifications.tasks import forget_what_ran_out
from peerlearn.organizations import factors, sign_ins
from peerlearn.organizations.models import SignIn
from tests.factories import PASSWORD, set_password, user_of
from tests.notifications.kit import work
from tests.organizations.factor_kit import SECURITY, type_second, with_an_app
from tests.organizations.ways_in import is_in, sign_in
from tests.world import World

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
END = SECURITY + "sign-ins/end/"


def browser(world: World, agent: str) -> Client:
    """In which Nils signs in."""
    client = Client(HTTP_USER_AGENT=agent)
    sign_in(client, world.halden.employee.email, PASSWORD)
    assert is_in(client)
    return client


def test_browsers_are_named_and_no_more() -> None:
    words = [sign_ins.browser_words(agent) for agent in (FIREFOX, SAFARI, EDGE, "curl/8", "")]
    assert words == ["Firefox, Windows", "Safari, iPhone", "Edge, Windows", "", ""]


def test_each_is_listed_and_ended_at_once(world: World) -> None:
    place = world.halden
    set_password(place.employee)
    with time_machine.travel("2026-11-20 12:00Z"):
        phone, other = browser(world, SAFARI), browser(world, "curl/8")
    with time_machine.travel("2026-11-22 12:00Z"):
        here = browser(world, FIREFOX)
        phone.get(place.path("employees"))
        listed = here.get(SECURITY).context["places"]
        assert [(one.browser, one.here) for one in listed] == [
            ("Firefox, Windows", True),
            ("Safari, iPhone", False),
            ("", False),
        ]
        assert [f"{one.began:%d} {one.used:%d}" for one in listed] == ["22 22", "20 22", "20 20"]
        assert here.post(END, {"name": listed[1].name}).status_code == 302
        assert phone.get(place.path("employees")).status_code == 302
        assert other.get(place.path("employees")).status_code == 200
        assert here.post(END).status_code == 302
        assert other.get(place.path("employees")).status_code == 302
        assert here.get(place.path("employees")).status_code == 200
    rows = [sign_ins.SessionStore().decode(row.session_data) for row in SignIn.objects.all()]
    text = str(rows)
    assert "127.0.0.1" not in text
    assert "Mozilla" not in text


def test_nobody_ends_those_of_others(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    mine = browser(world, FIREFOX)
    (listed,) = mine.get(SECURITY).context["places"]
    world.sign_in(client, world.halden.colleague)
    assert [one.name for one in client.get(SECURITY).context["places"]] != [listed.name]
    client.post(END, {"name": listed.name})
    client.post(END)
    assert mine.get(world.halden.path("employees")).status_code == 200


def test_what_still_runs_in_an_ended_one_does_not_bring_it_back(world: World) -> None:
    set_password(world.halden.employee)
    running = browser(world, FIREFOX).session
    running["something"] = "new"
    sign_ins.end_all(user_of(world.halden.employee))
    with pytest.raises(UpdateError):
        running.save()
    assert not SignIn.objects.exists()


def test_a_row_that_stays_signs_in(world: World) -> None:
    """The twin: it is the row alone that signs somebody in."""
    set_password(world.halden.employee)
    phone = browser(world, SAFARI)
    with patch.object(sign_ins, "end_all"):
        browser(world, FIREFOX).post(END)
    assert phone.get(world.halden.path("employees")).status_code == 200


def test_another_password_and_time_leave_none_in_the_list(world: World) -> None:
    set_password(world.halden.employee)
    browser(world, SAFARI)
    here = browser(world, FIREFOX)
    new = {"oldpassword": PASSWORD, "password1": "eleven otters and a heron"}
    here.post("/account/password/change/", new)
    (left,) = here.get(SECURITY).context["places"]
    assert left.here
    with time_machine.travel("2036-11-20 12:00Z"):
        forget_what_ran_out()
    assert not SignIn.objects.exists()


def test_an_operator_takes_a_second_factor_off(world: World) -> None:
    employee = world.halden.employee
    with pytest.raises(CommandError, match="nobody signs in with that e-mail"):
        call_command("reset_second_factor", "nobody@halden.example")
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", employee.email)
    _key, codes = with_an_app(employee)
    client = Client()
    sign_in(client, employee.email, PASSWORD)
    type_second(client, codes[0])
    assert is_in(client)
    out = StringIO()
    call_command("reset_second_factor", employee.email.upper(), stdout=out)
    assert "2 sign-ins are ended" in out.getvalue()
    assert client.get(SECURITY).status_code == 302
    assert not factors.has_one(user_of(employee))
    work()
    (sent,) = [one for one in mail.outbox if "taken off" in one.subject]
    assert "you were signed out everywhere" in str(sent.body)
    assert employee.email in sent.to[0]
    assert sign_in(client, employee.email, PASSWORD).headers["Location"] == "/"
