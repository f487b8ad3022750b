"""Rows for the tests of skills, made by the verbs that pages use. Call these inside a scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peerlearn.organizations.models import Employee
from skills import catalogue
from skills.models import Need, Proficiency, Skill

DAY = date(2026, 1, 5)
AT = datetime(2026, 1, 6, 9, tzinfo=UTC)
TAKEN_BACK = "SELECT set_config('app.organization_id', '', true)"
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def make_skill(name: str = "Relay protection settings", *also_called: str) -> Skill:
    return catalogue.add_one(name, also_called=also_called)


def can(employee: Employee, skill: Skill, level: int, on: date = DAY) -> Proficiency:
    return Proficiency.claim(employee=employee, skill=skill, level=level, on=on)


def wants(employee: Employee, skill: Skill, urgency: int = 3, on: date = DAY) -> Need:
    return Need.make(employee=employee, skill=skill, urgency=urgency, on=on)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that ran inside the block, without those that control transactions.

    Nested in a test's transaction a scope takes back its setting; in a request that ends with it.
    """
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements += [
        query["sql"]
        for query in captured
        if not query["sql"].startswith(CONTROL) and query["sql"] != TAKEN_BACK
    ]


def queries_of(client: Client, path: str, **headers: Any) -> list[str]:
    with counted() as statements:
        response = client.get(path, headers=headers)
    assert response.status_code == 200, response.status_code
    return statements
