"""Who changes how they sign in proves anew who they are, unless they have just done so."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from peerlearn.organizations.addresses import public_path

FRESH_FOR = 600  # seconds
_PROVED = "proved at"  # in the session


def mark(request: HttpRequest) -> None:
    """They have proved it now. By the clock of this machine: the demo's can be moved."""
    request.session[_PROVED] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    return 0 <= time.time() - float(request.session.get(_PROVED, -FRESH_FOR)) < FRESH_FOR


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
