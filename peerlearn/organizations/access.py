"""Who may call a view. Deny by default: a view that says nothing fails the system check.

@require_GET
@allow(MANAGER, HR)
def dashboard(request): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse

from peerlearn.organizations.roles import ADMIN, EVERYONE, HR, MANAGER, Role

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee, Organization

__all__ = [
    "ADMIN",
    "EVERYONE",
    "HR",
    "MANAGER",
    "Key",
    "OrganizationRequest",
    "allow",
    "get_visible_or_404",
    "opened_by",
    "public",
]

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
View = Callable[Concatenate["OrganizationRequest", P], HttpResponse]


class OrganizationRequest(HttpRequest):
    """A request below /o/<slug>/, as the organization middleware hands it on."""

    organization: Organization
    employee: Employee
    htmx: Any


def allow(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let employees in any of these roles call the view; everyone else gets 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: OrganizationRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if not any(request.employee.has_role(role) for role in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.access = frozenset(roles)  # type: ignore[attr-defined]  # read by checks.py
        return guarded

    return decorate


V = TypeVar("V", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class Key:
    """A secret that opens a view without signing in: a token, a feed's address, an invitation.

    `employee` finds whose it is, inside the scope of the organization in the address; it gets the
    request and the route's arguments. `refused` answers whoever has none, the same for an
    organization that does not exist. `first` and `last`, when given, are asked outside every scope,
    so that what they count stays counted: one before all else, and may answer instead; the other
    when a key has opened the view, whatever became of it.
    """

    employee: Callable[..., Employee | None]
    refused: Callable[[HttpRequest], HttpResponse]
    first: Callable[[HttpRequest], HttpResponse | None] | None = None
    last: Callable[[HttpRequest], None] | None = None


def opened_by(key: Key) -> Callable[[V], V]:
    """Let the holder of `key` in as its employee; sessions count for nothing. Outermost."""

    def decorate(view: V) -> V:
        view.opened_by = key  # type: ignore[attr-defined]  # read by the middleware
        return view

    return decorate


def public(view: V) -> V:
    """A view outside every organization, open to anyone who asks."""
    view.access = frozenset()  # type: ignore[attr-defined]  # read by checks.py
    return view


def get_visible_or_404(queryset: models.QuerySet[M], public_id: str) -> M:
    """The row of that public id; absent and invisible are the same 404."""
    try:
        return queryset.get(public_id=public_id)
    except (ObjectDoesNotExist, ValueError):
        raise Http404 from None
