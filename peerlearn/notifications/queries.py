"""Many rows of the outbox and of notifications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Case, DateTimeField, DurationField, F, Q, Value, When
from django.db.models.functions import Now

from peerlearn.notifications.registry import NOTIFICATION, long_kinds
from peerlearn.organizations.fence import FencedManager, FencedQuerySet

if TYPE_CHECKING:
    from peerlearn.notifications.models import Notification, Outbox  # noqa: F401  # in strings too
    from peerlearn.organizations.models import Employee

# How long to wait after the first failure, the second …: 48 hours in all, then a dead letter.
DELAYS = [timedelta(minutes=m) for m in (1, 2, 5, 10, 12, 30)] + [
    timedelta(hours=h) for h in (1, 2, 4, 8, 16, 16)
]
READ_KEPT_FOR = timedelta(days=90)
KEPT_FOR = timedelta(days=365)
# Handed over to the broker and not begun: so many rows of a queue at most, each for so long.
WINDOW = 1000
HANDED_OVER_FOR = timedelta(seconds=120)
_FRESH: dict[str, Any] = {
    "dead_at": None,
    "leased_until": None,
    "retry_at": None,
    "taken_at": None,
    "attempts": 0,
    "failure": "",
}


def _from_now(duration: timedelta | Case) -> models.expressions.Combinable:
    value = duration if isinstance(duration, Case) else Value(duration, DurationField())
    return models.ExpressionWrapper(Now() + value, output_field=DateTimeField())


class OutboxQuerySet(models.QuerySet["Outbox"]):
    """`due_at` is business time; leases, failures and deaths are the database's own time."""

    def of(self, organization_id: int) -> OutboxQuerySet:
        """One organization's rows: the table stands outside the fence."""
        return self.filter(organization_id=organization_id)

    def alive(self) -> OutboxQuerySet:
        return self.filter(dead_at=None)

    def dead(self) -> OutboxQuerySet:
        return self.exclude(dead_at=None)

    def late(self, at: datetime) -> OutboxQuerySet:
        """Those that should have been done by now."""
        return self.alive().filter(due_at__lte=at)

    def of_queue(self, *, long: bool) -> OutboxQuerySet:
        """The rows of long work, or all the others."""
        chosen = Q(kind__in=long_kinds())
        return self.filter(chosen if long else ~chosen)

    def hand_over(self, at: datetime) -> list[Outbox]:
        """Claim due rows for the broker, each by one caller only; at most WINDOW are out."""
        with transaction.atomic():
            out = self.filter(taken_at=None, leased_until__gt=Now()).count()
            rows = list(
                self.late(at)
                .filter(Q(leased_until=None) | Q(leased_until__lte=Now()))
                .filter(Q(retry_at=None) | Q(retry_at__lte=Now()))
                .filter(taken_at=None, organization__suspended_at=None)
                .order_by("due_at", "id")
                .select_for_update(skip_locked=True, of=("self",))[: max(WINDOW - out, 0)]
            )
            self.filter(pk__in=[row.pk for row in rows]).update(
                leased_until=_from_now(HANDED_OVER_FOR)
            )
        return rows

    def take(self, outbox_id: int, *, at: datetime, lease: timedelta) -> Outbox | None:
        """Begin a row for `lease`; None when it is done, withdrawn, moved or somebody else's."""
        taken_at = datetime.now(UTC)
        taken = self.late(at).filter(pk=outbox_id, taken_at=None)
        if not taken.update(taken_at=taken_at, leased_until=_from_now(lease)):
            return None
        return self.filter(pk=outbox_id, taken_at=taken_at).first()

    def renew(self, lease: timedelta) -> int:
        """Keep on: the work takes longer than one lease."""
        return self.update(leased_until=_from_now(lease))

    def abandoned(self) -> OutboxQuerySet:
        """Begun by a process that then fell silent."""
        return self.alive().filter(taken_at__isnull=False, leased_until__lte=Now())

    def give_up_abandoned(self) -> int:
        """Count a failure of each; a row that is locked is still at work, however long it takes,
        and nobody waits for it."""
        with transaction.atomic():
            silent = self.abandoned().select_for_update(skip_locked=True)
            return self.filter(pk__in=list(silent.values_list("pk", flat=True))).fail("WorkerLost")

    def fail(self, failure: str) -> int:
        """Count one failure: try again after the next delay, or die after the last."""
        after = [
            When(attempts=tries, then=Value(delay, DurationField()))
            for tries, delay in enumerate(DELAYS)
        ]
        return self.update(
            dead_at=Case(When(attempts__gte=len(DELAYS), then=Now()), default=None),
            retry_at=_from_now(Case(*after, default=Value(timedelta(0), DurationField()))),
            leased_until=None,
            attempts=F("attempts") + 1,
            taken_at=None,
            failure=failure[:80],
        )

    def bury(self, failure: str) -> int:
        """Make dead letters at once."""
        return self.update(
            dead_at=Now(),
            attempts=F("attempts") + 1,
            leased_until=None,
            taken_at=None,
            failure=failure[:80],
        )

    def try_again(self) -> int:
        """Forget all failures: dead letters live again."""
        return self.update(**_FRESH)

    def move(self, due_at: datetime) -> int:
        """Another due time; one that is being done right now is done again then."""
        return self.update(due_at=due_at, **_FRESH)


class NotificationQuerySet(FencedQuerySet["Notification"]):
    def visible_to(self, employee: Employee) -> NotificationQuerySet:
        """One's own, once they were due."""
        if not employee.active:
            return self.none()
        return self.filter(recipient=employee, shown_at__isnull=False)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)

    def unsent(
        self, kinds: Iterable[str], subjects: Iterable[int], occurrence: str | None = None
    ) -> NotificationQuerySet:
        """Not mailed yet, about these subjects; of every occurrence unless one is named."""
        found = self.filter(kind__in=list(kinds), subject_id__in=list(subjects), sent_at=None)
        return found if occurrence is None else found.filter(occurrence=occurrence)

    def outlived(self, at: datetime) -> NotificationQuerySet:
        """Read long ago, or so old that nobody needs them, read or not."""
        return self.filter(Q(read_at__lt=at - READ_KEPT_FOR) | Q(due_at__lt=at - KEPT_FOR))

    def mark_read(self, at: datetime) -> int:
        return self.unread().update(read_at=at)


NotificationManager = FencedManager.from_queryset(NotificationQuerySet)
__all__ = ["DELAYS", "NOTIFICATION", "NotificationManager", "OutboxQuerySet"]
