"""An authenticator app and recovery codes, over HTTP."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings

from peerlearn.organizations import again, factors, one_time
from peerlearn.organizations.throttles import FACTOR, LIMITS, NETWORK
from tests.factories import PASSWORD, set_password, user_of
from tests.notifications.kit import work
from tests.organizations.factor_kit import (
    SECOND,
    SECURITY,
    code_now,
    has_proved,
    set_up_app,
    type_second,
    with_an_app,
)
from tests.organizations.ways_in import (
    ask,
    code_in_the_last_mail,
    is_in,
    sign_in,
    time_passes,
    type_code,
)
from tests.world import World

pytestmark = pytest.mark.django_db
NO_SERVER = "django.core.mail.backends.locmem.EmailBackend.send_messages"


@pytest.fixture(autouse=True)
def no_throttles(db: None) -> None:
    cache.clear()


# --- Pure ------------------------------------------------------------------------------------
def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    for seconds, code in at.items():
        assert one_time.code_of(key, seconds // 30) == code
        assert one_time.counter_of(key, code, seconds=seconds + 30) == seconds // 30
        assert one_time.counter_of(key, code, seconds=seconds + 60) is None
        assert one_time.counter_of(key, code, seconds=seconds, after=seconds // 30) is None


# --- Setting up ------------------------------------------------------------------------------
def test_an_app_is_set_up_and_asked_for(world: World, client: Client) -> None:
    place = world.halden
    key, codes = with_an_app(place.employee)
    assert len(set(codes)) == factors.RECOVERY_CODES
    kept = " ".join(str(row.data) for row in Authenticator.objects.all())
    assert key not in kept
    assert not any(code in kept or factors.plain(code) in kept for code in codes)
    assert work() == 1
    assert mail.outbox[-1].subject == "An authenticator app was set up for your account"

    asked = sign_in(client, place.employee.email, PASSWORD)
    assert asked.headers["Location"] == SECOND
    assert not is_in(client)
    assert client.get(place.path("employees")).headers["Location"].startswith("/account/login/")
    assert type_second(client, "000000").status_code == 422
    right = code_now(key)
    assert type_second(client, f"{right[:3]} {right[3:]}").headers["Location"] == "/"
    assert client.get(place.path("employees")).status_code == 200


def test_a_code_by_mail_and_a_reset_ask_for_it_too(world: World) -> None:
    email = world.halden.employee.email
    _key, codes = with_an_app(world.halden.employee)
    for number, way in enumerate(("sign in", "reset")):
        client = Client()
        ask(client, email, way)
        answer = type_code(client, code_in_the_last_mail(), way)
        if way == "reset":
            new = "three geese over the fjord"
            answer = client.post("/account/password/reset/complete/", {"password1": new})
        assert answer.headers["Location"] == SECOND
        assert not is_in(client)
        assert type_second(client, codes[number].upper()).status_code == 302
        assert is_in(client)


def test_without_the_stage_the_password_is_enough(world: World, client: Client) -> None:
    """The twin: what holds them back is the stage after the password."""
    with_an_app(world.halden.employee)
    with patch("allauth.mfa.stages.AuthenticateStage._should_handle", return_value=False):
        sign_in(client, world.halden.employee.email, PASSWORD)
    assert is_in(client)


def test_the_next_page_and_what_was_begun_outlast_it(world: World, client: Client) -> None:
    place = world.halden
    key, codes = with_an_app(place.employee)
    path = place.path("my_profile")
    data = {"login": place.employee.email, "password": PASSWORD, "next": path}
    assert client.post("/account/login/", data).headers["Location"] == SECOND
    assert type_second(client, code_now(key)).headers["Location"] == path
    founder = Client()
    ask(founder, place.employee.email, "begin")
    type_code(founder, code_in_the_last_mail())
    assert user_of(place.employee).memberships.count() == 1
    begun = type_second(founder, codes[0])
    assert begun.headers["Location"].endswith("/start/")
    assert user_of(place.employee).memberships.count() == 2


# --- Once, and not by guessing ---------------------------------------------------------------
def test_a_code_works_once(world: World) -> None:
    key, codes = with_an_app(world.halden.employee)
    for code in (code_now(key), codes[0]):
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, world.halden.employee.email, PASSWORD)
        assert type_second(first, code).status_code == 302
        assert type_second(second, code).status_code == 422
        assert is_in(first)
        assert not is_in(second)
    work()
    assert mail.outbox[-1].subject == "A recovery code of your account was used"


def test_unless_it_is_not_remembered(world: World) -> None:
    """The twin: nothing else keeps the same code from working again."""
    key, _codes = with_an_app(world.halden.employee)
    with patch.object(factors, "_use_app", lambda row, code: code == code_now(key)):
        for _ in range(2):
            client = Client()
            sign_in(client, world.halden.employee.email, PASSWORD)
            type_second(client, code_now(key))
            assert is_in(client)


def _guesses(email: str, times: int) -> Any:
    for number in range(times):
        client = Client()
        sign_in(client, email, PASSWORD)
        answer = type_second(client, f"{number:06}")
    return client, answer


def test_guesses_are_counted_for_the_account(world: World) -> None:
    key, codes = with_an_app(world.halden.employee)
    email = world.halden.employee.email
    client, answer = _guesses(email, 6)
    assert b"Please wait 5 minutes. A passkey or a recovery code works meanwhile." in answer.content
    assert type_second(client, code_now(key)).status_code == 422
    assert type_second(client, codes[0]).status_code == 302
    assert is_in(client)
    time_passes(minutes=6)
    other = Client()
    sign_in(other, email, PASSWORD)
    assert type_second(other, code_now(key)).status_code == 302


def test_without_the_count_one_may_go_on(world: World) -> None:
    with_an_app(world.halden.employee)
    with patch.dict(LIMITS, {FACTOR: {NETWORK: ((1000, 60),)}}):
        _client, answer = _guesses(world.halden.employee.email, 7)
    assert b"That code does not work." in answer.content


# --- Changing it -----------------------------------------------------------------------------
CHANGES = ["app/", "app/remove/", "codes/"]


@pytest.mark.parametrize("path", CHANGES)
def test_who_changes_it_proves_anew_who_they_are(world: World, path: str) -> None:
    key, _codes = with_an_app(world.halden.employee)
    client = world.sign_in(Client(), world.halden.employee)
    for answer in (client.get(SECURITY + path), client.post(SECURITY + path)):
        assert answer.headers["Location"].startswith(SECURITY + "again/?next=")
    assert factors.has_one(user_of(world.halden.employee))
    where = answer.headers["Location"]
    assert client.post(where, {"password": PASSWORD}).status_code == 422
    assert client.post(where, {"code": code_now(key)}).headers["Location"] == SECURITY + path
    if path != "app/":
        assert client.get(SECURITY + path).status_code == 200
    with patch.object(time, "time", return_value=time.time() + again.FRESH_FOR):
        assert client.get(SECURITY + path).status_code == 302


def test_without_that_an_open_browser_is_enough(world: World, client: Client) -> None:
    with_an_app(world.halden.employee)
    world.sign_in(client, world.halden.employee)
    with patch.object(again, "is_fresh", return_value=True):
        assert client.post(SECURITY + "app/remove/").status_code == 302
    assert not factors.has_one(user_of(world.halden.employee))


def test_who_has_none_proves_it_by_password(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    world.sign_in(client, world.halden.employee)
    where = client.get(SECURITY + "app/").headers["Location"]
    assert client.post(where, {"password": "no"}).status_code == 422
    assert client.post(where, {"password": PASSWORD}).headers["Location"] == SECURITY + "app/"
    assert client.get(SECURITY + "again/?next=//evil.example/").status_code == 200
    away = client.post(SECURITY + "again/?next=//evil.example/", {"password": PASSWORD})
    assert away.headers["Location"] == SECURITY


def test_who_has_neither_proves_it_by_mail(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    where = client.get(SECURITY + "app/").headers["Location"]
    assert client.post(where, {"code": ""}).status_code == 422
    assert client.post(where).status_code == 302
    assert mail.outbox[-1].to == [world.halden.employee.email]
    assert client.post(where, {"code": "12"}).status_code == 422
    assert client.post(where, {"code": code_in_the_last_mail()}).status_code == 302
    assert client.get(SECURITY + "app/").status_code == 200
    with patch(NO_SERVER, side_effect=OSError):
        assert client.post(where).status_code == 503
    for _ in range(3):
        client.post(where)
    assert "Please wait 1 minute." in client.post(where).content.decode()


LONGER = "That code works no longer. Have a new one sent."


def _has_a_code_sent(world: World, client: Client) -> str:
    """Where it is typed."""
    world.sign_in(client, world.halden.employee)
    where = str(client.get(SECURITY + "app/").headers["Location"])
    assert client.post(where).status_code == 302
    return where


def test_the_mailed_code_runs_out(world: World, client: Client) -> None:
    where, later = _has_a_code_sent(world, client), time.time() + again.CODE_FOR
    with patch.object(time, "time", return_value=later):
        assert "Send the code" in client.get(where).content.decode()
        refused = client.post(where, {"code": code_in_the_last_mail()})
        assert (refused.status_code, LONGER in refused.content.decode()) == (422, True)
        with patch.object(again, "CODE_FOR", again.CODE_FOR + 60):  # the twin
            assert client.post(where, {"code": code_in_the_last_mail()}).status_code == 302


def test_the_mailed_code_is_gone_after_wrong_ones(world: World, client: Client) -> None:
    where = _has_a_code_sent(world, client)
    code = code_in_the_last_mail()
    wrong = "1" * 6 if code != "1" * 6 else "2" * 6
    answers = [client.post(where, {"code": wrong}).content.decode() for _one in range(4)]
    assert [LONGER in one for one in answers] == [False, False, False, True]
    time_passes(days=2)  # for whatever counts; only the code is gone
    assert LONGER in client.post(where, {"code": code}).content.decode()
    client.post(where)
    with patch.object(again, "forget_code"):  # the twin
        code = code_in_the_last_mail()
        wrong = "1" * 6 if code != "1" * 6 else "2" * 6
        for _one in range(4):
            client.post(where, {"code": wrong})
        time_passes(days=2)
        assert client.post(where, {"code": code}).status_code == 302


def test_the_mailed_code_is_for_one_sitting(world: World, client: Client) -> None:
    """In no other browser, and not once they have signed out and in again."""
    where = _has_a_code_sent(world, client)
    code = code_in_the_last_mail()
    elsewhere = world.sign_in(Client(), world.halden.employee)
    assert LONGER in elsewhere.post(where, {"code": code}).content.decode()
    client.post("/account/logout/")
    ask(client, world.halden.employee.email)
    type_code(client, code_in_the_last_mail())
    assert is_in(client)
    assert LONGER in client.post(where, {"code": code}).content.decode()


def test_new_codes_end_the_old_ones_and_the_last_factor_ends_all(
    world: World, client: Client
) -> None:
    has_proved(world.sign_in(client, world.halden.employee))
    assert client.get(SECURITY + "codes/").status_code == 404
    _key, codes = set_up_app(client)
    page = client.get(SECURITY)
    assert "10 of 10 left." in page.content.decode()
    assert "You have 10 that were not used." in client.get(SECURITY + "codes/").content.decode()
    shown = client.post(SECURITY + "codes/")
    assert shown.headers["Cache-Control"] == "no-store, private"
    user = user_of(world.halden.employee)
    new = shown.context["codes"]
    assert new[0] in shown.content.decode()
    assert not factors.is_right(user, codes[0], at=user.joined_at)
    assert factors.is_right(user, new[0], at=user.joined_at)
    assert client.post(SECURITY + "app/remove/").headers["Location"] == SECURITY
    assert not Authenticator.objects.exists()


def test_another_secret_key_opens_no_app(world: World, client: Client) -> None:
    """The key is readable by this SECRET_KEY alone; the recovery codes go on working."""
    key, codes = with_an_app(world.halden.employee)
    user = user_of(world.halden.employee)
    with override_settings(SECRET_KEY="another" * 10):
        assert not factors.is_right(user, code_now(key), at=user.joined_at)
        assert factors.is_right(user, codes[0], at=user.joined_at)


# --- Passkeys: what a browser does with them is in tests/browser/test_passkeys.py ----------------
MALFORMED = [
    "",
    "[]",
    "7",
    "{",
    '{"response": 7}',
    '{"response": {"userHandle": 7}}',
    '{"response": {"userHandle": "MQ"}, "rawId": "x"}',
    '{"response": {"userHandle": "' + "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5" + '"}}',
    "[" * 100_000,
    '{"response": {"userHandle": "' + "OTk5" * 2_000 + '"}}',
]


@pytest.mark.parametrize("answer", MALFORMED, ids=range(len(MALFORMED)))
def test_what_no_passkey_answers_signs_nobody_in(client: Client, answer: str) -> None:
    asked = client.post("/account/passkey/ask/").json()["publicKey"]
    assert asked["rpId"] == "localhost"
    assert asked["userVerification"] == "required"
    refused = client.post("/account/passkey/", {"credential": answer}, follow=True)
    assert b"That passkey is not known here." in refused.content
    assert not is_in(client)


def test_making_a_passkey_wants_proof_and_what_was_asked_for(world: World, client: Client) -> None:
    make = {"make": "1"}
    assert client.post("/account/passkey/ask/", make).status_code == 403
    world.sign_in(client, world.halden.employee)
    assert client.post("/account/passkey/ask/", make).status_code == 403
    has_proved(client)
    asked = client.post("/account/passkey/ask/", make).json()["publicKey"]
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    for answer in ("", "[]", '{"id": "x", "response": {}}'):
        data = {"name": "Phone", "credential": answer}
        assert client.post(SECURITY + "passkeys/add/", data).status_code == 422
    assert not factors.has_one(user_of(world.halden.employee))
    for path in ("passkeys/none/", "passkeys/none/remove/"):
        assert client.get(SECURITY + path).status_code == 404
