"""One connection to the mail server for many mails, instead of one each.

A greeting, TLS and signing in cost several times what a mail costs. A worker keeps its connection
and asks before it uses it again; one that is broken or was idle for long is opened anew, so that a
mail never fails, or is sent twice, because an earlier connection had ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

KEPT_FOR = 30.0  # seconds without a mail; servers hang up after some minutes
_WELL = 250


@dataclass
class _Kept:
    connection: Any  # a backend of django.core.mail, open
    address: tuple[Any, ...]
    used_at: float


_here = threading.local()


@contextmanager
def mail_connection() -> Iterator[Any]:
    """An open connection; kept for this thread's next mail unless something goes wrong with it.

    Raises what the backend's `open` raises: OSError, SMTPException.
    """
    kept = _kept() or _opened()
    try:
        yield kept.connection
    except SMTPRecipientsRefused:  # the recipient's fault, not the connection's
        kept.used_at = monotonic()
        raise
    except BaseException:
        close()
        raise
    kept.used_at = monotonic()


def close() -> None:
    """Hang up, if this thread holds a connection."""
    kept: _Kept | None = getattr(_here, "kept", None)
    _here.kept = None
    if kept is not None:
        with suppress(OSError, SMTPException):
            kept.connection.close()


def _kept() -> _Kept | None:
    kept: _Kept | None = getattr(_here, "kept", None)
    if kept is None:
        return None
    if kept.address == _address() and monotonic() - kept.used_at < KEPT_FOR and _answers(kept):
        return kept
    close()
    return None


def _answers(kept: _Kept) -> bool:
    """Backends that are no SMTP have nothing to ask."""
    server = getattr(kept.connection, "connection", None)
    if server is None:
        return not hasattr(kept.connection, "connection")
    try:
        return bool(server.noop()[0] == _WELL)
    except (OSError, SMTPException):
        return False


def _opened() -> _Kept:
    connection = get_connection()
    connection.open()
    _here.kept = _Kept(connection, _address(), monotonic())
    kept: _Kept = _here.kept
    return kept


def _address() -> tuple[Any, ...]:
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER")
    return tuple(getattr(settings, name) for name in names)
