"""The demo's mailbox, in demo mode alone."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peerlearn.notifications.mailbox import Letter, letter, letters
from peerlearn.organizations.access import public

PER_PAGE = 50
# A mail is somebody else's HTML: no script, no form, no request leaves it.
MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


@require_GET
@public
def mailbox(request: HttpRequest) -> HttpResponse:
    _only_in_the_demo()
    recipient = request.GET.get("to", "").strip()
    page = Paginator(letters(recipient), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/mailbox.html", {"page": page, "recipient": recipient})


@require_GET
@public
def mailbox_message(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "notifications/mailbox_message.html", {"letter": _letter_or_404(key)})


@require_GET
@public
def mailbox_html(request: HttpRequest, key: str) -> HttpResponse:
    """The mail's HTML as a mail program shows it."""
    found = _letter_or_404(key)
    if not found.html:
        raise Http404
    return HttpResponse(found.html, headers={"Content-Security-Policy": MAIL_CSP})


def _letter_or_404(key: str) -> Letter:
    _only_in_the_demo()
    found = letter(key)
    if found is None:
        raise Http404
    return found


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404
