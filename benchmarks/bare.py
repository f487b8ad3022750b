"""The peers of the product's pages: bare Django views that run the SQL and answer nothing."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.crypto import get_random_string

application = get_wsgi_application()

# What holding and booking three days leaves behind, under the same constraints and triggers.
_SESSION = """
WITH session AS (
  INSERT INTO learning_sessions_learningsession (organization_id, public_id, kind, state, host_id,
    offer_id, subject, capacity, place, bring, time_zone, starts_at, ends_at, created_at,
    booked_at, cancel_reason, by_leaving)
  VALUES (%(organization)s, %(public_id)s, 'shadowing', 'booked', %(host)s, %(offer)s, 'Skill',
    1, 'Here', '', 'Europe/Oslo', %(starts)s, %(ends)s, now(), now(), '', false) RETURNING id),
people AS (
  INSERT INTO learning_sessions_participation
    (organization_id, session_id, employee_id, seat, state, held_at, booked_at, goal,
      cancel_reason, kept)
  SELECT %(organization)s, session.id, person.id, person.seat, 'booked', now(), now(),
    'To do it alone', '', ''
  FROM session, (VALUES (%(host)s, 'host'), (%(learner)s, 'shadow')) person (id, seat)
  RETURNING id, employee_id, seat),
seated AS (
  INSERT INTO learning_sessions_place (organization_id, session_id, number, participation_id)
  SELECT %(organization)s, session.id, 1, people.id FROM session, people WHERE seat = 'shadow'),
blocks AS (
  INSERT INTO learning_sessions_block
    (organization_id, session_id, number, starts_at, ends_at, state, marking)
  SELECT %(organization)s, session.id, n, %(starts)s::timestamptz + n * interval '1 day',
    %(starts)s::timestamptz + n * interval '1 day' + interval '8 hours', 'planned', 1
  FROM session, generate_series(0, 2) n RETURNING id, starts_at, ends_at),
claims AS (
  INSERT INTO learning_sessions_claim
    (organization_id, employee_id, block_id, held_for_id, during, active)
  SELECT %(organization)s, people.employee_id, blocks.id, people.id,
    tstzrange(blocks.starts_at, blocks.ends_at), true FROM people, blocks)
SELECT session.id, people.id FROM session, people WHERE seat = 'shadow'
"""
_COPIES = """
WITH skills AS (
  INSERT INTO learning_sessions_sessionskill (organization_id, session_id, skill_id)
  SELECT organization_id, %(session)s, skill_id FROM learning_sessions_offerskill
  WHERE offer_id = %(offer)s)
INSERT INTO learning_sessions_sessionstep
  (organization_id, session_id, day, position, stage, text)
SELECT organization_id, %(session)s, day, position, stage, text
FROM learning_sessions_planstep WHERE offer_id = %(offer)s
"""
_NOTICES = """
WITH written AS (
  INSERT INTO notifications_notification (organization_id, public_id, recipient_id, kind,
    subject_id, occurrence, due_at, title, path)
  SELECT %(organization)s, %(public_id)s || n, CASE n %% 2 WHEN 0 THEN %(host)s ELSE %(learner)s
    END, 'kind ' || n / 2, %(subject)s, '', %(starts)s, '', '' FROM generate_series(0, 5) n
  RETURNING id, public_id, due_at)
INSERT INTO notifications_outbox (organization_id, public_id, kind, subject, occurrence, due_at,
  attempts, failure)
SELECT %(organization)s, public_id, 'notification', id, '', due_at, 0, '' FROM written
UNION ALL
SELECT %(organization)s, %(public_id)s || 'h', 'expire_hold', %(subject)s, '', %(starts)s, 0, ''
"""


def book(request: HttpRequest) -> HttpResponse:
    """The INSERTs of one booking. Posted: organization, host, learner, offer, starts (ISO)."""
    starts = datetime.fromisoformat(request.POST["starts"])
    values = {
        **{key: int(request.POST[key]) for key in ("organization", "host", "learner", "offer")},
        "public_id": get_random_string(11),
        "starts": starts,
        "ends": starts + timedelta(days=2, hours=8),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.organization_id', %(organization)s::text, true)", values
        )
        cursor.execute(_SESSION, values)
        values["session"], values["subject"] = cursor.fetchone()
        cursor.execute(_COPIES, values)
        cursor.execute(_NOTICES, values)
    return _nothing()


def replay(request: HttpRequest, name: str) -> HttpResponse:
    """The statements that the product ran for the page of that name, as they were written down."""
    before, inside = _statements(name)
    with connection.cursor() as cursor:
        _run(cursor, before)
        with transaction.atomic():
            _run(cursor, inside)
    return _nothing()


def _run(cursor: object, statements: list[str]) -> None:
    for statement in statements:
        cursor.execute(statement)  # type: ignore[attr-defined]
        if cursor.description:  # type: ignore[attr-defined]
            cursor.fetchall()  # type: ignore[attr-defined]


@cache
def _statements(name: str) -> tuple[list[str], list[str]]:
    """Those before the organization was set, and those in its transaction."""
    found: list[str] = json.loads(Path(os.environ["BARE_STATEMENTS"]).read_text())[name]
    at = next(number for number, sql in enumerate(found) if "set_config" in sql)
    return found[:at], found[at:]


def _nothing() -> HttpResponse:
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [
    path("book/", book),
    path("replay/<str:name>/", replay),
    path("healthz", lambda request: _nothing()),
]
