"""A year in one organization, for the tests of analytics. Call inside its scope."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.test import Client

from analytics import rollups
from analytics.making import file_name, make
from analytics.models import Report
from peerlearn.organizations.models import Employee, Team
from sessions.models import Interaction
from skills.models import Need, Proficiency, Requirement, Skill
from tests.factories import make_employee, make_team

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
LEARNED_ON = date(2025, 6, 2)


def make_skill(name: str) -> Skill:
    skill = Skill(name=name)
    skill.save()
    return skill


def can(employee: Employee, skill: Skill, level: int = 3, *, on: date = LEARNED_ON) -> Proficiency:
    return Proficiency.claim(employee=employee, skill=skill, level=level, on=on)


def wants(employee: Employee, skill: Skill, *, on: date = LEARNED_ON) -> None:
    Need.make(employee=employee, skill=skill, urgency=2, on=on)


def require(team: Team, skill: Skill, wanted: int = 2, *, on: date = LEARNED_ON) -> None:
    Requirement.objects.create(team=team, skill=skill, wanted=wanted, valid_from=on)


def staff(team: Team, count: int, manager: Employee | None = None) -> list[Employee]:
    return [make_employee(team=team, manager=manager) for _ in range(count)]


def teams_of(sizes: Iterable[int], company: Team, manager: Employee | None) -> list[Any]:
    """(team, people) for each size, all below the company's team."""
    found = []
    for size in sizes:
        team = make_team(parent=company)
        found.append((team, staff(team, size, manager)))
    return found


def helped(
    giver: Employee,
    receiver: Employee,
    skill: Skill,
    *,
    on: date,
    recorded_at: datetime | None = None,
) -> Interaction:
    """One day of shadowing happened, and was marked done in the evening or later."""
    at = datetime.combine(on, time(9), UTC)
    row: Interaction = Interaction.objects.create(
        giver=giver,
        receiver=receiver,
        skill=skill,
        minutes=480,
        occurred_on=on,
        occurred_at=at,
        channel="in_person",
        source="shadowing",
        giver_team=giver.team,
        receiver_team=receiver.team,
        recorded_at=recorded_at or at + timedelta(hours=9),
    )
    return row


def roll_up(at: datetime = NOW) -> None:
    rollups.refresh(at=at)


def asked(by: Employee, kind: str = "skill_coverage", **values: Any) -> Report:
    """A report that waits for its making."""
    report = Report(
        **{
            "kind": kind,
            "period_from": date(2026, 1, 1),
            "period_to": date(2026, 10, 31),
            "line_of": None if by.is_hr else by,
            "names": "groups",
            "file_format": "xlsx",
            "requested_by": by,
            "requested_at": NOW,
            **values,
        }
    )
    report.file_name = file_name(report)
    report.ask()
    return report


def made(report: Report, *, at: datetime = NOW) -> Report:
    """The same after its making, which belongs outside every scope."""
    from peerlearn.organizations.scoping import scope

    with scope(report.organization_id):
        assert report.begin()
    make(report, at=at)
    with scope(report.organization_id):
        report.refresh_from_db()
    return report


def content(report: Report) -> bytes:
    with default_storage.open(report.path) as file:
        return bytes(file.read())


def client_of(place: Any, who: Any) -> Client:
    """Signed in."""
    client: Client = place.sign_in(Client(), who)
    return client


def words_of(response: Any) -> str:
    """What stands on a page, without marks."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def settle(place: Any) -> dict[str, Any]:
    """Three skills rest on one person each; two of the three leave."""
    with place.scope():
        company_only = staff(place.company, 1)[0]
        skills = {name: make_skill(name) for name in ("Relay protection", "SCADA", "Oil sampling")}
        can(place.employee, skills["Relay protection"])
        can(place.colleague, skills["SCADA"])
        can(company_only, skills["Oil sampling"], 4)
        for skill in skills.values():
            require(place.team, skill, 2)
        can(place.colleague, skills["Relay protection"], 2)
        wants(place.manager, skills["Relay protection"])
        place.employee.leaving_on = date(2027, 3, 31)
        place.employee.save()
        place.colleague.leaving_on = date(2027, 6, 12)
        place.colleague.save()
    return skills
