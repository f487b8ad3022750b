"""Second factors, as their owner sets them up in a browser."""

from __future__ import annotations

import re
import time
from typing import Any

from django.test import Client

from peerlearn.organizations import again, one_time
from peerlearn.organizations.models import Employee
from tests.factories import PASSWORD, set_password
from tests.organizations.ways_in import sign_in

SECURITY = "/account/security/"
SECOND = "/account/second/"
RECOVERY = re.compile(r"<code[^>]*>((?:[a-z2-9]{4}-){6}[a-z2-9]{4})</code>")


def has_proved(client: Client) -> Client:
    """As if they had just proved anew who they are."""
    session = client.session
    session[again._PROVED] = time.time()
    session.save()
    return client


def code_now(key: str, periods: int = 0) -> str:
    """What the app shows, or showed and will show so many periods from now."""
    return one_time.code_of(key, int(time.time()) // one_time.PERIOD + periods)


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """By somebody signed in: the app's key, and the recovery codes. The code of the period before
    is used, so that the one of now still signs in."""
    page = client.get(SECURITY + "app/")
    key = str(page.context["key"]).replace(" ", "")
    done = client.post(SECURITY + "app/", {"code": code_now(key, -1)})
    assert done.status_code == 200, done.context["form"].errors
    return key, RECOVERY.findall(done.content.decode())


def with_an_app(employee: Employee) -> tuple[str, list[str]]:
    """An account with a password and an app; its key and recovery codes."""
    set_password(employee)
    client = Client()
    sign_in(client, employee.email, PASSWORD)
    return set_up_app(client)


def type_second(client: Client, code: str) -> Any:
    return client.post(SECOND, {"code": code})
