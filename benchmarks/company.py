"""A made-up company of any size, written by SQL: thousands of rows in a blink."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peerlearn.runtime.roles import Login

_PEOPLE = """
INSERT INTO organizations_team (organization_id, public_id, name)
VALUES (%(organization)s, %(organization)s || '-top', 'All of it');
INSERT INTO organizations_team (organization_id, public_id, name, parent_id)
SELECT %(organization)s, %(organization)s || '-' || n, 'Team ' || n,
  (SELECT min(id) FROM organizations_team)
  FROM generate_series(1, greatest(%(people)s / 20, 1)) n;
INSERT INTO organizations_user (email, password, is_active)
SELECT %(organization)s || '-' || n || '@example.org', '!', true
  FROM generate_series(1, %(people)s) n;
INSERT INTO organizations_membership (organization_id, user_id, active)
SELECT %(organization)s, id, true FROM organizations_user
  WHERE email LIKE %(organization)s || '-%%' ORDER BY id;
INSERT INTO organizations_employee (organization_id, public_id, name, email, number, job_title,
  team_id, membership_id, hired_on, time_zone, working_days, day_starts, day_ends,
  twelve_hour_clock, is_hr, is_admin, active)
SELECT %(organization)s, 'e' || m.id, 'Person ' || left(md5(m.id::text), 8), u.email, '',
  'Technician', (SELECT min(id) + (row_number() OVER (ORDER BY m.id)) %% (count(*) - 1) + 1
  FROM organizations_team), m.id, %(began)s::date, 'Europe/Oslo', '{0,1,2,3,4}', '08:00', '16:00',
  false, false, false, true
  FROM organizations_membership m JOIN organizations_user u ON u.id = m.user_id
  WHERE m.organization_id = %(organization)s;
UPDATE organizations_employee e SET manager_id = lead.id
  FROM (SELECT team_id, min(id) AS id FROM organizations_employee GROUP BY team_id) lead
  WHERE lead.team_id = e.team_id AND lead.id <> e.id;
UPDATE organizations_employee SET is_hr = true, job_title = 'Director',
  team_id = (SELECT min(id) FROM organizations_team), manager_id = NULL
  WHERE id = (SELECT min(id) FROM organizations_employee);
UPDATE organizations_employee SET manager_id = (SELECT min(id) FROM organizations_employee)
  WHERE manager_id IS NULL AND NOT is_hr;
INSERT INTO organizations_assignment (organization_id, employee_id, team_id, manager_id,
  job_title, valid_from)
SELECT organization_id, id, team_id, manager_id, job_title, hired_on FROM organizations_employee;
INSERT INTO skills_skill (organization_id, public_id, name, search_key, description, esco_uri)
SELECT %(organization)s, 's' || n, 'Skill ' || n, 'skill ' || n, '', ''
  FROM generate_series(1, %(skills)s) n;
INSERT INTO skills_proficiency (organization_id, employee_id, skill_id, level, source, valid_from,
  public_id)
SELECT %(organization)s, e.id, s.id, 1 + (e.id + s.id * 7) %% 4, 'claimed', %(began)s::date,
  e.id || '-' || s.id
  FROM organizations_employee e JOIN skills_skill s
  ON (e.id * 31 + s.id * 17) %% %(skills)s < %(levels)s
  AND (s.id %% 12 <> 0 OR e.id %% 97 = s.id %% 97);
INSERT INTO skills_need (organization_id, employee_id, skill_id, urgency, since)
SELECT %(organization)s, e.id, (SELECT min(id) FROM skills_skill) + e.id %% %(skills)s,
  1 + e.id %% 3, %(began)s::date FROM organizations_employee e WHERE e.id %% 2 = 0;
INSERT INTO skills_requirement (organization_id, team_id, skill_id, wanted, valid_from)
SELECT %(organization)s, t.id, s.id, 1 + (t.id + s.id) %% 3, %(began)s::date
  FROM organizations_team t JOIN skills_skill s ON (t.id + s.id) %% 5 = 0
  WHERE t.parent_id IS NOT NULL
"""

_INTERACTIONS = """
WITH people AS (
  SELECT row_number() OVER (ORDER BY id) - 1 AS at, id, team_id FROM organizations_employee),
numbers AS (SELECT count(*) AS people FROM people),
drawn AS (
  SELECT n, (n * 7919) %% people AS giver, (n * 104729 + 1 + n / people) %% people AS receiver,
    %(last)s::date - ((n * 31) %% %(days)s)::int AS day
  FROM generate_series(1::bigint, %(count)s) n, numbers)
INSERT INTO learning_sessions_interaction (organization_id, giver_id, receiver_id, skill_id,
  minutes, occurred_on, occurred_at, channel, source, giver_team_id, receiver_team_id, recorded_at)
SELECT %(organization)s, g.id, r.id, (SELECT min(id) FROM skills_skill) + n %% %(skills)s,
  60 + n %% 400, day, day + interval '9 hours', 'in_person', 'shadowing', g.team_id, r.team_id,
  day + interval '18 hours'
FROM drawn JOIN people g ON g.at = giver JOIN people r ON r.at = receiver AND r.id <> g.id
"""

SKILLS = 60
MONTHS = 24


def make_company(people: int, name: str = "Bench") -> Any:
    """An organization two years old; its first employee is HR and leads everybody."""
    from peerlearn.organizations.models import Organization

    organization = Organization.objects.create(
        name=name, slug=name.lower(), time_zone="Europe/Oslo", created_at=_began()
    )
    run_inside(
        organization,
        _PEOPLE,
        people=people,
        skills=SKILLS,
        levels=5,
        began=_began(),
    )
    return organization


def add_interactions(organization: Any, count: int, *, days: int = 700) -> None:
    """So many, spread over the last so many days; the rollups are as they were."""
    run_inside(
        organization,
        _INTERACTIONS,
        count=count,
        days=days,
        skills=SKILLS,
        last=datetime.now(UTC).date() - timedelta(days=1),
    )


def run_inside(organization: Any, statements: str, **values: Any) -> None:
    """SQL on the organization's rows, without the time limit of pages.

    In a superuser's session where there is one, so that millions of rows are not checked one by
    one against what they refer to; row security holds all the same.
    """
    serving = Login.from_url(os.environ["DATABASE_URL"], "DATABASE_URL")
    superuser = os.environ.get("DATABASE_SUPERUSER_URL", "")
    login = (
        replace(Login.from_url(superuser, ""), database=serving.database) if superuser else serving
    )
    with login.cursor() as cursor:
        if superuser:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f'SET ROLE "{serving.user}"')
        # Postgres takes tables that it has not analysed for empty.
        cursor.execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL enable_nestloop = off")
        cursor.execute("SELECT set_config('app.organization_id', %s, true)", [str(organization.pk)])
        for statement in statements.split(";"):
            cursor.execute(statement, {"organization": organization.pk, **values})
        cursor.execute("COMMIT")


def sign_in(emails: list[str]) -> list[str]:
    """A session for each of these users, as signing in leaves it; the session keys."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from peerlearn.organizations.models import User

    rows = {user.email: user for user in User.objects.filter(email__in=emails)}
    expires = datetime.now(UTC) + timedelta(days=1)
    store = SessionStore()
    sessions = [
        Session(
            session_key=f"bench{number:027d}",
            session_data=store.encode(
                {
                    "_auth_user_id": str(rows[email].pk),
                    "_auth_user_backend": "allauth.account.auth_backends.AuthenticationBackend",
                    "_auth_user_hash": rows[email].get_session_auth_hash(),
                }
            ),
            expire_date=expires,
        )
        for number, email in enumerate(emails)
    ]
    Session.objects.bulk_create(sessions)
    return [session.session_key for session in sessions]


def _began() -> datetime:
    return datetime.now(UTC) - timedelta(days=30 * MONTHS)
