"""Test messages: of the operator by a command, of an admin through the outbox."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from peerlearn.notifications.models import Outbox
from peerlearn.runtime.processes import free_port
from tests.notifications.kit import SmtpSink, work
from tests.world import World

ASK = ("send_test_mail", "ops@halden.example")


def said(address: str = ASK[1]) -> str:
    out = StringIO()
    call_command(ASK[0], address, stdout=out)
    return out.getvalue()


def test_the_command_hands_a_mail_over_and_says_how(sink: SmtpSink, settings: Any) -> None:
    words = said()
    assert f"handed over to 127.0.0.1:{sink.port} with no TLS, without signing in" in words
    (mail,) = sink.mails
    assert (mail["To"], mail["From"]) == (ASK[1], settings.DEFAULT_FROM_EMAIL)


@pytest.mark.parametrize(
    ("answers", "changed", "words"),
    [
        ({b"RCPT": "550 no such person"}, {}, "Recipient: the server refuses ops@halden.example"),
        ({b"MAIL": "553 not ours"}, {}, "Look at DEFAULT_FROM_EMAIL"),
        ({b"DATA": "554 looks like spam"}, {}, "did not take the mail: SMTPDataError (554 looks"),
        (
            {b"EHLO": "250-sink\r\n250 AUTH PLAIN", b"AUTH": "535 no such password"},
            {"EMAIL_HOST_USER": "app", "EMAIL_HOST_PASSWORD": "geheim"},
            "Credentials: 127.0.0.1:{port} refuses to sign in app (535 no such password)",
        ),
        ({}, {"EMAIL_HOST_USER": "app", "EMAIL_HOST_PASSWORD": "geheim"}, "lets nobody sign in"),
        ({}, {"EMAIL_USE_TLS": True}, "TLS: 127.0.0.1:{port} offers no STARTTLS"),
        ({}, {"EMAIL_USE_SSL": True}, "TLS: 127.0.0.1:{port} does not begin with TLS"),
        ({}, {"EMAIL_HOST": "mail.invalid"}, "Host: mail.invalid is not known"),
        ({}, {"EMAIL_PORT": free_port()}, "Host: nothing takes mails at 127.0.0.1"),
    ],
)
def test_the_command_says_what_failed(
    sink: SmtpSink, settings: Any, answers: Any, changed: Any, words: str
) -> None:
    sink.answers = answers
    for name, value in changed.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError) as failed:
        said()
    assert words.format(port=sink.port) in str(failed.value)
    assert "geheim" not in str(failed.value)
    assert not sink.mails


def test_what_is_no_address_is_not_tried(sink: SmtpSink) -> None:
    with pytest.raises(CommandError, match="no e-mail address"):
        said("ops@")
    assert sink.connections == 0


@pytest.mark.django_db(transaction=True)
def test_an_admin_sees_what_became_of_their_test_message(
    world: World, client: Client, sink: SmtpSink
) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    page = client.get(place.path("deliveries")).content.decode()
    assert "None yet." in page
    assert "peerlearn, Halden Grid" in page
    sink.answers = {b"RCPT": "550 no such person"}
    asked = client.post(place.path("deliveries_test"), follow=True).content.decode()
    assert "A test message to runa@halden.example is on its way." in asked
    assert "not sent yet" in asked
    work()
    assert "refuses the address" in client.get(place.path("deliveries")).content.decode()
    sink.answers = {}
    Outbox.objects.all().try_again()
    work()
    (mail,) = sink.mails
    assert mail["Subject"] == "A test message of Halden Grid"
    assert "runa@halden.example" in mail["To"]
    assert "The mail server took it" in client.get(place.path("deliveries")).content.decode()
    for _ in range(3):
        refused = client.post(place.path("deliveries_test"), follow=True).content.decode()
    assert "too many tries" in refused
    assert Outbox.objects.count() <= 2
