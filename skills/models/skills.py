"""The organization's own catalogue: skills, their names and categories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import (
    FencedManager,
    FencedModel,
    OrganizationForeignKey,
    PublicIdField,
)
from peerlearn.organizations.models.pauses import Pause
from peerlearn.organizations.scoping import require_organization_id
from skills.names import KEY_LENGTH, search_key
from skills.queries import SkillManager


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
        """Give this name and these alternative names; former ones are forgotten. Raises
        ValidationError for one that was merged."""
        with transaction.atomic():
            rows = Skill.objects.select_for_update().filter(pk=self.pk, merged_into=None)
            if rows.first() is None:
                raise ValidationError(gettext("It was merged into another skill a moment ago."))
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

    def restore(self, *, at: datetime) -> None:
        """Take an archived skill back into the catalogue; a merged one cannot come back. The days
        between stay days without it."""
        with transaction.atomic():
            row = Skill.objects.select_for_update().get(pk=self.pk)
            if row.merged_into_id is not None:
                raise ValidationError(gettext("A merged skill cannot come back."))
            if row.archived_at is not None:
                zone = row.organization.zone
                began, back = row.archived_at.astimezone(zone), at.astimezone(zone)
                if began.date() < back.date():
                    self.archivals.create(valid_from=began.date(), valid_to=back.date())
            Skill.objects.filter(pk=self.pk).update(archived_at=None)
            self.archived_at = None


class SkillArchival(Pause):
    """A skill that was archived, and taken back."""

    skill = OrganizationForeignKey(Skill, models.CASCADE, related_name="archivals")


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


# Django knows no FOR SHARE: many write about one skill at once, and none of them waits.
_KEEP = """
SELECT id, archived_at IS NULL FROM skills_skill
WHERE organization_id = %s AND id = ANY(%s) ORDER BY id FOR SHARE
"""


def keep_in_place(skills: Iterable[int]) -> set[int]:
    """Let nobody archive or merge these skills (ids) before this transaction ends.

    Waits for whoever is at it. Returns those that are in the catalogue: what is written about
    others would hang on a row that nobody finds any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [require_organization_id(), sorted(skills)])
        return {skill for skill, listed in cursor.fetchall() if listed}


def refuse_archived(*skills: Skill) -> None:
    """Raises ValidationError for a skill that nobody can claim, offer or want any more; the others
    stay in the catalogue until this transaction ends."""
    listed = keep_in_place(skill.pk for skill in skills)
    for skill in skills:
        if skill.pk not in listed:
            raise ValidationError(
                gettext("“%(skill)s” is no longer in the catalogue.") % {"skill": skill.name}
            )
