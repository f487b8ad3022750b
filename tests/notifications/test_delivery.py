"""Notifications: told once, in words that hold when they are sent, to whoever still works here."""

from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peerlearn.clock import now
from peerlearn.notifications import outbox
from peerlearn.notifications.effects import Mail, message_id
from peerlearn.notifications.models import Notice, Notification, Outbox
from peerlearn.notifications.registry import NOTIFICATION, renders
from peerlearn.organizations.addresses import public_url
from peerlearn.organizations.scoping import OutsideScope
from tests.notifications.kit import let_delay_pass, let_lease_pass, process, wait_until, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kinds")]


def welcome(place, recipient=None, *, at=None, **more):
    recipient = recipient or place.employee
    with place.scope():
        Notification.deliver(
            recipient, "welcome", subject_id=recipient.pk, due_at=at or now(), **more
        )


def inbox(place, recipient=None):
    with place.scope():
        return list(Notification.objects.visible_to(recipient or place.employee))


def all_of(place):
    with place.scope():
        return list(Notification.objects.all())


def test_shown_and_mailed_when_due(world):
    welcome(world.halden)
    welcome(world.halden)
    assert inbox(world.halden) == []
    work()
    assert work() == 0
    [sent] = mail.outbox
    assert sent.subject == "Halden Grid has added you to peerlearn"
    assert sent.to == ["Nils Eriksen <nils@halden.example>"]
    assert sent.from_email == '"peerlearn, Halden Grid" <no-reply@peerlearn.example>'
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "Hello Nils Eriksen," in sent.body
    assert public_url("account_login") in sent.body
    [(html, kind)] = sent.alternatives
    assert kind == "text/html"
    assert public_url("account_login") in html
    [notification] = inbox(world.halden)
    assert notification.title == sent.subject
    assert notification.path == "/account/login/"
    assert notification.sent_at is not None
    assert notification.read_at is None
    assert not Outbox.objects.exists()


def test_mail_is_readable_in_old_programs():
    """Outlook knows neither style sheets nor today's colours."""
    from django.template.loader import get_template

    html = get_template("emails/welcome.html").render({"link": "x"})
    for absent in ("oklch", "light-dark", "<style", "class=", "var(", "<script", "<img"):
        assert absent not in html


def test_text_is_not_html_and_html_is_escaped(world):
    with world.halden.scope():
        world.halden.employee.name = "Ola <b>O'Neil</b>\r\nBcc: x@example.org"
        world.halden.employee.save()
    welcome(world.halden)
    work()
    [sent] = mail.outbox
    assert "Hello Ola <b>O'Neil</b>" in sent.body
    assert "<b>O" not in sent.alternatives[0][0]
    assert "Bcc" not in sent.message()


def test_names_of_any_script(world):
    with world.halden.scope():
        world.halden.employee.name = "Нина 林 " + "å" * 180
        world.halden.employee.save()
    welcome(world.halden)
    work()
    [sent] = mail.outbox
    assert str(make_header(decode_header(sent.message()["To"]))).startswith("Нина 林")


def test_any_number_is_written_in_one_statement(world):
    people = [world.halden.employee, world.halden.colleague, world.halden.hr]
    with (
        world.halden.scope(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        Notification.deliver_all(Notice(one, "welcome", one.pk, now()) for one in people)
        Notification.deliver_all([])
    assert len(queries) == 1
    assert work() == 3


def test_only_known_kinds_in_a_scope(world):
    with pytest.raises(LookupError), world.halden.scope():
        Notification.deliver(world.halden.employee, "nonsense", subject_id=1, due_at=now())
    with pytest.raises(OutsideScope):
        Notification.deliver(world.halden.employee, "welcome", subject_id=1, due_at=now())


def test_each_occurrence_is_its_own(world):
    welcome(world.halden, occurrence="2026-11")
    welcome(world.halden, occurrence="2026-12")
    assert work() == 2
    first, second = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
    assert first != second


def test_withdrawn_before_sending(world):
    halden = world.halden
    welcome(halden, at=now() + timedelta(hours=1))
    welcome(world.nordfjord, world.nordfjord.employee)
    with halden.scope():
        Notification.withdraw("welcome", halden.employee.pk)
    assert all_of(halden) == []
    assert Outbox.objects.count() == 1, "another organization's remains"
    welcome(halden)
    work()
    with halden.scope():
        Notification.withdraw(["welcome"], halden.employee.pk)
    assert len(inbox(halden)) == 1, "what was sent stays"


def test_rescheduled(world):
    halden = world.halden
    welcome(halden)
    with halden.scope():
        Notification.reschedule("welcome", halden.employee.pk, due_at=now() + timedelta(hours=1))
    assert work() == 0
    with halden.scope():
        Notification.reschedule("welcome", halden.employee.pk, due_at=now())
    assert work() == 1
    assert len(mail.outbox) == 1


def test_nothing_goes_to_whoever_has_left(world):
    welcome(world.halden)
    with world.halden.scope():
        world.halden.employee.deactivate(at=now())
    work()
    assert mail.outbox == []
    assert all_of(world.halden) == []
    assert not Outbox.objects.exists()


def test_nothing_is_told_that_no_longer_holds(world):
    holds = [False]

    @renders("maybe", "Maybe")
    def maybe(notification):
        return {"link": public_url("account_login")} if holds[0] else None

    with world.halden.scope():
        Notification.deliver(world.halden.employee, "maybe", subject_id=1, due_at=now())
    work()
    assert mail.outbox == []
    assert all_of(world.halden) == []


def test_links_lead_nowhere_else(world):
    @renders("elsewhere", "Elsewhere")
    def elsewhere(notification):
        return {"link": "https://elsewhere.example/"}

    with world.halden.scope():
        Notification.deliver(world.halden.employee, "elsewhere", subject_id=1, due_at=now())
    work()
    assert mail.outbox == []
    assert Outbox.objects.get().attempts == 1


# --- The mail server and the worker fail ------------------------------------------------------
def test_a_mail_server_that_is_away(world, sink, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    welcome(world.halden)
    work()
    row = Outbox.objects.get()
    assert (row.attempts, row.failure) == (1, "ConnectionRefusedError")
    assert len(inbox(world.halden)) == 1, "the inbox does not wait for the mail"
    settings.EMAIL_PORT = port
    let_delay_pass()
    work()
    assert len(sink.mails) == 1
    assert len(inbox(world.halden)) == 1


def test_an_address_that_does_not_exist(world, sink):
    sink.refuse_with = "550 no such person"
    welcome(world.halden)
    work()
    assert Outbox.objects.get().dead_at is not None


def test_an_address_that_is_refused_for_now(world, sink):
    sink.refuse_with = "451 come back later"
    welcome(world.halden)
    work()
    row = Outbox.objects.get()
    assert row.dead_at is None
    assert row.attempts == 1


def test_a_crash_between_sending_and_noting(world, sink, monkeypatch):
    """One copy more, with the same Message-ID; and then no more."""
    welcome(world.halden)

    def crash(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Mail, "record", crash)
        with pytest.raises(SystemExit):
            work()
    let_lease_pass()
    for _ in range(3):
        work()
        let_delay_pass()
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1
    assert not Outbox.objects.exists()


def test_a_worker_killed_while_it_sends(world, sink):
    """A real process, killed when the mail has arrived and before it is acknowledged."""
    welcome(world.halden)
    [(outbox_id, _)] = outbox.hand_over()
    script = (
        "import django; django.setup();"
        f"from peerlearn.notifications.outbox import run; run({outbox_id})"
    )
    with process("-c", script, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}") as child:
        sink.on_mail = child.kill
        wait_until(lambda: child.poll() is not None, 30)
    sink.on_mail = lambda: None
    assert len(sink.ids) == 1
    let_lease_pass()
    work()
    let_delay_pass()
    assert work() == 1
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1


def test_message_ids_are_well_formed(world):
    odd = Notification(
        kind="k", subject_id=1, occurrence="a b>@", recipient_id=2, organization_id=3
    )
    made = message_id(odd)
    assert made.startswith("<k.1.")
    assert made.endswith(".2.3@localhost>")
    assert " " not in made
    assert NOTIFICATION == "notification"
