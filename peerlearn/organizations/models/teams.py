"""The tree of teams, and what an hour costs in each kind of work."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.queries import (
    TeamManager,
)
from peerlearn.organizations.scoping import require_organization_id


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

    def revise(self, *, name: str, description: str, hourly_cost: Decimal, on: date) -> None:
        """Correct it; another cost holds from the day `on`, and the past keeps the one before."""
        with transaction.atomic():
            band = CostBand.objects.select_for_update().get(pk=self.pk)
            if hourly_cost != band.hourly_cost:
                # Of two changes on one day the first says what held before.
                FormerCost.objects.get_or_create(
                    cost_band=self, valid_to=on, defaults={"hourly_cost": band.hourly_cost}
                )
            self.name, self.description, self.hourly_cost = name, description, hourly_cost
            self.save(update_fields=["name", "description", "hourly_cost"])

    def cost_on(self, day: date) -> Decimal:
        """What an hour cost on that day; the first cost holds for all days before it, too."""
        former = self.former_costs.filter(valid_to__gt=day).order_by("valid_to").first()
        return former.hourly_cost if former else self.hourly_cost

    def remove(self) -> None:
        """Delete a band that nobody has or had; raises ValidationError for any other."""
        if self.assignments.exists():  # those of today among them
            raise ValidationError(
                _("%(band)s is used, now or in the past, so it stays."), params={"band": self.name}
            )
        self.delete()


class FormerCost(FencedModel):
    """What an hour of a band cost until before `valid_to`, from the former cost before it on."""

    cost_band = OrganizationForeignKey(CostBand, models.CASCADE, related_name="former_costs")
    hourly_cost = models.DecimalField(max_digits=10, decimal_places=2)
    valid_to = models.DateField()

    class Meta(FencedModel.Meta):
        ordering = ["valid_to"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "cost_band", "valid_to"], name="former_cost_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hourly_cost} until {self.valid_to}"


DEEPEST = 20  # teams from the top to the bottom: pages draw them, and figures walk along them


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

    @classmethod
    def add(cls, *, name: str, parent: Team | None) -> Team:
        """A new team below another one; ValidationError beside `parent` where it is too deep."""
        with transaction.atomic():
            lock_the_tree(require_organization_id())
            if parent is not None and _depth(parent.pk, _parents()) >= DEEPEST:
                raise ValidationError({"parent": _too_deep()})
            added: Team = cls.objects.create(name=name, parent=parent)
            return added

    def move(self, *, under: Team | None) -> None:
        """Hang this team below another one; a loop, or too deep a tree, raises ValidationError."""
        with transaction.atomic():
            lock_the_tree(self.organization_id)
            if under is not None and (
                under.pk == self.pk or Team.objects.below(self).filter(pk=under.pk).exists()
            ):
                raise ValidationError(
                    _("%(under)s is part of %(team)s, so it cannot hold it."),
                    params={"under": under.name, "team": self.name},
                )
            if under is not None:
                parents = _parents()
                below = Team.objects.below(self).values_list("pk", flat=True)
                here = _depth(self.pk, parents)
                height = max((_depth(key, parents) - here for key in below), default=0) + 1
                if _depth(under.pk, parents) + height > DEEPEST:
                    raise ValidationError(_too_deep())
            self.parent = under
            self.save(update_fields=["parent"])

    def revise(self, *, name: str, parent: Team | None) -> None:
        """Rename it and hang it elsewhere; what `move` refuses stands beside `parent`."""
        with transaction.atomic():
            try:
                self.move(under=parent)
            except ValidationError as refused:
                raise ValidationError({"parent": refused.messages}) from refused
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

    def reopen(self, *, at: datetime) -> None:
        """Put an archived team back, at the top when the team above it is archived too. The days
        between stay days without it."""
        with transaction.atomic():
            if self.archived_at is not None:
                zone = self.organization.zone
                began, back = self.archived_at.astimezone(zone), at.astimezone(zone)
                if began.date() < back.date():
                    self.archivals.create(valid_from=began.date(), valid_to=back.date())
            if self.parent is not None and self.parent.archived_at is not None:
                self.parent = None
            self.archived_at = None
            self.save(update_fields=["archived_at", "parent"])


def _parents() -> dict[int, int | None]:
    return dict(Team.objects.order_by().values_list("pk", "parent"))


def _depth(team: int, parents: dict[int, int | None]) -> int:
    """How many teams stand from the top down to it, itself included."""
    depth, above = 1, parents[team]
    while above is not None:
        depth, above = depth + 1, parents[above]
    return depth


def _too_deep() -> str:
    return gettext("Teams stand at most %(number)s deep. Choose a team further up, or none.") % {
        "number": DEEPEST
    }
