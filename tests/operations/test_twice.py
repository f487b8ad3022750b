"""Every task that Celery knows, and everything that a task does for the outbox, run twice and in
parallel, leaves what running it once leaves. The lists come from the registries: what has no scene
here is red."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.apps import apps
from django.core import mail
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from peerlearn.api.models import ApiToken, KeptAnswer
from peerlearn.celery import DEFAULT, LONG, app
from peerlearn.clock import now
from peerlearn.notifications import outbox
from peerlearn.notifications.effects import FORGETTING
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.queries import OutboxQuerySet
from peerlearn.notifications.registry import NOTIFICATION, effect_kinds
from peerlearn.organizations.models import SignIn, TryCount
from sessions.models import LearningSession
from tests.notifications.kit import in_threads
from tests.operations.conftest import Broker
from tests.operations.scenes import SCENES, finish, hold_run_out, making, notification
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4

app.loader.import_default_modules()
OWN = sorted(name for name in app.tasks if not name.startswith("celery."))


# --- What the outbox does ----------------------------------------------------------------------
@pytest.mark.parametrize("kind", effect_kinds())
def test_an_effect_happens_once(world: World, kind: str) -> None:
    """In one organization a worker does it, in the other many do, and once more."""
    assert kind in SCENES, f"tests/operations/scenes.py has nothing for {kind!r}"
    once, often = world.halden, world.nordfjord
    rows, before = {}, {}
    for place in (once, often):
        with place.scope():
            SCENES[kind](place)
        finish(kind, place)
        rows[place] = due(kind, place)
        before[place] = said_by(place)
    for row in rows[once]:
        outbox.run(row)
    for row in rows[often]:
        in_threads(AT_ONCE, lambda row=row: outbox.run(row))  # type: ignore[misc]  # of this turn
        outbox.run(row)
    assert said_by(once) != before[once], "nothing happened"
    assert counted(once) == counted(often)
    assert not due(kind, often)


def due(kind: str, place: Place) -> list[int]:
    """Handed over as the finder does, this kind of this organization alone."""
    wanted = Outbox.objects.of(place.organization.pk).filter(kind=kind)
    return [row.pk for row in wanted.hand_over(now())]


def _tables() -> list[str]:
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if any(field.name == "organization" for field in model._meta.local_fields)
    )


def _of(place: Place, expression: str) -> dict[str, Any]:
    """An aggregate over the rows of each table of an organization."""
    found = {}
    with place.scope(), connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(
                f'SELECT {expression} FROM "{table}" t WHERE organization_id = %s',
                [place.organization.pk],
            )
            found[table] = cursor.fetchone()[0]
    return found


def _outside(place: Place) -> dict[str, int]:
    """Mails and files, which no transaction takes back."""
    domain = place.hr.email.partition("@")[2]
    folder = f"organization-{place.organization.pk}"
    return {
        "mails": sum(domain in str(one.to) for one in mail.outbox),
        "files": len(_files(folder)) if default_storage.exists(folder) else 0,
    }


def _files(folder: str) -> list[str]:
    folders, files = default_storage.listdir(folder)
    return files + [name for one in folders for name in _files(f"{folder}/{one}")]


def counted(place: Place) -> dict[str, int]:
    return _of(place, "count(*)") | _outside(place)


def said_by(place: Place) -> dict[str, Any]:
    """Everything but the outbox itself, to the letter."""
    said = _of(place, "md5(string_agg(t::text, '|' ORDER BY t.id))")
    return {**said, "notifications_outbox": None} | _outside(place)


# --- What Celery runs --------------------------------------------------------------------------
Left = Callable[[], Any]


def _row_of(kind: str, place: Place) -> int:
    (row,) = due(kind, place)
    return row


def find_due(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    with world.halden.scope():
        notification(world.halden)
        making(world.halden)
    queues = redis.Redis.from_url(broker.url)

    def published() -> Counter[str]:
        return Counter(
            json.loads(message)["headers"]["argsrepr"]
            for queue in (DEFAULT, LONG)
            for message in queues.lrange(queue, 0, -1)
        )

    rows = Outbox.objects.filter(organization=world.halden.organization).values_list("pk")
    return (), published, Counter(str(row) for row in rows)


def run(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    with world.halden.scope():
        notification(world.halden)
    return (_row_of(NOTIFICATION, world.halden),), lambda: len(mail.outbox), 1


def run_long(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    with world.halden.scope():
        making(world.halden)
    return (_row_of("report", world.halden),), lambda: _outside(world.halden)["files"], 1


def forget_old(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    return (), lambda: Outbox.objects.filter(kind=FORGETTING).count(), 2


def refresh_rollups(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    return (), lambda: Outbox.objects.filter(kind="rollups").count(), 2


def forget_what_ran_out(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    for days in (-1, 1):
        ends = timezone.now() + timedelta(days=days)
        SignIn.objects.create(session_key=f"s{days}", session_data="", expire_date=ends)
    TryCount.objects.add({"over": 0, "counts": 3600})

    def left() -> set[str]:
        sessions = SignIn.objects.values_list("session_key", flat=True)
        return {*sessions, *TryCount.objects.values_list("key", flat=True)}

    return (), left, {"s1", "counts"}


def forget_run_out(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    for place in (world.halden, world.nordfjord):
        with place.scope():
            hold_run_out(place)
            LearningSession.objects.update(created_at=now() - timedelta(days=30), state="expired")

    def left() -> int:
        found = 0
        for place in (world.halden, world.nordfjord):
            with place.scope():
                found += LearningSession.objects.count()
        return found

    return (), left, 0


def forget_kept_answers(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    at = now()
    for place in (world.halden, world.nordfjord):
        with place.scope():
            ends = at + timedelta(days=30)
            token, _secret = ApiToken.make(
                employee=place.employee, name="a", scopes=[], expires_at=ends, at=at
            )
            for days in (0, 3):
                made_at = at - timedelta(days=days)
                KeptAnswer.objects.create(
                    token=token, key=str(days), fingerprint="", status=200, made_at=made_at
                )

    def left() -> list[str]:
        found: list[str] = []
        for place in (world.halden, world.nordfjord):
            with place.scope():
                found += KeptAnswer.objects.values_list("key", flat=True)
        return found

    return (), left, ["0", "0"]


def pulse(world: World, broker: Broker) -> tuple[tuple[Any, ...], Left, Any]:
    with world.halden.scope():
        notification(world.halden)

    def told() -> int:
        with world.halden.scope():
            return int(Notification.objects.count())

    return (), told, 1


TASKS: dict[str, Callable[[World, Broker], tuple[tuple[Any, ...], Left, Any]]] = {
    "analytics.refresh_rollups": refresh_rollups,
    "api.forget_kept_answers": forget_kept_answers,
    "notifications.find_due": find_due,
    "notifications.forget_old": forget_old,
    "notifications.forget_what_ran_out": forget_what_ran_out,
    "notifications.run": run,
    "notifications.run_long": run_long,
    "operations.pulse": pulse,
    "sessions.forget_run_out": forget_run_out,
}


@pytest.mark.parametrize("name", OWN)
def test_a_task_has_one_effect(world: World, broker: Broker, name: str) -> None:
    assert name in TASKS, f"nothing here says what running {name!r} twice may leave"
    arguments, left, expected = TASKS[name](world, broker)
    in_threads(AT_ONCE, lambda: app.tasks[name].run(*arguments))
    assert left() == expected
    app.tasks[name].run(*arguments)
    assert left() == expected


def test_twin_without_taking_its_row_an_effect_happens_as_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.halden.scope():
        notification(world.halden)
    row = _row_of(NOTIFICATION, world.halden)
    found = Outbox.objects.get(pk=row)
    monkeypatch.setattr(OutboxQuerySet, "take", lambda *_, **__: found)
    monkeypatch.setattr(outbox, "_lock", lambda row: True)
    in_threads(AT_ONCE, lambda: outbox.run(row))
    assert len(mail.outbox) > 1
