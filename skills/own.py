"""What an employee says of themselves in one skill: what they can, teach and want."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from peerlearn.organizations.models import Employee
from skills.figures import MyRow
from skills.levels_by_team import ALONE
from skills.models import Need, Offer, Proficiency, Skill


@dataclass(frozen=True)
class Answer:
    """A row of "My skills" as it was filled in; level 0 is no answer, urgency 0 is no wish."""

    level: int
    teaches: bool
    urgency: int


def may_teach(level: int) -> bool:
    """Whoever teaches a skill can do it alone."""
    return level >= ALONE


def say(employee: Employee, row: MyRow, answer: Answer, *, on: date) -> bool:
    """Change what differs from the row that was read; says whether anything did. An offer to
    teach without the level for it is not kept. No answer to the level leaves the level."""
    level = answer.level or row.level
    teaches = answer.teaches and may_teach(level)
    changes = (level != row.level, teaches != row.teaches, answer.urgency != row.urgency)
    if not any(changes):
        return False
    with transaction.atomic():
        if level != row.level:
            Proficiency.claim(employee=employee, skill=row.skill, level=level, on=on)
        if teaches != row.teaches:
            teach(employee, row.skill, teaches, on=on)
        if answer.urgency != row.urgency:
            want(employee, row.skill, answer.urgency, on=on)
    return True


def want(employee: Employee, skill: Skill, urgency: int, *, on: date) -> None:
    """Want to learn it, or with urgency 0 no longer."""
    if urgency:
        Need.make(employee=employee, skill=skill, urgency=urgency, on=on)
    else:
        Need.end(employee=employee, skill=skill, on=on)


def teach(employee: Employee, skill: Skill, offered: bool, *, on: date, note: str = "") -> None:
    """Offer to teach it, or no longer. Without the level for it nothing is offered."""
    if offered and may_teach(_level(employee, skill)):
        Offer.make(employee=employee, skill=skill, on=on, note=note)
    else:
        Offer.objects.filter(employee=employee, skill=skill).delete()


def _level(employee: Employee, skill: Skill) -> int:
    current = Proficiency.objects.current().filter(employee=employee, skill=skill)
    return current.values_list("level", flat=True).first() or 0


def forget(employee: Employee, skill: Skill, *, on: date) -> None:
    """Take a skill off one's list: no level, no offer, no wish from that day on."""
    with transaction.atomic():
        for current in Proficiency.objects.current().filter(employee=employee, skill=skill):
            current.withdraw(on=on)
        want(employee, skill, 0, on=on)
        teach(employee, skill, False, on=on)
