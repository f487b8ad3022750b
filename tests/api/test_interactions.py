"""Interactions are told to giver and receiver, reports to whoever may ask for them on pages."""

from __future__ import annotations

from datetime import date

import time_machine
from django.core.files.storage import default_storage

from analytics.making import MOST_OPEN
from analytics.models import Report, ReportDownload
from sessions.queries import InteractionQuerySet
from tests.analytics.kit import NOW, helped, made
from tests.api.kit import Program, pointers
from tests.skills.kit import counted, make_skill
from tests.world import World


def test_own_interactions_alone(world: World, monkeypatch: object) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill()
        helped(place.colleague, place.employee, skill, on=date(2026, 10, 5))
    wanted = {"direction": "received", "skill": skill.public_id, "occurred_from": "2026-10-01"}
    told = Program(place, place.employee).get("api_interactions", wanted).json()["results"]
    assert [(one["giver"]["name"], one["direction"]) for one in told] == [
        ("Aisha Rahman", "received")
    ]
    giver = Program(place, place.colleague)
    assert giver.get("api_interactions").json()["results"][0]["direction"] == "given"
    assert giver.get("api_interactions", {"occurred_to": "2026-10-01"}).json()["results"] == []
    others = [Program(place, who) for who in (place.hr, place.manager, place.admin)]
    for program in others:
        assert program.get("api_interactions").json()["results"] == []
    monkeypatch.setattr(InteractionQuerySet, "visible_to", lambda rows, _one: rows)  # type: ignore[attr-defined]  # the twin
    assert len(others[0].get("api_interactions").json()["results"]) == 1


@time_machine.travel(NOW, tick=False)
def test_a_report_is_asked_for_and_taken(world: World) -> None:
    place = world.halden
    program = Program(place, place.hr)
    body = {"kind": "single_person_risk", "names": "named", "file_format": "csv"}
    asked = program.post("api_reports", body, Idempotency_Key="r")
    assert asked.status_code == 201, asked.content
    assert program.get(asked["Location"]).json() == asked.json()
    one = {"public_id": asked.json()["id"]}
    assert program.get("api_report_file", kwargs=one).status_code == 410
    with place.scope():
        report = Report.objects.get(**one)
    made(report)
    file = program.get("api_report_file", kwargs=one, Accept="text/csv")
    assert file.status_code == 200
    assert file["Content-Type"].startswith("text/csv")
    assert b"".join(file.streaming_content)
    default_storage.delete(report.path)
    assert program.get("api_report_file", kwargs=one).json()["type"] == "urn:peerlearn:no-file"
    with place.scope():
        assert ReportDownload.objects.get().employee == place.hr
    assert program.post("api_report_cancel", kwargs=one).status_code == 409
    assert Program(place, place.manager).get("api_report_file", kwargs=one).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_reports_that_cannot_be_had(world: World) -> None:
    place = world.halden
    program = Program(place, place.manager)
    for body, where in (
        ({}, ["#/kind"]),
        ({"kind": "salaries"}, ["#/kind"]),
        ({"kind": "shadowing_participation", "names": "named"}, ["#/names"]),
        ({"kind": "skill_coverage", "period_to": "2030-01-01"}, ["#/period_to"]),
        ({"kind": "skill_coverage", "team": world.nordfjord.team.public_id}, ["#/team"]),
        ({"kind": "skill_coverage", "line_of": 1}, ["#/line_of"]),
    ):
        answer = program.post("api_reports", body)
        assert answer.status_code == 400, (body, answer.content)
        assert pointers(answer) == where, answer.content
    for _one in range(MOST_OPEN):
        assert program.post("api_reports", {"kind": "skill_coverage"}).status_code == 201
    many = program.post("api_reports", {"kind": "skill_coverage"})
    assert (many.status_code, many.json()["type"]) == (409, "urn:peerlearn:too-often")
    with counted() as statements:
        assert len(program.get("api_reports").json()["results"]) == MOST_OPEN
    assert len(statements) <= 12
