"""What is due to be done (outbox, ids only) and what is to be told to whom (notification)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.queries import NotificationManager, OutboxQuerySet
from peerlearn.notifications.registry import NOTIFICATION, telling_of
from peerlearn.organizations.fence import (
    FencedModel,
    OrganizationForeignKey,
    PublicIdField,
    random_public_id,
)
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.scoping import require_organization_id
from peerlearn.organizations.written import Statement


class Outbox(models.Model):
    """One effect that is due at a time. Outside the fence: the finder serves all organizations.

    waiting (`taken_at` None) → taken → gone when done; back to waiting, later, when it failed;
    dead when it failed too often. `leased_until`: the broker or a worker has it; `retry_at`: it
    waits after a failure.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    public_id = PublicIdField()
    kind = models.CharField(max_length=60)
    subject = models.BigIntegerField()
    occurrence = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)  # failures, not publications
    failure = models.CharField(max_length=80, blank=True)  # the last error's name, never its text
    leased_until = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)  # also tells one taking from the next
    dead_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = models.Manager.from_queryset(OutboxQuerySet)()

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "subject", "occurrence"], name="outbox_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(dead_at=None), name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.occurrence}".rstrip()


MOST_FORGOTTEN = 20_000  # of one organization in one night


class Notice(NamedTuple):
    """One notification to be written by `Notification.deliver_all`."""

    recipient: Employee
    kind: str
    subject_id: int
    due_at: datetime
    occurrence: str = ""


# One statement for any number of notifications and their outbox rows.
_DELIVER = Statement(
    """
WITH written AS (
  INSERT INTO notifications_notification AS n (organization_id, public_id, recipient_id, kind,
    subject_id, occurrence, due_at, title, path)
  SELECT %(organization)s, notice.*, '', '' FROM unnest(%(public_ids)s::text[],
    %(recipients)s::bigint[], %(kinds)s::text[], %(subjects)s::bigint[], %(occurrences)s::text[],
    %(due)s::timestamptz[]) AS notice
  ON CONFLICT (organization_id, recipient_id, kind, subject_id, occurrence) DO NOTHING
  RETURNING n.id, n.public_id, n.due_at)
INSERT INTO notifications_outbox (organization_id, public_id, kind, subject, occurrence, due_at,
  attempts, failure)
SELECT %(organization)s, public_id, %(effect)s, id, '', due_at, 0, '' FROM written
ON CONFLICT DO NOTHING
""",
    effect="text",
    **dict.fromkeys(("public_ids", "kinds", "occurrences"), "text[]"),
    **dict.fromkeys(("recipients", "subjects"), "bigint[]"),
    due="timestamptz[]",
)


class Notification(FencedModel):
    """Something to tell one employee, by mail and in the app, from `due_at` on.

    Its text is made when it is due, by the renderer of its kind: never of what no longer holds.
    """

    public_id = PublicIdField()
    recipient = OrganizationForeignKey(
        Employee, models.CASCADE, related_name="+", verbose_name=_("recipient")
    )
    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    title = models.CharField(max_length=300, blank=True)  # as in the subject of its mail
    path = models.CharField(max_length=300, blank=True)  # of the page that it leads to
    shown_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = NotificationManager()

    class Meta(FencedModel.Meta):
        ordering = ["-due_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "recipient", "kind", "subject_id", "occurrence"],
                name="notification_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "recipient", "-due_at"], name="notification_inbox"
            ),
            models.Index(
                fields=["organization", "recipient"],
                condition=Q(read_at=None, shown_at__isnull=False),
                name="notification_unread",
            ),
            models.Index(
                fields=["organization", "kind", "subject_id"],
                condition=Q(sent_at=None),
                name="notification_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} for {self.recipient_id}"

    # --- Verbs for other apps ----------------------------------------------------------------
    @classmethod
    def deliver(
        cls,
        recipient: Employee,
        kind: str,
        *,
        subject_id: int,
        due_at: datetime,
        occurrence: str = "",
    ) -> None:
        """Tell `recipient` about the subject at `due_at`; saying it twice tells it once."""
        cls.deliver_all([Notice(recipient, kind, subject_id, due_at, occurrence)])

    @classmethod
    def deliver_all(cls, notices: Iterable[Notice]) -> None:
        """Several at once, in one SQL statement. Raises LookupError for an unknown kind."""
        chosen = list(notices)
        for kind in {notice.kind for notice in chosen}:
            telling_of(kind)
        if not chosen:
            return
        _DELIVER.run(
            effect=NOTIFICATION,
            public_ids=[random_public_id() for _ in chosen],
            recipients=[notice.recipient.pk for notice in chosen],
            kinds=[notice.kind for notice in chosen],
            subjects=[notice.subject_id for notice in chosen],
            occurrences=[notice.occurrence for notice in chosen],
            due=[notice.due_at for notice in chosen],
        )

    @classmethod
    def reschedule(
        cls,
        kinds: str | Sequence[str],
        subject_id: int | Sequence[int],
        *,
        due_at: datetime,
        occurrence: str | None = None,
    ) -> None:
        """What was not sent yet about the subject, or about several, is told at another time."""
        unsent = cls._unsent(kinds, subject_id, occurrence)
        with transaction.atomic():
            _rows_of(unsent).move(due_at)
            unsent.update(due_at=due_at)

    @classmethod
    def withdraw(
        cls,
        kinds: str | Sequence[str],
        subject_id: int | Sequence[int],
        *,
        occurrence: str | None = None,
    ) -> None:
        """What was not sent yet about the subject, or about several, is never told."""
        unsent = cls._unsent(kinds, subject_id, occurrence)
        with transaction.atomic():
            _rows_of(unsent).delete()
            unsent.delete()

    @classmethod
    def forget_old(cls, *, at: datetime) -> int:
        """Delete those that outlived their use, the oldest first; how many. The rest: tomorrow."""
        oldest = cls.objects.outlived(at).order_by("due_at").values_list("pk", flat=True)
        chosen = cls.objects.filter(pk__in=list(oldest[:MOST_FORGOTTEN]))
        with transaction.atomic():
            _rows_of(chosen).delete()
            return int(chosen.delete()[0])

    @classmethod
    def _unsent(
        cls, kinds: str | Sequence[str], subject_id: int | Sequence[int], occurrence: str | None
    ) -> models.QuerySet[Notification]:
        chosen = [kinds] if isinstance(kinds, str) else kinds
        about = [subject_id] if isinstance(subject_id, int) else subject_id
        unsent: models.QuerySet[Notification] = cls.objects.unsent(chosen, about, occurrence)
        return unsent

    # --- Verbs of its delivery ---------------------------------------------------------------
    def show(self, *, title: str, path: str, at: datetime) -> None:
        """Let it appear in the recipient's inbox; what is shown already keeps its time."""
        self.title, self.path, self.shown_at = title[:300], path[:300], self.shown_at or at
        self.save(update_fields=["title", "path", "shown_at"])

    def mark_sent(self, *, at: datetime) -> bool:
        """Whether this call, and no other, noted that it was mailed."""
        return bool(Notification.objects.filter(pk=self.pk, sent_at=None).update(sent_at=at))

    def mark_read(self, *, at: datetime) -> None:
        Notification.objects.filter(pk=self.pk).mark_read(at)


def _rows_of(notifications: models.QuerySet[Notification]) -> OutboxQuerySet:
    """Always locked before the notifications themselves, so that nobody deadlocks."""
    return Outbox.objects.of(require_organization_id()).filter(
        kind=NOTIFICATION, subject__in=notifications.values("pk")
    )
