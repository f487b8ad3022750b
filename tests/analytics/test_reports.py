"""Reports over HTTP: who may ask, what may be asked, preview equal to the file."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from analytics.models import MAKING, NamedLook, Report
from peerlearn.notifications.models import Notification, Outbox
from tests.analytics.kit import (
    NOW,
    OCTOBER,
    asked,
    can,
    client_of,
    content,
    helped,
    made,
    make_skill,
    require,
    roll_up,
    staff,
    teams_of,
    wants,
    words_of,
)
from tests.factories import make_employee, make_team

pytestmark = pytest.mark.django_db
ASK = {
    "kind": "skill_coverage",
    "period_from": "2026-01-01",
    "period_to": "2026-10-31",
    "team": "",
    "names": "groups",
    "file_format": "csv",
}


def settle_risks(place: Any) -> None:
    with place.scope():
        relay, oil = make_skill("Relay protection"), make_skill("=Oil sampling")
        can(place.employee, relay)
        can(place.colleague, relay, 2)
        can(place.colleague, oil)
        require(place.team, relay, 2)
        wants(place.manager, oil)
        place.employee.leaving_on = date(2027, 3, 31)
        place.employee.save()


def preview_rows(html: str) -> list[list[str]]:
    table = re.search(r"<tbody[^>]*>(.*?)</tbody>", html.split('id="preview"')[1], re.S)
    assert table
    body = re.sub(r'<span class="only-narrow".*?</span>', "", table[1])  # names, for phones
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S)
    ]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def csv_rows(report: Report) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(report).decode(), newline="")))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("skill_coverage", "groups"),
        ("skill_coverage", "named"),
        ("shadowing_participation", "groups"),
        ("single_person_risk", "groups"),
        ("single_person_risk", "named"),
    ],
)
def test_the_preview_is_the_file(world: Any, kind: str, names: str) -> None:
    place = world.halden
    settle_risks(place)
    with place.scope():
        staff(place.team, 6, place.manager)
        roll_up()
    query = {**ASK, "kind": kind, "names": names}
    html = client_of(place, place.hr).get(place.path("reports"), query).content.decode()
    with place.scope():
        report = asked(place.hr, kind, names=names, file_format="csv")
    rows = csv_rows(made(report))[1:]
    assert rows
    shown = [
        [re.sub(r"^(\d+)%$", lambda m: f"{int(m[1]) / 100:g}", cell) for cell in row]
        for row in preview_rows(html)
    ]
    written = [[cell.removeprefix("'") for cell in row] for row in rows[:6]]
    assert [len(row) for row in shown] == [len(row) for row in written]
    for seen, row in zip(shown, written, strict=True):
        for one, other in zip(seen, row, strict=True):
            if re.fullmatch(r"0\.\d+", other):  # shown as whole percent
                assert abs(float(one) - float(other)) < 0.006
            else:
                assert one == other
    assert f"of {len(rows)} rows" in html


def test_hr_gets_what_was_asked_and_a_notice(world: Any) -> None:
    place = world.halden
    settle_risks(place)
    client = client_of(place, place.hr)
    answer = client.post(
        place.path("reports"), {**ASK, "kind": "single_person_risk", "names": "named"}
    )
    assert answer.status_code == 302
    with place.scope():
        report = Report.objects.get()
        assert (report.state, report.progress) == ("waiting", 0)
        assert Outbox.objects.filter(kind=MAKING, subject=report.pk).count() == 1
    made(report)
    assert csv_rows(report)[0] == [
        "Skill", "Person", "Team", "Leaves on", "Wanted", "Ready to learn", "Who is ready",
        "From", "To", "Scope", "Made on",
    ]  # fmt: skip
    assert [row[:7] for row in csv_rows(report)[1:]] == [
        ["Relay protection", "Nils Eriksen", "Substations", "2027-03-31", "2", "1", "Aisha Rahman"],
        ["'=Oil sampling", "Aisha Rahman", "Substations", "", "", "1", "Mette Aas"],
    ]
    with place.scope():
        assert Notification.objects.filter(recipient=place.hr, kind="report_ready").count() == 1
    page = client.get(place.path("report_files")).content.decode()
    assert report.file_name in page
    assert place.path("report_download", public_id=report.public_id) in page


def test_xlsx_is_typed_and_says_what_it_is(world: Any) -> None:
    place = world.halden
    settle_risks(place)
    with place.scope():
        report = asked(place.hr, "single_person_risk", names="named")
    book = openpyxl.load_workbook(io.BytesIO(content(made(report))))
    sheet, about = book.worksheets
    first = {h.value: cell for h, cell in zip(sheet[1], sheet[2], strict=True)}
    assert first["Leaves on"].is_date
    assert first["Leaves on"].value.date() == date(2027, 3, 31)
    assert (first["Wanted"].data_type, first["Wanted"].value) == ("n", 2)
    assert (sheet["A3"].data_type, sheet["A3"].value) == ("s", "=Oil sampling")
    assert all(cell.data_type != "f" for one in book.worksheets for row in one for cell in row)
    notes = {row[0].value: row[1].value for row in about.rows}
    assert notes["Scope"] == "Whole company: Halden Grid"
    assert notes["Period"] == "2026-01-01 – 2026-10-31"
    assert notes["Made by"] == "Ingrid Solheim"
    assert notes["Made on"].startswith("2026-11-22 10:30")


def test_coverage_knows_who_left_and_what_went_with_them(world: Any) -> None:
    """Two reports of October, asked for in November: the same people in figures and by name."""
    place = world.halden
    with place.scope():
        lost, kept = make_skill("Lost"), make_skill("Kept")
        elsewhere = make_team("Cables")
        early = make_employee("Early Leaver", team=place.team, leaving_on=date(2026, 6, 30))
        late = make_employee("Late Leaver", team=place.team)
        can(early, lost)
        can(late, kept)
        can(place.employee, kept)
        late.deactivate(at=datetime(2026, 11, 10, 12, tzinfo=UTC))
        place.employee.assign(
            team=elsewhere, manager=None, job_title="", cost_band=None, on=date(2026, 11, 3)
        )
        groups = asked(place.hr, file_format="csv")
        named = asked(place.hr, names="named", file_format="csv")
    rows = csv_rows(made(groups))
    alone, start = rows[0].index("Alone"), rows[0].index("Alone at the start")
    assert [(*row[:2], row[alone], row[start]) for row in rows[1:]] == [
        ("Kept", "Substations", "2", "2"),
        ("Lost", "Substations", "0", "1"),
    ]
    assert [row[:3] for row in csv_rows(made(named))[1:]] == [
        ["Kept", "Late Leaver", "Substations"],
        ["Kept", "Nils Eriksen", "Substations"],
    ]


def test_a_manager_sees_the_reporting_line_only(world: Any) -> None:
    place = world.halden
    settle_risks(place)
    with place.scope():
        outside = staff(place.company, 1)[0]
        secret = make_skill("Secret of another team")
        can(outside, secret)
        wants(place.hr, secret)
        wide = asked(place.hr, "single_person_risk", names="named", file_format="csv")
        narrow = asked(place.manager, "single_person_risk", names="named", file_format="csv")
    assert "Secret of another team" in content(made(wide)).decode()
    assert "Secret of another team" not in content(made(narrow)).decode()
    assert "Relay protection" in content(narrow).decode()
    html = client_of(place, place.manager).get(
        place.path("reports"), {**ASK, "kind": "single_person_risk"}
    )
    assert b"Relay protection" in html.content
    assert b"Secret of another team" not in html.content


def test_a_manager_cannot_choose_a_team_outside_the_line(world: Any) -> None:
    place = world.halden
    with place.scope():
        outside = staff(make_team(parent=place.company), 3)[0].team
    for team in (outside, world.nordfjord.team):
        answer = client_of(place, place.manager).post(
            place.path("reports"), {**ASK, "team": team.public_id}
        )
        assert answer.status_code == 422
    with place.scope():
        assert not Report.objects.exists()


def test_nobody_gets_participation_by_name(world: Any) -> None:
    """Neither by the form nor past it: the database refuses such a report."""
    place = world.halden
    data = {**ASK, "kind": "shadowing_participation", "names": "named"}
    for who in (place.manager, place.hr):
        answer = client_of(place, who).post(place.path("reports"), data)
        assert answer.status_code == 422
        assert b"Who took part is shown to nobody by name" in answer.content
        with place.scope(), pytest.raises(IntegrityError), transaction.atomic():
            asked(who, "shadowing_participation", names="named")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"period_from": "2026-11-01"}, "ends before it begins"),
        ({"period_to": "2026-12-31"}, "ends in the future"),
        ({"period_from": "1999-01-01"}, "five years at most"),
        ({"period_from": "nonsense"}, "Say a day"),
        ({"kind": "salaries"}, "valid choice"),
        (
            {"kind": "shadowing_participation", "period_from": "2026-10-02"},
            "holds none. November 2026 can be shown from 8 December 2026 on",
        ),
    ],
)
def test_what_cannot_be_asked(world: Any, change: dict[str, str], words: str) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    answer = client.post(place.path("reports"), {**ASK, **change})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    shown = client.get(place.path("reports"), {**ASK, **change})
    assert shown.status_code == 200
    assert words in shown.content.decode()


def test_the_preview_button_works_without_javascript(world: Any) -> None:
    place = world.halden
    answer = client_of(place, place.hr).post(place.path("reports"), {**ASK, "preview": "1"})
    assert answer.status_code == 302
    assert "kind=skill_coverage" in answer["Location"]
    assert "csrf" not in answer["Location"]


def test_five_at_once(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    for _ in range(5):
        assert client.post(place.path("reports"), ASK).status_code == 302
    answer = client.post(place.path("reports"), ASK)
    assert answer.status_code == 422
    assert b"are being made already" in answer.content


def test_fifty_a_day(world: Any) -> None:
    """Of the organization's day; those that were made before count too."""
    place = world.halden
    client = client_of(place, place.hr)
    with place.scope():
        for _ in range(50):
            asked(place.hr, requested_at=NOW)
        Report.objects.update(state="cancelled")
        asked(place.manager)
    answer = client.post(place.path("reports"), ASK)
    assert answer.status_code == 422
    assert b"You asked for 50 files today" in answer.content
    assert client_of(place, place.manager).post(place.path("reports"), ASK).status_code == 302
    with place.scope():
        Report.objects.update(requested_at=datetime(2026, 11, 21, 22, 59, tzinfo=UTC))
    assert client.post(place.path("reports"), ASK).status_code == 302


def test_it_begins_as_the_overview_and_of_participation_with_closed_months(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    with place.scope():
        place.organization.created_at = datetime(2024, 1, 8, tzinfo=UTC)
        place.organization.save()
    form = client.get(place.path("reports")).context["form"]
    assert (form["period_from"].value(), form["period_to"].value()) == ("2025-12-01", "2026-11-22")
    kind = {"kind": "shadowing_participation"}
    form = client.get(place.path("reports"), kind).context["form"]
    assert (form["period_from"].value(), form["period_to"].value()) == ("2025-11-01", "2026-10-31")
    until_today = {**kind, "period_from": "2025-12-01", "period_to": "2026-11-22"}
    report = client.get(place.path("reports"), until_today).context["report"]
    assert (report.period_from, report.period_to) == (date(2025, 12, 1), date(2026, 10, 31))
    assert report.file_name == "shadowing-participation-whole-company-2025-12-to-2026-10.xlsx"
    overview = client.get(place.path("dashboard"), {"period": "quarter"}).content.decode()
    assert "?team=&amp;period_from=2026-08-30&amp;period_to=2026-11-22" in overview


def test_a_young_organization_hears_why_there_is_nothing(world: Any) -> None:
    """No period before it began, and no button for an empty file."""
    place = world.halden
    with place.scope():
        place.organization.created_at = datetime(2026, 11, 16, tzinfo=UTC)
        place.organization.save()
    client = client_of(place, place.hr)
    answer = client.get(place.path("reports"))
    assert answer.context["form"]["period_from"].value() == "2026-11-16"
    words = words_of(answer)
    assert "Nobody has said anything about skills yet" in words
    assert "Create Excel file" not in words
    words = words_of(client.get(place.path("reports"), {"kind": "shadowing_participation"}))
    assert "November 2026 can be shown from 8 December 2026 on" in words
    words = words_of(client.get(place.path("reports"), {"kind": "single_person_risk"}))
    assert "No skill rests on one person" in words


def test_names_cannot_be_chosen_with_participation(world: Any) -> None:
    """And where both were chosen, the error stands beside the names, in the part of a page too."""
    place = world.halden
    client = client_of(place, place.hr)
    query = {"kind": "shadowing_participation", "period_from": "2026-10-02"}
    named = r'<input type="radio" name="names" value="named"[^>]* disabled'
    assert re.search(named, client.get(place.path("reports"), query).content.decode())
    assert not re.search(named, client.get(place.path("reports"), ASK).content.decode())
    part = client.get(
        place.path("reports"), {**query, "names": "named"}, headers={"HX-Request": "true"}
    ).content.decode()
    fieldset = part.split("<fieldset")[1]
    assert 'hx-swap-oob="true"' in fieldset
    assert "Who took part is shown to nobody by name" in fieldset.split("</fieldset>")[0]
    assert not re.search(named, part)


def test_cancelling_keeps_what_was_chosen(world: Any) -> None:
    place = world.halden
    with place.scope():
        report = asked(place.hr)
    client = client_of(place, place.hr)
    path = place.path("report_cancel", public_id=report.public_id)
    answer = client.post(path, {**ASK, "names": "named"})
    assert "names=named" in answer["Location"]
    assert answer["Location"].endswith("#files")
    assert client.post(path)["Location"] == place.path("report_files")
    listed = client.get(place.path("report_files")).content.decode()
    assert "Whole company, 1 January 2026 – 31 October 2026" in listed


def test_a_look_at_names_is_logged_once_a_day_for_each_choice(world: Any, sunday: Any) -> None:
    place = world.halden
    settle_risks(place)
    client = client_of(place, place.manager)
    named = {**ASK, "names": "named"}
    client.get(place.path("reports"), ASK)
    for query in (named, named, {**named, "period_from": "2026-02-01"}):
        assert "holds names" in words_of(client.get(place.path("reports"), query))
    sunday.shift(timedelta(days=1))
    client.get(place.path("reports"), named, headers={"HX-Request": "true"})
    with place.scope():
        looks = list(NamedLook.objects.order_by("at", "id"))
        assert [(one.employee, one.line_of, one.day.day) for one in looks] == [
            (place.manager, place.manager, 22),
            (place.manager, place.manager, 22),
            (place.manager, place.manager, 23),
        ]
        with pytest.raises(ProgrammingError), transaction.atomic():
            looks[0].delete()
    seen = words_of(client_of(place, place.hr).get(place.path("report_files")))
    assert seen.count("Mette Aas Skill coverage, preview Everyone who reports to Mette Aas") == 3
    assert "Who saw names" not in words_of(client.get(place.path("report_files")))


def test_participation_folds_a_second_group(world: Any) -> None:
    """20, 6, 2 and 2 people: hiding the small two alone would give them away by subtraction."""
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection")
        (large, many), _, (_, two) = teams_of((20, 6, 2), place.company, place.manager)
        for learner in many[1:6]:
            helped(many[0], learner, skill, on=date(2026, 10, 6))
        helped(many[0], two[0], skill, on=date(2026, 10, 6))
        roll_up()
        report = asked(place.manager, "shadowing_participation", file_format="csv")
    rows = [row[:7] for row in csv_rows(made(report))[1:]]
    assert [row for row in rows if row[0] == OCTOBER.isoformat()] == [
        [OCTOBER.isoformat(), large.name, "20", "6", "6", "0.3", "0.3"],
        [OCTOBER.isoformat(), "Other", "10", "0", "2", "0", "0.2"],
    ]
    assert {row[0] for row in rows} == {f"2026-{n:02}-01" for n in range(1, 11)}
    page = client_of(place, place.manager).get(
        place.path("reports"), {**ASK, "kind": "shadowing_participation"}
    )
    assert "Groups too small to show are folded into “Other”." in page.content.decode()


def test_the_page_does_not_cost_more_with_more_rows(world: Any) -> None:
    place = world.halden
    client = client_of(place, place.hr)
    counts = []
    for more in (10, 90):
        with place.scope():
            for person in staff(place.team, more, place.manager):
                can(person, make_skill(f"Skill of {person.pk}"))
                asked(place.hr)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place.path("reports"), ASK).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 15, "twelve, and the savepoint and the scope of the test"
