"""What row security costs: the same queries with a hand-written WHERE and no policy.

python3 -m benchmarks.fence [--json]
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.measuring import Figure, milliseconds, ratio
from benchmarks.servers import SMALL, as_owner, show

ORGANIZATIONS, EMPLOYEES = (100, 100) if SMALL else (1_000, 250)
ROUNDS = 200 if SMALL else 600

_FILL = """
ALTER TABLE organizations_team NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations_employee NO FORCE ROW LEVEL SECURITY;
INSERT INTO organizations_organization (name, slug, time_zone, currency, working_days, day_starts,
  day_ends, smallest_group, confirmation_months, created_at)
SELECT 'Organization ' || n, 'organization-' || n, 'UTC', 'EUR', '{0,1,2,3,4}', '08:00', '16:00',
  5, 12, now() FROM generate_series(1, %(organizations)s) n;
INSERT INTO organizations_team (organization_id, public_id, name)
SELECT o.id, 't' || o.id || '-' || n, 'Team ' || n
  FROM organizations_organization o, generate_series(1, 10) n;
INSERT INTO organizations_employee (organization_id, public_id, name, email, number, job_title,
  team_id, hired_on, time_zone, working_days, day_starts, day_ends, twelve_hour_clock, is_hr,
  is_admin, active)
SELECT t.organization_id, t.id || '-' || n, 'Person ' || md5(t.id || '-' || n),
  t.id || '-' || n || '@example.org', '', 'Technician', t.id, '2020-01-01', 'UTC', '{0,1,2,3,4}',
  '08:00', '16:00', false, false, false, true
  FROM organizations_team t, generate_series(1, %(employees)s / 10) n;
ALTER TABLE organizations_team FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations_employee FORCE ROW LEVEL SECURITY;
CREATE TABLE bare_employee (LIKE organizations_employee INCLUDING ALL);
ALTER TABLE organizations_employee NO FORCE ROW LEVEL SECURITY;
INSERT INTO bare_employee SELECT * FROM organizations_employee;
ALTER TABLE organizations_employee FORCE ROW LEVEL SECURITY;
"""

# Each query as the fence runs it (the policy adds the organization) and by hand.
_QUERIES = {
    "primary_key": ("SELECT * FROM {table} WHERE {mine} id = %(id)s", 1.2),
    "directory_page": (
        "SELECT * FROM {table} WHERE {mine} active ORDER BY name, id LIMIT 50",
        1.1,
    ),
    "team_counts": ("SELECT team_id, count(*) FROM {table} WHERE {mine} active GROUP BY 1", 1.1),
}


def measure() -> list[Figure]:
    from django.db import connection

    from peerlearn.organizations.models import Employee, Organization
    from peerlearn.organizations.scoping import scope

    with as_owner() as cursor:
        for statement in filter(str.strip, _FILL.split(";")):  # each its own transaction
            cursor.execute(statement, {"organizations": ORGANIZATIONS, "employees": EMPLOYEES})
        cursor.execute("ANALYZE")
    organization = Organization.objects.order_by("pk")[ORGANIZATIONS // 2]
    figures = []
    with scope(organization.pk), connection.cursor() as cursor:
        known = {"id": Employee.objects.order_by("pk")[5].pk, "mine": organization.pk}

        def run(sql: str) -> Any:
            cursor.execute(sql, known)
            return cursor.fetchall()

        for name, (query, limit) in _QUERIES.items():
            fenced = query.format(table="organizations_employee", mine="")
            by_hand = query.format(table="bare_employee", mine="organization_id = %(mine)s AND ")
            if run(fenced) != run(by_hand) and "ORDER" in query:
                raise AssertionError(f"{name}: the two queries give different rows")
            value, ours, peer = ratio(
                lambda sql=fenced: run(sql), lambda sql=by_hand: run(sql), rounds=ROUNDS
            )
            figures.append(
                Figure(f"rls_vs_where.{name}", value, limit, note=milliseconds(ours, peer))
            )
    return figures


if __name__ == "__main__":
    sys.exit(show(measure))
