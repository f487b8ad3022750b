"""Who can do what alone, as of any day: for the skill page, the dashboard and the reports.

"Alone" is level 3 or above and counts one's own word as well as confirmed levels; how many of
them are confirmed stands beside it. A confirmation that ran out counts as one's own word. A day in
the past is answered from the validity rows; a day to come from today's levels and the known
leaving dates.

A `scope` is the ids of the employees who are counted, or None for the whole organization; `teams`
keeps of them those who were in one of these teams on that day. Every function takes a fixed number
of queries, whatever the number of people, skills and teams.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count as CountOf
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from peerlearn.organizations.models import Employee, Team, TimeAway
from skills.levels_by_team import ALONE, WITH_HELP, Cell, Count, cells, total
from skills.models import FormerNeed, Need, Proficiency, Requirement, Skill
from skills.queries import employed_on, listed_on, local_day

Scope = Collection[int] | None
Teams = Collection[int] | None


@dataclass(frozen=True)
class Person:
    """A person in a skill; `level` is 0 for someone who only wants it, `urgency` 0 without."""

    id: int
    public_id: str
    name: str
    level: int
    urgency: int = 0
    confirmed: bool = False


@dataclass(frozen=True)
class Risk:
    """A skill that is needed and that one person in the organization can do alone; `team` is that
    person's of the day."""

    skill: Skill
    holder: Person
    team: int | None
    leaving_on: date | None
    wanted: int  # the sum of the requirements, 0 when it is only wanted by people
    ready: tuple[Person, ...] = ()  # who is at level 2 or wants it, the readiest first


@dataclass(frozen=True)
class Coverage:
    """`cells`: (skill id, team id or None) → Cell, with everything that somebody can do or a team
    requires; `skills` are the rows that the cells name, in the order of their names. `before`: how
    many could do it alone on an earlier day that was asked for, where anybody could.
    """

    on: date
    cells: Mapping[tuple[int, int | None], Cell]
    skills: Sequence[Skill] = field(default_factory=tuple)
    before: Mapping[tuple[int, int | None], int] = field(default_factory=dict)

    def cell(self, skill: Skill, team: Team | None) -> Cell:
        team_id = team.pk if team else None
        return self.cells.get((skill.pk, team_id), Cell(skill.pk, team_id))

    def total(self, skill: Skill) -> Cell:
        """The skill over all teams of the scope."""
        return total(self.cells.values(), skill.pk)

    def required(self) -> list[Cell]:
        """The cells with a requirement, the largest gap first."""
        wanted = [cell for cell in self.cells.values() if cell.wanted]
        return sorted(wanted, key=lambda cell: (-cell.missing, cell.skill, cell.team or 0))


# --- Scopes ----------------------------------------------------------------------------------
def scope_of(employee: Employee) -> Scope:
    """Whose figures this employee may see: HR everyone's (None), a manager's those of the
    reporting line below, anybody else nobody's (an empty set). At most one query."""
    if employee.is_hr:
        return None
    return set(Employee.objects.below(employee).values_list("pk", flat=True))


def sees(scope: Scope, employee_id: int) -> bool:
    return scope is None or employee_id in scope


# --- The table -------------------------------------------------------------------------------
def coverage(
    scope: Scope,
    *,
    on: date,
    since: date | None = None,
    skills: Collection[int] | None = None,
    teams: Teams = None,
) -> Coverage:
    """Counts and requirements by skill and team on a day, and what was `since`; three queries.

    `skills` limits it to those ids. Requirements are those of the teams in which somebody of the
    scope is today: one person who moved in does not bring along what their old team wanted. For
    the whole organization all of them.
    """
    counts, earlier = _counts(scope, on=on, since=since, skills=skills, teams=teams)
    requirements = Requirement.objects.standing(on)
    if teams is not None:
        requirements = requirements.filter(team__in=teams)
    if scope is not None:
        people = Employee.objects.current().filter(pk__in=scope)
        requirements = requirements.filter(team__in=people.values("team"))
    if skills is not None:
        requirements = requirements.filter(skill__in=skills)
    wanted: dict[tuple[int, int | None], int]
    wanted = {(s, t): n for s, t, n in requirements.values_list("skill", "team", "wanted")}
    table = cells(counts, wanted)
    before = {key: cell.alone for key, cell in cells(earlier, {}).items() if cell.alone}
    named = {skill for skill, _ in {*table, *before}}
    return Coverage(on, table, list(Skill.objects.filter(pk__in=named)), before)


def _holds(day: date, before: str = "") -> Q:
    ends = Q(**{f"{before}valid_to": None}) | Q(**{f"{before}valid_to__gt": day})
    return ends & Q(**{f"{before}valid_from__lte": day})


def _levels(scope: Scope, *, on: date, skills: Collection[int] | None = None) -> QuerySet[Any]:
    """The levels that hold on a day: of people who are here, of skills in the catalogue."""
    rows = Proficiency.objects.on(on).filter(employed_on(on), listed_on(on, "skill__"))
    if scope is not None:
        rows = rows.filter(employee__in=scope)
    return rows if skills is None else rows.filter(skill__in=skills)


def placed_levels(
    scope: Scope, *, on: date, skills: Collection[int] | None = None, teams: Teams = None
) -> QuerySet[Any]:
    """The levels that `coverage` counts, joined with their people's place of that day
    (`employee__assignments__team`)."""
    place = _holds(on, "employee__assignments__")
    if teams is not None:
        place &= Q(employee__assignments__team__in=teams)
    return _levels(scope, on=on, skills=skills).filter(place)


def _counts(
    scope: Scope,
    *,
    on: date,
    since: date | None,
    skills: Collection[int] | None,
    teams: Teams,
) -> tuple[list[Count], list[Count]]:
    """Of the one day, and of the earlier one; one query."""
    days = [on] if since is None else [on, since]
    rows, *more = (
        placed_levels(scope, on=day, skills=skills, teams=teams)
        .order_by()
        .values_list("skill", "employee__assignments__team", "level")
        .annotate(
            people=CountOf("id"),
            confirmed=CountOf("id", filter=Q(confirmed_until__gte=day)),
            at=Value(at),
        )
        for at, day in enumerate(days)
    )
    found: tuple[list[Count], list[Count]] = ([], [])
    for *values, at in rows.union(*more, all=True) if more else rows:
        found[at].append(Count(*values))
    return found


# --- Skills that rest on one person ----------------------------------------------------------
def resting_on_one(
    scope: Scope, *, on: date, skills: Collection[int] | None = None, teams: Teams = None
) -> list[Risk]:
    """Skills that are needed and that exactly one person of the organization can do alone, where
    that person is in the scope; who leaves first comes first. Four queries.

    Needed: a team requires it on that day, or somebody wants it.
    """
    required = Requirement.objects.standing(on).filter(skill=OuterRef("skill")).order_by()
    wanted = required.values("skill").annotate(people=Sum("wanted")).values("people")
    rows = _sole_holders(on=on, skills=skills).annotate(
        wanted=Coalesce(Subquery(wanted), 0),
        public_id=Min("employee__public_id"),
        name=Min("employee__name"),
        leaving_on=Min("employee__leaving_on"),
    )
    found = {
        row["skill"]: row
        for row in rows
        if sees(scope, row["holder"]) and (teams is None or row["team"] in teams)
    }
    ready = ready_to_learn(list(found), on=on)
    risks = []
    for skill in Skill.objects.filter(pk__in=found).select_related("category"):
        row = found[skill.pk]
        holder = Person(row["holder"], row["public_id"], row["name"], ALONE)
        after = (row["team"], row["leaving_on"], row["wanted"], tuple(ready[skill.pk]))
        risks.append(Risk(skill, holder, *after))
    return sorted(risks, key=_urgency)


def _urgency(risk: Risk) -> tuple[date, int, int, str]:
    return (risk.leaving_on or date.max, len(risk.ready), -risk.wanted, risk.skill.search_key)


def resting_skills(*, on: date) -> set[int]:
    """The ids of the skills that rest on one person of the organization; one query."""
    return set(_sole_holders(on=on).values_list("skill", flat=True))


def _sole_holders(*, on: date, skills: Collection[int] | None = None) -> QuerySet[Any, Any]:
    """By `skill` the `holder`, the one person in the whole organization, and their `team` of that
    day."""
    required = Requirement.objects.standing(on).filter(skill=OuterRef("skill"))
    rows: QuerySet[Any, Any] = (
        placed_levels(None, on=on, skills=skills)
        .filter(level__gte=ALONE)
        .filter(
            Exists(required)
            | Exists(_needs(on).filter(skill=OuterRef("skill")))
            | Exists(_former_needs(on).filter(skill=OuterRef("skill")))
        )
        .order_by()
        .values("skill")
        .annotate(
            people=CountOf("employee"),
            holder=Min("employee"),
            team=Min("employee__assignments__team"),
        )
        .filter(people=1)
    )
    return rows


def _needs(on: date) -> QuerySet[Need]:
    needs: QuerySet[Need] = Need.objects.filter(employed_on(on), since__lte=on)
    return needs


def _former_needs(on: date) -> QuerySet[Any, Any]:
    """What was wanted on that day, and is no longer."""
    needs: QuerySet[Any, Any] = FormerNeed.objects.on(on).filter(employed_on(on))
    return needs


def ready_to_learn(skills: Collection[int], *, on: date) -> dict[int, list[Person]]:
    """Skill → who could learn it next: those at level 2, then those who want it, most urgent
    first. Two queries."""
    levels = _levels(None, on=on, skills=skills).filter(level__lt=ALONE)
    found: dict[int, dict[int, Person]] = defaultdict(dict)
    names = ("skill", "employee", "employee__public_id", "employee__name")
    for skill, pk, public_id, name in levels.filter(level=WITH_HELP).values_list(*names):
        found[skill][pk] = Person(pk, public_id, name, WITH_HELP)
    now, once = (
        wishes.filter(skill__in=skills)
        .exclude(Exists(_can_alone(on)))
        .order_by()
        .values_list(*names, "urgency")
        for wishes in (_needs(on), _former_needs(on))
    )
    for skill, pk, public_id, name, urgency in now.union(once):
        level = found[skill][pk].level if pk in found[skill] else 0
        found[skill][pk] = Person(pk, public_id, name, level, urgency)
    return defaultdict(list) | {
        skill: sorted(people.values(), key=lambda p: (-p.level, -p.urgency, p.name))
        for skill, people in found.items()
    }


def _can_alone(on: date) -> QuerySet[Proficiency]:
    rows: QuerySet[Proficiency] = Proficiency.objects.on(on).filter(
        employee=OuterRef("employee"), skill=OuterRef("skill"), level__gte=ALONE
    )
    return rows


# --- One skill over time ---------------------------------------------------------------------
def alone_on(skill: Skill, days: Sequence[date], *, scope: Scope = None) -> list[int]:
    """How many could, or by today's levels and leaving dates will, do a skill alone on each of
    the days, in the teams of the scope; two queries."""
    if not days:
        return []
    rows = Proficiency.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=min(days)),
        skill=skill,
        level__gte=ALONE,
        valid_from__lte=max(days),
    )
    if scope is not None:
        rows = rows.filter(employee__in=scope)
    stretches = list(
        rows.values_list(
            "employee",
            "valid_from",
            "valid_to",
            "employee__hired_on",
            "employee__leaving_on",
            local_day("employee__", "deactivated_at"),
        )
    )
    away = list(TimeAway.objects.values_list("employee", "valid_from", "valid_to"))
    return [
        sum(
            _present(day, *stretch) and not any(a == who and b <= day < c for a, b, c in away)
            for who, *stretch in stretches
        )
        for day in days
    ]


def _present(
    day: date, start: date, end: date | None, hired: date, leaving: date | None, left: date | None
) -> bool:
    return (
        start <= day
        and (end is None or day < end)
        and hired <= day
        and (leaving is None or day <= leaving)
        and (left is None or day < left)
    )
