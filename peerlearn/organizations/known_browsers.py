"""Browsers in which somebody has signed in before: strangers' tries do not count for them.

A signed cookie holds a mark of each user. A mark depends on the password, so that another
password ends it; it holds for who is let in somewhere now, so that deactivating ends it too. It
opens nothing by itself.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from peerlearn.organizations.models import Membership, User

_SALT = "peerlearn.known-browser"
_USERS = 5  # of one browser, the latest first


def knows(request: HttpRequest, email: str) -> bool:
    """Whether the user of that (normalized) e-mail has signed in in this browser."""
    marks = _marks(request)
    if not marks:
        return False
    active = Membership.objects.active().filter(user__email=email).select_related("user")
    membership = active.first()
    return membership is not None and any(
        constant_time_compare(mark, _mark_of(membership.user)) for mark in marks
    )


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Whoever is signed in now is known in this browser from now on."""
    if not isinstance(request.user, User):
        return
    mine = _mark_of(request.user)
    marks = [mine, *(mark for mark in _marks(request) if mark != mine)][:_USERS]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps(marks, salt=_SALT),
        max_age=settings.KNOWN_BROWSER_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> list[str]:
    try:
        marks: list[str] = signing.loads(
            request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""),
            salt=_SALT,
            max_age=settings.KNOWN_BROWSER_COOKIE_AGE,
        )
    except signing.BadSignature:
        return []
    return marks


def _mark_of(user: User) -> str:
    return salted_hmac(_SALT, f"{user.pk}\n{user.password}", algorithm="sha256").hexdigest()[:32]
