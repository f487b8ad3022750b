"""An organization, and who belongs to it. Stands outside the fence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fields import (
    ALPHABETS,
    currency_choices,
    default_working_days,
    validate_time_zone,
    validate_working_days,
)
from peerlearn.organizations.models.users import User
from peerlearn.organizations.queries import (
    MembershipQuerySet,
)


class Organization(models.Model):
    """One customer company and its settings."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(max_length=63, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    alphabet = models.CharField(
        _("names are sorted"), max_length=5, default="plain", choices=ALPHABETS
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", choices=currency_choices
    )
    working_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("working days"),
        default=default_working_days,
        validators=[validate_working_days],
    )
    day_starts = models.TimeField(_("day starts"), default=time(8))
    day_ends = models.TimeField(_("day ends"), default=time(16))
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    smallest_group = models.PositiveSmallIntegerField(
        _("smallest group shown"), default=5, validators=[MinValueValidator(5)]
    )
    confirmation_months = models.PositiveSmallIntegerField(
        _("confirmed levels run out after"), default=12, validators=[MinValueValidator(1)]
    )
    # From then on it opens only for people with a second factor.
    second_factor_since = models.DateTimeField(null=True, blank=True)
    shadowings_need_approval = models.BooleanField(
        _("shadowings need the manager's approval"), default=False
    )
    approval_from_days = models.PositiveSmallIntegerField(
        _("approval from so many days on"), default=1, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(smallest_group__gte=5), name="organization_smallest_group"
            ),
            models.CheckConstraint(
                condition=Q(day_starts__lt=F("day_ends")), name="organization_day_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def keep(self, settings: Mapping[str, Any]) -> None:
        """Have these settings, by name of their field."""
        for name, value in settings.items():
            setattr(self, name, value)
        self.save(update_fields=list(settings))

    def settle_in(self, *, country: str, region: str) -> None:
        """Have the public holidays of that country, or region of it."""
        self.country, self.region = country, region
        self.save(update_fields=["country", "region"])

    def want_second_factor(self, since: datetime | None) -> None:
        """Of everybody who signs in, from then on; None for of nobody."""
        self.second_factor_since = since
        self.save(update_fields=["second_factor_since"])

    def suspend(self, *, at: datetime) -> None:
        """Nobody gets in, and nothing is sent, until it is restored; everything stays."""
        Organization.objects.filter(pk=self.pk, suspended_at=None).update(suspended_at=at)
        self.suspended_at = self.suspended_at or at

    def restore(self) -> None:
        Organization.objects.filter(pk=self.pk).update(suspended_at=None)
        self.suspended_at = None


class Membership(models.Model):
    """That a user is an employee of an organization: the only bridge between the two worlds."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    active = models.BooleanField(default=True)
    # When they first were in, by an invitation or by signing in: until then they get no mails.
    entered_at = models.DateTimeField(null=True, editable=False)

    objects = models.Manager.from_queryset(MembershipQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="membership_once"),
            models.UniqueConstraint(
                fields=["organization", "id"], name="organizations_membership_organization_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"

    def enter(self, *, at: datetime) -> None:
        """They are in; the first time stays."""
        Membership.objects.filter(pk=self.pk, entered_at=None).update(entered_at=at)
        self.entered_at = self.entered_at or at


def lock_the_tree(organization_id: int) -> None:
    """One change of the tree at a time, so that two together cannot close a loop."""
    list(
        Organization.objects.select_for_update(no_key=True)
        .filter(pk=organization_id)
        .values_list("pk")
    )
