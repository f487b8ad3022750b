"""Ways in, as somebody who is not signed in uses them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core import mail
from django.db.models import F
from django.test import Client

from peerlearn.organizations.models import TryCount
from tests.world import World

BEGIN = {
    "organization": "Sørlandet Kraft",
    "name": "Ingrid Solheim",
    "time_zone": "Europe/Oslo",
    "agreed": "on",
}
ASK = {
    "sign in": ("/account/code/", "/account/code/confirm/"),
    "reset": ("/account/password/reset/", "/account/password/reset/confirm/"),
    "begin": ("/begin/", "/account/code/confirm/"),
}
WAYS = list(ASK)
DIGITS = re.compile(r"\b(?:\d{6}|\d{4}-\d{4}-\d{4})\b")
ELSEWHERE = "203.0.113.7"


def ask(client: Client, email: str, way: str = "sign in") -> Any:
    return client.post(ASK[way][0], {**BEGIN, "email": email})


def type_code(client: Client, code: str, way: str = "sign in") -> Any:
    return client.post(ASK[way][1], {"code": code})


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password})


def code_in_the_last_mail() -> str:
    found = DIGITS.search(str(mail.outbox[-1].body))
    assert found
    return found[0]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def time_passes(**amount: int) -> None:
    TryCount.objects.update(ends_at=F("ends_at") - timedelta(**amount))


def guess(email: str, times: int, ways: list[str] = WAYS, **where: str) -> list[bytes]:
    """As somebody who never reads the mails and has all day; what was answered to each guess."""
    answers: list[bytes] = []
    number = 0
    while len(answers) < times:
        client, way = Client(**where), ways[number % len(ways)]
        number += 1
        assert ask(client, email, way).status_code == 302
        if number % 10 == 0:
            time_passes(hours=1)
        elif number % 3 == 0:
            time_passes(seconds=61)
        answers += [type_code(client, f"{wrong:06}", way).content for wrong in range(3)]
    return answers


def known_browser(world: World) -> Client:
    """In which Nils has signed in before; nobody is signed in in it now."""
    client = Client()
    ask(client, world.halden.employee.email)
    type_code(client, code_in_the_last_mail())
    client.post("/account/logout/")
    assert not is_in(client)
    return client
