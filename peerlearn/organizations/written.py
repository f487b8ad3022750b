"""Queries whose SQL is written once and asked again with other values.

    @written
    def _busy(people: Any, at: Any) -> ClaimQuerySet:
        return Claim.objects.standing(at).filter(employee__in=people)

    rows = _busy(people=(3, 5), at=at)  # a list

To write the SQL of a queryset takes Django longer than Postgres takes to answer it, and to plan it
takes Postgres longer than to run it: the SQL is kept by the process, its plan by the connection.

The function is called once and gets a placeholder for each value: it hands them to filters and does
not look at them. Values are never None; for `__in` they are tuples with at least one value
(`NOBODY` if need be). Inside the fence a query is bound to the organization of the scope around the
call, as every other one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property, update_wrapper
from inspect import signature
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection, connections, models
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg2.extensions import AsIs

from peerlearn.organizations.scoping import in_any_organization, require_organization_id

R = TypeVar("R")
NOBODY = 0  # no row's id
_ORGANIZATION = "organization of the scope"
_IN = re.compile(r"\bIN (\$\d+)")
_numbers = count(1)
_plans: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # by connection


class Given(Value):
    """Stands for a value that is known when the query is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def _resolve_output_field(self) -> None:
        """Of the type of what it is compared with."""


class _Known:
    """Takes the place of a queryset's query: what it would write is known already."""

    def __init__(self, compiler: SQLCompiler, sql: str, params: list[Any]) -> None:
        self._compiler, self._written = compiler, (sql, params)

    def get_compiler(self, using: str) -> SQLCompiler:
        compiler = copy(self._compiler)
        compiler.connection = connections[using]  # this thread's
        compiler.as_sql = lambda: self._written  # type: ignore[method-assign,assignment,misc]
        return compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler.query, name)


class Written(Generic[R]):
    """What `@written` makes of a function."""

    def __init__(self, make: Callable[..., models.QuerySet[Any, R]]) -> None:
        self._make = make
        self._plan = f"written_{next(_numbers)}"
        update_wrapper(self, make)

    def __call__(self, **values: Any) -> list[R]:
        """The rows, read now."""
        queryset, compiler, sql, params = self._once
        if _ORGANIZATION in self._names:
            values[_ORGANIZATION] = require_organization_id()
        if connection.queries_logged:  # in full, for whoever reads it
            bound = [values[one.name] if isinstance(one, Given) else one for one in params]
        else:
            _keep(self._plan, connection, (), self._text)
            sql, bound = _execute(self._plan, len(self._names)), self._bound(values)
        rows = queryset.__class__(queryset.model, query=_Known(compiler, sql, bound))
        rows._iterable_class, rows._fields = queryset._iterable_class, queryset._fields
        rows._prefetch_related_lookups = queryset._prefetch_related_lookups
        return list(rows)

    @cached_property
    def _once(self) -> Any:
        values = {name: Given(name) for name in signature(self._make).parameters}
        with in_any_organization(Given(_ORGANIZATION)):
            queryset = self._make(**values)
            compiler = queryset.query.get_compiler(queryset.db)
            sql, params = compiler.as_sql()
        return queryset, compiler, sql, params

    @cached_property
    def _names(self) -> list[str]:
        """Of the values, in the order of the plan's parameters."""
        *_rest, params = self._once
        return list(dict.fromkeys(one.name for one in params if isinstance(one, Given)))

    def _bound(self, values: dict[str, Any]) -> list[Any]:
        found = [values[name] for name in self._names]
        return [list(one) if isinstance(one, tuple) else one for one in found]

    def _text(self, cursor: Any) -> str:
        *_rest, sql, params = self._once
        numbers = {name: AsIs(f"${number}") for number, name in enumerate(self._names, start=1)}
        given = [numbers[one.name] if isinstance(one, Given) else one for one in params]
        return _IN.sub(r"= ANY(\1)", cursor.mogrify(sql, given).decode())


written = Written


class Statement:
    """SQL of one's own, whose plan is kept likewise: `%(name)s` is a value, the organization of the
    scope one that need not be given. `types` are those that Postgres knows the values by."""

    def __init__(self, sql: str, **types: str) -> None:
        self.sql, self.types = sql, {"organization": "bigint", **types}
        self._plan = f"written_{next(_numbers)}"

    def run(self, **values: Any) -> int:
        """How many rows its last part wrote or found."""
        values["organization"] = require_organization_id()
        with connection.cursor() as cursor:
            if connection.queries_logged:
                cursor.execute(self.sql, values)
            else:
                _keep(self._plan, connection, self.types.values(), self._text)
                bound = [values[name] for name in self.types]
                cursor.execute(_execute(self._plan, len(bound)), bound)
            return int(cursor.rowcount)

    def _text(self, _cursor: Any) -> str:
        numbers = enumerate(self.types, start=1)
        return self.sql % {name: f"${number}" for number, name in numbers}


def _keep(plan: str, connection: Any, types: Iterable[str], text: Callable[[Any], str]) -> None:
    """Let Postgres plan a text once for this connection, and not each time anew."""
    connection.ensure_connection()
    kept = _plans.setdefault(connection.connection, set())
    if plan not in kept:
        known = f"({', '.join(types)})" if types else ""
        with connection.cursor() as cursor:
            cursor.execute(f"PREPARE {plan} {known} AS {text(cursor)}")
        kept.add(plan)


def _execute(plan: str, values: int) -> str:
    return f"EXECUTE {plan} ({', '.join(['%s'] * values)})"
