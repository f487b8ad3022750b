"""What stands in people's own calendars, and how each of them wants it there."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey
from peerlearn.organizations.fields import validate_time_zone
from peerlearn.organizations.models import Employee
from sessions.models.learning import Participation
from sessions.queries import CalendarEntryManager


class CalendarEntry(FencedModel):
    """One day of one employee, as their calendar was last told of it.

    Kept by `sessions.calendars.follow` alone. The same `uid` for as long as it is the same day of
    the same participation beside the same host; `sequence` rises with every change. What it says
    is stored with it, so that a copy of a message says what the first one said.
    """

    participation = OrganizationForeignKey(
        Participation, models.CASCADE, related_name="calendar_entries"
    )
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    host = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()  # of the block
    uid = models.CharField(max_length=36)
    sequence = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    place = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=500)
    changed_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)  # from then on it may stand in their calendar
    cancelled_at = models.DateTimeField(null=True)

    objects = CalendarEntryManager()

    class Meta(FencedModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "uid"], name="calendar_entry_uid"),
            models.UniqueConstraint(
                fields=["organization", "participation", "number", "host"],
                condition=Q(cancelled_at=None),
                name="calendar_entry_once",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="calendar_entry_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "employee", "starts_at"],
                condition=Q(cancelled_at=None),
                name="calendar_entry_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid}, {self.sequence}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def may_stand_in_it(self, *, at: datetime) -> None:
        """It is about to be mailed: from now on it is followed to its end."""
        CalendarEntry.objects.filter(pk=self.pk, mailed_at=None).update(mailed_at=at)


class CalendarChoice(FencedModel):
    """How one employee's calendar follows. Without a row: by mail, and no feed."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")
    by_mail = models.BooleanField(default=True)
    with_names = models.BooleanField(default=False)  # in the feed: subject and people
    key_hash = models.CharField(max_length=64, blank=True)  # "" is no feed
    key_made_at = models.DateTimeField(null=True)

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "employee"], name="calendar_choice_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "key_hash"],
                condition=~Q(key_hash=""),
                name="calendar_choice_key",
            ),
            models.CheckConstraint(
                condition=Q(key_hash="", key_made_at__isnull=True)
                | (~Q(key_hash="") & Q(key_made_at__isnull=False)),
                name="calendar_choice_key_made_at",
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.employee_id}"
