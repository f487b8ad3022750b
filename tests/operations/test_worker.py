"""Real workers, a real broker that freezes, and requests that do not notice."""

import os
import re
import time
from pathlib import Path
from threading import Thread

import pytest

from peerlearn.celery import VISIBILITY, app
from peerlearn.clock import now
from peerlearn.notifications import outbox, tasks
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.operations import progress
from peerlearn.operations.progress import Progress
from tests.notifications.kit import ROOT, process, smtp_sink, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
QUIET = ("--without-gossip", "--without-mingle", "--concurrency=1")
HANGS = 5  # seconds; a broker that is spoken to while frozen holds a request for 20


def worker(broker, *more, **variables):
    command = ("-m", "celery", "-A", "peerlearn", "worker", *QUIET, *more)
    return process(*command, REDIS_URL=broker.url, **variables)


def welcome(place):
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=place.employee.pk, due_at=now())


def test_a_mail_from_end_to_end(world, broker, client, tmp_path):
    """Worker and beat as they are served; /readyz goes from "missing: worker" to "ready"."""
    assert client.get("/readyz").content == b"missing: worker\n"
    welcome(world.halden)
    with smtp_sink() as sink:
        mail = f"smtp://127.0.0.1:{sink.port}"
        beat = ("-B", "-s", str(tmp_path / "schedule"))
        with worker(broker, *beat, EMAIL_URL=mail):
            wait_until(lambda: client.get("/readyz").status_code == 200, 20)
            wait_until(lambda: not Outbox.objects.exists(), 20)
        [mail] = sink.mails
    assert mail["To"] == "Nils Eriksen <nils@halden.example>"
    assert mail.is_multipart()


def test_a_request_does_not_notice_a_frozen_broker(world, broker, client):
    place = world.halden
    welcome(place)
    tasks.publish(outbox.hand_over())
    place.sign_in(client, place.employee)
    broker.freeze()
    began = time.monotonic()
    welcome(world.nordfjord)
    assert client.post(place.path("notifications_read")).status_code == 302
    assert time.monotonic() - began < HANGS
    assert client.get("/readyz").content == b"missing: broker, worker\n"
    assert time.monotonic() - began < HANGS


def test_twin_a_request_that_spoke_to_the_broker_would_hang(broker):
    broker.freeze()
    speaking = Thread(target=tasks.run.delay, args=(1,), daemon=True)
    speaking.start()
    speaking.join(1.5)
    assert speaking.is_alive()
    broker.thaw()
    speaking.join(20)
    assert not speaking.is_alive()


def test_publishing_is_a_hint(world, broker):
    """200 ms, and what was not published comes back with its lease."""
    welcome(world.halden)
    welcome(world.nordfjord)
    broker.freeze()
    rows = outbox.hand_over()
    began = time.monotonic()
    assert tasks.publish(rows) == 0
    assert time.monotonic() - began < HANGS
    broker.stop()
    assert tasks.publish(rows) == 0
    assert Outbox.objects.count() == 2


def test_a_worker_that_takes_no_job_ends_itself(broker):
    with worker(broker, WORKER_PATIENCE="3") as child:
        redis = progress.redis.Redis.from_url(broker.url)
        wait_until(lambda: redis.exists(progress.HEARTBEAT_KEY), 20)
        broker.freeze()
        wait_until(lambda: child.poll() is not None, 20)
        assert child.returncode == progress.EXIT_CODE
        wait_until(lambda: not family_lives(child.pid), 10)


def family_lives(group):
    """Whether the worker left children behind that would go on without it."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_progress_is_a_job_taken_not_a_connection():
    watched = Progress(patience=60)
    assert not watched.stalled()
    assert not watched.fresh(), "no heartbeat before the first job"
    watched.took_a_job()
    assert watched.fresh()
    watched.taken_at -= 31
    assert not watched.fresh()
    assert not watched.stalled()
    watched.taken_at -= 30
    assert watched.stalled()


def test_a_worker_with_a_job_in_hand_is_not_stalled(monkeypatch):
    class Request:
        time_start = time.time() - 600

    monkeypatch.setattr(progress.state, "active_requests", {Request})
    assert progress.is_busy()
    Request.time_start = time.time() - progress.LONGEST_JOB - 1
    assert not progress.is_busy()
    monkeypatch.setattr(progress.state, "active_requests", set())
    assert not progress.is_busy()


# --- Settings that the measurements ask for ----------------------------------------------------
def test_nothing_is_scheduled_inside_celery():
    """Due times are rows: what Celery holds past its visibility timeout runs twice."""
    pattern = re.compile(r"\b(eta|countdown)\s*=|\.apply_async\([^)]*(eta|countdown)|\.retry\(")
    sources = [
        file
        for folder in ("peerlearn", "skills", "sessions", "analytics", "demo")
        for file in (ROOT / folder).rglob("*.py")
    ]
    assert len(sources) > 50
    guilty = [str(file) for file in sources if pattern.search(file.read_text())]
    assert guilty == []
    assert pattern.search("run.apply_async((1,), countdown=5)"), "the twin"


def test_a_message_is_answered_for_once_its_task_is_done():
    """A killed worker loses none, and holds none that another could do."""
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_every_task_is_bounded_and_every_scheduled_task_exists():
    app.loader.import_default_modules()
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert "notifications.run" in own
    for name, task in own.items():
        queue = app.conf.task_routes.get(name, {}).get("queue", "default")
        limit = task.time_limit or app.conf.task_time_limit
        assert limit <= (1800 if queue == "long" else 300), name
        assert limit < VISIBILITY[queue], name
        assert task.ignore_result or app.conf.task_ignore_result, name
        assert task.acks_late, name
        assert task.reject_on_worker_lost, name
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in own, name
        assert "expires" in entry["options"], name
    assert outbox.LEASE.total_seconds() > own["notifications.run"].time_limit
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.accept_content == ["json"]


@pytest.mark.parametrize(
    ("queues", "timeout", "key"),
    [("default", 900, None), ("long", 3600, "unacked_long"), ("", 3600, None)],
)
def test_lost_messages_are_offered_again_after_their_queues_time(queues, timeout, key):
    from types import SimpleNamespace

    from peerlearn.celery import fit_transport_to_queues

    conf = SimpleNamespace(broker_transport_options={"visibility_timeout": 3600})
    fit_transport_to_queues(conf=conf, options={"queues": queues})
    assert conf.broker_transport_options["visibility_timeout"] == timeout
    assert conf.broker_transport_options.get("unacked_key") == key


def test_the_schedule_stands_in_one_file():
    named = [
        file
        for file in Path(ROOT).rglob("*.py")
        if ".venv" not in file.parts and "tests" not in file.parts
        if "beat_schedule =" in file.read_text()
    ]
    assert [file.name for file in named] == ["celery.py"]
