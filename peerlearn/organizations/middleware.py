"""Opens the scope of one organization around everything below /o/<slug>/."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_urlconf, set_urlconf
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

from peerlearn.organizations.access import OrganizationRequest
from peerlearn.organizations.addresses import public_path, script_prefix
from peerlearn.organizations.models import Employee, Membership
from peerlearn.organizations.scoping import scope
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
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        memberships = {
            membership.organization.slug: membership
            for membership in Membership.objects.active()
            .filter(user=request.user)
            .select_related("organization")
        }
        membership = memberships.get(match["slug"])
        if membership is None:
            return errors.not_found(request)
        if match["rest"] is None:
            return HttpResponseRedirect(f"/o/{membership.organization.slug}/")
        request.has_other_organizations = len(memberships) > 1  # type: ignore[attr-defined]  # read by the shell
        return self._within(request, membership, match["rest"])

    def _within(self, request: Any, membership: Membership, path: str) -> HttpResponse:
        urlconf, prefix = get_urlconf(), f"/o/{membership.organization.slug}/"
        try:
            with scope(membership.organization_id), script_prefix(prefix):
                request.organization = membership.organization
                request.employee = Employee.objects.of_membership(membership)
                request.urlconf = settings.ORGANIZATION_URLCONF
                request.path_info = path
                if request.employee.language:  # until LocaleMiddleware begins the next request
                    translation.activate(request.employee.language)
                with timezone.override(request.employee.zone):
                    response = self.get_response(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                return response
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


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The same for every slug, existing or not."""
    target = f"{public_path(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(target)
    return HttpResponseRedirect(target)


__all__ = ["OrganizationMiddleware", "OrganizationRequest"]
