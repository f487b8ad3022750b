"""How often one may try, and how long to wait, in words. Counted in Postgres by allauth."""

from __future__ import annotations

import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_ALLAUTH = "allauth.account"
_BEGIN = {"begin": "60/m/ip,3/m/key,10/h/key"}


def may_begin(request: HttpRequest, email: str) -> bool:
    """Count one try to begin an organization with that e-mail; False when there were too many."""
    usage = ratelimit.consume(request, app="peerlearn", action="begin", config=_BEGIN, key=email)
    return bool(usage)


def wait_to_begin(request: HttpRequest, email: str) -> str:
    return wait_words(_seconds(request, "peerlearn", "begin", email, _BEGIN))


def wait_to_sign_in(request: HttpRequest, action: str, key: str) -> str:
    """`action` is one of allauth's: login_failed, request_login_code."""
    return wait_words(_seconds(request, _ALLAUTH, action, key, None))


def tries_left(request: HttpRequest, action: str, key: str) -> int:
    """How many more tries before one has to wait."""
    return min(
        int(rate.amount) - len(_history(request, _ALLAUTH, action, rate, key))
        for rate in ratelimit.get_rates(app=_ALLAUTH, action=action)
    )


def wait_words(seconds: float) -> str:
    minutes = max(1, -int(-seconds // 60))
    waiting = ngettext("Please wait %(count)d minute.", "Please wait %(count)d minutes.", minutes)
    return _("There were too many tries.") + " " + waiting % {"count": minutes}


def _seconds(
    request: HttpRequest, app: str, action: str, key: str, config: dict[str, str] | None
) -> float:
    waits = [0.0]
    for rate in ratelimit.get_rates(app=app, action=action, config=config):
        history = _history(request, app, action, rate, key)
        if len(history) >= rate.amount:
            waits.append(history[rate.amount - 1] + rate.duration - time.time())
    return max(waits)


def _history(
    request: HttpRequest, app: str, action: str, rate: ratelimit.Rate, key: str
) -> list[float]:
    """When the tries that still count were made, the latest first."""
    name = ratelimit.get_cache_key(request, app=app, action=action, rate=rate, key=key)
    return [at for at in cache.get(name, []) if at > time.time() - rate.duration]
