"""A worker that could not take a job for a minute ends itself, so that it is started again.

A connection can look healthy while nothing arrives over it. So every worker sends itself a small
task over the broker, through a queue of its own, and watches whether it arrives. While it does,
the worker leaves a heartbeat in Redis, which /readyz looks for.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import redis
from celery import bootsteps
from celery.signals import task_received
from celery.utils.nodenames import worker_direct
from celery.worker import state

log = logging.getLogger(__name__)

PULSE = "operations.pulse"
PATIENCE = float(os.environ.get("WORKER_PATIENCE", "60"))  # seconds without taking a job
EVERY = PATIENCE / 6
HEARTBEAT_KEY = "peerlearn:worker-heartbeat"
HEARTBEAT_FOR = 90  # seconds
LONGEST_JOB = 1800 + 60  # seconds; beyond that its time limit should have ended it
EXIT_CODE = 70


@dataclass
class Progress:
    """When this worker last took a job, on a monotonic clock."""

    patience: float
    taken_at: float = field(default_factory=time.monotonic)
    proved: bool = False  # that a job arrives at all

    def took_a_job(self) -> None:
        self.taken_at, self.proved = time.monotonic(), True

    def idle_for(self) -> float:
        return time.monotonic() - self.taken_at

    def stalled(self) -> bool:
        return self.idle_for() > self.patience

    def fresh(self) -> bool:
        """Whether it is worth a heartbeat."""
        return self.proved and self.idle_for() <= self.patience / 2


class ProgressWatch(bootsteps.StartStopStep):
    """Runs beside the worker, in its main process."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.progress = Progress(PATIENCE)
        self.stopping = Event()

    def start(self, parent: Any) -> None:
        task_received.connect(self._received, weak=False)
        self.progress = Progress(PATIENCE)
        Thread(target=self._watch, args=(parent,), name="progress", daemon=True).start()

    def stop(self, parent: Any) -> None:
        self.stopping.set()

    terminate = stop

    def _received(self, **_: Any) -> None:
        self.progress.took_a_job()

    def _watch(self, parent: Any) -> None:
        while not self.stopping.wait(EVERY if self.progress.proved else 1):
            if is_busy():
                self.progress.took_a_job()
            if self.progress.stalled():
                log.critical("worker took no job for %.0f s; it ends itself", PATIENCE)
                os._exit(EXIT_CODE)
            try:
                send_pulse(parent.app, parent.hostname)
                if self.progress.fresh():
                    leave_heartbeat(parent.app.conf.broker_url)
            except Exception as error:  # the broker is away: being stalled tells when to end
                log.warning("worker cannot reach the broker: %s", type(error).__name__)


def is_busy() -> bool:
    """Whether the worker has a job in hand whose time limit is not over."""
    now = time.time()
    started = [getattr(request, "time_start", None) for request in list(state.active_requests)]
    return any(at is None or now - at < LONGEST_JOB for at in started)


def send_pulse(app: Any, hostname: str) -> None:
    """A task for this worker alone; one attempt of at most a second."""
    bounded = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
    with app.connection_for_write(transport_options=bounded) as connection:
        app.send_task(
            PULSE,
            queue=worker_direct(hostname),
            expires=PATIENCE,
            connection=connection,
            retry=False,
        )


def leave_heartbeat(url: str) -> None:
    """Seen by /readyz until it runs out."""
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        client.set(HEARTBEAT_KEY, "1", ex=HEARTBEAT_FOR)
