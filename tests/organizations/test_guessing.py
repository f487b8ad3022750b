"""Guessing codes and passwords, and who is kept out by it: over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from peerlearn.notifications.tasks import forget_what_ran_out
from peerlearn.organizations import codes, throttles
from peerlearn.organizations.models import TryCount, User
from tests.factories import PASSWORD, set_password
from tests.organizations.ways_in import (
    ASK,
    ELSEWHERE,
    WAYS,
    ask,
    code_in_the_last_mail,
    guess,
    is_in,
    known_browser,
    sign_in,
    time_passes,
    type_code,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_throttles(db: None) -> None:
    cache.clear()


# --- Codes -----------------------------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_wrong_codes_count_together_whatever_the_way(world: World, way: str) -> None:
    email = world.halden.employee.email
    guess(email, 21)
    mine = Client()
    ask(mine, email, way)
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", code_in_the_last_mail())
    assert "Twelve digits" in mine.get(ASK[way][1]).content.decode()
    assert type_code(mine, code_in_the_last_mail().replace("-", " "), way).status_code == 302
    assert is_in(mine) or way == "reset"


def test_six_digits_stay_enough_for_who_mistypes(world: World) -> None:
    guess(world.halden.employee.email, 18)
    ask(Client(), world.halden.employee.email)
    assert re.fullmatch(r"\d{6}", code_in_the_last_mail())


def test_the_chance_of_a_guess_in_a_day_is_below_one_in_ten_thousand() -> None:
    """Two windows may end within one day; a browser that knows the account counts beside it."""
    of_six = [throttles.LIMITS[throttles.GUESS][whose] for whose in ("account", "browser")]
    day = 24 * 3600
    guesses = sum(min(2 * amount * day // seconds for amount, seconds in one) for one in of_six)
    mails = sum(
        min(2 * amount * day // seconds for amount, seconds in throttles.LIMITS["send"][whose])
        for whose in ("account", "browser")
    )
    assert guesses * 1e-6 + 3 * mails * 1e-12 <= 1e-4


def test_a_right_code_of_six_digits_comes_too_late_after_many_guesses(world: World) -> None:
    """Codes that were sent before would else be guessed beside each other."""
    email, mine = world.halden.employee.email, Client(REMOTE_ADDR=ELSEWHERE)
    ask(mine, email)
    short = code_in_the_last_mail()
    guess(email, 21)
    refused = type_code(mine, short)
    assert refused.status_code == 422
    assert "Have a new code sent: it is longer, and it works." in refused.content.decode()
    ask(mine, email)
    assert type_code(mine, code_in_the_last_mail()).status_code == 302
    assert is_in(mine)


def test_twin_without_the_count_guessing_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttles.LIMITS, throttles.GUESS, {"account": ((10**6, 60),)})
    email, mine = world.halden.employee.email, Client(REMOTE_ADDR=ELSEWHERE)
    ask(mine, email)
    short = code_in_the_last_mail()
    guess(email, 21)
    assert type_code(mine, short).status_code == 302


def test_guesses_at_many_accounts_make_codes_longer_in_that_network(world: World) -> None:
    for number in range(34):
        guess(f"person{number}@halden.example", 3, ["sign in"], REMOTE_ADDR=ELSEWHERE)
    ask(Client(REMOTE_ADDR=ELSEWHERE), world.halden.employee.email)
    assert len(code_in_the_last_mail()) == 14
    ask(Client(), world.halden.employee.email)
    assert len(code_in_the_last_mail()) == 6


def test_a_right_code_counts_as_no_guess(world: World) -> None:
    for _ in range(25):
        client = Client()
        ask(client, world.halden.employee.email)
        assert type_code(client, code_in_the_last_mail()).status_code == 302
        time_passes(minutes=10)
    assert len(code_in_the_last_mail()) == 6


@pytest.mark.parametrize("way", ["sign in", "reset"])
def test_tries_at_once_count_one_by_one(world: World, client: Client, way: str) -> None:
    """Each of them reads the session as it was before all of them."""
    ask(client, world.halden.employee.email, way)
    before = dict(client.session)
    for code in ("000001", "000002", "000003", code_in_the_last_mail()):
        session = client.session
        session.update(before)
        session.save()
        assert type_code(client, code, way).status_code == 422
    assert not is_in(client)


def test_typing_codes_is_limited_by_network(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttles.LIMITS, throttles.CONFIRM, {"network": ((2, 60),)})
    ask(client, world.halden.employee.email)
    type_code(client, "000000")
    type_code(client, "000001")
    refused = type_code(client, code_in_the_last_mail())
    assert refused.status_code == 422
    assert b"Please wait 1 minute." in refused.content
    time_passes(minutes=1)
    assert type_code(client, code_in_the_last_mail()).status_code == 302


# --- Asking for codes ------------------------------------------------------------------------
def test_mails_count_together_whatever_the_way(world: World, client: Client) -> None:
    for way in WAYS:
        assert ask(client, "nils@halden.example", way).status_code == 302
    for way in WAYS:
        refused = ask(client, "nils@halden.example", way)
        assert refused.status_code == 422
        assert b"Please wait 1 minute." in refused.content
    assert len(mail.outbox) == 3


def test_strangers_who_ask_keep_nobody_out(world: World) -> None:
    email, mine = world.halden.employee.email, known_browser(world)
    for _ in range(3):
        ask(Client(), email)
    assert ask(Client(), email).status_code == 422
    assert ask(mine, email).status_code == 302
    assert ask(Client(REMOTE_ADDR=ELSEWHERE), email).status_code == 302
    assert type_code(mine, "000000").status_code == 422


def test_all_networks_together_are_limited(world: World) -> None:
    email = world.halden.employee.email
    answers = [
        ask(Client(REMOTE_ADDR=f"198.51.100.{number}"), email).status_code for number in range(31)
    ]
    assert answers == [302] * 30 + [422]


# --- Passwords -------------------------------------------------------------------------------
def test_wrong_passwords_leave_the_code(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    email = world.halden.employee.email
    said = [sign_in(client, email, "wrong").content.decode() for _ in range(6)]
    assert "After 2 more tries only a code by e-mail works for a while." in said[2]
    assert "After 1 more try only a code by e-mail works for a while." in said[3]
    assert "For a while only a code by e-mail works now." in said[4]
    assert "Please wait 5 minutes. Or sign in with a code by e-mail." in said[5]
    assert sign_in(client, email, PASSWORD).status_code == 422
    assert "Please wait" not in sign_in(client, "nobody@halden.example", "x").content.decode()
    ask(client, email)
    assert type_code(client, code_in_the_last_mail()).status_code == 302


def test_a_known_browser_is_not_locked_by_strangers(world: World) -> None:
    email = world.halden.employee.email
    set_password(world.halden.employee)
    mine = Client()
    assert sign_in(mine, email, PASSWORD).status_code == 302
    mine.post("/account/logout/")
    for _ in range(6):
        sign_in(Client(), email, "wrong")
    assert sign_in(Client(), email, PASSWORD).status_code == 422
    assert sign_in(mine, email, PASSWORD).status_code == 302


def test_twin_without_its_mark_the_same_browser_is_locked(world: World) -> None:
    email = world.halden.employee.email
    set_password(world.halden.employee)
    mine = Client()
    sign_in(mine, email, PASSWORD)
    mine.post("/account/logout/")
    for _ in range(6):
        sign_in(Client(), email, "wrong")
    del mine.cookies["known-browser"]
    assert sign_in(mine, email, PASSWORD).status_code == 422


def test_a_known_browser_has_limits_too(world: World) -> None:
    mine, email = known_browser(world), world.halden.employee.email
    answers = [sign_in(mine, email, "wrong").content.decode() for _ in range(6)]
    assert "Please wait 5 minutes." in answers[5]


def test_a_stranger_who_goes_on_keeps_others_out_no_longer(world: World) -> None:
    """What is refused counts nowhere: not towards the limit of all networks together."""
    set_password(world.halden.employee)
    for _ in range(110):
        sign_in(Client(), world.halden.employee.email, "wrong")
    elsewhere = Client(REMOTE_ADDR=ELSEWHERE)
    assert sign_in(elsewhere, world.halden.employee.email, PASSWORD).status_code == 302


# --- The same for who is known and who is not ------------------------------------------------
def without_secrets(content: bytes) -> str:
    return re.sub(r'value="[^"]*"|[\w.]+@[\w.]+|\w•••@[\w.]+', "", content.decode())


def told(email: str) -> list[tuple[int, str]]:
    """All that a stranger can make the pages say about an account."""
    TryCount.objects.all().delete()
    seen: list[Any] = []
    for way in WAYS:
        client = Client()
        seen += [ask(client, email, way), client.get(ASK[way][1])]
        seen += [type_code(client, "000000", way) for _ in range(4)]
    seen.append(ask(Client(), email))  # too often in a minute
    waiting = Client(REMOTE_ADDR=ELSEWHERE)
    ask(waiting, email)
    time_passes(hours=1)
    guess(email, 21)
    seen.append(type_code(waiting, "000000"))  # six digits work no longer
    time_passes(hours=1)
    for way in WAYS:
        client = Client()
        seen += [ask(client, email, way), client.get(ASK[way][1])]  # twelve digits
        seen += [type_code(client, "000000", way) for _ in range(3)]
    seen += [sign_in(Client(), email, "wrong") for _ in range(7)]
    return [(one.status_code, without_secrets(one.content)) for one in seen]


def test_known_and_unknown_accounts_are_told_the_same(world: World) -> None:
    known = told(world.halden.employee.email)
    assert known == told("nobody@halden.example")
    User.objects.filter(email=world.halden.colleague.email).update(is_active=False)
    assert known == told(world.halden.colleague.email)
    said = " ".join(words for _, words in known)
    for words in ("That is not the code", "it is longer, and it works", "Please wait", "Twelve"):
        assert words in said


def test_twin_a_count_of_existing_accounts_alone_tells_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = codes.refuse_to_send

    def existing_alone(request: Any, way: str, email: str) -> str:
        return refuse(request, way, email) if User.objects.filter(email=email).exists() else ""

    monkeypatch.setattr(codes, "refuse_to_send", existing_alone)
    emails = (world.halden.employee.email, "nobody@halden.example")
    answers = [[ask(Client(), email).status_code for _ in range(4)] for email in emails]
    assert answers == [[302, 302, 302, 422], [302] * 4]


# --- Rows ------------------------------------------------------------------------------------
def test_counts_name_nobody_and_are_forgotten(world: World) -> None:
    ask(Client(), "nils@halden.example")
    assert all(re.fullmatch(r"[0-9a-f]{64}", one.key) for one in TryCount.objects.all())
    forget_what_ran_out()
    assert TryCount.objects.exists()
    time_passes(days=1)
    forget_what_ran_out()
    assert not TryCount.objects.exists()


def test_few_statements_to_sign_in(world: World, django_assert_max_num_queries: Any) -> None:
    client = Client()
    with django_assert_max_num_queries(12):
        ask(client, world.halden.employee.email)
    with django_assert_max_num_queries(12):
        type_code(client, "000000")
