"""A made-up company of any size, and many of them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.servers import as_owner
from peerlearn.runtime.roles import Login

_INTERACTIONS = """
WITH people AS (
  SELECT row_number() OVER (ORDER BY id) - 1 AS at, id, team_id FROM organizations_employee),
numbers AS (SELECT count(*) AS people FROM people),
drawn AS (
  SELECT n, (n * 7919) %% people AS giver, (n * 104729 + 1 + n / people) %% people AS receiver,
    %(last)s::date - ((n * 31) %% %(days)s)::int AS day
  FROM generate_series(1::bigint, %(count)s) n, numbers)
INSERT INTO learning_sessions_interaction (organization_id, giver_id, receiver_id, skill_id,
  minutes, occurred_on, occurred_at, channel, source, giver_team_id, receiver_team_id, recorded_at,
  marking)
SELECT %(organization)s, g.id, r.id, (SELECT min(id) FROM skills_skill) + n %% %(skills)s,
  60 + n %% 400, day, day + interval '9 hours', 'in_person', 'shadowing', g.team_id, r.team_id,
  day + interval '18 hours', 1
FROM drawn JOIN people g ON g.at = giver JOIN people r ON r.at = receiver AND r.id <> g.id
"""

_COPIED = (
    "organizations_team",
    "organizations_employee",
    "organizations_assignment",
    "skills_skill",
    "skills_proficiency",
    "skills_need",
    "skills_requirement",
    "learning_sessions_interaction",
    "analytics_monthlyactivity",
    "analytics_cohortmember",
    "analytics_rollupmark",
)
SKILLS = 60


def make_company(people: int, name: str = "Bench") -> Any:
    """An organization two years old in teams of twenty; its first employee is HR and leads all."""
    from peerlearn.organizations.models import Organization, Team
    from peerlearn.organizations.scoping import scope

    began = datetime.now(UTC) - timedelta(days=730)
    organization = Organization.objects.create(
        name=name, slug=name.lower(), time_zone="Europe/Oslo", created_at=began
    )
    with scope(organization.pk):
        company = Team.objects.create(name=name)
        teams = Team.objects.bulk_create(
            Team(name=f"Team {number}", parent=company) for number in range(max(people // 20, 1))
        )
        staff = _hire(organization, people, company, teams, began.date())
        _teach(staff, teams, began.date())
    return organization


def _hire(organization: Any, people: int, company: Any, teams: list[Any], began: date) -> list[Any]:
    from peerlearn.organizations.models import Assignment, Employee, Membership, User

    users = User.objects.bulk_create(
        User(email=f"{number}@{organization.slug}.example", password="!")
        for number in range(people)
    )
    members = Membership.objects.bulk_create(
        Membership(user=user, organization=organization) for user in users
    )
    staff = Employee.objects.bulk_create(
        Employee(
            name=f"Person {number * 7919 % 10_007:05d}",
            email=user.email,
            job_title="Technician" if number else "Director",
            team=teams[number % len(teams)] if number else company,
            membership=membership,
            hired_on=began,
            time_zone="Europe/Oslo",
            is_hr=number == 0,
        )
        for number, (user, membership) in enumerate(zip(users, members, strict=True))
    )
    for number, employee in enumerate(staff[1:], start=1):
        employee.manager = (
            staff[0] if number <= len(teams) else staff[1 + (number - 1) % len(teams)]
        )
    Employee.objects.bulk_update(staff, ["manager"])
    Assignment.objects.bulk_create(
        Assignment(
            employee=employee,
            team=employee.team,
            manager=employee.manager,
            job_title=employee.job_title,
            valid_from=began,
        )
        for employee in staff
    )
    return staff


def _teach(staff: list[Any], teams: list[Any], began: date) -> None:
    """Sixty skills, five of them each; every twelfth is a rare one."""
    from skills.models import Need, Proficiency, Requirement, Skill

    skills = Skill.objects.bulk_create(
        Skill(name=f"Skill {number}", search_key=f"skill {number:02d}") for number in range(SKILLS)
    )
    Proficiency.objects.bulk_create(
        Proficiency(
            employee=employee,
            skill=skills[at],
            level=1 + (number + at * 7) % 4,
            source="claimed",
            valid_from=began,
        )
        for number, employee in enumerate(staff)
        for at in {(number * 31 + turn * 17) % SKILLS for turn in range(5)}
        if at % 12 or number % 97 == at
    )
    Need.objects.bulk_create(
        Need(employee=employee, skill=skills[number % SKILLS], urgency=1 + number % 3, since=began)
        for number, employee in enumerate(staff[::2])
    )
    Requirement.objects.bulk_create(
        Requirement(team=team, skill=skill, wanted=1 + (number + at) % 3, valid_from=began)
        for number, team in enumerate(teams)
        for at, skill in enumerate(skills)
        if (number + at) % 5 == 0
    )


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


def copy_company(organization: Any, copies: int) -> None:
    """So many organizations more with the same teams, people, skills and figures, whose ids lie
    apart. Needs a superuser."""
    serving = Login.from_url(os.environ["DATABASE_URL"], "DATABASE_URL")
    superuser = Login.from_url(os.environ["DATABASE_SUPERUSER_URL"], "DATABASE_SUPERUSER_URL")
    values = {"organization": organization.pk, "copies": copies}
    with replace(superuser, database=serving.database).cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("organizations_organization", *_COPIED):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            picked = ", ".join(_in_copy(table, column) for column in columns)
            own = "id" if table == "organizations_organization" else "organization_id"
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(map(_quoted, columns))}) SELECT {picked} "
                f"FROM {table}, generate_series(1, %(copies)s) n WHERE {own} = %(organization)s",
                values,
            )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('organizations_organization', 'id'), max(id)) "
            "FROM organizations_organization"
        )


def _in_copy(table: str, column: str) -> str:
    if table == "organizations_organization":
        return {"id": "id + n", "slug": "slug || '-' || n"}.get(column, _quoted(column))
    if column == "organization_id":
        return "organization_id + n"
    if column == "membership_id":
        return "NULL"
    if column == "id" or (column.endswith("_id") and column != "public_id"):
        return f"{column} + n * 1000000"
    return _quoted(column)


def _quoted(column: str) -> str:
    return f'"{column}"'


def roll_up(organization: Any) -> None:
    """Bring the rollups up to date, and Postgres's own figures."""
    from django.db import connection

    from analytics import rollups
    from peerlearn.clock import now
    from peerlearn.organizations.scoping import scope

    with as_owner() as cursor:
        cursor.execute("ANALYZE")  # without it every plan is one for empty tables
    with scope(organization.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        rollups.refresh(at=now())
    with as_owner() as cursor:
        cursor.execute("ANALYZE")


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
    from peerlearn.organizations.models import SignIn, User
    from peerlearn.organizations.sign_ins import SessionStore

    rows = {user.email: user for user in User.objects.filter(email__in=emails)}
    expires = datetime.now(UTC) + timedelta(days=1)
    store = SessionStore()
    sessions = [
        SignIn(
            session_key=f"bench{number:027d}",
            user=rows[email],
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
    SignIn.objects.bulk_create(sessions)
    return [session.session_key for session in sessions]
