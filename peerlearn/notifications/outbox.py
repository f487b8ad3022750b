"""The outbox: what a transaction decides is done later, once, whatever happens to the broker.

    with scope(organization_id):
        session.confirm(at=at)                                   # the change
        enqueue("expire_hold", session.pk, due_at=held_until)    # and its effect, together

`enqueue` only writes a row. A finder (every five seconds) hands due rows over to the workers: no
request ever speaks to the broker. Due times are rows, never Celery's ETA or countdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, NamedTuple, TypeVar

import structlog
from django.db import OperationalError, connections

from peerlearn.clock import now
from peerlearn.notifications.models import Outbox
from peerlearn.notifications.queries import OutboxQuerySet
from peerlearn.notifications.registry import (
    Effect,
    OutsideEffect,
    Undeliverable,
    Verb,
    effect,
    effect_of,
    outside,
)
from peerlearn.organizations.fence import random_public_id
from peerlearn.organizations.scoping import require_organization_id, scope
from peerlearn.organizations.written import Statement

__all__ = [
    "Due",
    "OutsideEffect",
    "Undeliverable",
    "effect",
    "enqueue",
    "enqueue_all",
    "outside",
    "reschedule",
    "revive",
    "withdraw",
]

T = TypeVar("T")
log = structlog.get_logger(__name__)

# Longer than the time limit of the task that runs it (peerlearn/celery.py), so that nobody else
# begins while the first may still be sending.
LEASE = timedelta(seconds=90)
_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"
_CHANCES = 3
# One statement for any number of effects.
_ENQUEUE = Statement(
    """
INSERT INTO notifications_outbox (organization_id, public_id, kind, subject, occurrence, due_at,
  attempts, failure)
SELECT %(organization)s, due.*, 0, '' FROM unnest(%(public_ids)s::text[], %(kinds)s::text[],
  %(subjects)s::bigint[], %(occurrences)s::text[], %(due)s::timestamptz[]) AS due
ON CONFLICT DO NOTHING
""",
    **dict.fromkeys(("public_ids", "kinds", "occurrences"), "text[]"),
    subjects="bigint[]",
    due="timestamptz[]",
)


class Due(NamedTuple):
    """One effect for `enqueue_all`."""

    kind: str
    subject: int
    due_at: datetime
    occurrence: str = ""


# --- For the apps: all inside a scope, in the business transaction -----------------------------
def enqueue(kind: str, subject: int, *, due_at: datetime, occurrence: str = "") -> None:
    """Let the effect `kind` happen to `subject` at `due_at`; a second call changes nothing."""
    enqueue_all([Due(kind, subject, due_at, occurrence)])


def enqueue_all(dues: Iterable[Due]) -> None:
    """Several at once, in one SQL statement. Raises LookupError for an unknown kind."""
    chosen = list(dues)
    for kind in {due.kind for due in chosen}:
        effect_of(kind)
    if chosen:
        _ENQUEUE.run(
            public_ids=[random_public_id() for _ in chosen],
            kinds=[due.kind for due in chosen],
            subjects=[due.subject for due in chosen],
            occurrences=[due.occurrence for due in chosen],
            due=[due.due_at for due in chosen],
        )


def reschedule(kind: str, subject: int, *, due_at: datetime, occurrence: str = "") -> bool:
    """Another due time. False when there is no such row: done already, or never enqueued."""
    return bool(_rows(kind, subject, occurrence).move(due_at))


def revive(kind: str, subject: int) -> bool:
    """Let a dead letter be tried again, as what comes round at its time needs."""
    return bool(_rows(kind, subject, None).dead().try_again())


def withdraw(kind: str, subject: int | Sequence[int], *, occurrence: str | None = None) -> int:
    """Let it not happen to the subject, or to several; of every occurrence unless one is named.
    The number of rows."""
    return _rows(kind, subject, occurrence).delete()[0]


def _rows(kind: str, subject: int | Sequence[int], occurrence: str | None) -> OutboxQuerySet:
    about = [subject] if isinstance(subject, int) else subject
    rows = Outbox.objects.of(require_organization_id()).filter(kind=kind, subject__in=about)
    return rows if occurrence is None else rows.filter(occurrence=occurrence)


# --- For the tasks ---------------------------------------------------------------------------
def hand_over() -> list[tuple[int, bool]]:
    """Claim what is due: (id, whether it is long work). Publishing it is only a hint.

    Each queue has a window of its own: a crowd of long work keeps no mail waiting.
    """
    if lost := Outbox.objects.give_up_abandoned():
        log.warning("outbox_abandoned", rows=lost)
    return [
        (row.pk, long)
        for long in (False, True)
        for row in Outbox.objects.of_queue(long=long).hand_over(now())
    ]


def run(outbox_id: int) -> None:
    """Let one effect happen, unless it has happened or another process is at it."""
    row = Outbox.objects.take(outbox_id, at=now(), lease=LEASE)
    if row is None:
        return
    mine = Outbox.objects.filter(pk=row.pk, taken_at=row.taken_at)
    facts = {"kind": row.kind, "outbox_id": row.pk, "organization_id": row.organization_id}
    try:
        _execute(effect_of(row.kind), row)
    except Undeliverable as refusal:
        log.warning("effect_refused", **facts, error=str(refusal))
        mine.bury(str(refusal) or "Undeliverable")
    except Exception as error:
        log.warning("effect_failed", **facts, error=type(error).__name__, exc_info=True)
        mine.fail(type(error).__name__)


def _execute(chosen: Effect, row: Outbox) -> None:
    if chosen.verb is not None:
        _perform_inside(chosen.verb, row)
    elif chosen.outside is not None:
        with _kept(row) if chosen.long else _nothing():
            _perform_outside(chosen.outside, row)


def _perform_inside(verb: Verb, row: Outbox) -> None:
    def unit() -> None:
        if _end(row):
            verb(row.subject, row.occurrence)

    in_scope(row.organization_id, unit)


def _perform_outside(chosen: OutsideEffect[Any], row: Outbox) -> None:
    def prepare() -> Any:
        if not _lock(row):
            return None
        prepared = chosen.prepare(row.subject, row.occurrence)
        if prepared is None:
            _end(row)
        return prepared

    def record() -> None:
        _end(row)
        chosen.record(row.subject, row.occurrence, prepared)

    prepared = in_scope(row.organization_id, prepare)
    if prepared is not None:
        chosen.perform(prepared)
        in_scope(row.organization_id, record)


def _lock(row: Outbox) -> bool:
    """Whether the row is still this taking's: neither withdrawn nor moved meanwhile."""
    mine = Outbox.objects.filter(pk=row.pk, taken_at=row.taken_at).select_for_update()
    return mine.first() is not None


def _end(row: Outbox) -> bool:
    """Delete the row, in the transaction of what it stood for; False when it was not ours."""
    return bool(Outbox.objects.filter(pk=row.pk, taken_at=row.taken_at).delete()[0])


def in_scope(organization_id: int, unit: Callable[[], T]) -> T:
    """Run one unit in a scope of its own; again, twice at most, when Postgres asks for that."""
    for chance in range(1, _CHANCES + 1):
        try:
            with scope(organization_id):
                return unit()
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code not in {_SERIALIZATION_FAILURE, _DEADLOCK} or chance == _CHANCES:
                raise
    raise AssertionError("unreachable")


# --- Long work -------------------------------------------------------------------------------
@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _kept(row: Outbox) -> Iterator[None]:
    """Renew the lease for as long as the work goes on; the task's time limit ends it."""
    stop = Event()

    def renew() -> None:
        try:
            while not stop.wait(LEASE.total_seconds() / 3):
                Outbox.objects.filter(pk=row.pk, taken_at=row.taken_at).renew(LEASE)
        finally:
            connections.close_all()

    keeper = Thread(target=renew, name=f"lease-{row.pk}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()
