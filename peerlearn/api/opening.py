"""How a request to the API is let in: Authorization: Bearer, so many in a minute."""

from __future__ import annotations

import re
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from peerlearn.api.models import ApiToken
from peerlearn.api.secrets import digest, is_whole
from peerlearn.clock import now
from peerlearn.organizations.access import Key
from peerlearn.organizations.models import Employee
from peerlearn.organizations.throttles import Try, limit_for
from peerlearn.organizations.unknown_keys import too_many, too_often
from peerlearn.web.problems import problem

REQUESTS, SECONDS = 300, 60  # of one token
_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
_SLUG = re.compile(r"/o/([^/]+)/")


def count(request: HttpRequest) -> HttpResponse | None:
    """Count it, whatever becomes of it, if its token has opened something in this minute; no
    made-up one leaves a row."""
    tried = _tried(request)
    if tried is None or not tried.count_again():
        return None
    request.was_counted = True  # type: ignore[attr-defined]  # for count_the_first
    if tried.allowed:
        return None
    words = _("More than %(requests)s requests a minute with this token.")
    return too_often(words % {"requests": REQUESTS}, tried.seconds)


def count_the_first(request: HttpRequest) -> None:
    """The one with which its minute begins, now that it is known to be a token."""
    tried = _tried(request)
    if tried is not None and not getattr(request, "was_counted", False):
        tried.count()


def _tried(request: HttpRequest) -> Try | None:
    """What was never a token costs no statement."""
    secret = _secret(request)
    found = _SLUG.match(request.path)
    if not secret or found is None:
        return None
    return Try.within(limit_for("api", f"{found[1]} {digest(secret)}", REQUESTS, SECONDS))


def employee(request: HttpRequest, **arguments: str) -> Employee | None:
    """For whom the token acts. Notes on which day it was used last."""
    secret = _secret(request)
    at = now()
    token = ApiToken.objects.opening(digest(secret), at) if secret else None
    if token is None:
        return None
    token.note_use(at.date())
    found: Employee = token.employee
    found.is_manager = token.leads_somebody
    request.api_token = token  # type: ignore[attr-defined]  # read by the views
    return found


def refused(request: HttpRequest) -> HttpResponse:
    """The same for everybody without a token that holds here, and for any organization."""
    if _secret(request) and (wait := too_many(request)) is not None:
        return wait
    answer = problem(
        HTTPStatus.UNAUTHORIZED,
        _(
            "Send Authorization: Bearer with a token of this organization. It may have expired or "
            "been revoked, or the API may be switched off."
        ),
    )
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _secret(request: HttpRequest) -> str:
    found = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    return found[1] if found and is_whole(found[1]) else ""


KEY = Key(employee, refused, first=count, last=count_the_first)
