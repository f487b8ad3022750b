"""Two skills that mean the same become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from skills.figures import figure
from skills.models import FormerNeed, Need, Offer, Proficiency, Requirement, Skill, SkillName
from skills.timelines import Stretch, overlay

Move = Callable[[Skill, Skill], None]  # from the one, to the other
_MOVES_ABOVE: list[Move] = []


def moves_with_a_merge(move: Move) -> Move:
    """Declare, on a floor above, how what hangs there on a skill goes over to another one."""
    _MOVES_ABOVE.append(move)
    return move


@dataclass(frozen=True)
class Moved:
    """What a merge moves: names, people with a level, offers, needs and open requirements."""

    names: int
    people: int
    offers: int
    needs: int
    requirements: int


def would_move(skill: Skill) -> Moved:
    """One query."""
    row = (
        Skill.objects.filter(pk=skill.pk)
        .annotate(
            names_=figure(SkillName.objects.all(), Count("pk")),
            people_=figure(Proficiency.objects.current(), Count("pk")),
            offers_=figure(Offer.objects.all(), Count("pk")),
            needs_=figure(Need.objects.all(), Count("pk")),
            requirements_=figure(Requirement.objects.current(), Count("pk")),
        )
        .values("names_", "people_", "offers_", "needs_", "requirements_")
        .get()
    )
    return Moved(row["names_"], row["people_"], row["offers_"], row["needs_"], row["requirements_"])


def merge(skill: Skill, *, into: Skill, at: datetime) -> None:
    """Let `into` take over the names, levels, offers, needs and requirements of `skill`, and what
    hangs on it on the floors above; it stays as an archived row that points there.

    Where both have something of one person: on each day the confirmed level wins, then the higher
    one; the more urgent need, and the longer wait; the offer of `into`; of two requirements of a
    team the larger. Raises ValidationError when one of the two is merged or archived already.
    """
    with transaction.atomic():
        # Whoever writes about one of them keeps it in place until they are done; later ones see
        # that it is gone.
        both = Skill.objects.select_for_update().filter(pk__in=[skill.pk, into.pk]).order_by("pk")
        if sum(row.merged_into_id is None and row.archived_at is None for row in both) != 2:
            raise ValidationError(_("Only two different skills of the catalogue can be merged."))
        _move_names(skill, into)
        _move_levels(skill, into)
        _move_requirements(skill, into)
        _move_offers(skill, into)
        _move_needs(skill, into)
        for move in _MOVES_ABOVE:
            move(skill, into)
        Skill.objects.filter(merged_into=skill).update(merged_into=into)
        skill.merged_into, skill.archived_at = into, at
        skill.save(update_fields=["merged_into", "archived_at"])


def _move_names(skill: Skill, into: Skill) -> None:
    known = into.names.values("search_key")
    skill.names.exclude(search_key__in=known).update(skill=into)
    SkillName.objects.filter(skill=skill).delete()


def _move_levels(skill: Skill, into: Skill) -> None:
    """Who has one of the two keeps their rows; two histories of one person are laid over
    each other."""
    both = Proficiency.objects.filter(skill=into).values("employee")
    Proficiency.objects.filter(skill=skill).exclude(employee__in=both).update(skill=into)
    histories: dict[int, list[Stretch]] = defaultdict(list)
    twice = Proficiency.objects.filter(skill=skill).values("employee")
    rows = Proficiency.objects.filter(skill__in=[skill, into], employee__in=twice)
    for row in rows:
        histories[row.employee_id].append(
            Stretch(
                row.level,
                row.valid_from,
                row.valid_to,
                row.confirmed_by_id,
                row.confirmed_on,
                row.confirmed_until,
            )
        )
    rows.delete()
    Proficiency.objects.bulk_create(
        Proficiency(
            employee_id=employee,
            skill=into,
            level=stretch.level,
            source=stretch.source,
            confirmed_by_id=stretch.confirmed_by,
            confirmed_on=stretch.confirmed_on,
            confirmed_until=stretch.confirmed_until,
            valid_from=stretch.start,
            valid_to=stretch.end,
        )
        for employee, stretches in histories.items()
        for stretch in overlay(stretches, ())
    )


def _move_requirements(skill: Skill, into: Skill) -> None:
    histories: dict[int, list[Stretch]] = defaultdict(list)
    both = Requirement.objects.filter(skill=into).values("team")
    Requirement.objects.filter(skill=skill).exclude(team__in=both).update(skill=into)
    twice = Requirement.objects.filter(skill=skill).values("team")
    rows = Requirement.objects.filter(skill__in=[skill, into], team__in=twice)
    for row in rows:
        histories[row.team_id].append(Stretch(row.wanted, row.valid_from, row.valid_to))
    rows.delete()
    Requirement.objects.bulk_create(
        Requirement(
            team_id=team,
            skill=into,
            wanted=stretch.level,
            valid_from=stretch.start,
            valid_to=stretch.end,
        )
        for team, stretches in histories.items()
        for stretch in overlay(stretches, ())
    )


def _move_offers(skill: Skill, into: Skill) -> None:
    Offer.objects.filter(skill=skill, employee__in=into.offers.values("employee")).delete()
    skill.offers.update(skill=into)


def _move_needs(skill: Skill, into: Skill) -> None:
    kept = {need.employee_id: need for need in into.needs.all()}
    doubled = list(Need.objects.filter(skill=skill, employee__in=list(kept)))
    for need in doubled:
        other = kept[need.employee_id]
        other.urgency = max(other.urgency, need.urgency)
        other.since = min(other.since, need.since)
    Need.objects.bulk_update([kept[need.employee_id] for need in doubled], ["urgency", "since"])
    Need.objects.filter(pk__in=[need.pk for need in doubled]).delete()
    skill.needs.update(skill=into)
    former: Any = FormerNeed.objects
    former.filter(skill=skill).update(skill=into)
