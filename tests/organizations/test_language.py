"""Pages in the language of the browser or of one's own choice; mails in the recipient's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from peerlearn.clock import now
from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.founding import found
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.templatetags.organizations import money
from tests.world import World

pytestmark = pytest.mark.django_db
GERMAN = {"headers": {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}}
WEEK = {
    "time_zone": "Europe/Oslo",
    "working_days": ["0", "1"],
    "day_starts": "08:00",
    "day_ends": "16:00",
}


def lang(response: Any) -> str:
    return response.content.decode().partition('<html lang="')[2].partition('"')[0]


def test_as_the_browser_says(client: Client) -> None:
    page = client.get(public_path("account_login"), **GERMAN)
    assert lang(page) == "de"
    assert "Willkommen zurück" in page.content.decode()
    assert page.headers["Content-Language"] == "de"
    assert "Accept-Language" in page.headers["Vary"]
    for other in ("en", "fr-CA,fr", "xx"):  # what is not offered is English
        english = client.get(public_path("account_login"), headers={"accept-language": other})
        assert lang(english) == "en"
        assert b"Welcome back" in english.content


def test_another_language_before_signing_in(client: Client) -> None:
    sign_in = public_path("account_login")
    chosen = client.post(public_path("set_language"), {"language": "de", "next": sign_in})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, sign_in)
    cookie = chosen.cookies["language"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert lang(client.get(sign_in)) == "de"
    client.post(public_path("set_language"), {"language": "tlh", "next": sign_in})
    assert lang(client.get(sign_in)) == "de"


def test_choosing_a_language_leads_nowhere_else(client: Client) -> None:
    data = {"language": "de", "next": "https://elsewhere.example/"}
    assert client.post(public_path("set_language"), data).headers["Location"] == "/"


def test_ones_own_choice_comes_before_the_browsers(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    assert lang(client.get(place.path("skills"))) == "en"
    kept = client.post(place.path("my_profile"), {**WEEK, "language": "de"}, follow=True)
    assert "Gespeichert. Zeiten werden ab jetzt so gezeigt." in kept.content.decode()
    page = client.get(place.path("skills"), headers={"accept-language": "en"})
    assert (lang(page), page.headers["Content-Language"]) == ("de", "de")
    assert lang(client.get("/o/halden-grid/no/such/page/")) == "de"
    # Nothing of it stays for whoever is served next.
    place.sign_in(client, place.colleague)
    assert lang(client.get(place.path("skills"))) == "en"


def test_a_language_that_is_not_offered_is_refused(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    assert client.post(place.path("my_profile"), {**WEEK, "language": "tlh"}).status_code == 422


def welcome(recipient: Employee) -> Notification:
    Notification.deliver(recipient, "welcome", subject_id=7, due_at=now())
    notification: Notification = Notification.objects.select_related(
        "recipient", "organization"
    ).get(recipient=recipient, subject_id=7)
    return notification


def test_mails_are_in_the_recipients_language(world: World) -> None:
    place = world.halden
    with place.scope():
        Employee.objects.filter(pk=place.employee.pk).update(language="de")
        german, english = tell(welcome(place.employee)), tell(welcome(place.colleague))
    assert german is not None
    assert english is not None
    assert german.title == "Halden Grid hat dich zu peerlearn hinzugefügt"
    assert '<html lang="de"' in german.html
    assert "Hallo Nils Eriksen" in german.text
    assert english.title == "Halden Grid has added you to peerlearn"


def test_who_has_chosen_none_gets_the_organizations(world: World) -> None:
    place = world.halden
    Organization.objects.filter(pk=place.organization.pk).update(language="de")
    with place.scope():
        Employee.objects.filter(pk=place.colleague.pk).update(language="en")
        told = [tell(welcome(person)) for person in (place.employee, place.colleague)]
    assert [words is not None and "hinzugefügt" in words.title for words in told] == [True, False]


def test_a_code_is_mailed_in_the_language_of_the_page(world: World, client: Client) -> None:
    path = public_path("account_request_login_code")
    client.post(path, {"email": world.halden.employee.email}, **GERMAN)
    assert mail.outbox[-1].subject.endswith("ist dein Code zum Anmelden")


def test_an_organization_begins_in_the_language_of_its_founder(db: None) -> None:
    with translation.override("de"):
        organization, _ = found(
            name="Elbwerk",
            time_zone="Europe/Berlin",
            founder_name="Jana Voß",
            founder_email="jana@elbwerk.example",
            at=now(),
        )
    assert organization.language == "de"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "words"),
    [
        ("en", "61", "EUR", "€61"),
        ("en", "1261.5", "EUR", "€1,261.50"),
        ("en", "61", "NOK", "NOK\N{NO-BREAK SPACE}61"),
        ("de", "61", "EUR", "61\N{NO-BREAK SPACE}€"),
        ("de", "1261.5", "EUR", "1.261,50\N{NO-BREAK SPACE}€"),
        ("tlh", "61", "EUR", "€61"),  # which the library does not know
        ("de", "0", "CHF", "0\N{NO-BREAK SPACE}CHF"),
    ],
)
def test_money_is_written_as_the_language_does(
    language: str, amount: str, currency: str, words: str
) -> None:
    with translation.override(language):
        assert money(Decimal(amount), currency) == words
