"""One row for every route: who may call it, with which methods, and what they get.

A route of either URLconf without a row here is red. Rows of an app stand in `rows_<app>.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Row:
    """What someone who is allowed gets, for each method; other methods are 405 for everybody.

    `roles`: the actors of the world that may call it ("employee", "manager", "hr", "admin").
    `subject`: makes the route's object with that organization's verbs, inside its scope, and
    returns the route's arguments; asked for once per organization.
    `data`: what is posted.
    `invisible`: actors for whom the object itself is hidden, so that they get 404, not 403.
    `refused`: for a route opened by a key instead of signing in, what everybody without one gets.
    `headers`: makes an actor's key where it is a header; else it is one of the route's arguments.
    """

    methods: dict[str, set[int]]
    roles: frozenset[str] = frozenset({"employee", "manager", "hr", "admin"})
    subject: Callable[[Any], dict[str, Any]] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    invisible: frozenset[str] = frozenset()
    refused: int | None = None
    headers: Callable[[Any, str], dict[str, str]] | None = None
    json: bool = False  # what is posted


EVERYONE = frozenset({"employee", "manager", "hr", "admin"})
MANAGER_AND_HR = frozenset({"manager", "hr"})
HR = frozenset({"hr"})
ADMIN = frozenset({"admin"})
HR_AND_ADMIN = frozenset({"hr", "admin"})

PAGE = {"GET": {200}}
ACT = {"POST": {302, 303, 422}}
FORM = {"GET": {200}, "POST": {302, 303, 422}}
