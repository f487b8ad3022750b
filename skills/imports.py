"""The imports of levels and of skills, from lists of another system.

Levels (who can what) count as people's own word until a peer confirms them, and a confirmed one
stays. Skills are added or completed: nothing is taken off one that is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.importing import headings
from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.kinds import Importing, Text, Writing, imported
from peerlearn.organizations.importing.plans import Plan
from peerlearn.organizations.importing.reporting import Finder, Marks
from peerlearn.organizations.importing.values import Order
from peerlearn.organizations.importing.words import add_words
from peerlearn.organizations.models import Employee
from skills import catalogue_rows, level_rows
from skills.catalogue import Entry, add, categories_of
from skills.level_rows import Has, Step, Surroundings
from skills.levels import Level, Source
from skills.models import Proficiency, Skill, SkillCategory, SkillName
from skills.models.skills import keep_in_place
from skills.names import search_key

LEVELS, SKILLS = "levels", "skills"
_TOGETHER = 1000

add_words(
    {
        "level": _("Is no level. 1 learning, 2 with help, 3 alone, 4 can teach"),
        "skill_missing": _("Holds no skill"),
        "skill_archived": _("Is archived: take it back into the catalogue, or leave it out"),
        "skill_several": _("Several skills are called so: use the whole name"),
        "no_level": _("Holds no level, so nothing changes"),
        "confirmed_stays": _("A peer confirmed another level: that one stays"),
        "skill_of_its_own": _("“%(about)s” is a skill of its own. Leave it out, or merge the two"),
    }
)


@imported
class Levels(Importing):
    kind = LEVELS
    heading = _("Import levels")
    holds = _("Levels")
    needed = _("Needed: who (number, e-mail or name), a skill, and a level from 1 to 4.")
    after = _("Levels that are new count as people’s own word until a peer confirms them.")
    leads_to = "skills"
    example = Path(__file__).parent / "examples" / "levels.csv"
    targets: ClassVar[Mapping[str, Text]] = {
        "number": _("Employee number"),
        "email": _("Work e-mail"),
        "name": _("Name"),
        "skill": _("Skill"),
        "level": _("Level"),
    }
    words: ClassVar[Mapping[str, Sequence[str]]] = {
        **{target: headings.PEOPLE[target] for target in level_rows.PERSON},
        "skill": (
            "skill", "skill name", "skills", "competence", "competency", "qualification",
            "kompetenz", "fahigkeit", "qualifikation", "kompetanse", "ferdighet", "kvalifikasjon",
        ),
        "level": (
            "level", "proficiency", "skill level", "proficiency level", "rating", "niveau", "stufe",
            "kompetenzstufe", "niva", "ferdighetsniva", "kompetanseniva",
        ),
    }  # fmt: skip

    def missing(self, targets: frozenset[str]) -> Text | None:
        if not targets & set(level_rows.PERSON):
            return _("No column says who. Choose that of the number, the e-mail or the name.")
        if not targets >= {"skill", "level"}:
            return _("Choose the column of the skill and that of the level.")
        return None

    def shown(self, target: str, text: str) -> str:
        return str(Level(int(text)).label) if target == "level" and text else text

    def check(self, rows: Sequence[Row], order: Order, *, by: Employee, at: datetime) -> Plan:
        return level_rows.plan(rows, _surroundings())

    def write(self, plan: Plan, how: Writing) -> None:
        add(Entry(name) for name in plan.made)
        steps: list[Step] = list(plan.steps)
        named = SkillName.objects.filter(skill__archived_at=None).select_related("skill")
        skills = {row.search_key: row.skill for row in named}
        _refuse_gone({skills[step.skill] for step in steps})
        people = Employee.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        employees = people.select_related("organization").in_bulk([s.employee for s in steps])
        day = how.at.astimezone(how.by.organization.zone).date()
        new = [step for step in steps if step.is_new]
        Proficiency.objects.bulk_create(
            (
                Proficiency(
                    employee=employees[step.employee],
                    skill=skills[step.skill],
                    level=step.level,
                    source=Source.CLAIMED,
                    valid_from=day,
                )
                for step in new
            ),
            batch_size=_TOGETHER,
        )
        how.progress(len(new))
        for step in steps:
            if not step.is_new:
                employee, skill = employees[step.employee], skills[step.skill]
                Proficiency.claim(employee=employee, skill=skill, level=step.level, on=day)
                how.progress(1)


def _refuse_gone(skills: set[Skill]) -> None:
    """Those of the catalogue stay in it until this is written."""
    listed = keep_in_place(skill.pk for skill in skills)
    if gone := [skill for skill in skills if skill.pk not in listed]:
        raise ValidationError(
            _("“%(skill)s” is no longer in the catalogue."), params={"skill": gone[0].name}
        )


def _surroundings() -> Surroundings:
    people = list(Employee.objects.values_list("pk", "number", "email", "name", "active"))
    marks = {pk: Marks(number, email, name) for pk, number, email, name, _active in people}
    left = {pk for pk, *_marks, active in people if not active}
    skills: dict[str, list[int]] = defaultdict(list)
    archived = set()
    names = SkillName.objects.filter(skill__merged_into=None).values_list(
        "search_key", "skill", "skill__archived_at"
    )
    for key, skill, archived_at in names.order_by("pk"):
        if archived_at is not None:
            archived.add(key)
        elif skill not in skills[key]:
            skills[key].append(skill)
    levels = Proficiency.objects.current().values_list(
        "employee", "skill", "level", "confirmed_until"
    )
    return Surroundings(
        find=Finder(marks, left),
        names={pk: one.name for pk, one in marks.items()},
        skills={key: found for key, found in skills.items() if found},
        archived=frozenset(archived),
        levels={(who, what): Has(level, bool(until)) for who, what, level, until in levels},
    )


# --- Skills ------------------------------------------------------------------------------------
@imported
class Skills(Importing):
    kind = SKILLS
    heading = _("Import skills")
    holds = _("Skills")
    needed = _(
        "Needed: the name. Other names of a skill stand in one cell, with semicolons between "
        "them. An empty cell changes nothing."
    )
    after = _("Skills that are new can be claimed, taught and wanted by everybody.")
    leads_to = "skills"
    example = Path(__file__).parent / "examples" / "skills.csv"
    targets: ClassVar[Mapping[str, Text]] = {
        "name": _("Skill"),
        "also_called": _("Also called"),
        "category": _("Category"),
        "description": _("What it is"),
    }
    words: ClassVar[Mapping[str, Sequence[str]]] = {
        "name": (*Levels.words["skill"], "name", "title", "preferred label", "bezeichnung", "navn"),
        "also_called": (
            "also called", "other names", "alternative names", "alternative labels", "alt labels",
            "aliases", "synonyms", "auch genannt", "andere namen", "synonyme", "andre navn",
            "ogsa kalt", "synonymer",
        ),
        "category": (
            "category", "skill category", "skill group", "group", "area", "kategorie", "gruppe",
            "bereich", "kategori", "omrade",
        ),
        "description": (
            "description", "what it is", "definition", "beschreibung", "beskrivelse", "forklaring",
        ),
    }  # fmt: skip
    in_title: ClassVar[frozenset[str]] = frozenset({"name"})

    def missing(self, targets: frozenset[str]) -> Text | None:
        return None if "name" in targets else _("Choose the column of the skill.")

    def check(self, rows: Sequence[Row], order: Order, *, by: Employee, at: datetime) -> Plan:
        return catalogue_rows.plan(rows, _catalogue())

    def write(self, plan: Plan, how: Writing) -> None:
        steps: list[catalogue_rows.Step] = list(plan.steps)
        new = [step for step in steps if step.skill is None]
        added = add(
            Entry(one.name, one.also_called, one.category, description=one.description)
            for one in new
        )
        if added.skipped:
            raise ValidationError(_("There is a skill of that name already."))
        how.progress(len(new))
        _complete({step.skill: step for step in steps if step.skill is not None})
        how.progress(len(steps) - len(new))


def _complete(steps: Mapping[int, catalogue_rows.Step]) -> None:
    """What those of the catalogue lack, in a few statements for any number."""
    listed = Skill.objects.select_for_update(no_key=True).filter(archived_at=None).order_by("pk")
    skills: dict[int, Skill] = listed.in_bulk(list(steps))
    if gone := [step.name for pk, step in steps.items() if pk not in skills]:
        raise ValidationError(
            _("“%(skill)s” is no longer in the catalogue."), params={"skill": gone[0]}
        )
    categories = categories_of(step.category for step in steps.values())
    for pk, step in steps.items():
        if step.category:
            skills[pk].category = categories[step.category]
        skills[pk].description = step.description or skills[pk].description
    Skill.objects.bulk_update(skills.values(), ["category", "description"], batch_size=_TOGETHER)
    SkillName.objects.bulk_create(
        (
            SkillName(skill=skills[pk], name=name, search_key=search_key(name))
            for pk, step in steps.items()
            for name in step.also_called
        ),
        ignore_conflicts=True,
        batch_size=_TOGETHER,
    )


def _catalogue() -> catalogue_rows.Surroundings:
    names: dict[str, list[int]] = defaultdict(list)
    skills: dict[int, catalogue_rows.Known] = {}
    own: dict[str, int] = {}
    archived = set()
    rows = Skill.objects.filter(merged_into=None).select_related("category")
    for skill in rows.prefetch_related("names").order_by("pk"):
        own[skill.search_key] = skill.pk
        keys = [name.search_key for name in skill.names.all()]
        if skill.archived_at is not None:
            archived.update(keys)
            continue
        for key in keys:
            names[key].append(skill.pk)
        category = skill.category.name if skill.category else ""
        others = tuple(skill.also_called())
        skills[skill.pk] = catalogue_rows.Known(skill.name, others, category, skill.description)
    written = SkillCategory.objects.values_list("name", flat=True)
    categories = {search_key(name): name for name in written}
    return catalogue_rows.Surroundings(skills, names, own, frozenset(archived), categories)
