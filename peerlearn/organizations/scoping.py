"""The only door to an organization's data: `with scope(organization_id):`.

A scope is one short transaction in which Postgres knows the organization (the first lock: row
security) and so does the ORM (the second: a query on a fenced model outside a scope raises).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, transaction

SETTING = "app.organization_id"
_HEALTHY_TRANSACTION = 2  # libpq: in a transaction, idle, without an error
_current: ContextVar[int | None] = ContextVar("organization_id", default=None)


class OutsideScope(RuntimeError):
    """A fenced model was touched without `with scope(organization_id):` around it."""


def current_organization_id() -> int | None:
    """The organization of the scope around the caller, or None outside every scope."""
    return _current.get()


def require_organization_id() -> int:
    """The organization of the scope around the caller; raises OutsideScope outside every scope."""
    organization_id = _current.get()
    if organization_id is None:
        raise OutsideScope(
            "An organization's data was touched outside `with scope(organization_id):`."
        )
    return organization_id


@contextmanager
def scope(organization_id: int, *, using: str = "default") -> Iterator[None]:
    """One transaction on one organization's data.

    Entering the same organization again is a savepoint; entering another one raises OutsideScope.
    """
    if isinstance(organization_id, bool) or not isinstance(organization_id, int):
        raise TypeError(f"organization_id must be an int, not {organization_id!r}")
    surrounding = _current.get()
    if surrounding == organization_id:
        with transaction.atomic(using=using):
            yield
        return
    if surrounding is not None:
        raise OutsideScope(
            f"Inside the scope of organization {surrounding}, {organization_id} cannot be entered."
        )
    nested = connections[using].in_atomic_block
    with transaction.atomic(using=using):
        _tell_postgres(using, str(organization_id))
        token = _current.set(organization_id)
        try:
            yield
        finally:
            _current.reset(token)
            if nested:
                _forget(using)


@contextmanager
def in_any_organization(placeholder: Any) -> Iterator[None]:
    """For writing SQL that is asked later, with the organization then: nothing can be read here,
    since Postgres does not know what the placeholder is."""
    token = _current.set(placeholder)
    try:
        yield
    finally:
        _current.reset(token)


def _tell_postgres(using: str, value: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, value])


def _forget(using: str) -> None:
    """A local setting lasts to the end of the OUTERMOST transaction: put it back when nested.

    With the outermost transaction it ends by itself, and a roll-back undoes it.
    """
    connection = connections[using]
    raw = connection.connection
    if (
        raw is not None
        and not connection.closed_in_transaction
        and not connection.needs_rollback
        and raw.info.transaction_status == _HEALTHY_TRANSACTION
    ):
        _tell_postgres(using, "")
