"""Who changes how they sign in proves anew who they are, unless they have just done so.

By the clock of this machine: the demo's can be moved.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from peerlearn.organizations.addresses import public_path

FRESH_FOR = CODE_FOR = 600  # seconds
_PROVED, _SENT = "proved at", "code to prove it again"  # in the session


def mark(request: HttpRequest) -> None:
    """They have proved it now; a code that waits is for nothing any more."""
    request.session[_PROVED] = time.time()
    forget_code(request)


def is_fresh(request: HttpRequest) -> bool:
    return 0 <= time.time() - float(request.session.get(_PROVED, -FRESH_FOR)) < FRESH_FOR


def keep_code(request: HttpRequest, code: str) -> None:
    """It was mailed. In this session alone, for as long as a sitting lasts."""
    request.session[_SENT] = {"code": code, "at": time.time()}


def code_sent(request: HttpRequest) -> str:
    """The code that still works; "" when there is none."""
    sent = request.session.get(_SENT)
    if not isinstance(sent, dict):
        return ""
    return str(sent["code"]) if 0 <= time.time() - float(sent["at"]) < CODE_FOR else ""


def forget_code(request: HttpRequest) -> None:
    request.session.pop(_SENT, None)


def proved_just_now(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of somebody signed in that they reach once they have proved it anew."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        target = f"{public_path('prove_again')}?{urlencode({'next': request.path})}"
        return HttpResponseRedirect(target)

    checked: Callable[..., HttpResponse] = login_required(guarded)
    return checked
