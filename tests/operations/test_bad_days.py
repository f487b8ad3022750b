"""Bad days: Redis is away, the mail server for a day, Postgres for a moment, the disk is full, and
somebody moves to another zone between booking and coming."""

from __future__ import annotations

import errno
import re
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client

from peerlearn.clock import now
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.queries import DELAYS
from sessions.models import LearningSession
from tests.factories import PASSWORD, set_password, user_of
from tests.notifications.kit import (
    SmtpSink,
    let_delay_pass,
    process,
    smtp_sink,
    wait_until,
    work,
)
from tests.operations.conftest import Broker
from tests.sessions.kit import AT, make_booking, make_offer
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
WELL_AGAIN = 10  # seconds
GONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def welcome(place: Place) -> None:
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=place.employee.pk, due_at=now())


# --- Redis -------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_without_redis_people_sign_in_and_work_and_mails_wait(
    world: World, broker: Broker, client: Client, how: str
) -> None:
    place = world.halden
    set_password(place.employee)
    getattr(broker, how)()
    typed = {"login": place.employee.email, "password": PASSWORD}
    assert client.post("/account/login/", typed)["Location"] == "/"
    assert client.get(place.path("home")).status_code == 200
    client.post("/account/logout/")
    asked = client.post("/account/code/", {"email": place.employee.email})
    [code] = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert client.post(asked["Location"], {"code": code})["Location"] == "/"
    welcome(place)
    assert client.post(place.path("notifications_read")).status_code == 302
    assert Outbox.objects.filter(kind="notification").count() == 1


# --- The mail server ---------------------------------------------------------------------------
def test_a_mail_server_that_is_away_for_a_day_loses_nothing(world: World, settings: Any) -> None:
    """Every try of a day fails; it is sent once on the next."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    welcome(world.halden)
    waited, tries = 0.0, 0
    while waited < 24 * 3600:
        let_delay_pass()
        assert work() == 1
        waited, tries = waited + DELAYS[tries].total_seconds(), tries + 1
    assert Outbox.objects.get().dead_at is None
    with smtp_sink() as sink:
        settings.EMAIL_PORT = sink.port
        let_delay_pass()
        work()
        work()
        assert [one["To"] for one in sink.mails] == ["Nils Eriksen <nils@halden.example>"]
    assert not Outbox.objects.exists()


# --- Postgres ----------------------------------------------------------------------------------
def test_after_postgres_has_ended_every_connection_the_next_page_comes(
    world: World, live_server: Any, client: Client
) -> None:
    """As a restart does. Whoever comes first gets one page that says so at most; then all is
    well. Over one connection, which one thread of the server answers."""
    place = world.halden
    place.sign_in(client, place.employee)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    browser = HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=60)

    def page() -> tuple[int, str]:
        browser.request("GET", place.path("home"), headers={"Cookie": cookie})
        answer = browser.getresponse()
        return answer.status, answer.read().decode()

    assert page()[0] == 200
    _end_connections()
    ended = monotonic()
    first, words = page()
    assert first == 200 or "That went wrong on our side." in words
    assert [page()[0] for _ in range(3)] == [200, 200, 200]
    assert monotonic() - ended < WELL_AGAIN
    browser.close()


def test_a_worker_goes_on_after_postgres_has_ended_its_connections(
    world: World, broker: Broker, tmp_path: Path
) -> None:
    quiet = ("--without-gossip", "--without-mingle", "--concurrency=1")
    beat = ("-B", "-s", str(tmp_path / "schedule"))
    command = ("-m", "celery", "-A", "peerlearn", "worker", *quiet, *beat)
    with smtp_sink() as sink:
        variables = {"REDIS_URL": broker.url, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        with process(*command, **variables):
            welcome(world.halden)
            wait_until(lambda: _has_sent(sink, 1), 60)
            _end_connections()
            welcome(world.nordfjord)
            wait_until(lambda: _has_sent(sink, 2), 60)


def _has_sent(sink: SmtpSink, mails: int) -> bool:
    let_delay_pass()
    return len(sink.mails) == mails


def _end_connections() -> None:
    """All of the serving role's but this one."""
    with connection.cursor() as cursor:
        cursor.execute(GONE)


# --- The disk ----------------------------------------------------------------------------------
def test_a_full_disk_is_told_and_the_file_is_made_when_there_is_room(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    choices = {
        "kind": "skill_coverage",
        "names": "groups",
        "file_format": "csv",
        "period": "year",
    }

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full)
        assert client.post(place.path("reports"), choices).status_code == 302
        work()
        assert Outbox.objects.get(kind="report").failure == "OSError"
        assert client.get(place.path("home")).status_code == 200
        assert "Download" not in text(client.get(place.path("report_files")))
    let_delay_pass()
    work()
    assert "Download" in text(client.get(place.path("report_files")))


# --- The zone ----------------------------------------------------------------------------------
def test_a_booking_keeps_its_instant_when_somebody_moves_to_another_zone(
    world: World, client: Client
) -> None:
    place = world.halden
    with time_machine.travel(AT, tick=False):
        with place.scope():
            booked = make_booking(make_offer(place.colleague), place.employee).session
            before = list(booked.blocks.values_list("starts_at", "ends_at"))
        page = place.path("booking", public_id=booked.public_id)
        place.sign_in(client, place.employee)
        assert "08:00" in text(client.get(page))
        with place.scope():
            type(place.employee).objects.filter(pk=place.employee.pk).update(
                time_zone="America/New_York"
            )
        moved = text(client.get(page))
        assert "02:00" in moved
        assert "America/New_York" in moved
        with place.scope():
            after = LearningSession.objects.get(pk=booked.pk).blocks
            assert list(after.values_list("starts_at", "ends_at")) == before
        other = Client()
        other.force_login(user_of(place.colleague))
        assert "08:00" in text(other.get(page))
