"""The headers that every response carries, errors and files included."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from peerlearn.web import csp

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    ),
}


class SecurityHeadersMiddleware:
    """Outermost, so that no response leaves without its headers.

    Whatever does not say how long it may be kept is kept nowhere; pages of an organization are
    kept nowhere whatever they say, unless a key opened them. Static files say it themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = csp.policy(settings.SECURE_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(csp.HEADER, self.policy)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        signed_in = hasattr(request, "employee") and not getattr(request, "opened_by_a_key", False)
        if signed_in or "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store, private"
        return response
