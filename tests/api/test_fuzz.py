"""Schemathesis asks every address what its description allows and what it does not: no fault, and
no answer that the description does not know. In one process, with a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
import time_machine
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from analytics.models import Report
from peerlearn.api import opening, people
from peerlearn.api.schema import described
from peerlearn.web.input import without_charset
from sessions.cutting import cut_off
from sessions.handing import ask as ask_for
from sessions.models import HandOverRequest, LearningSession, Proposal, Request
from sessions.proposing import propose
from sessions.running import complete_day
from tests.api.kit import bearer
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.skills.kit import can
from tests.world import Place, World

pytestmark = pytest.mark.django_db
EXAMPLES = 4  # of each kind, for each operation
OFTEN = [True, True, True, False]  # about what is there
ASKED = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]


def _ids(world: World) -> dict[str, list[str]]:
    """Of something that is there, by the first word of an address, so that more is asked than what
    is absent."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        session = make_booking(offer, place.manager).session
        report = Report(
            kind="skill_coverage",
            period_from=AT.date() - timedelta(days=30),
            period_to=AT.date(),
            names="groups",
            file_format="csv",
            requested_by=place.hr,
            requested_at=AT,
            file_name="x.csv",
        )
        report.ask()
        level = can(place.colleague, make_skill(), 3)
        asked = _asked(place)
        found = {
            "teams": [place.team],
            "employees": [place.colleague],
            "offers": [offer, make_offer(place.colleague, within_days=14)],
            "bookings": [session, _hosted(place)],
            "reports": [report],
            "proficiencies": [level],
            "skills": [level.skill],
            "hand-overs": [asked.hand_over.session],
            "take-overs": [asked],
            "proposals": [_proposed(place)],
            "requests": [_requested(place)],
        }
        return {word: [one.public_id for one in there] for word, there in found.items()}


def _asked(place: Place) -> HandOverRequest:
    """HR is asked to take over from an admin."""
    session = make_booking(make_offer(place.admin), place.employee).session
    made = cut_off(session, 1, by=place.admin, at=AT)
    assert made
    return ask_for(made, make_offer(place.hr), by=place.admin, at=AT)


def _hosted(place: Place) -> LearningSession:
    """By HR; the first day is over."""
    at = AT - timedelta(days=9)
    offer = make_offer(place.hr)
    session = make_booking(offer, place.colleague, (AT - timedelta(days=3)).date(), at=at).session
    complete_day(session, 1, by=place.hr, at=AT - timedelta(days=1))
    return session


def _proposed(place: Place) -> Proposal:
    """By HR, to a manager."""
    day = AT.date() + timedelta(days=29)
    return propose(make_offer(place.colleague), place.manager, day, by=place.hr, at=AT)


def _requested(place: Place) -> Request:
    """The manager asks, of HR."""
    place.organization.shadowings_need_approval = True
    place.organization.save()
    held = make_booking(make_offer(place.colleague), place.manager, AT.date() + timedelta(days=22))
    found: Request = Request.objects.get(participation=held)
    return found


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """As Django's test client does: a request neither begins nor ends with a new connection."""
    moments = (signals.request_started, signals.request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)


@pytest.fixture
def asking(world: World, _one_connection: None, monkeypatch: Any) -> Iterator[Asking]:
    monkeypatch.setattr(opening, "REQUESTS", 100_000)
    place = world.halden
    with time_machine.travel(AT, tick=False):
        known = _ids(world)
        with place.scope():
            headers = bearer(place.hr)
        with connection.cursor() as cursor:  # between two requests it thinks
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        prefix = place.path("api_docs").removesuffix("api/")
        schema = schemathesis.openapi.from_dict(described(prefix))
        schema.app = without_charset(get_wsgi_application())
        yield Asking(schema, headers, known)


@dataclass
class Asking:
    schema: Any
    headers: dict[str, str]
    known: dict[str, list[str]]
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def ask(self, path: str = "") -> None:
        """Every operation, or those of one path."""
        checks = CHECKS.get_by_names(ASKED)
        for operation in (result.ok() for result in self.schema.get_all_operations()):
            if path in ("", operation.path):
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    ask(operation, mode, self.headers, self.known, checks, self.statuses)


def test_the_description_is_kept(asking: Asking) -> None:
    asking.ask()
    assert len(asking.statuses) >= 25
    answered = {status for found in asking.statuses.values() for status in found}
    assert {200, 201, 400, 404} <= answered, asking.statuses


def test_twin_a_breach_is_found(asking: Asking, monkeypatch: Any) -> None:
    monkeypatch.setattr(people.TeamAnswer, "get_archived", lambda *_: "perhaps")
    with pytest.raises(FailureGroup):
        asking.ask("/api/v1/teams/")


def ask(
    operation: Any,
    mode: GenerationMode,
    headers: dict[str, str],
    known: dict[str, list[str]],
    checks: list[Any],
    statuses: dict[str, set[int]],
) -> None:
    cases = operation.as_strategy(generation_mode=mode)
    every = [one for there in known.values() for one in there]
    word = operation.path.removeprefix("/api/v1/").partition("/")[0]
    ids = hypothesis.strategies.sampled_from(known.get(word, every))

    @hypothesis.seed(20_261_126)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=cases, one=ids, real=hypothesis.strategies.sampled_from(OFTEN))
    def each(case: Any, one: str, real: bool) -> None:
        there: dict[str, Any] = {"public_id": one, "number": 1, "day": 2, "position": 0}
        there |= {"learner": known["employees"][0], "skill": known["skills"][0]}
        if real and case.path_parameters:
            case.path_parameters |= {name: there[name] for name in case.path_parameters}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses.setdefault(operation.label, set()).add(response.status_code)
        case.validate_response(response, checks=checks)

    each()
