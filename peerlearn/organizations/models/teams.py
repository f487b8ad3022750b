"""The tree of teams, and what an hour costs in each kind of work."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.queries import (
    TeamManager,
)


class CostBand(FencedModel):
    """What an hour of work costs in full, for a kind of work; never a person's salary."""

    public_id = PublicIdField()
    name = models.CharField(_("band"), max_length=40)
    description = models.CharField(_("who"), max_length=200, blank=True)
    hourly_cost = models.DecimalField(
        _("full hour"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )

    class Meta(FencedModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="cost_band_name"),
            models.CheckConstraint(condition=Q(hourly_cost__gte=0), name="cost_band_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    def remove(self) -> None:
        """Delete a band that nobody has or had; raises ValidationError for any other."""
        if self.employees.exists() or self.assignments.exists():
            raise ValidationError(
                _("%(band)s is used, now or in the past, so it stays."), params={"band": self.name}
            )
        self.delete()


class Team(FencedModel):
    """A node in the organization's tree of teams."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=120)
    parent = OrganizationForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TeamManager()

    class Meta(FencedModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="team_name"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="team_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    def move(self, *, under: Team | None) -> None:
        """Hang this team below another one; a loop raises ValidationError."""
        with transaction.atomic():
            lock_the_tree(self.organization_id)
            if under is not None and (
                under.pk == self.pk or Team.objects.below(self).filter(pk=under.pk).exists()
            ):
                raise ValidationError(
                    _("%(under)s is part of %(team)s, so it cannot hold it."),
                    params={"under": under.name, "team": self.name},
                )
            self.parent = under
            self.save(update_fields=["parent"])

    def revise(self, *, name: str, parent: Team | None) -> None:
        """Rename it and hang it elsewhere; a loop raises ValidationError beside `parent`."""
        with transaction.atomic():
            try:
                self.move(under=parent)
            except ValidationError as loop:
                raise ValidationError({"parent": loop.messages}) from loop
            self.name = name
            self.save(update_fields=["name"])

    def archive(self, *, at: datetime) -> None:
        """Take an empty team out of every list; one with people or teams raises ValidationError."""
        with transaction.atomic():
            lock_the_tree(self.organization_id)
            if (
                self.employees.filter(active=True).exists()
                or Team.objects.current().filter(parent=self).exists()
            ):
                raise ValidationError(
                    _("%(team)s is not empty. Move its people and teams first."),
                    params={"team": self.name},
                )
            self.archived_at = at
            self.save(update_fields=["archived_at"])

    def reopen(self) -> None:
        """Put an archived team back, at the top when the team above it is archived too."""
        if self.parent is not None and self.parent.archived_at is not None:
            self.parent = None
        self.archived_at = None
        self.save(update_fields=["archived_at", "parent"])
