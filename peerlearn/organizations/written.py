"""Queries whose SQL is written once and asked again with other values.

    @written
    def _busy(people: Any, at: Any) -> ClaimQuerySet:
        return Claim.objects.standing(at).filter(employee__in=people)

    rows = _busy(people=(3, 5), at=at)  # a list

To write the SQL of a queryset takes Django longer than Postgres takes to answer it. The function is
called once and gets a placeholder for each value: it hands them to filters and does not look at
them. Values are never None; for `__in` they are tuples with at least one value (`NOBODY` if need
be). Inside the fence a query is bound to the organization of the scope around the call, as every
other one.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property, update_wrapper
from inspect import signature
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler

from peerlearn.organizations.scoping import in_any_organization, require_organization_id

R = TypeVar("R")
NOBODY = 0  # no row's id
_ORGANIZATION = "organization of the scope"


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

    def __init__(self, compiler: SQLCompiler, sql: str, params: tuple[Any, ...]) -> None:
        self._compiler, self._written = compiler, (sql, params)

    def get_compiler(self, using: str) -> SQLCompiler:
        compiler = copy(self._compiler)
        compiler.connection = connections[using]  # each thread has its own
        compiler.as_sql = lambda: self._written  # type: ignore[method-assign,assignment,misc]
        return compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler.query, name)


class Written(Generic[R]):
    """What `@written` makes of a function."""

    def __init__(self, make: Callable[..., models.QuerySet[Any, R]]) -> None:
        self._make = make
        update_wrapper(self, make)

    def __call__(self, **values: Any) -> list[R]:
        """The rows, read now."""
        queryset, compiler, sql, params = self._once
        values[_ORGANIZATION] = require_organization_id() if self._is_fenced else None
        bound = tuple(values[one.name] if isinstance(one, Given) else one for one in params)
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
    def _is_fenced(self) -> bool:
        params = self._once[-1]
        return any(isinstance(one, Given) and one.name == _ORGANIZATION for one in params)


written = Written
