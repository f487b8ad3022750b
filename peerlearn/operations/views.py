"""Addresses for machines: does it live, can it serve, how is it doing."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from peerlearn.operations.metrics import exposition
from peerlearn.operations.progress import HEARTBEAT_KEY
from peerlearn.organizations.access import public

PLAIN = "text/plain; charset=utf-8"
BROKER_SECONDS = 0.5


@require_safe
@public
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. Asks nobody: a restart cures no database."""
    return HttpResponse("alive\n", content_type=PLAIN)


@require_safe
@public
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, broker and at least one worker answer; 503 names what does not."""
    missing = [] if database_answers() else ["database"]
    missing += broker_and_worker_missing()
    if missing:
        return HttpResponse(f"missing: {', '.join(missing)}\n", content_type=PLAIN, status=503)
    return HttpResponse("ready\n", content_type=PLAIN)


@require_safe
@public
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, inside the network and with the token; absent for everybody else."""
    if not (_is_inside(request.META.get("REMOTE_ADDR", "")) and _has_token(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_and_worker_missing() -> list[str]:
    """A worker leaves a heartbeat in Redis while it takes jobs; it runs out by itself."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        ) as broker:
            return [] if broker.exists(HEARTBEAT_KEY) else ["worker"]
    except (redis.RedisError, OSError):
        return ["broker", "worker"]


def _is_inside(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return parsed.is_loopback or parsed.is_private


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), expected.encode())
