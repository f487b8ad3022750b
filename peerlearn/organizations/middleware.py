"""Opens the scope of one organization around everything below /o/<slug>/."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, get_urlconf, resolve, set_urlconf
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

from peerlearn.clock import now
from peerlearn.organizations.access import Key, OrganizationRequest
from peerlearn.organizations.addresses import public_path, script_prefix
from peerlearn.organizations.checks import routes
from peerlearn.organizations.models import Employee, Membership, Organization
from peerlearn.organizations.requiring import since as second_factor_since
from peerlearn.organizations.requiring import with_factors
from peerlearn.organizations.scoping import scope
from peerlearn.organizations.written import written
from peerlearn.web import errors

BELOW_AN_ORGANIZATION = re.compile(r"/o/(?P<slug>[^/]+)(?P<rest>/.*)?")


class OrganizationMiddleware:
    """After authentication. Owns the request's transaction and rolls it back from status 400 on.

    `ATOMIC_REQUESTS` would begin after middleware, so that the organization set here would have
    no transaction to live in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = BELOW_AN_ORGANIZATION.fullmatch(request.path_info)
        if match is None:
            return self.get_response(request)
        if match["rest"] and (opened := _opened_by_a_key(match["rest"])):
            return self._unlocked(request, match, *opened)
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        memberships = {
            membership.organization.slug: membership
            for membership in _memberships(user=request.user.pk)
        }
        membership = memberships.get(match["slug"])
        if membership is None:
            return errors.not_found(request)
        if since := second_factor_since(membership):
            if since <= now():
                return _to(request, public_path("security"))
            request.second_factor_since = since  # type: ignore[attr-defined]  # read by the shell
        if match["rest"] is None:
            return HttpResponseRedirect(f"/o/{membership.organization.slug}/")
        request.has_other_organizations = len(memberships) > 1  # type: ignore[attr-defined]  # read by the shell
        return self._within(
            request,
            membership.organization,
            match["rest"],
            lambda: _entering(membership),
        )

    def _unlocked(
        self, request: HttpRequest, match: re.Match[str], key: Key, arguments: dict[str, Any]
    ) -> HttpResponse:
        if key.first is not None and (answer := key.first(request)) is not None:
            return answer
        organization = Organization.objects.filter(slug=match["slug"], suspended_at=None).first()
        if organization is None:
            return key.refused(request)
        answer = self._within(
            request, organization, match["rest"], lambda: key.employee(request, **arguments), key
        )
        if key.last is not None and getattr(request, "opened_by_a_key", False):
            key.last(request)
        return answer

    def _within(
        self,
        request: Any,
        organization: Organization,
        path: str,
        find: Callable[[], Employee | None],
        key: Key | None = None,
    ) -> HttpResponse:
        urlconf, prefix = get_urlconf(), f"/o/{organization.slug}/"
        try:
            with scope(organization.pk), script_prefix(prefix):
                employee = find()
                if employee is not None and (key is None or employee.active):
                    request.organization = employee.organization = organization
                    request.employee = employee
                    request.opened_by_a_key = key is not None
                    request.urlconf = settings.ORGANIZATION_URLCONF
                    request.path_info = path
                    if request.employee.language:  # until LocaleMiddleware begins the next request
                        translation.activate(request.employee.language)
                    with timezone.override(request.employee.zone):
                        response = self.get_response(request)
                    if response.status_code >= 400:
                        transaction.set_rollback(True)
                    return response
                transaction.set_rollback(True)
            # Its page asks who is signed in, which belongs outside a transaction that is lost.
            return key.refused(request) if key is not None else errors.not_found(request)
        finally:
            set_urlconf(urlconf)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> None:
        """The system check finds such a view first; this holds if it was not run."""
        if isinstance(getattr(request, "employee", None), Employee):
            assert isinstance(request, HttpRequest)
            if not getattr(view, "access", None):
                raise LookupError(f"{view.__module__}.{view.__name__} does not say who may call it")


@written
def _memberships(user: Any) -> Any:
    memberships = with_factors(Membership.objects.active()).filter(user=user)
    return memberships.select_related("organization")


def _entering(membership: Membership) -> Employee | None:
    if membership.entered_at is None:
        membership.enter(at=now())
    employee: Employee | None = Employee.objects.of_membership(membership)
    return employee


def _opened_by_a_key(path: str) -> tuple[Key, dict[str, Any]] | None:
    """The key of the view at that path of an organization, with the route's arguments."""
    if path.split("/", 2)[1] not in _first_words(settings.ORGANIZATION_URLCONF):
        return None
    try:
        found = resolve(path, settings.ORGANIZATION_URLCONF)
    except Resolver404:
        return None
    key = getattr(found.func, "opened_by", None)
    return None if key is None else (key, found.kwargs)


@cache
def _first_words(urlconf: str) -> frozenset[str]:
    """With what the paths of such views begin: the others need not be looked up twice."""
    return frozenset(
        path.split("/", 1)[0]
        for path, pattern in routes(urlconf)
        if hasattr(pattern.callback, "opened_by")
    )


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The same for every slug, existing or not."""
    next_page = urlencode({"next": request.get_full_path()})
    return _to(request, f"{public_path(settings.LOGIN_URL)}?{next_page}")


def _to(request: HttpRequest, target: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(target)
    return HttpResponseRedirect(target)


__all__ = ["OrganizationMiddleware", "OrganizationRequest"]
