"""Asks Postgres, not Python, whether organizations are kept apart.

Starts from ALL tables and views of the database: what is not on the list must stand behind the
fence. The tests run it all; web and workers ask at their start whether their role may serve.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

# The complete list of tables that are readable before an organization is known.
OUTSIDE_THE_FENCE = frozenset(
    {
        "account_emailaddress",
        "account_emailconfirmation",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "mfa_authenticator",
        "notifications_outbox",
        "organizations_membership",
        "organizations_organization",
        "organizations_signin",
        "organizations_trycount",
        "organizations_user",
        "peerlearn_cache",
    }
)

_POLICY = "(organization_id = app_organization_id())"

_FENCE = """
WITH fenced AS (
  SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class c
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
    AND c.relname <> ALL(%(outside)s))
SELECT relname || ': row security is not enabled and forced'
  FROM fenced WHERE NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL
SELECT relname || ': has ' || n || ' policies instead of one' FROM (
  SELECT f.relname, count(p.oid) AS n FROM fenced f LEFT JOIN pg_policy p ON p.polrelid = f.oid
  GROUP BY f.relname) AS counted WHERE n <> 1
UNION ALL
SELECT f.relname || ': policy ' || p.polname || ' is not the strict one'
  FROM fenced f JOIN pg_policy p ON p.polrelid = f.oid
 WHERE pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM %(policy)s
    OR pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM %(policy)s
    OR p.polcmd <> '*' OR NOT p.polpermissive OR p.polroles <> '{0}'
UNION ALL
SELECT f.relname || ': organization_id is missing or may be null' FROM fenced f
 WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a
   WHERE a.attrelid = f.oid AND a.attname = 'organization_id' AND a.attnotnull)
UNION ALL
SELECT f.relname || ': foreign key ' || k.conname || ' to ' || r.relname || ' lacks organization_id'
  FROM fenced f JOIN pg_constraint k ON k.conrelid = f.oid AND k.contype = 'f'
  JOIN fenced r ON r.oid = k.confrelid
 WHERE NOT EXISTS (SELECT 1 FROM unnest(k.conkey, k.confkey) pair(a, b)
   JOIN pg_attribute x ON x.attrelid = k.conrelid AND x.attnum = pair.a
    AND x.attname = 'organization_id'
   JOIN pg_attribute y ON y.attrelid = k.confrelid AND y.attnum = pair.b
    AND y.attname = 'organization_id')
UNION ALL
SELECT f.relname || ': unique index ' || i.indexrelid::regclass || ' spans organizations'
  FROM fenced f JOIN pg_index i ON i.indrelid = f.oid
 WHERE i.indisunique AND NOT i.indisprimary AND NOT EXISTS (SELECT 1 FROM pg_attribute a
   WHERE a.attrelid = f.oid AND a.attname = 'organization_id'
     AND a.attnum = ANY (i.indkey::int2[]))
UNION ALL
SELECT c.relname || ': a table outside the fence refers to ' || r.relname
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN fenced r ON r.oid = k.confrelid
 WHERE k.contype = 'f' AND c.oid NOT IN (SELECT oid FROM fenced)
UNION ALL
SELECT c.relname || ': views read past row security unless they are security_invoker'
  FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
   AND (c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(
     'security_invoker=true' = ANY (c.reloptions), false)))
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT p.proname || ': a function with its definer''s rights reads past row security'
  FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT p.proname || ': a plan that is kept would serve one organization''s rows to another'
  FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
   AND p.proname = 'app_organization_id' AND p.provolatile <> 's'
"""

_ROLE = """
SELECT r.rolsuper, r.rolbypassrls,
  EXISTS (SELECT 1 FROM pg_class c WHERE c.relkind IN ('r', 'p')
    AND c.relnamespace = current_schema()::regnamespace
    AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
FROM pg_roles r WHERE r.rolname = current_user
"""


def parameters(outside: frozenset[str] = OUTSIDE_THE_FENCE) -> dict[str, Any]:
    """What the audit's query is asked with."""
    return {"outside": sorted(outside), "policy": _POLICY}


def fence_problems(outside: frozenset[str] = OUTSIDE_THE_FENCE) -> list[str]:
    """One sentence for each hole in the fence; empty when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_FENCE, parameters(outside))
        return sorted(text for (text,) in cursor.fetchall())


def role_problems() -> list[str]:
    """Why the role of this connection must not serve; empty when it may."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        superuser, bypasses, owns = cursor.fetchone()
    reasons = [
        (superuser, "is a superuser"),
        (bypasses, "bypasses row security"),
        (owns, "owns tables or is a member of the role that does"),
    ]
    return [text for holds, text in reasons if holds]


def refuse_unsafe_role() -> None:
    """Raise ImproperlyConfigured if the serving role could read across organizations."""
    if problems := role_problems():
        raise ImproperlyConfigured(
            "peerlearn does not start: the role in DATABASE_URL " + " and ".join(problems) + ". "
            "Serve with a role that owns nothing (docs/operations.md, Roles) and keep the owner "
            "for DATABASE_OWNER_URL."
        )
