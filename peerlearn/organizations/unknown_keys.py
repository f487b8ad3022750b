"""Keys that open nothing: counted by the network that sends them, never by what was sent, or each
made-up one would leave a row. Whoever has a key that opens something is not asked."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from peerlearn.organizations.throttles import UNKNOWN_KEY, Try
from peerlearn.web.problems import problem


def too_many(request: HttpRequest) -> HttpResponse | None:
    """Count one more; the answer once there were too many. Outside the scope, whose transaction is
    lost with a key that opens nothing."""
    tried = Try(request, UNKNOWN_KEY)
    if tried.count():
        return None
    words = _("They came from your network, with keys that open nothing here.")
    return too_often(f"{tried.wait} {words}", tried.seconds)


def too_often(words: str, seconds: int) -> HttpResponse:
    """For a program, with how long it is to wait."""
    answer = problem(HTTPStatus.TOO_MANY_REQUESTS, words)
    answer.headers["Retry-After"] = str(max(seconds, 1))
    return answer
