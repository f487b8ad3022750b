from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from peerlearn.celery import app
from peerlearn.runtime.valkey import Valkey


class Broker:
    """A Redis-compatible server of this test's own, to be frozen and stopped."""

    def __init__(self, home: Path) -> None:
        self.server = Valkey(home, home, lasting=False)
        self.server.start()
        self.url = self.server.url()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        self.server.stop()

    def _signal(self, number: signal.Signals) -> None:
        child = self.server.child
        if child is not None and child.running() and child.pid:
            os.kill(child.pid, number)


@pytest.fixture
def broker(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """Everything in this process uses it instead of the run's own."""
    server = Broker(tmp_path)
    settings.REDIS_URL = server.url
    monkeypatch.setattr(app.conf, "broker_url", server.url)
    monkeypatch.setattr(app.conf, "broker_write_url", server.url)
    monkeypatch.setattr(app.conf, "broker_read_url", server.url)
    yield server
    server.stop()
