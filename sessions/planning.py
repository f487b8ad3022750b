"""What a manager needs in order to plan that a skill is passed on: who could learn it, beside whom.

A fixed number of queries, whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Value

from peerlearn.organizations.models import Employee
from sessions.choices import SessionState
from sessions.models import Participation, ShadowingOffer, Suggestion
from sessions.queries import SUGGESTED_FOR
from skills.coverage import Person, Scope, ready_to_learn, sees
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
    booked: frozenset[int]  # who has booked days in it that are still to come
    suggested: frozenset[int]  # to whom somebody has suggested days in it lately


def plan_for(skill: Skill, reader: Employee, *, name: str = "", on: date, at: datetime) -> Plan:
    """As HR or a manager sees it; `name` looks for others of their people."""
    booked, suggested, scope = _known(skill, reader, at)
    ready = [one for one in ready_to_learn([skill.pk], on=on)[skill.pk] if sees(scope, one.id)]
    ready.sort(key=lambda one: one.id in booked or one.id in suggested)  # settled ones last
    offers = (
        ShadowingOffer.objects.visible_to(reader)
        .filter(active=True, host__active=True, offer_skills__skill=skill)
        .with_subject()
        .order_by("host__name", "pk")[:SHOWN]
    )
    return Plan(
        skill,
        ready[:SHOWN],
        _found(reader, name),
        list(offers),
        _able(skill, reader),
        booked,
        suggested,
    )


def _known(
    skill: Skill, reader: Employee, at: datetime
) -> tuple[frozenset[int], frozenset[int], Scope]:
    """Who has booked days in it, to whom the reader has suggested some (the words of others are
    not theirs to see), and whom the reader leads, None for HR. One query."""
    coming = Participation.objects.learners().filter(
        session__session_skills__skill=skill, session__ends_at__gt=at, state=SessionState.BOOKED
    )
    said = Suggestion.objects.visible_to(reader).filter(
        by=reader, skill=skill, made_at__gt=at - SUGGESTED_FOR
    )
    led = Employee.objects.none() if reader.is_hr else Employee.objects.below(reader)
    rows = list(
        coming.order_by()
        .values_list("employee_id", Value("booked"))
        .union(
            said.order_by().values_list("to_id", Value("said")),
            led.order_by().values_list("pk", Value("led")),
        )
    )
    booked, suggested, line = (
        frozenset(person for person, why in rows if why == wanted)
        for wanted in ("booked", "said", "led")
    )
    return booked, suggested, None if reader.is_hr else line


def _found(reader: Employee, name: str) -> Sequence[Employee]:
    if not name:
        return ()
    people = Employee.objects.visible_to(reader).current().exclude(pk=reader.pk)
    if not reader.is_hr:
        people = people.filter(pk__in=Employee.objects.below(reader).values("pk"))
    return list(people.found(name, reader.organization.alphabet)[:SHOWN])


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
