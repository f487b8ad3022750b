"""Addresses for machines."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from peerlearn.clock import now
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.operations import views
from tests.notifications.kit import ROOT, environment

TOKEN = "a-token-for-prometheus"


@pytest.mark.django_db
def test_alive_without_asking_anybody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"alive\n"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_answer(client, monkeypatch):
    monkeypatch.setattr(views, "broker_and_worker_missing", list)
    assert client.get("/readyz").content == b"ready\n"


@pytest.mark.django_db
def test_not_ready_names_what_is_missing(client, monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"missing: broker, worker\n"

    def away(*_, **__):
        from django.db import OperationalError

        raise OperationalError("secret words")

    monkeypatch.setattr(connection, "cursor", away)
    assert client.get("/readyz").content == b"missing: database, broker, worker\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "authorization", "status"),
    [
        ("127.0.0.1", f"Bearer {TOKEN}", 200),
        ("10.1.2.3", f"Bearer {TOKEN}", 200),
        ("8.8.8.8", f"Bearer {TOKEN}", 404),
        ("127.0.0.1", "Bearer wrong", 404),
        ("127.0.0.1", "", 404),
        ("", f"Bearer {TOKEN}", 404),
    ],
)
def test_metrics_are_not_public(client, settings, address, authorization, status):
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": authorization}
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.django_db
def test_metrics_are_absent_without_a_token(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_metrics_tell_requests_and_the_outbox(world, client, settings):
    settings.METRICS_TOKEN = TOKEN
    place = world.halden
    with place.scope():
        for one in (place.employee, place.hr):
            Notification.deliver(one, "welcome", subject_id=one.pk, due_at=now())
    Outbox.objects.filter(pk=Outbox.objects.earliest("pk").pk).bury("Undeliverable")
    place.sign_in(client, place.employee)
    client.get(place.path("notifications"))
    client.get("/no/such/nils@halden.example")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert 'peerlearn_requests_total{method="GET",route="notifications",status="200"}' in told
    assert 'route="none",status="404"' in told
    assert "peerlearn_request_seconds_bucket" in told
    assert "peerlearn_outbox_waiting 1.0" in told
    assert "peerlearn_outbox_dead 1.0" in told
    assert "peerlearn_outbox_oldest_seconds" in told
    assert "nils" not in told


@pytest.mark.django_db(transaction=True)
def test_metrics_of_several_processes_are_summed(tmp_path):
    script = (
        "import django; django.setup();"
        "from peerlearn.operations import metrics as m;"
        "m.note_request(route='home', method='GET', status=200, seconds=0.1);"
        "print(m.exposition().decode())"
    )
    values = environment(
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="peerlearn.settings"
    )
    for count in (1, 2):
        told = subprocess.run(
            [sys.executable, "-c", script],
            env=values | {"PATH": os.environ["PATH"]},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = f'peerlearn_requests_total{{method="GET",route="home",status="200"}} {count}.0'
        assert found in told
