from __future__ import annotations

from collections.abc import Iterator

import pytest

from peerlearn.notifications import registry
from tests.notifications.kit import SmtpSink, smtp_sink


@pytest.fixture
def kinds() -> Iterator[None]:
    """What a test declares is forgotten after it."""
    effects, tellings = dict(registry._effects), dict(registry._tellings)
    yield
    registry._effects.clear()
    registry._effects.update(effects)
    registry._tellings.clear()
    registry._tellings.update(tellings)


@pytest.fixture
def sink(settings: object) -> Iterator[SmtpSink]:
    """A mail server; this process sends to it."""
    with smtp_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = False
        yield server
