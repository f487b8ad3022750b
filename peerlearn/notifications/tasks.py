"""Ids in, one verb, safe to run twice."""

from __future__ import annotations

from time import monotonic

import structlog
from celery import shared_task

from peerlearn.celery import HINT, app
from peerlearn.clock import now
from peerlearn.notifications import outbox
from peerlearn.notifications.effects import FORGETTING
from peerlearn.organizations.models import Organization, TryCount
from peerlearn.organizations.scoping import scope
from peerlearn.organizations.sign_ins import SessionStore

log = structlog.get_logger(__name__)
PUBLISH_FOR = 30.0  # seconds; what is left comes back when its lease ends


@shared_task(name="notifications.find_due")
def find_due() -> None:
    """Hand due rows over to the workers. Losing a message costs a lease, not the effect."""
    publish(outbox.hand_over())


@shared_task(name="notifications.run", soft_time_limit=60, time_limit=75)
def run(outbox_id: int) -> None:
    outbox.run(outbox_id)


@shared_task(name="notifications.run_long", soft_time_limit=1770, time_limit=1800)
def run_long(outbox_id: int) -> None:
    outbox.run(outbox_id)


@shared_task(name="notifications.forget_what_ran_out")
def forget_what_ran_out() -> None:
    SessionStore.clear_expired()
    TryCount.objects.forget_ended()


@shared_task(name="notifications.forget_old")
def forget_old() -> None:
    """Let every organization's old notifications be deleted, one after the other."""
    for pk in Organization.objects.filter(suspended_at=None).values_list("pk", flat=True):
        with scope(pk):
            outbox.enqueue(FORGETTING, pk, due_at=now())
            outbox.revive(FORGETTING, pk)


@shared_task(name="operations.pulse")
def pulse() -> None:
    """Sent by a worker to itself: that it arrives is all (peerlearn/operations/progress.py)."""


def publish(rows: list[tuple[int, bool]]) -> int:
    """Tell the broker of rows; how many it took. It has 200 ms to answer, once."""
    if not rows:
        return 0
    done, until = 0, monotonic() + PUBLISH_FOR
    try:
        with (
            app.connection_for_write(transport_options=HINT, connect_timeout=0.2) as connection,
            app.amqp.Producer(connection) as producer,
        ):
            for outbox_id, is_long in rows:
                task = run_long if is_long else run
                task.apply_async((outbox_id,), producer=producer, retry=False)
                done += 1
                if monotonic() > until:
                    break
    except Exception as error:  # whatever the broker raises: the rows remain
        log.warning("broker_away", error=type(error).__name__, rows=len(rows) - done)
    return done
