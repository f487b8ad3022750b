"""How many skills rested on how many people, on any days, in one pass of SQL.

The same definitions as in `skills/coverage.py` ("alone", "needed", "here on a day"), which a test
holds against this module; there a day costs several queries, here a year costs one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from analytics.scopes import Scope
from peerlearn.organizations.models import Organization

# Each step joins thousands of rows with thousands. Where Postgres takes them for few, as it does
# until it has analysed the tables, it would loop over them one by one: half a minute, not a blink.
_NO_LOOPS = "SET LOCAL enable_nestloop = off;"
_LOOPS = "SET LOCAL enable_nestloop = on"

_FACTS = """
WITH days AS (SELECT unnest(%(days)s::date[]) AS day),
here AS (
  SELECT day, e.id AS employee, a.team_id AS team,
    (%(line)s::bigint[] IS NULL OR e.id = ANY(%(line)s::bigint[]))
      AND (%(teams)s::bigint[] IS NULL OR a.team_id = ANY(%(teams)s::bigint[])) AS mine
  FROM days
  JOIN organizations_assignment a ON a.organization_id = %(organization)s
   AND a.valid_from <= day AND (a.valid_to IS NULL OR a.valid_to > day)
  JOIN organizations_employee e ON e.organization_id = a.organization_id
   AND e.id = a.employee_id AND e.hired_on <= day
   AND (e.leaving_on IS NULL OR e.leaving_on >= day)
   AND (e.deactivated_at IS NULL OR (e.deactivated_at AT TIME ZONE %(zone)s)::date > day)
  WHERE NOT EXISTS (SELECT FROM organizations_timeaway o
    WHERE o.organization_id = %(organization)s AND o.employee_id = e.id
      AND o.valid_from <= day AND o.valid_to > day)),
listed AS (
  SELECT day, s.id AS skill FROM days
  JOIN skills_skill s ON s.organization_id = %(organization)s
   AND (s.archived_at IS NULL OR (s.archived_at AT TIME ZONE %(zone)s)::date > day)
  WHERE NOT EXISTS (SELECT FROM skills_skillarchival o
    WHERE o.organization_id = %(organization)s AND o.skill_id = s.id
      AND o.valid_from <= day AND o.valid_to > day)),
alone AS (
  SELECT h.day, p.skill_id AS skill, count(*) AS people,
    count(*) FILTER (WHERE h.mine) AS mine, min(h.employee) AS holder
  FROM here h
  JOIN skills_proficiency p ON p.organization_id = %(organization)s
   AND p.employee_id = h.employee AND p.level >= 3
   AND p.valid_from <= h.day AND (p.valid_to IS NULL OR p.valid_to > h.day)
  GROUP BY h.day, p.skill_id),
required AS (
  SELECT d.day, r.skill_id AS skill, r.team_id AS team, r.wanted,
    %(own_teams)s::bigint[] IS NULL OR r.team_id = ANY(%(own_teams)s::bigint[]) AS mine
  FROM days d
  JOIN skills_requirement r ON r.organization_id = %(organization)s
   AND r.valid_from <= d.day AND (r.valid_to IS NULL OR r.valid_to > d.day)
  JOIN organizations_team t ON t.organization_id = r.organization_id AND t.id = r.team_id
   AND (t.archived_at IS NULL OR (t.archived_at AT TIME ZONE %(zone)s)::date > d.day)
  WHERE NOT EXISTS (SELECT FROM organizations_teamarchival o
    WHERE o.organization_id = %(organization)s AND o.team_id = t.id
      AND o.valid_from <= d.day AND o.valid_to > d.day)),
wished AS (
  SELECT h.day, n.skill_id AS skill
  FROM here h
  JOIN skills_need n ON n.organization_id = %(organization)s
   AND n.employee_id = h.employee AND n.since <= h.day
  UNION ALL
  SELECT h.day, n.skill_id
  FROM here h
  JOIN skills_formerneed n ON n.organization_id = %(organization)s
   AND n.employee_id = h.employee AND n.valid_from <= h.day AND n.valid_to > h.day),
needed AS (
  SELECT u.day, u.skill, sum(u.wanted) AS wanted, bool_or(u.mine) AS mine
  FROM (SELECT day, skill, wanted, mine FROM required
        UNION ALL SELECT day, skill, 0, false FROM wished) u
  JOIN listed USING (day, skill)
  GROUP BY u.day, u.skill)
"""

_THEN_FIGURES = """
SELECT d.day, count(n.skill),
  count(n.skill) FILTER (WHERE a.people = 1 AND a.mine = 1),
  count(n.skill) FILTER (WHERE a.mine >= 3)
FROM days d
LEFT JOIN (needed n LEFT JOIN alone a USING (day, skill))
  ON n.day = d.day AND (n.mine OR a.mine > 0)
GROUP BY d.day ORDER BY d.day
"""

_THEN_NEEDED = """
SELECT s.id, s.public_id, s.name, a.people IS NOT NULL AND a.people = 1
FROM needed n
LEFT JOIN alone a USING (day, skill)
JOIN skills_skill s ON s.organization_id = %(organization)s AND s.id = n.skill
WHERE n.mine OR a.mine > 0
ORDER BY s.search_key
"""

_THEN_DANGERS = """
, lacking AS (
  SELECT r.day, r.skill, sum(r.wanted) AS wanted,
    array_agg(t.id) AS teams, array_agg(t.name ORDER BY t.name) AS names
  FROM required r
  JOIN listed USING (day, skill)
  JOIN organizations_team t ON t.organization_id = %(organization)s AND t.id = r.team
  WHERE r.mine AND r.wanted > 0 AND NOT EXISTS (
    SELECT FROM here h JOIN skills_proficiency p ON p.organization_id = %(organization)s
     AND p.employee_id = h.employee AND p.level >= 3
     AND p.valid_from <= h.day AND (p.valid_to IS NULL OR p.valid_to > h.day)
    WHERE h.mine AND h.day = r.day AND h.team = r.team AND p.skill_id = r.skill)
  GROUP BY r.day, r.skill)
(SELECT s.id, s.public_id, s.name, e.id, e.public_id, e.name, e.hired_on, e.leaving_on, n.wanted,
  ARRAY(SELECT person.name FROM (
     SELECT h.employee, p.level, 0 AS urgency FROM here h JOIN skills_proficiency p
       ON p.organization_id = %(organization)s AND p.employee_id = h.employee
      AND p.skill_id = n.skill AND p.level = 2
      AND p.valid_from <= h.day AND (p.valid_to IS NULL OR p.valid_to > h.day)
     UNION ALL
     SELECT h.employee, 0, w.urgency FROM here h JOIN skills_need w
       ON w.organization_id = %(organization)s AND w.employee_id = h.employee
      AND w.skill_id = n.skill AND w.since <= h.day AND h.employee <> a.holder) ready
   JOIN organizations_employee person
     ON person.organization_id = %(organization)s AND person.id = ready.employee
   GROUP BY person.id
   ORDER BY max(ready.level) DESC, max(ready.urgency) DESC, person.name),
  greatest(e.hired_on,
    (SELECT max(back.valid_to) FROM organizations_timeaway back
     WHERE back.organization_id = %(organization)s AND back.employee_id = a.holder
       AND back.valid_to <= n.day),
    (SELECT max(gone.valid_from) FROM organizations_timeaway gone
     JOIN skills_proficiency other
       ON other.organization_id = %(organization)s AND other.employee_id = gone.employee_id
      AND other.skill_id = n.skill AND other.level >= 3 AND other.valid_from < gone.valid_from
      AND (other.valid_to IS NULL OR other.valid_to >= gone.valid_from)
     WHERE gone.organization_id = %(organization)s AND gone.employee_id <> a.holder
       AND gone.valid_from <= n.day),
    (SELECT max(own.valid_from) FROM skills_proficiency own
     WHERE own.organization_id = %(organization)s AND own.employee_id = a.holder
       AND own.skill_id = n.skill AND own.level >= 3 AND own.valid_from <= n.day
       AND NOT EXISTS (
         SELECT FROM skills_proficiency before
         WHERE before.organization_id = %(organization)s AND before.employee_id = a.holder
           AND before.skill_id = n.skill AND before.level >= 3
           AND before.valid_to = own.valid_from)),
    (SELECT max(ended.day) FROM skills_proficiency other
     JOIN organizations_employee who
       ON who.organization_id = %(organization)s AND who.id = other.employee_id
     CROSS JOIN LATERAL (SELECT least(other.valid_to, who.leaving_on + 1,
       (who.deactivated_at AT TIME ZONE %(zone)s)::date) AS day) ended
     WHERE other.organization_id = %(organization)s AND other.skill_id = n.skill
       AND other.employee_id <> a.holder AND other.level >= 3
       AND ended.day <= n.day AND ended.day > greatest(other.valid_from, who.hired_on))),
  NULL::varchar[], 0
FROM needed n
JOIN alone a USING (day, skill)
JOIN skills_skill s ON s.organization_id = %(organization)s AND s.id = n.skill
JOIN organizations_employee e ON e.organization_id = %(organization)s AND e.id = a.holder
WHERE a.people = 1 AND a.mine = 1
ORDER BY n.wanted DESC, s.search_key)
UNION ALL
(SELECT s.id, s.public_id, s.name, NULL, NULL, NULL, NULL, NULL, l.wanted,
  ARRAY(SELECT person.name FROM (
     SELECT h.employee, h.team, p.level, 0 AS urgency FROM here h JOIN skills_proficiency p
       ON p.organization_id = %(organization)s AND p.employee_id = h.employee
      AND p.skill_id = l.skill AND p.level = 2
      AND p.valid_from <= h.day AND (p.valid_to IS NULL OR p.valid_to > h.day)
     UNION ALL
     SELECT h.employee, h.team, 0, w.urgency FROM here h JOIN skills_need w
       ON w.organization_id = %(organization)s AND w.employee_id = h.employee
      AND w.skill_id = l.skill AND w.since <= h.day) ready
   JOIN organizations_employee person
     ON person.organization_id = %(organization)s AND person.id = ready.employee
   WHERE ready.team = ANY(l.teams)
   GROUP BY person.id
   ORDER BY max(ready.level) DESC, max(ready.urgency) DESC, person.name),
  NULL, l.names, coalesce(a.people, 0)
FROM lacking l
LEFT JOIN alone a USING (day, skill)
JOIN skills_skill s ON s.organization_id = %(organization)s AND s.id = l.skill
ORDER BY l.wanted DESC, s.search_key)
"""


@dataclass(frozen=True)
class Figures:
    """On one day: the skills that the scope needs (its teams require them, or they are needed and
    somebody of it can do them alone), those that rest on one person of it, and those that three or
    more of it can do alone."""

    day: date
    skills: int
    resting: int
    safe: int

    @property
    def safe_share(self) -> float | None:
        return self.safe / self.skills if self.skills else None


@dataclass(frozen=True)
class AtRisk:
    """A skill that rests on one person, since `alone_since`. `ready`: who could learn it next,
    the readiest first."""

    skill_id: int
    skill_public_id: str
    skill: str
    holder_id: int
    holder_public_id: str
    holder: str
    hired_on: date
    leaving_on: date | None
    wanted: int
    ready: Sequence[str]
    alone_since: date

    @property
    def urgency(self) -> tuple[date, int]:
        """Who leaves first, then where the fewest are ready."""
        return (self.leaving_on or date.max, len(self.ready))


@dataclass(frozen=True)
class Needed:
    """One of the skills that `Figures.skills` counts; `rests`: on one person of the organization,
    in the scope or not."""

    id: int
    public_id: str
    name: str
    rests: bool


@dataclass(frozen=True)
class Nobody:
    """A skill that `teams` require and nobody of the scope in them can do alone; `elsewhere` so
    many can. `ready`: who of these teams could learn it next, the readiest first."""

    skill_id: int
    skill_public_id: str
    skill: str
    teams: Sequence[str]
    wanted: int
    elsewhere: int
    ready: Sequence[str]


def figures(scope: Scope, days: Sequence[date], organization: Organization) -> list[Figures]:
    """One per day, in order; one query."""
    return [Figures(*row) for row in _ask(_THEN_FIGURES, scope, days, organization)]


def needed(scope: Scope, day: date, organization: Organization) -> list[Needed]:
    """The skills that the scope needs, by name; one query."""
    return [Needed(*row) for row in _ask(_THEN_NEEDED, scope, [day], organization)]


def dangers(
    scope: Scope, day: date, organization: Organization
) -> tuple[list[AtRisk], list[Nobody]]:
    """The skills that rest on one person of the scope, who leaves first first, and those that
    teams of the scope require and nobody of it can do there, the most wanted first; one query."""
    risks, lacking = [], []
    for *row, teams, elsewhere in _ask(_THEN_DANGERS, scope, [day], organization):
        if teams is None:
            risks.append(AtRisk(*row))
        else:
            skill, public_id, name, *_, wanted, ready, _since = row
            lacking.append(Nobody(skill, public_id, name, teams, wanted, elsewhere, ready))
    return sorted(risks, key=lambda risk: risk.urgency), lacking


def _ask(
    question: str, scope: Scope, days: Sequence[date], organization: Organization
) -> list[Any]:
    teams, own_teams = scope.team_ids, scope.own_team_ids
    values = {
        "days": list(days),
        "line": None if scope.line is None else sorted(scope.line),
        "teams": None if teams is None else sorted(teams),
        "own_teams": None if own_teams is None else sorted(own_teams),
        "organization": organization.pk,
        "zone": organization.time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NO_LOOPS + _FACTS + question, values)
        rows = list(cursor.fetchall())
        cursor.execute(_LOOPS)
    return rows
