"""What a new organization does first about skills."""

from __future__ import annotations

from django.utils.translation import gettext as _

from peerlearn.organizations.first_steps import Step, first_step
from peerlearn.organizations.models import Employee
from skills.models import Requirement, Skill


@first_step
def catalogue(me: Employee) -> Step:
    return Step(
        _("Skills"),
        _("The catalogue of what can be taught here, from the European list or your own."),
        Skill.objects.current().exists(),
        me.is_hr or me.is_admin,
        _("by HR"),
        "catalogue_begin",
        _("Begin the catalogue"),
    )


@first_step
def needs(me: Employee) -> Step:
    return Step(
        _("What the teams need"),
        _("How many of a team should be able to do a skill alone: stands on the team's page."),
        Requirement.objects.current().exists(),
        me.is_hr,
        _("by HR and managers"),
        "teams",
        _("Choose a team"),
    )
