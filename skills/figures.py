"""Figures beside skills: of the catalogue's rows and of one skill's page, in one query each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from peerlearn.months import add_months
from peerlearn.organizations.models import Employee, Team
from skills.levels import Level, Urgency
from skills.levels_by_team import ALONE, WITH_HELP
from skills.models import Need, Offer, Proficiency, Requirement, Skill
from skills.queries import SkillQuerySet, employed_on

MONTHS_BACK, MONTHS_AHEAD = 6, 6
RUNS_OUT_SOON = timedelta(days=60)


def figure(rows: QuerySet[Any], what: Any) -> Coalesce:
    """A figure over the rows of the outer skill, 0 without any."""
    mine = rows.filter(skill=OuterRef("pk")).order_by().values("skill")
    return Coalesce(Subquery(mine.annotate(n=what).values("n")), 0)


def with_counts(skills: SkillQuerySet, *, on: date) -> SkillQuerySet:
    """Adds `alone`, `confirmed` (of them) and `wants`."""
    alone = Proficiency.objects.on(on).filter(employed_on(on), level__gte=ALONE)
    return skills.annotate(
        alone=figure(alone, Count("pk")),
        confirmed=figure(alone.confirmed(on), Count("pk")),
        wants=figure(Need.objects.filter(employed_on(on)), Count("pk")),
    )


def with_figures(skills: SkillQuerySet, *, viewer: Employee, on: date) -> SkillQuerySet:
    """Adds what a skill's page says above its lists.

    `alone`, `confirmed`, `with_help`, `learning`, `people` (at any level), `wants`, `wants_now`,
    `waiting_since` (None without), `wanted` (the requirements that the viewer may know),
    `required` (whether there is any), `called` (all names), and of the viewer `own_level`,
    `own_need` (0 without), `own_offer`, and until when their level is confirmed (`own_until`).
    """
    levels = Proficiency.objects.on(on).filter(employed_on(on))
    needs = Need.objects.filter(employed_on(on))
    mine = {"skill": OuterRef("pk"), "employee": viewer}
    own = Proficiency.objects.current().filter(**mine)
    return with_counts(skills, on=on).annotate(
        required=Exists(Requirement.objects.standing(on).filter(skill=OuterRef("pk"))),
        with_help=figure(levels.filter(level=WITH_HELP), Count("pk")),
        learning=figure(levels.filter(level__lt=WITH_HELP), Count("pk")),
        people=figure(levels, Count("pk")),
        wants_now=figure(needs.filter(urgency=Urgency.NOW), Count("pk")),
        waiting_since=Subquery(
            needs.filter(skill=OuterRef("pk"))
            .order_by()
            .values("skill")
            .annotate(first=Min("since"))
            .values("first")
        ),
        wanted=figure(requirements_known_to(viewer, on=on), Sum("wanted")),
        called=ArrayAgg("names__name", filter=~Q(names__search_key=F("search_key")), default=[]),
        own_level=_own(own, "level"),
        own_until=Subquery(own.values("confirmed_until")[:1]),
        own_need=_own(Need.objects.filter(**mine), "urgency"),
        own_offer=_own(Offer.objects.filter(**mine), "pk"),
    )


def _own(rows: QuerySet[Any], column: str) -> Coalesce:
    return Coalesce(Subquery(rows.values(column)[:1]), 0, output_field=IntegerField())


def requirements_known_to(viewer: Employee, *, on: date) -> Any:
    """HR knows them all; a manager those of the teams of the reporting line; others none."""
    rows = Requirement.objects.on(on).filter(team__archived_at=None)
    if viewer.is_hr:
        return rows
    below = Employee.objects.below(viewer).filter(active=True)
    return rows.filter(team__in=below.values("team"))


@dataclass(frozen=True)
class Month:
    """The first day of a month, or today's for the present one."""

    day: date
    to_come: bool


def months_around(today: date) -> list[Month]:
    """Six months back, the present one and six to come."""
    first = today.replace(day=1)
    return [
        Month(today if offset == 0 else add_months(first, offset), offset > 0)
        for offset in range(-MONTHS_BACK, MONTHS_AHEAD + 1)
    ]


@dataclass(frozen=True)
class MyRow:
    """What I can, teach and want of one skill: a row of "My skills"."""

    skill: Skill
    level: int
    teaches: bool
    urgency: int
    confirmed_by: str
    confirmed_until: date | None
    today: date

    @property
    def confirmed(self) -> bool:
        return self.confirmed_until is not None and self.today <= self.confirmed_until

    @property
    def runs_out(self) -> bool:
        return (
            self.confirmed
            and self.confirmed_until is not None
            and self.confirmed_until - self.today <= RUNS_OUT_SOON
        )

    def get_level_display(self) -> str:
        return str(Level(self.level).label) if self.level else ""

    def get_urgency_display(self) -> str:
        return str(Urgency(self.urgency).label) if self.urgency else ""

    @property
    def answered(self) -> bool:
        return bool(self.level or self.teaches or self.urgency)


def my_rows(skills: SkillQuerySet, *, employee: Employee, today: date) -> list[MyRow]:
    """The rows of these skills, in the order of their names; one query."""
    mine = {"skill": OuterRef("pk"), "employee": employee}
    levels = Proficiency.objects.current().filter(**mine)
    rows: Any = skills.annotate(
        own_level=_own(levels, "level"),
        own_need=_own(Need.objects.filter(**mine), "urgency"),
        own_offer=_own(Offer.objects.filter(**mine), "pk"),
        by=Subquery(levels.values("confirmed_by__name")[:1]),
        until=Subquery(levels.values("confirmed_until")[:1]),
    ).order_by("search_key", "id")
    return [
        MyRow(
            skill,
            skill.own_level,
            bool(skill.own_offer),
            skill.own_need,
            skill.by or "",
            skill.until,
            today,
        )
        for skill in rows
    ]


def answered_by(employee: Employee) -> Q:
    """Skills in which this employee has a level, an offer or a need."""
    mine = {"employee": employee}
    return (
        Q(pk__in=Proficiency.objects.current().filter(**mine).values("skill"))
        | Q(pk__in=Offer.objects.filter(**mine).values("skill"))
        | Q(pk__in=Need.objects.filter(**mine).values("skill"))
    )


def used_by_team(employee: Employee, *, on: date, most: int) -> SkillQuerySet:
    """What the team requires, then what most of the team can do: at most `most` skills."""
    if employee.team_id is None:
        nothing: SkillQuerySet = Skill.objects.none()
        return nothing
    levels = Proficiency.objects.on(on).filter(employed_on(on), employee__team=employee.team_id)
    required = Requirement.objects.on(on).filter(team=employee.team_id)
    used = (
        Skill.objects.current()
        .annotate(wanted=figure(required, Sum("wanted")), holders=figure(levels, Count("pk")))
        .filter(Q(wanted__gt=0) | Q(holders__gt=0))
        .order_by("-wanted", "-holders", "search_key")
    )
    skills: SkillQuerySet = Skill.objects.filter(pk__in=used.values("pk")[:most])
    return skills


def for_team(team: Team, *, on: date, added: Collection[str]) -> SkillQuerySet:
    """The skills that a team requires or has, and those of the public ids `added`; each with
    `alone` (people of the team itself) and `wanted`."""
    members = Proficiency.objects.on(on).filter(employed_on(on), employee__team=team)
    rows: SkillQuerySet = (
        Skill.objects.current()
        .annotate(
            alone=figure(members.filter(level__gte=ALONE), Count("pk")),
            wanted=figure(Requirement.objects.on(on).filter(team=team), Sum("wanted")),
        )
        .filter(Q(alone__gt=0) | Q(wanted__gt=0) | Q(public_id__in=added))
    )
    return rows
