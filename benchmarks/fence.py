"""What row security costs: the same queries with a hand-written WHERE and no policy.

python3 -m benchmarks.fence [--json]
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.company import copy_company, make_company
from benchmarks.measuring import Figure, milliseconds, ratio
from benchmarks.servers import SMALL, TINY, as_owner, show

ORGANIZATIONS, EMPLOYEES = (3, 20) if TINY else (100, 100) if SMALL else (1_000, 250)
ROUNDS = 2 if TINY else 200 if SMALL else 600

_BARE = """
ALTER TABLE organizations_employee NO FORCE ROW LEVEL SECURITY;
CREATE TABLE bare_employee (LIKE organizations_employee INCLUDING ALL EXCLUDING GENERATED);
INSERT INTO bare_employee SELECT * FROM organizations_employee;
ALTER TABLE organizations_employee FORCE ROW LEVEL SECURITY;
ANALYZE
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

    copy_company(make_company(EMPLOYEES), ORGANIZATIONS - 1)
    with as_owner() as cursor:
        for statement in _BARE.split(";"):  # each its own transaction
            cursor.execute(statement)
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
