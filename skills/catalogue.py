"""Filling the catalogue: from the ESCO pack or from a list of one's own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import require_organization_id
from skills.models import Skill, SkillCategory, SkillName
from skills.names import search_key

ATTRIBUTION = _("This service uses the ESCO classification of the European Commission.")
_PACK = Path(__file__).parent / "esco" / "ict-skills.csv"
NAME_LENGTH = 200
_TOGETHER = 1000


@dataclass(frozen=True)
class Entry:
    """A skill to be: its name, what else it is called, its category, its concept in ESCO and what
    it is."""

    name: str
    also_called: tuple[str, ...] = ()
    category: str = ""
    esco_uri: str = ""
    description: str = ""


@dataclass(frozen=True)
class Added:
    skills: list[Skill]
    skipped: list[str]  # names that are in the catalogue, archived or merged ones included


@cache
def ict_pack() -> tuple[Entry, ...]:
    """The ICT slice of ESCO: see esco/README.md."""
    with _PACK.open(encoding="utf-8", newline="") as file:
        return tuple(
            Entry(
                _as_name(row["label"]),
                tuple(filter(None, row["also_called"].split("|"))),
                row["category"],
                row["uri"],
            )
            for row in csv.DictReader(file)
        )


def _as_name(label: str) -> str:
    """ESCO writes labels in lower case; a catalogue begins them as names. "iOS" stays."""
    first = label.split()[0]
    return label[0].upper() + label[1:] if first.islower() else label


@cache
def pack_categories() -> tuple[tuple[str, int], ...]:
    """(category, number of skills) of the pack, the largest last: it holds the odd rest."""
    counts: dict[str, int] = {}
    for entry in ict_pack():
        counts[entry.category] = counts.get(entry.category, 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: (item[0].startswith("Other"), item[0])))


def from_pack(categories: Iterable[str]) -> list[Entry]:
    chosen = set(categories)
    return [entry for entry in ict_pack() if entry.category in chosen]


def from_lines(text: str, *, category: str = "") -> list[Entry]:
    """One skill a line, other names after a bar: "Kubernetes | k8s | kube". Empty lines and
    repeated names are left out."""
    found: dict[str, Entry] = {}
    for line in text.splitlines():
        name, *others = (" ".join(part.split()) for part in line.split("|"))
        if key := search_key(name):
            found.setdefault(key, Entry(name, tuple(filter(None, others)), category))
    return list(found.values())


def add(entries: Iterable[Entry]) -> Added:
    """Add those whose name no skill has; the number of queries does not grow with the entries."""
    wanted: dict[str, Entry] = {}
    for entry in entries:
        if key := search_key(entry.name):
            wanted.setdefault(key, entry)
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=require_organization_id())
        taken = set(
            Skill.objects.filter(search_key__in=list(wanted), merged_into=None).values_list(
                "search_key", flat=True
            )
        ) | set(
            SkillName.objects.filter(search_key__in=list(wanted)).values_list(
                "search_key", flat=True
            )
        )
        new = [entry for key, entry in wanted.items() if key not in taken]
        categories = categories_of(entry.category for entry in new)
        skills = Skill.objects.bulk_create(
            (
                Skill(
                    name=entry.name,
                    search_key=search_key(entry.name),
                    category=categories.get(entry.category),
                    esco_uri=entry.esco_uri,
                    description=entry.description,
                )
                for entry in new
            ),
            batch_size=_TOGETHER,
        )
        SkillName.objects.bulk_create(
            (row for pair in zip(skills, new, strict=True) for row in _names(*pair)),
            batch_size=_TOGETHER,
        )
    return Added(skills, [wanted[key].name for key in wanted if key in taken])


def add_one(
    name: str,
    *,
    also_called: Sequence[str] = (),
    category: str = "",
    description: str = "",
) -> Skill:
    """One skill with its names; raises IntegrityError when another one has that name."""
    with transaction.atomic():
        skill: Skill = Skill.objects.create(
            name=name, category=_category(category), description=description
        )
        skill.name_it(name, also_called)
    return skill


def rewrite(
    skill: Skill, *, name: str, also_called: Sequence[str], category: str, description: str
) -> None:
    """Say anew what it is and how it is called; raises as `add_one` does, and ValidationError when
    it was merged meanwhile."""
    with transaction.atomic():
        skill.category, skill.description = _category(category), description
        skill.save(update_fields=["category", "description"])
        skill.name_it(name, also_called)


def _category(name: str) -> SkillCategory | None:
    return categories_of([name]).get(name)


def categories_of(wanted: Iterable[str]) -> dict[str, SkillCategory]:
    """Those of these names, made where there are none."""
    names = set(filter(None, wanted))
    SkillCategory.objects.bulk_create(
        (SkillCategory(name=name) for name in sorted(names)), ignore_conflicts=True
    )
    return {row.name: row for row in SkillCategory.objects.filter(name__in=names)}


def _names(skill: Skill, entry: Entry) -> list[SkillName]:
    keys = {search_key(name): name for name in (*entry.also_called, entry.name)}
    return [
        SkillName(skill=skill, name=name[:NAME_LENGTH], search_key=key)
        for key, name in keys.items()
        if key
    ]
