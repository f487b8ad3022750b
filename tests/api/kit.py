"""Tokens and requests for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from peerlearn.api.models import ApiToken
from peerlearn.api.token_scopes import declared
from peerlearn.clock import now
from peerlearn.organizations.models import Employee
from tests.world import Place


def make_token(
    employee: Employee,
    scopes: Iterable[str] | None = None,
    *,
    at: datetime | None = None,
    days: int = 90,
) -> tuple[ApiToken, str]:
    """With every scope unless some are named. Call it inside a scope."""
    at = at or now()
    names = [one.name for one in declared()] if scopes is None else scopes
    return ApiToken.make(
        employee=employee,
        name="Wall display",
        scopes=names,
        expires_at=at + timedelta(days=days),
        at=at,
    )


def bearer(
    employee: Employee, scopes: Iterable[str] | None = None, **values: Any
) -> dict[str, str]:
    """The header of a new token. Call it inside a scope."""
    return {"Authorization": f"Bearer {make_token(employee, scopes, **values)[1]}"}


class Program:
    """Asks as one employee's program does."""

    def __init__(
        self, place: Place, employee: Employee, scopes: Iterable[str] | None = None
    ) -> None:
        self.place, self.client = place, Client()
        with place.scope():
            self.headers = bearer(employee, scopes)

    def get(self, name: str, query: Any = None, *, kwargs: Any = None, **headers: str) -> Any:
        path = name if name.startswith(("/", "http")) else self.place.path(name, **(kwargs or {}))
        return self.client.get(path, query, headers=self._headers(headers))

    def post(self, name: str, body: Any = None, **more: Any) -> Any:
        return self.send("post", name, body, **more)

    def send(
        self, method: str, name: str, body: Any = None, *, kwargs: Any = None, **headers: str
    ) -> Any:
        call = getattr(self.client, method)
        return call(
            self.place.path(name, **(kwargs or {})),
            data={} if body is None else body,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return self.headers | {name.replace("_", "-"): value for name, value in more.items()}


def pointers(answer: Any) -> list[str]:
    """Where a problem says that the body or the query is wrong."""
    return sorted(one.get("pointer") or one["parameter"] for one in answer.json()["errors"])
