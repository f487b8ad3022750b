"""What people can do, teach and want, in the organization's own catalogue of skills."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import (
    FencedManager,
    FencedModel,
    OrganizationForeignKey,
    PublicIdField,
)
from peerlearn.organizations.fields import DateRange
from peerlearn.organizations.models import Employee, Organization, Team
from skills.levels import Level, Source, Urgency
from skills.names import KEY_LENGTH, search_key
from skills.queries import (
    NeedManager,
    OfferManager,
    ProficiencyManager,
    RequirementManager,
    SkillManager,
)
from skills.timelines import add_months
from skills.validity import Validity

_OWN_WORD: dict[str, Any] = {
    "source": "claimed",
    "confirmed_by": None,
    "confirmed_on": None,
    "confirmed_until": None,
}


class SkillCategory(FencedModel):
    public_id = PublicIdField()
    name = models.CharField(_("category"), max_length=120)

    class Meta(FencedModel.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="skill_category_name")
        ]

    def __str__(self) -> str:
        return self.name


class Skill(FencedModel):
    """Something that can be taught. A merged one stays, archived, and points to its survivor."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=200)
    search_key = models.CharField(max_length=KEY_LENGTH, editable=False, db_collation="C")
    category = OrganizationForeignKey(
        SkillCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="skills",
        verbose_name=_("category"),
    )
    description = models.TextField(_("description"), max_length=2000, blank=True)
    esco_uri = models.CharField(max_length=200, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = OrganizationForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", editable=False
    )

    objects = SkillManager()

    class Meta(FencedModel.Meta):
        ordering = ["search_key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "search_key"],
                condition=Q(merged_into=None),
                name="skill_name",
                violation_error_message=_("There is a skill of that name already."),
            ),
            models.CheckConstraint(condition=~Q(search_key=""), name="skill_name_not_empty"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="skill_not_in_itself"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(archived_at__isnull=False),
                name="skill_merged_is_archived",
            ),
        ]
        indexes = [models.Index(fields=["organization", "category"], name="skill_category")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = search_key(self.name)
        new = self._state.adding
        super().save(*args, **kwargs)
        if new:
            SkillName.objects.create(skill=self, name=self.name, search_key=self.search_key)

    def also_called(self) -> list[str]:
        """The alternative names, without the name itself."""
        return [n.name for n in self.names.all() if n.search_key != self.search_key]

    def name_it(self, name: str, alternatives: Iterable[str] = ()) -> None:
        """Give this name and these alternative names; former ones are forgotten."""
        with transaction.atomic():
            self.name = name
            self.save(update_fields=["name", "search_key"])
            wanted = {search_key(n): n for n in [*alternatives, name] if search_key(n)}
            self.names.exclude(search_key__in=wanted).delete()
            SkillName.objects.bulk_create(
                [SkillName(skill=self, name=n, search_key=key) for key, n in wanted.items()],
                ignore_conflicts=True,
            )

    def archive(self, *, at: datetime) -> None:
        """Put it away: nobody can claim, offer or want it any more. Its past stays."""
        Skill.objects.filter(pk=self.pk, archived_at=None).update(archived_at=at)
        self.archived_at = self.archived_at or at

    def restore(self) -> None:
        """Take an archived skill back into the catalogue; a merged one cannot come back."""
        if self.merged_into_id is not None:
            raise ValidationError(say("A merged skill cannot come back."))
        Skill.objects.filter(pk=self.pk, merged_into=None).update(archived_at=None)
        self.archived_at = None


class SkillName(FencedModel):
    """A name under which a skill is found; its own name is one of them."""

    skill = OrganizationForeignKey(Skill, models.CASCADE, related_name="names")
    name = models.CharField(_("also called"), max_length=200)
    search_key = models.CharField(max_length=KEY_LENGTH, editable=False, db_collation="C")

    objects = FencedManager()

    class Meta(FencedModel.Meta):
        ordering = ["search_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "skill", "search_key"], name="skill_name_once"
            ),
            models.CheckConstraint(condition=~Q(search_key=""), name="skill_names_not_empty"),
        ]
        indexes = [models.Index(fields=["organization", "search_key"], name="skill_name_key")]

    def __str__(self) -> str:
        return self.name


class Proficiency(Validity):
    """An employee's level in a skill from `valid_from` until before `valid_to`.

    A change ends the row and begins another, so that every past day can be answered; only what
    began on the same day is replaced. A confirmation holds through `confirmed_until`; afterwards
    the level counts as claimed.
    """

    public_id = PublicIdField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="proficiencies")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="proficiencies")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    source = models.CharField(max_length=9, choices=Source)
    confirmed_by = OrganizationForeignKey(
        Employee, models.PROTECT, null=True, related_name="confirmations"
    )
    confirmed_on = models.DateField(null=True)
    confirmed_until = models.DateField(null=True)

    objects = ProficiencyManager()

    class Meta(FencedModel.Meta):
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=4), name="proficiency_level"
            ),
            models.CheckConstraint(
                condition=Q(
                    source="claimed",
                    confirmed_by__isnull=True,
                    confirmed_on__isnull=True,
                    confirmed_until__isnull=True,
                )
                | Q(
                    source="confirmed",
                    confirmed_by__isnull=False,
                    confirmed_on__isnull=False,
                    confirmed_until__gt=F("confirmed_on"),
                ),
                name="proficiency_source",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("employee")), name="proficiency_not_by_oneself"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="proficiency_not_empty",
            ),
            ExclusionConstraint(
                name="proficiency_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("employee", RangeOperators.EQUAL),
                    ("skill", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "skill", "level"], name="proficiency_skill"),
            models.Index(fields=["organization", "employee"], name="proficiency_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.skill_id}: {self.level}"

    @classmethod
    def claim(cls, *, employee: Employee, skill: Skill, level: int, on: date) -> Proficiency:
        """Say for oneself what level holds from the day `on`; saying the same again keeps the
        confirmation. Raises ValidationError before the last change and for an archived skill."""
        _refuse_archived(skill)
        with transaction.atomic():
            current = cls._current(employee, skill)
            if current is not None:
                if current.level == level:
                    return current
                current.doubts.all().delete()
                return current.succeed(on=on, level=level, **_OWN_WORD)
            row: Proficiency = cls.objects.create(
                employee=employee, skill=skill, level=level, source=Source.CLAIMED, valid_from=on
            )
            return row

    def confirm(self, *, by: Employee, at: datetime) -> Proficiency:
        """A peer who works at that level says so; holds for the organization's interval.

        Raises ValidationError for oneself, for someone below that level, and when the level has
        changed since it was read. The first of two who confirm on one day stays.
        """
        organization = Organization.objects.get(pk=self.organization_id)
        day = at.astimezone(organization.zone).date()
        with transaction.atomic():
            current = self._current(self.employee, self.skill)
            if current is None or current.level != self.level:
                raise ValidationError(say("The level has just been changed. Look again."))
            if not current.may_be_confirmed_by(by):
                raise ValidationError(
                    say("Only a colleague who works at that level can confirm it.")
                )
            if current.confirmed_on == day:
                return current
            return current.succeed(
                on=max(day, current.valid_from),
                source=Source.CONFIRMED,
                confirmed_by=by,
                confirmed_on=day,
                confirmed_until=add_months(day, organization.confirmation_months),
            )

    def withdraw(self, *, on: date) -> None:
        """From the day `on` no level is said any more; what was before stays."""
        with transaction.atomic():
            current = self._current(self.employee, self.skill)
            if current is not None:
                current.end(on=on)

    def may_be_confirmed_by(self, peer: Employee) -> bool:
        """Whether that colleague works at this level or above."""
        if peer.pk == self.employee_id or not peer.active:
            return False
        own = Proficiency.objects.current().filter(employee=peer, skill=self.skill_id)
        return own.filter(level__gte=self.level).exists()

    def is_confirmed(self, day: date) -> bool:
        return self.confirmed_until is not None and day <= self.confirmed_until

    @classmethod
    def _current(cls, employee: Employee, skill: Skill) -> Proficiency | None:
        """The open row, with the person locked, so that two changes come one after the other."""
        Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        rows = cls.objects.filter(employee=employee, skill=skill, valid_to=None)
        return rows.select_related("employee", "skill").first()


class Doubt(FencedModel):
    """A peer could not confirm a level. Seen by nobody: it only keeps the question from them."""

    proficiency = OrganizationForeignKey(Proficiency, models.CASCADE, related_name="doubts")
    by = OrganizationForeignKey(Employee, models.CASCADE, related_name="+")

    objects = FencedManager()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "proficiency", "by"], name="doubt_once")
        ]

    def __str__(self) -> str:
        return "a doubt"


class Offer(FencedModel):
    """I can teach this."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="offers")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="offers")
    note = models.CharField(_("note"), max_length=200, blank=True)
    since = models.DateField()

    objects = OfferManager()

    class Meta(FencedModel.Meta):
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "employee", "skill"], name="offer_once")
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="offer_skill")]

    def __str__(self) -> str:
        return f"{self.employee_id} teaches {self.skill_id}"

    @classmethod
    def make(cls, *, employee: Employee, skill: Skill, on: date, note: str = "") -> Offer:
        """Offer to teach a skill; offering again changes the note alone."""
        _refuse_archived(skill)
        offer: Offer
        offer, _made = cls.objects.update_or_create(
            employee=employee,
            skill=skill,
            defaults={"note": note},
            create_defaults={"note": note, "since": on},
        )
        return offer


class Need(FencedModel):
    """I want to learn this."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="needs")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="needs")
    urgency = models.PositiveSmallIntegerField(_("how urgently"), choices=Urgency)
    since = models.DateField()

    objects = NeedManager()

    class Meta(FencedModel.Meta):
        ordering = ["-urgency", "since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "employee", "skill"], name="need_once"),
            models.CheckConstraint(
                condition=Q(urgency__gte=1, urgency__lte=3), name="need_urgency"
            ),
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="need_skill")]

    def __str__(self) -> str:
        return f"{self.employee_id} wants {self.skill_id}"

    @classmethod
    def make(cls, *, employee: Employee, skill: Skill, urgency: int, on: date) -> Need:
        """Want a skill; wanting it again changes the urgency and keeps the waiting time."""
        _refuse_archived(skill)
        need: Need
        need, _made = cls.objects.update_or_create(
            employee=employee,
            skill=skill,
            defaults={"urgency": urgency},
            create_defaults={"urgency": urgency, "since": on},
        )
        return need


class Requirement(Validity):
    """How many people a team wants who can do a skill alone, from a day on."""

    team = OrganizationForeignKey(Team, models.CASCADE, related_name="requirements")
    skill = OrganizationForeignKey(Skill, models.PROTECT, related_name="requirements")
    wanted = models.PositiveSmallIntegerField(
        _("how many"), validators=[MinValueValidator(1), MaxValueValidator(999)]
    )

    objects = RequirementManager()

    class Meta(FencedModel.Meta):
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__gte=1, wanted__lte=999), name="requirement_wanted"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="requirement_not_empty",
            ),
            ExclusionConstraint(
                name="requirement_one_at_a_time",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    ("skill", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organization", "skill"], name="requirement_skill")]

    def __str__(self) -> str:
        return f"{self.team_id} wants {self.wanted} in {self.skill_id}"

    @classmethod
    def want(cls, *, team: Team, skill: Skill, wanted: int, on: date) -> Requirement | None:
        """From the day `on` the team wants so many who can do it alone; 0 ends the wish."""
        with transaction.atomic():
            Team.objects.select_for_update(no_key=True).get(pk=team.pk)
            current = cls.objects.filter(team=team, skill=skill, valid_to=None).first()
            if current is not None:
                if wanted == 0:
                    current.end(on=on)
                    return None
                same: Requirement = current
                return same if same.wanted == wanted else same.succeed(on=on, wanted=wanted)
            if wanted == 0:
                return None
            _refuse_archived(skill)
            made: Requirement = cls.objects.create(
                team=team, skill=skill, wanted=wanted, valid_from=on
            )
            return made


def _refuse_archived(skill: Skill) -> None:
    if skill.archived_at is not None:
        raise ValidationError(
            say("“%(skill)s” is no longer in the catalogue.") % {"skill": skill.name}
        )
