"""Notifications do not stay for ever: read ones 90 days, all of them a year."""

from __future__ import annotations

from datetime import timedelta

import pytest

from peerlearn.clock import now
from peerlearn.notifications import models
from peerlearn.notifications.effects import FORGETTING
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.registry import NOTIFICATION
from peerlearn.notifications.tasks import forget_old
from tests.notifications.kit import work
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)


def told(
    place: Place, subject: int, *, due: int, read: int | None = None, sent: bool = True
) -> None:
    """A notification that was due, and perhaps read, so many days ago."""
    at = now() - timedelta(days=due)
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=subject, due_at=at)
        rows = Notification.objects.filter(subject_id=subject)
        if sent:
            rows.update(shown_at=at, sent_at=at)
            Outbox.objects.filter(kind=NOTIFICATION, subject=rows.get().pk).delete()
        if read is not None:
            rows.update(read_at=now() - timedelta(days=read))


def kept(place: Place) -> set[int]:
    with place.scope():
        return set(Notification.objects.values_list("subject_id", flat=True))


def forget(place: Place) -> int:
    with place.scope():
        return Notification.forget_old(at=now())


def test_what_outlived_its_use_is_deleted_and_nothing_else(world: World) -> None:
    place = world.halden
    told(place, 1, due=200, read=91)
    told(place, 2, due=200, read=89)
    told(place, 3, due=200)
    told(place, 4, due=366)
    told(place, 5, due=364)
    told(place, 6, due=366, read=1)
    told(world.nordfjord, 7, due=366)
    assert forget(place) == 3
    assert kept(place) == {2, 3, 5}
    assert kept(world.nordfjord) == {7}
    assert forget(place) == 0


def test_what_could_not_be_sent_for_a_year_is_tried_no_more(world: World) -> None:
    place = world.halden
    told(place, 1, due=366, sent=False)
    told(place, 2, due=-2, sent=False)
    forget(place)
    assert kept(place) == {2}
    assert Outbox.objects.filter(kind=NOTIFICATION).count() == 1


def test_so_many_in_one_night_the_oldest_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    for subject, due in ((1, 400), (2, 500), (3, 450)):
        told(place, subject, due=due)
    monkeypatch.setattr(models, "MOST_FORGOTTEN", 2)
    assert forget(place) == 2
    assert kept(place) == {1}
    assert forget(place) == 1


def test_the_beat_asks_every_organization_and_the_worker_does_it(world: World) -> None:
    for place in (world.halden, world.nordfjord):
        told(place, 1, due=400)
        told(place, 2, due=1)
    forget_old()
    forget_old()
    assert Outbox.objects.filter(kind=FORGETTING).count() == 2
    work()
    assert [kept(place) for place in (world.halden, world.nordfjord)] == [{2}, {2}]
    assert not Outbox.objects.exists()


def test_another_chance_after_dying(world: World) -> None:
    forget_old()
    Outbox.objects.filter(kind=FORGETTING).bury("Broken")
    forget_old()
    assert Outbox.objects.filter(kind=FORGETTING).alive().count() == 2
