"""Rows of the isolation matrix for skills."""

from __future__ import annotations

from datetime import date
from typing import Any

from skills.models import Proficiency, Skill
from tests.isolation.matrix import ACT, FORM, HR_AND_ADMIN, MANAGER_AND_HR, PAGE, Row


def _skill(side: Any) -> dict[str, Any]:
    return {"public_id": Skill.objects.create(name="Relay protection settings").public_id}


def _level(side: Any) -> dict[str, Any]:
    skill = Skill.objects.create(name="Fault records")
    level = Proficiency.claim(employee=side.colleague, skill=skill, level=3, on=date(2026, 1, 5))
    return {"public_id": level.public_id}


def _holder(side: Any) -> dict[str, Any]:
    _level(side)
    return {"public_id": side.colleague.public_id}


def _team(side: Any) -> dict[str, Any]:
    return {"public_id": side.team.public_id}


INSIDE: dict[str, Row] = {
    "skills": Row(PAGE),
    "skill_add": Row(FORM, HR_AND_ADMIN, data={"name": "Fibre splicing"}),
    "catalogue_begin": Row(FORM, HR_AND_ADMIN, data={"own_list": "Fibre splicing"}),
    "skill": Row(PAGE, subject=_skill),
    "skill_outlook": Row(PAGE, MANAGER_AND_HR, subject=_skill),
    "skill_want": Row(ACT, subject=_skill, data={"urgency": "3"}),
    "skill_teach": Row(ACT, subject=_skill, data={"offered": "1"}),
    "skill_edit": Row(FORM, HR_AND_ADMIN, subject=_skill, data={"name": "Relays"}),
    "skill_merge": Row(FORM, HR_AND_ADMIN, subject=_skill),
    "skill_archive": Row(FORM, HR_AND_ADMIN, subject=_skill),
    "my_skills": Row(FORM),
    "my_skill": Row(ACT, subject=_skill),
    "confirmations": Row(PAGE),
    "confirmation": Row(ACT, subject=_level, data={"answer": "yes", "level": "3"}),
    "employee_skills": Row(PAGE, subject=_holder),
    "requirements": Row(FORM, MANAGER_AND_HR, subject=_team),
}
PUBLIC: dict[str, Row] = {}
