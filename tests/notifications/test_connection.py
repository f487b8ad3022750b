"""Many mails go over one connection, and a broken one costs no mail."""

from __future__ import annotations

from typing import Any

import pytest

from peerlearn.clock import now
from peerlearn.notifications import connection
from peerlearn.notifications.models import Notification, Outbox
from tests.notifications.kit import SmtpSink, let_delay_pass, smtp_sink, work
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hung_up")]


@pytest.fixture
def hung_up() -> Any:
    connection.close()
    yield
    connection.close()


def tell(world: World, *subjects: int) -> None:
    with world.halden.scope():
        for subject in subjects:
            Notification.deliver(world.halden.employee, "welcome", subject_id=subject, due_at=now())


def test_one_connection_for_a_batch(world: World, sink: SmtpSink) -> None:
    tell(world, *range(1, 8))
    work()
    assert (len(sink.mails), sink.connections) == (7, 1)
    tell(world, 8)
    work()
    assert (len(sink.mails), sink.connections) == (8, 1)


def test_twin_without_keeping_it_each_mail_has_its_own(
    world: World, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "KEPT_FOR", 0.0)
    tell(world, *range(1, 8))
    work()
    assert (len(sink.mails), sink.connections) == (7, 7)


def test_a_broken_connection_is_opened_anew(world: World, sink: SmtpSink) -> None:
    """The server hangs up after two mails, as many do after a hundred."""
    sink.hangs_up_after = 2
    tell(world, *range(1, 8))
    work()
    assert (len(sink.mails), len(set(sink.ids)), sink.connections) == (7, 7, 4)
    assert not Outbox.objects.exists()


def test_twin_unasked_a_broken_connection_costs_a_mail(
    world: World, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_answers", lambda kept: True)
    sink.hangs_up_after = 2
    tell(world, *range(1, 8))
    work()
    assert len(sink.mails) < 7
    assert Outbox.objects.filter(attempts=1).exists()


def test_a_refused_recipient_leaves_the_connection_standing(world: World, sink: SmtpSink) -> None:
    sink.refuse_with = "550 no such person"
    tell(world, 1)
    work()
    sink.refuse_with = ""
    tell(world, 2)
    work()
    assert (len(sink.mails), sink.connections) == (1, 1)


def test_a_failure_in_the_middle_ends_the_connection(world: World, sink: SmtpSink) -> None:
    def fail() -> None:
        sink.on_mail = lambda: None
        raise ConnectionResetError

    sink.on_mail = fail
    sink.handle_error = lambda *_: None  # type: ignore[method-assign]  # it is meant
    tell(world, 1)
    work()
    assert Outbox.objects.get().attempts == 1
    let_delay_pass()
    work()
    assert sink.connections == 2
    assert not Outbox.objects.exists()


def test_another_mail_server_gets_its_own_connection(
    world: World, sink: SmtpSink, settings: Any
) -> None:
    tell(world, 1)
    work()
    with smtp_sink() as other:
        settings.EMAIL_PORT = other.port
        tell(world, 2)
        work()
        assert (len(sink.mails), len(other.mails)) == (1, 1)
        connection.close()
