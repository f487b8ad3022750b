"""What analytics keeps: reports and their downloads, and the monthly rollups of interactions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.choices import Failure, FileFormat, Names, ReportKind, ReportState
from analytics.queries import DownloadManager, LookManager, ReportManager
from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import enqueue, withdraw
from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models import Employee, Team

KEPT_FOR = timedelta(days=7)
MAKING, EXPIRY, READY = "report", "report_expiry", "report_ready"
OPEN = (ReportState.WAITING, ReportState.RUNNING)


class Report(FencedModel):
    """A file of figures that one employee asked for, from the asking to the deletion.

    `line_of` is the manager whose reporting line it covers, None for the whole organization;
    `team` narrows it; `people` are those it was made for, once it was made for a line. `attempt`
    tells one making from an earlier one that fell silent.
    """

    public_id = PublicIdField()
    kind = models.CharField(_("report"), max_length=40, choices=ReportKind)
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    line_of = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    people = ArrayField(models.BigIntegerField(), null=True)
    names = models.CharField(_("names"), max_length=6, choices=Names)
    file_format = models.CharField(_("format"), max_length=4, choices=FileFormat)
    state = models.CharField(max_length=9, choices=ReportState, default=ReportState.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=20, choices=Failure, blank=True)
    file_name = models.CharField(max_length=120)
    path = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    requested_by = OrganizationForeignKey(Employee, models.PROTECT, related_name="reports_asked")
    requested_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = ReportManager()

    class Meta(FencedModel.Meta):
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_from__lte=F("period_to")), name="report_period"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="report_progress"),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(ready_at__isnull=False, expires_at__gt=F("ready_at")) & ~Q(path=""),
                name="report_ready",
            ),
            models.CheckConstraint(
                condition=Q(names="groups") | ~Q(kind="shadowing_participation"),
                name="report_participation_in_groups",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(line_of__isnull=True) | Q(people__isnull=False),
                name="report_people_of_a_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "requested_by", "-requested_at"], name="report_asked"
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    # --- Verbs: each is a compare-and-set, True when this call changed the state ---------------
    def ask(self) -> None:
        """Save it and let it be made."""
        with transaction.atomic():
            self.save()
            enqueue(MAKING, self.pk, due_at=self.requested_at)

    def begin(self) -> bool:
        """Start a making; an earlier one that still runs can neither go on nor finish."""
        changed = Report.objects.filter(pk=self.pk, state__in=OPEN).update(
            state=ReportState.RUNNING, attempt=F("attempt") + 1, progress=0
        )
        self.refresh_from_db()
        return bool(changed)

    def advance(self, progress: int) -> bool:
        """Tell how far it is, 0 to 99; False when it was cancelled or begun again."""
        return bool(self._mine().update(progress=min(progress, 99)))

    def finish(
        self, *, path: str, size: int, at: datetime, people: Collection[int] | None = None
    ) -> bool:
        """The file about these `people` of a line is stored: tell whoever asked, and let it
        expire."""
        with transaction.atomic():
            values: dict[str, Any] = {"path": path, "size": size, "ready_at": at}
            values["expires_at"] = at + KEPT_FOR
            values["people"] = None if self.line_of_id is None else sorted(people or ())
            if not self._mine().update(state=ReportState.READY, progress=100, **values):
                return False
            self.refresh_from_db()
            enqueue(EXPIRY, self.pk, due_at=at + KEPT_FOR)
            Notification.deliver(self.requested_by, READY, subject_id=self.pk, due_at=at)
        return True

    def fail(self, failure: Failure) -> bool:
        """It will not be made."""
        return bool(self._mine().update(state=ReportState.FAILED, failure=failure))

    def cancel(self) -> bool:
        """Whoever asked does not want it any more."""
        with transaction.atomic():
            changed = Report.objects.filter(pk=self.pk, state__in=OPEN).update(
                state=ReportState.CANCELLED
            )
            if changed:
                withdraw(MAKING, self.pk)
        return bool(changed)

    def expire(self) -> bool:
        """Its file is deleted."""
        return bool(
            Report.objects.filter(pk=self.pk, state=ReportState.READY).update(
                state=ReportState.EXPIRED, path="", size=0
            )
        )

    def _mine(self) -> models.QuerySet[Report]:
        rows: models.QuerySet[Report] = Report.objects.filter(
            pk=self.pk, state=ReportState.RUNNING, attempt=self.attempt
        )
        return rows

    def can_be_downloaded(self, at: datetime) -> bool:
        return (
            self.state == ReportState.READY and self.expires_at is not None and at < self.expires_at
        )

    def note_download(self, by: Employee, at: datetime) -> ReportDownload:
        row: ReportDownload = ReportDownload.objects.create(
            report=self, employee=by, at=at, named=self.names == Names.NAMED
        )
        return row


class ReportDownload(FencedModel):
    """Who took which file when. Of named files shown on the page; never deleted."""

    report = OrganizationForeignKey(Report, models.PROTECT, related_name="downloads")
    employee = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    named = models.BooleanField()

    objects = DownloadManager()

    class Meta(FencedModel.Meta):
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["organization", "-at"], condition=Q(named=True), name="download_named"
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} took {self.report_id}"


class NamedLook(FencedModel):
    """Who saw names in a preview: once a day for each choice. Append-only, never deleted."""

    employee = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40, choices=ReportKind)
    period_from = models.DateField()
    period_to = models.DateField()
    line_of = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()

    objects = LookManager()

    class Meta(FencedModel.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "organization",
                    "employee",
                    "day",
                    "kind",
                    "period_from",
                    "period_to",
                    "line_of",
                    "team",
                ],
                nulls_distinct=False,
                name="named_look_once_a_day",
            )
        ]
        indexes = [models.Index(fields=["organization", "-at"], name="named_look_latest")]

    def __str__(self) -> str:
        return f"{self.employee_id} looked at {self.kind}"

    @classmethod
    def note(cls, report: Report, *, on: date, at: datetime) -> None:
        """Whoever asks for this report saw its first rows on that day."""
        look = cls(
            employee=report.requested_by,
            kind=report.kind,
            period_from=report.period_from,
            period_to=report.period_to,
            line_of=report.line_of,
            team=report.team,
            day=on,
            at=at,
        )
        cls.objects.bulk_create([look], ignore_conflicts=True)


# --- Rollups ---------------------------------------------------------------------------------
class ClosedMonth(FencedModel):
    """A calendar month whose figures are final (`analytics/closing.py`). Append-only: the serving
    role cannot change a row. `smallest_group` is the smallest group of that month."""

    month = models.DateField()
    smallest_group = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField()

    class Meta(FencedModel.Meta):
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "month"], name="closed_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="closed_month_first_day"),
            models.CheckConstraint(
                condition=Q(smallest_group__gte=5), name="closed_month_smallest_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class PublishedGroup(FencedModel):
    """How many of a group took part in shadowing in a closed month, as far as it is shown to
    anybody: a `disclosure.Figure`. Append-only like its month.

    `line` are the employees, `path` the teams of the day of its cohort, by id.
    """

    month = models.DateField()
    number = models.PositiveIntegerField()
    parent = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField()
    at_least = models.PositiveIntegerField()
    at_most = models.PositiveIntegerField()
    line = ArrayField(models.BigIntegerField())
    path = ArrayField(models.BigIntegerField())
    teams = models.PositiveIntegerField()
    smallest = models.BooleanField()

    class Meta(FencedModel.Meta):
        ordering = ["month", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "month", "number"], name="published_group_once"
            ),
            models.CheckConstraint(condition=Q(people__gte=5), name="published_group_people"),
            models.CheckConstraint(
                condition=Q(at_least__lte=F("at_most"), at_most__lte=F("people")),
                name="published_group_range",
            ),
            models.CheckConstraint(
                condition=Q(at_least__gt=0, at_most__lt=F("people")) | Q(at_least__lt=F("at_most")),
                name="published_group_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at_least}–{self.at_most} of {self.people} in {self.month:%Y-%m}"


class CohortMember(FencedModel):
    """Somebody who was employed on the last day of a closed month, in their team of that day, and
    the number of the smallest published group that they were counted in, if any."""

    month = models.DateField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    group = models.PositiveIntegerField(null=True)

    class Meta(FencedModel.Meta):
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "month", "employee"], name="cohort_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="cohort_month"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.month:%Y-%m}"


class MonthlyActivity(FencedModel):
    """What an employee gave and received in a month by one kind of session; from interactions.

    A giver's minutes are summed over the receivers. What was recorded after its month was closed
    counts in the month of its recording.
    """

    month = models.DateField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    minutes_given = models.IntegerField(default=0)
    minutes_received = models.IntegerField(default=0)

    class Meta(FencedModel.Meta):
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "month", "kind", "employee"], name="monthly_activity_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="monthly_activity_month"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.month:%Y-%m}: {self.kind}"


class RollupMark(FencedModel):
    """How far the rollups have read the interactions.

    Ids are given before a transaction commits, so the newest may still be missing when a higher
    one is seen: everything after `settled_id` is read again until it has been seen for a while.
    """

    settled_id = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="rollup_mark_once"),
        ]

    def __str__(self) -> str:
        return f"to {self.seen_id}"
