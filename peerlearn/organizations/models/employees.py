"""A person in one organization, today and in the past."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.ending import endings
from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.fields import (
    EARLIEST_DAY,
    LATEST_DAY,
    DateRange,
    default_working_days,
    validate_time_zone,
    validate_working_days,
)
from peerlearn.organizations.models.organization import (
    Membership,
    Organization,
    lock_the_tree,
)
from peerlearn.organizations.models.teams import CostBand, Team
from peerlearn.organizations.queries import (
    EmployeeManager,
)
from peerlearn.organizations.roles import Role


class Employee(FencedModel):
    """A person in one organization, as of today; `Assignment` tells how it was before."""

    public_id = PublicIdField()
    membership = OrganizationForeignKey(
        Membership, models.PROTECT, related_name="+", null=True, editable=False
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("work e-mail"))
    number = models.CharField(_("employee number"), max_length=40, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    team = OrganizationForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("team"),
    )
    manager = OrganizationForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("reports to"),
    )
    cost_band = OrganizationForeignKey(
        CostBand,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("cost band"),
    )
    hired_on = models.DateField(_("hired on"))
    leaving_on = models.DateField(_("leaving on"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    working_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("working days"),
        default=default_working_days,
        validators=[validate_working_days],
    )
    day_starts = models.TimeField(_("day starts"), default=time(8))
    day_ends = models.TimeField(_("day ends"), default=time(16))
    # Where they work, for public holidays; "" is as the organization has it.
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    twelve_hour_clock = models.BooleanField(_("show times as 2:30 pm"), default=False)
    # "" is as the browser says, and as the organization's mails are.
    language = models.CharField(_("language"), max_length=10, blank=True)
    came_with = OrganizationForeignKey(
        "organizations.Import", models.PROTECT, null=True, related_name="brought", editable=False
    )
    is_hr = models.BooleanField(_("HR"), default=False)
    is_admin = models.BooleanField(_("admin"), default=False)
    active = models.BooleanField(default=True, editable=False)
    deactivated_at = models.DateTimeField(null=True, editable=False)

    objects = EmployeeManager()

    class Meta(FencedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "email"], name="employee_email"),
            models.UniqueConstraint(
                fields=["organization", "number"], condition=~Q(number=""), name="employee_number"
            ),
            models.UniqueConstraint(
                fields=["organization", "membership"], name="employee_membership"
            ),
            models.CheckConstraint(
                condition=~Q(manager=F("id")), name="employee_not_their_own_manager"
            ),
            models.CheckConstraint(
                condition=Q(hired_on__range=(EARLIEST_DAY, LATEST_DAY)),
                name="employee_hired_in_reach",
            ),
            models.CheckConstraint(
                condition=Q(leaving_on__isnull=True) | Q(leaving_on__lte=LATEST_DAY),
                name="employee_leaves_in_reach",
            ),
            models.CheckConstraint(
                condition=Q(leaving_on__isnull=True) | Q(leaving_on__gte=F("hired_on")),
                name="employee_leaves_after_hiring",
                violation_error_message=_("The last day lies before the first one."),
            ),
            models.CheckConstraint(
                condition=Q(day_starts__lt=F("day_ends")),
                name="employee_day_order",
                violation_error_message=_("The day must start before it ends."),
            ),
            models.CheckConstraint(
                condition=Q(active=True, deactivated_at__isnull=True)
                | Q(active=False, deactivated_at__isnull=False),
                name="employee_deactivated_at",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "manager"], name="employee_manager"),
            models.Index(fields=["organization", "team"], name="employee_team"),
            models.Index(fields=["organization", "name"], name="employee_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def works_in(self, organization: Organization) -> tuple[str, str]:
        """Country and region whose public holidays are theirs, here in their organization."""
        place = self if self.country else organization
        return place.country, place.region

    @property
    def reads(self) -> str:
        """The language of mails and files for them."""
        return self.language or self.organization.language

    @cached_property
    def is_manager(self) -> bool:
        return Employee.objects.filter(manager=self, active=True).exists()

    def has_role(self, role: Role) -> bool:
        """Whether this employee acts in that role now; someone deactivated acts in none."""
        if not self.active:
            return False
        match role:
            case Role.EVERYONE:
                return True
            case Role.MANAGER:
                return self.is_manager
            case Role.HR:
                return self.is_hr
            case Role.ADMIN:
                return self.is_admin

    def leads(self, other: Employee) -> bool:
        """Whether `other` is in this employee's reporting line, directly or below."""
        return Employee.objects.below(self).filter(pk=other.pk).exists()

    def assign(
        self,
        *,
        team: Team | None,
        manager: Employee | None,
        job_title: str,
        cost_band: CostBand | None,
        on: date,
    ) -> None:
        """Give the place in the organization that holds from the day `on`.

        Raises ValidationError for a loop in the reporting line and for a day before the last
        change. Two changes on one day leave one assignment.
        """
        with transaction.atomic():
            lock_the_tree(self.organization_id)
            self._refuse_loop(manager)
            place: dict[str, Any] = {
                "team": team,
                "manager": manager,
                "job_title": job_title,
                "cost_band": cost_band,
            }
            current = Assignment.objects.filter(employee=self, valid_to=None).first()
            if current is not None:
                if all(_same(current, key, value) for key, value in place.items()):
                    return
                current.become(place, on=on)
            else:
                Assignment.objects.create(employee=self, valid_from=on, **place)
            for key, value in place.items():
                setattr(self, key, value)
            self.save(update_fields=list(place))

    def _refuse_loop(self, manager: Employee | None) -> None:
        if manager is None or manager.pk == self.manager_id:
            return
        if manager.pk == self.pk or self.leads(manager):
            raise ValidationError(
                {
                    "manager": _("%(manager)s reports to %(employee)s, directly or further down.")
                    % {"manager": manager.name, "employee": self.name}
                }
            )

    def _refuse_of_admins(self, by: Employee | None) -> None:
        """Asked under the lock, so that two admins cannot end each other's role together."""
        lock_the_tree(self.organization_id)
        admins = set(
            Employee.objects.filter(active=True, is_admin=True).values_list("pk", flat=True)
        )
        if admins == {self.pk}:
            raise self.only_admin()
        if self.pk in admins and by is not None and by.pk not in admins:
            raise ValidationError(_("Only an admin ends the access of an admin."))

    def only_admin(self) -> ValidationError:
        return ValidationError(
            _("%(name)s is the only admin. Make somebody else an admin first."),
            params={"name": self.name},
        )

    def keep(
        self,
        *,
        time_zone: str,
        working_days: list[int],
        day_starts: time,
        day_ends: time,
        twelve_hour_clock: bool,
        language: str,
    ) -> None:
        """What an employee settles about themselves: when they work, and how they read."""
        self.time_zone, self.working_days = time_zone, working_days
        self.day_starts, self.day_ends = day_starts, day_ends
        self.twelve_hour_clock, self.language = twelve_hour_clock, language
        self.save(
            update_fields=[
                "time_zone",
                "working_days",
                "day_starts",
                "day_ends",
                "twelve_hour_clock",
                "language",
            ]
        )

    def work_in(self, *, country: str, region: str) -> None:
        """Have the public holidays of another place than the organization; "" is the same."""
        self.country, self.region = country, region
        self.save(update_fields=["country", "region"])

    def deactivate(self, *, at: datetime, by: Employee | None = None) -> None:
        """End every access to the organization at once, and what was to come with them. Their
        history stays.

        Raises ValidationError for the last admin, and for any admin when `by` is none.
        """
        with transaction.atomic():
            self._refuse_of_admins(by)
            changed = Employee.objects.filter(pk=self.pk, active=True).update(
                active=False, deactivated_at=at
            )
            self.active, self.deactivated_at = False, at
            if not changed:
                return
            self._memberships().update(active=False)
            for ending in endings():
                ending.end(self, at=at)

    def reactivate(self, *, at: datetime) -> None:
        """Let them in again, with the roles that they had. A last day that is over is forgotten;
        what ended with their access stays ended, and the days between stay days without them."""
        with transaction.atomic():
            lock_the_tree(self.organization_id)
            self.refresh_from_db()
            self._keep_time_away(at)
            if self.leaving_on is not None and self.leaving_on < at.astimezone(self.zone).date():
                self.leaving_on = None
            self.active, self.deactivated_at = True, None
            self.save(update_fields=["active", "deactivated_at", "leaving_on"])
            self._memberships().update(active=True)

    def _memberships(self) -> models.QuerySet[Membership]:
        """Theirs now: since they were read it may have become another one."""
        now = Employee.objects.filter(pk=self.pk).values("membership")
        return Membership.objects.filter(pk__in=now)

    def _keep_time_away(self, at: datetime) -> None:
        if self.deactivated_at is None:
            return
        zone = self.organization.zone
        began, back = self.deactivated_at.astimezone(zone).date(), at.astimezone(zone).date()
        if self.leaving_on is not None:
            began = min(began, self.leaving_on + timedelta(days=1))
        if began < back:
            self.times_away.create(valid_from=began, valid_to=back)


def _same(row: models.Model, name: str, value: Any) -> bool:
    """Whether a field holds that value, without loading what it refers to."""
    field = row._meta.get_field(name)
    wanted = value.pk if isinstance(value, models.Model) else value
    return bool(getattr(row, field.attname) == wanted)  # type: ignore[union-attr]  # a column


class Assignment(FencedModel):
    """An employee's place from `valid_from` until before `valid_to` (open while it is None)."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="assignments")
    team = OrganizationForeignKey(Team, models.PROTECT, null=True, related_name="+")
    manager = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    job_title = models.CharField(max_length=120, blank=True)
    cost_band = OrganizationForeignKey(
        CostBand, models.PROTECT, null=True, related_name="assignments"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta(FencedModel.Meta):
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="assignment_not_empty",
            ),
            ExclusionConstraint(
                name="assignment_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} from {self.valid_from}"

    def become(self, place: dict[str, Any], *, on: date) -> None:
        """Let another place hold from the day `on`; one that began that day never was."""
        if on < self.valid_from:
            raise ValidationError(
                {
                    "on": _("The last change was on %(day)s; a new one cannot lie before it.")
                    % {"day": self.valid_from.isoformat()}
                }
            )
        if on == self.valid_from:
            Assignment.objects.filter(pk=self.pk).update(**place)
        else:
            self.valid_to = on
            self.save(update_fields=["valid_to"])
            Assignment.objects.create(employee_id=self.employee_id, valid_from=on, **place)
