"""What people can do, teach and want, in the organization's own catalogue of skills."""

from skills.models.offers import FormerNeed, Need, Offer
from skills.models.proficiencies import Doubt, Proficiency
from skills.models.requirements import Requirement
from skills.models.skills import (
    Skill,
    SkillArchival,
    SkillCategory,
    SkillName,
    keep_in_place,
    refuse_archived,
)

__all__ = [
    "Doubt",
    "FormerNeed",
    "Need",
    "Offer",
    "Proficiency",
    "Requirement",
    "Skill",
    "SkillArchival",
    "SkillCategory",
    "SkillName",
    "keep_in_place",
    "refuse_archived",
]
