"""What a manager needs in order to plan that a skill is passed on: who could learn it, beside whom.

A fixed number of queries, whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from peerlearn.organizations.models import Employee
from sessions.models import ShadowingOffer
from skills.coverage import Person, ready_to_learn, scope_of, sees
from skills.levels import Level
from skills.models import Proficiency, Skill

SHOWN = 20


@dataclass(frozen=True)
class Plan:
    """`learners`: the readiest first; `found`: others of the reader's people, by their name;
    `able`: who can do it alone and offers no days in it yet."""

    skill: Skill
    learners: Sequence[Person]
    found: Sequence[Employee]
    offers: Sequence[ShadowingOffer]
    able: Sequence[Employee]


def plan_for(skill: Skill, reader: Employee, *, name: str = "", on: date) -> Plan:
    """As HR or a manager sees it; `name` looks for others of their people."""
    scope = scope_of(reader)
    ready = [one for one in ready_to_learn([skill.pk], on=on)[skill.pk] if sees(scope, one.id)]
    offers = (
        ShadowingOffer.objects.visible_to(reader)
        .filter(active=True, host__active=True, offer_skills__skill=skill)
        .with_subject()
        .order_by("host__name", "pk")[:SHOWN]
    )
    return Plan(skill, ready[:SHOWN], _found(reader, name), list(offers), _able(skill, reader))


def _found(reader: Employee, name: str) -> Sequence[Employee]:
    if not name:
        return ()
    people = Employee.objects.visible_to(reader).current().exclude(pk=reader.pk)
    if not reader.is_hr:
        people = people.filter(pk__in=Employee.objects.below(reader).values("pk"))
    return list(people.matching(name).order_by("name", "pk")[:SHOWN])


def _able(skill: Skill, reader: Employee) -> Sequence[Employee]:
    alone = Proficiency.objects.current().filter(
        employee=OuterRef("pk"), skill=skill, level__gte=Level.ALONE
    )
    offering = ShadowingOffer.objects.filter(
        host=OuterRef("pk"), active=True, offer_skills__skill=skill
    )
    people = Employee.objects.visible_to(reader).current().exclude(pk=reader.pk)
    rows = people.filter(Exists(alone), ~Exists(offering)).select_related("team")
    return list(rows.order_by("name", "pk")[:SHOWN])
