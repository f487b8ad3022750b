"""Days on which the organization as a whole is off, or works although others do not."""

from __future__ import annotations

from datetime import date, time
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, PublicIdField
from peerlearn.organizations.public_holidays import OwnDay
from peerlearn.organizations.queries import CompanyDayManager


class CompanyDay(FencedModel):
    """A day off of the organization's own, or, without a name, a public holiday that is worked.

    It holds in one country, or ("") everywhere.
    """

    public_id = PublicIdField()
    day = models.DateField(_("day"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    free_from = models.TimeField(_("free from"), null=True, blank=True)

    objects = CompanyDayManager()

    class Meta(FencedModel.Meta):
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "country"],
                condition=~Q(name=""),
                name="company_day_off_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "day", "country"],
                condition=Q(name=""),
                name="company_day_worked_once",
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(free_from__isnull=True) & ~Q(country=""),
                name="company_day_worked_in_a_country",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.name or 'worked'}"

    @property
    def as_value(self) -> OwnDay:
        return OwnDay(self.day, self.country, self.name, self.free_from)

    @classmethod
    def rest(cls, *, day: date, name: str, free_from: time | None, country: str = "") -> Self:
        """Be off on that day, or from some time on. Bookings that stand are not changed.

        Raises ValidationError beside `day` when there is one already.
        """
        with transaction.atomic():
            kept, made = cls.objects.get_or_create(
                day=day,
                country=country,
                name__gt="",
                defaults={"name": " ".join(name.split()), "free_from": free_from},
            )
        if not made:
            raise ValidationError(
                {"day": _("“%(name)s” stands on that day. Remove it first.") % {"name": kept.name}}
            )
        added: Self = kept
        return added

    @classmethod
    def work(cls, *, day: date, country: str) -> None:
        """Work on a public holiday of that country."""
        cls.objects.get_or_create(day=day, country=country, name="")

    @classmethod
    def keep_free(cls, *, day: date, country: str) -> None:
        """Be off on a public holiday again."""
        cls.objects.filter(day=day, country=country, name="").delete()
