"""Files of reports: making, taking, whose they are, cancelling, expiry, log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from analytics.models import EXPIRY, KEPT_FOR, MAKING, Report, ReportDownload
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.outbox import hand_over, run
from tests.analytics.kit import (
    NOW,
    TODAY,
    asked,
    client_of,
    content,
    made,
    staff,
)
from tests.factories import make_team

pytestmark = pytest.mark.django_db


def test_download_once_ready_and_never_by_another(world: Any) -> None:
    place = world.halden
    with place.scope():
        report = asked(place.hr, names="named", file_format="csv")
    path = place.path("report_download", public_id=report.public_id)
    client = client_of(place, place.hr)
    assert client.get(path).status_code == 410
    made(report)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == (
        'attachment; filename="skill-coverage-named-whole-company-2026-10-31.csv"'
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"
    assert b"".join(answer.streaming_content) == content(report)
    assert client_of(place, place.manager).get(path).status_code == 404
    theirs = world.nordfjord
    foreign = theirs.path("report_download", public_id=report.public_id)
    assert client_of(theirs, theirs.hr).get(foreign).status_code == 404
    with place.scope():
        (download,) = ReportDownload.objects.all()
        assert (download.employee, download.named) == (place.hr, True)
    listed = place.path("report_files")
    assert b"Who saw names</h2>" in client.get(listed).content
    assert b"Who saw names</h2>" not in client_of(place, place.manager).get(listed).content


def test_a_row_that_a_backup_brought_back_says_that_its_file_is_gone(world: Any) -> None:
    place = world.halden
    with place.scope():
        report = asked(place.hr, names="named", file_format="csv")
    made(report)
    default_storage.delete(report.path)
    client = client_of(place, place.hr)
    answer = client.get(place.path("report_download", public_id=report.public_id))
    assert answer.status_code == 410
    assert b"This file is not here any more" in answer.content
    with place.scope():
        assert not ReportDownload.objects.exists()


def test_a_file_says_whom_it_is_about_in_its_name(world: Any) -> None:
    place = world.halden
    with place.scope():
        team = make_team("Ålesund / Nørd: “Kraft”")
        names = [
            asked(place.hr, team=team).file_name,
            asked(place.manager).file_name,
            asked(place.manager, team=place.team, names="named").file_name,
            asked(place.hr, team=make_team("!?" * 20)).file_name,
            asked(place.hr, team=make_team("x" * 120)).file_name,
        ]
    assert names[:3] == [
        "skill-coverage-ålesund-nørd-kraft-2026-10-31.xlsx",
        "skill-coverage-mette-aas-2026-10-31.xlsx",
        "skill-coverage-named-mette-aas-substations-2026-10-31.xlsx",
    ]
    assert all(len(name) < 120 and "/" not in name for name in names)


def test_who_lost_the_role_gets_no_file(world: Any) -> None:
    place = world.halden
    with place.scope():
        report, waiting = asked(place.hr), asked(place.hr)
    made(report)
    with place.scope():
        place.hr.is_hr = False
        place.hr.save()
        staff(place.team, 1, place.hr)  # a manager still reaches the page
    made(waiting)
    assert (waiting.state, waiting.failure) == ("failed", "not_allowed")
    client = client_of(place, place.hr)
    path = place.path("report_download", public_id=report.public_id)
    assert client.get(path).status_code == 403
    assert (
        b"you may not see these figures any more" in client.get(place.path("report_files")).content
    )


def moved(place: Any, person: Any, manager: Any) -> None:
    with place.scope():
        person.assign(team=place.team, manager=manager, job_title="", cost_band=None, on=TODAY)


def test_a_file_of_an_earlier_line_does_not_open(world: Any) -> None:
    """The manager keeps the role, and the line is another one."""
    place = world.halden
    with place.scope():
        staff(place.company, 1, place.manager)
        report = asked(place.manager, "single_person_risk", names="named", file_format="csv")
        narrow = asked(place.manager, team=place.team, file_format="csv")
    made(report)
    made(narrow)
    client = client_of(place, place.manager)
    path = place.path("report_download", public_id=report.public_id)
    with place.scope():
        staff(place.team, 1, place.manager)  # who comes is not in the file
        place.colleague.deactivate(at=NOW)  # and who left is nobody else's
    assert client.get(path).status_code == 200
    moved(place, place.employee, place.hr)
    for one in (report, narrow):
        answer = client.get(place.path("report_download", public_id=one.public_id))
        assert answer.status_code == 403
        assert b"does not report to you any more" in answer.content
    with place.scope():
        assert ReportDownload.objects.filter(report=report).count() == 1
    moved(place, place.employee, place.manager)
    assert client.get(path).status_code == 200


def test_twin_without_what_was_kept_the_earlier_file_opens(world: Any) -> None:
    place = world.halden
    with place.scope():
        staff(place.company, 1, place.manager)
        report = asked(place.manager, "single_person_risk", names="named", file_format="csv")
    made(report)
    moved(place, place.employee, place.hr)
    client = client_of(place, place.manager)
    path = place.path("report_download", public_id=report.public_id)
    assert client.get(path).status_code == 403
    with place.scope():
        with pytest.raises(IntegrityError, match="report_people"), transaction.atomic():
            Report.objects.update(people=None)
        Report.objects.update(people=[])
    assert client.get(path).status_code == 200


def test_cancelling_stops_the_making(world: Any) -> None:
    place = world.halden
    with place.scope():
        report, running = asked(place.hr), asked(place.hr)
        assert running.begin()
    client = client_of(place, place.hr)
    for one in (report, running):
        path = place.path("report_cancel", public_id=one.public_id)
        assert client.get(path).status_code == 405
        assert client.post(path).status_code == 302
    from analytics.making import make

    make(running, at=NOW)
    with place.scope():
        assert set(Report.objects.values_list("state", flat=True)) == {"cancelled"}
        assert not Outbox.objects.filter(kind=MAKING).exists()
        assert not report.begin()
    assert not default_storage.exists(f"organization-{place.organization.pk}") or (
        default_storage.listdir(f"organization-{place.organization.pk}/reports")[1] == []
    )
    download = place.path("report_download", public_id=report.public_id)
    assert client.get(download).status_code == 410


def test_an_earlier_making_that_wakes_up_changes_nothing(world: Any) -> None:
    from analytics.making import make

    place = world.halden
    with place.scope():
        report = asked(place.hr)
        assert report.begin()
        slow: Report = Report.objects.get(pk=report.pk)
        assert report.begin()
    make(report, at=NOW)
    make(slow, at=NOW)
    with place.scope():
        report.refresh_from_db()
        assert Notification.objects.filter(kind="report_ready").count() == 1
    folder = default_storage.listdir(f"organization-{place.organization.pk}/reports")[1]
    assert [f"organization-{place.organization.pk}/reports/{name}" for name in folder] == [
        report.path
    ]


def test_three_failures_end_it(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics import making

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk full")

    place = world.halden
    monkeypatch.setattr(making, "write", fail)
    with place.scope():
        report = asked(place.hr)
    for _ in range(2):
        with place.scope():
            assert report.begin()
        with pytest.raises(RuntimeError):
            making.make(report, at=NOW)
    with place.scope():
        assert report.begin()
    making.make(report, at=NOW)
    with place.scope():
        report.refresh_from_db()
    assert (report.state, report.failure) == ("failed", "error")


@pytest.mark.django_db(transaction=True)
def test_the_outbox_makes_and_deletes(world: Any, sunday: Any) -> None:
    place = world.halden
    with place.scope():
        report = asked(place.hr)
    for outbox_id, _ in hand_over():
        run(outbox_id)
    with place.scope():
        report.refresh_from_db()
    assert (report.state, report.progress) == ("ready", 100)
    assert default_storage.exists(report.path)
    stored = report.path
    sunday.shift(KEPT_FOR + timedelta(minutes=1))
    download = place.path("report_download", public_id=report.public_id)
    client = client_of(place, place.hr)
    assert client.get(download).status_code == 410
    for outbox_id, _ in hand_over():
        run(outbox_id)
    with place.scope():
        report.refresh_from_db()
    assert (report.state, report.path) == ("expired", "")
    assert not default_storage.exists(stored)
    assert not Outbox.objects.filter(kind=EXPIRY).exists()
    assert b"Make again" in client.get(place.path("report_files")).content
