"""Signing in, and beginning an organization, over HTTP."""

from __future__ import annotations

import re
import smtplib
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client, override_settings

from demo.people import Person
from peerlearn.organizations.identity import AccountAdapter
from peerlearn.organizations.models import Employee, Organization, User
from peerlearn.organizations.scoping import scope
from tests.factories import PASSWORD, inside, make_employee, set_password, user_of
from tests.world import World

pytestmark = pytest.mark.django_db
BEGIN = {
    "organization": "Sørlandet Kraft",
    "name": "Ingrid Solheim",
    "email": "Ingrid@Kraft.example",
    "time_zone": "Europe/Oslo",
    "agreed": "on",
}
NO_SERVER = "django.core.mail.backends.locmem.EmailBackend.send_messages"


@pytest.fixture(autouse=True)
def no_throttles(db: None) -> None:
    cache.clear()


def last_code() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def sign_in(client: Client, email: str, password: str, **more: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def without_secrets(content: bytes) -> str:
    return re.sub(r'value="[^"]*"|[\w.]+@[\w.]+|\w•••@[\w.]+', "", content.decode())


# --- Password --------------------------------------------------------------------------------
def test_with_a_password(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    response = sign_in(client, world.halden.employee.email.upper(), PASSWORD)
    assert response.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == "/o/halden-grid/"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(world: World) -> None:
    set_password(world.halden.employee)
    answers = [
        sign_in(Client(), email, "a wrong one")
        for email in (world.halden.employee.email, "nobody@halden.example")
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert b"E-mail and password do not match." in answers[0].content
    known, unknown = (without_secrets(answer.content) for answer in answers)
    assert known == unknown


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_only_own_paths_lead_on(world: World, client: Client, target: str) -> None:
    set_password(world.halden.employee)
    response = sign_in(client, world.halden.employee.email, PASSWORD, next=target)
    assert response.headers["Location"] == "/"


def test_an_own_path_leads_on(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    path = world.halden.path("employees")
    asked = client.get(path)
    assert asked.headers["Location"].startswith("/account/login/?next=")
    page = client.get(asked.headers["Location"])
    assert re.search(rf'name="next"\s+value="{path}"', page.content.decode())
    response = sign_in(client, world.halden.employee.email, PASSWORD, next=path)
    assert response.headers["Location"] == path


def test_changing_the_password_ends_other_sessions(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    world.sign_in(client, world.halden.employee)
    elsewhere = world.sign_in(Client(), world.halden.employee)
    new = "eleven otters and a heron"
    path = "/account/password/change/"
    wrong = client.post(path, {"oldpassword": "no", "password1": new})
    assert wrong.status_code == 422
    short = client.post(path, {"oldpassword": PASSWORD, "password1": "short"})
    assert short.context["form"].errors.keys() == {"password1"}
    assert client.post(path, {"oldpassword": PASSWORD, "password1": new}).status_code == 302
    assert client.get(world.halden.path("employees")).status_code == 200
    assert elsewhere.get(world.halden.path("employees")).status_code == 302


def test_who_has_none_chooses_a_password(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    assert client.get("/account/password/change/").headers["Location"] == "/account/password/set/"
    assert client.post("/account/password/set/", {"password1": PASSWORD}).status_code == 302
    assert user_of(world.halden.employee).check_password(PASSWORD)


def test_signing_out_is_a_post(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    assert client.get("/account/logout/").status_code == 200
    assert client.get(world.halden.path("employees")).status_code == 200
    assert client.post("/account/logout/").status_code == 302
    assert client.get(world.halden.path("employees")).status_code == 302


# --- Codes -----------------------------------------------------------------------------------
def test_with_a_code(world: World, client: Client) -> None:
    path = world.halden.path("my_profile")
    asked = client.post(
        "/account/code/", {"email": world.halden.employee.email.upper(), "next": path}
    )
    assert asked.status_code == 302
    (sent,) = mail.outbox
    assert sent.to == [world.halden.employee.email]
    assert sent.subject == f"{last_code()} is your code to sign in"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    html = str(sent.alternatives[0].content)  # type: ignore[attr-defined]  # EmailMultiAlternatives
    assert last_code() in html
    assert "class=" not in html
    wrong = client.post(asked.headers["Location"], {"code": "1"})
    assert wrong.status_code == 422
    right = client.post(asked.headers["Location"], {"code": last_code(), "next": path})
    assert right.headers["Location"] == path
    assert client.get(path).status_code == 200


def test_known_and_unknown_get_the_same_answer_and_one_mail_each(world: World) -> None:
    pages = []
    for email in (world.halden.employee.email, "nobody@halden.example"):
        client = Client()
        mail.outbox.clear()
        asked = client.post("/account/code/", {"email": email})
        assert asked.headers["Location"] == "/account/code/confirm/"
        assert len(mail.outbox) == 1
        pages.append(without_secrets(client.get(asked.headers["Location"]).content))
        wrong = client.post(asked.headers["Location"], {"code": "000000"})
        assert wrong.status_code == 422
        pages.append(without_secrets(wrong.content))
    assert pages[:2] == pages[2:]
    assert not re.search(r"\b\d{6}\b", str(mail.outbox[0].body))
    assert f"{settings.PUBLIC_ADDRESS}/begin/" in str(mail.outbox[0].body)


def test_a_code_is_gone_after_three_wrong_ones(world: World, client: Client) -> None:
    client.post("/account/code/", {"email": world.halden.employee.email})
    code = last_code()
    for _ in range(3):
        client.post("/account/code/confirm/", {"code": "1"})
    client.post("/account/code/confirm/", {"code": code})
    assert client.get(world.halden.path("employees")).status_code == 302


def test_who_mistyped_the_email_may_begin_again(world: World, client: Client) -> None:
    client.post("/account/code/", {"email": "mistyped@halden.example"})
    assert client.get("/account/login/").status_code == 200
    assert client.get("/account/code/").status_code == 200


def test_a_forgotten_password_is_replaced_by_a_code(world: World, client: Client) -> None:
    set_password(world.halden.employee)
    email = world.halden.employee.email
    asked = client.post("/account/password/reset/", {"email": email})
    assert asked.headers["Location"] == "/account/password/reset/confirm/"
    right = client.post(asked.headers["Location"], {"code": last_code()})
    assert right.headers["Location"] == "/account/password/reset/complete/"
    new = "eleven otters and a heron"
    assert client.post(right.headers["Location"], {"password1": new}).status_code == 302
    assert client.get(world.halden.path("employees")).status_code == 200
    assert sign_in(Client(), email, PASSWORD).status_code == 422


def test_a_reset_for_nobody_answers_the_same(world: World, client: Client) -> None:
    asked = client.post("/account/password/reset/", {"email": "nobody@halden.example"})
    assert asked.headers["Location"] == "/account/password/reset/confirm/"
    assert len(mail.outbox) == 1
    assert client.post(asked.headers["Location"], {"code": "123456"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/account/code/", {"email": "nils@halden.example"}),
        ("/account/code/", {"email": "nobody@halden.example"}),
        ("/account/password/reset/", {"email": "nils@halden.example"}),
        ("/begin/", BEGIN),
    ],
)
@pytest.mark.parametrize("fault", [smtplib.SMTPServerDisconnected, TimeoutError, OSError])
def test_a_mail_server_that_is_away_is_a_page_that_tries_again(
    world: World, client: Client, path: str, data: dict[str, str], fault: type[Exception]
) -> None:
    with patch(NO_SERVER, side_effect=fault("away")):
        response = client.post(path, data)
    assert response.status_code == 503
    assert b"Nothing is lost" in response.content
    again = dict(re.findall(r'name="(\w+)" value="([^"]*)"', response.content.decode()))
    assert {name: again[name] for name in data} == data
    assert client.post(path, data).status_code == 302


# --- Organizations ---------------------------------------------------------------------------
def test_signed_out_the_front_is_the_sign_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/account/login/"
    assert client.get("/organizations/").headers["Location"].startswith("/account/login/")


def test_who_works_for_two_chooses(world: World, client: Client) -> None:
    with inside(world.nordfjord.organization):
        make_employee("Nils Eriksen", email=world.halden.employee.email, job_title="Guest")
    world.sign_in(client, world.halden.employee)
    assert client.get("/").headers["Location"] == "/organizations/"
    page = client.get("/organizations/").content.decode()
    assert "Technician, Substations" in page
    assert "Guest" in page
    assert 'href="/o/nordfjord/"' in page


def test_a_suspended_organization_is_no_choice(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    Organization.objects.update(suspended_at=world.halden.organization.created_at)
    assert client.get(world.halden.path("employees")).status_code == 404
    assert b"Halden Grid" not in client.get("/organizations/").content


def test_beginning_an_organization(client: Client) -> None:
    asked = client.post("/begin/", BEGIN)
    assert asked.headers["Location"] == "/account/code/confirm/"
    assert not Organization.objects.exists()
    done = client.post(asked.headers["Location"], {"code": last_code()})
    organization = Organization.objects.get()
    assert organization.name == "Sørlandet Kraft"
    assert re.fullmatch(r"sorlandet-kraft-[0-9a-f]{8}", organization.slug)
    assert done.headers["Location"] == f"/o/{organization.slug}/start/"
    with scope(organization.pk):
        founder = Employee.objects.get()
    assert (founder.name, founder.email) == ("Ingrid Solheim", "ingrid@kraft.example")
    assert founder.is_hr
    assert founder.is_admin
    assert client.get(done.headers["Location"]).status_code == 200


def test_beginning_leaves_no_user_before_the_code(client: Client) -> None:
    asked = client.post("/begin/", BEGIN)
    client.post(asked.headers["Location"], {"code": "000000"})
    assert not User.objects.exists()
    client.post(asked.headers["Location"], {"code": last_code()})
    assert User.objects.get().email == "ingrid@kraft.example"


def test_when_founding_fails_the_same_code_works_again(client: Client) -> None:
    """Neither the code nor the mark that it holds once is used up."""
    client.raise_request_exception = False
    path = client.post("/begin/", BEGIN).headers["Location"]
    with patch("peerlearn.organizations.founding.hire", side_effect=OperationalError("timeout")):
        assert client.post(path, {"code": last_code()}).status_code == 500
    assert not Organization.objects.exists()
    assert client.post(path, {"code": last_code()}).headers["Location"].endswith("/start/")
    assert Organization.objects.get().name == BEGIN["organization"]


def test_twin_founding_after_signing_in_loses_what_was_typed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is another one by then, and the code is gone with the one before."""
    pre_login = AccountAdapter.pre_login
    monkeypatch.setattr(AccountAdapter, "pre_login", lambda *args, **kwargs: None)

    def late(adapter: Any, request: Any, user: Any, **kwargs: Any) -> Any:
        return pre_login(adapter, request, user, **kwargs)

    monkeypatch.setattr(AccountAdapter, "post_login", late)
    client.raise_request_exception = False
    path = client.post("/begin/", BEGIN).headers["Location"]
    with patch("peerlearn.organizations.founding.hire", side_effect=OperationalError("timeout")):
        assert client.post(path, {"code": last_code()}).status_code == 500
    client.post(path, {"code": last_code()})
    assert not Organization.objects.exists()


def test_beginning_answers_the_same_to_a_known_email(world: World) -> None:
    pages = []
    for email in (world.halden.employee.email, "new@kraft.example"):
        client = Client()
        asked = client.post("/begin/", {**BEGIN, "email": email})
        pages.append(without_secrets(client.get(asked.headers["Location"]).content))
    assert pages[0] == pages[1]
    assert [sent.subject[6:] for sent in mail.outbox] == [" is your code to sign in"] * 2


def test_a_code_for_another_email_founds_nothing(world: World, client: Client) -> None:
    client.post("/begin/", BEGIN)
    client.post("/account/code/", {"email": world.halden.employee.email})
    client.post("/account/code/confirm/", {"code": last_code()})
    assert Organization.objects.count() == 2


def test_who_is_signed_in_begins_another_at_once_and_once(world: World) -> None:
    client = world.sign_in(Client(enforce_csrf_checks=True), world.halden.employee)
    page = client.get("/begin/").content.decode()
    assert 'name="email"' not in page
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    data = {**BEGIN, "csrfmiddlewaretoken": found[1]}
    assert client.post("/begin/", data).headers["Location"].endswith("/start/")
    assert client.post("/begin/", data).headers["Location"] == "/organizations/"
    assert Organization.objects.filter(name="Sørlandet Kraft").count() == 1


def test_the_address_does_not_tell_whether_a_name_is_taken(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    shapes = set()
    for name in ("Kraft", "Kraft", "Halden Grid"):
        once = {"csrfmiddlewaretoken": f"{len(shapes)}{name}{Organization.objects.count()}"}
        begun = client.post("/begin/", {**BEGIN, **once, "organization": name}).headers["Location"]
        shapes.add(re.sub(r"/o/(kraft|halden-grid)-[0-9a-f]{8}/start/", "random", begun))
    assert shapes == {"random"}
    assert Organization.objects.count() == 5


def test_beginning_many_is_limited(world: World, client: Client) -> None:
    """Each may send welcome mails."""
    world.sign_in(client, world.halden.employee)
    answers = [
        client.post("/begin/", {**BEGIN, "csrfmiddlewaretoken": str(number)})
        for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [302] * 10 + [422]
    assert "Please wait 24 hours." in answers[10].content.decode()
    assert BEGIN["organization"] in answers[10].content.decode()


@pytest.mark.parametrize("field", ["organization", "name", "email", "time_zone", "agreed"])
def test_beginning_wants_every_answer(client: Client, field: str) -> None:
    response = client.post("/begin/", {**BEGIN, field: ""})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["株式会社", "🏭", "=1+1", "Ω" * 200])
def test_an_organization_may_have_any_name(client: Client, name: str) -> None:
    client.post("/begin/", {**BEGIN, "organization": name})
    done = client.post("/account/code/confirm/", {"code": last_code()})
    assert client.get(done.headers["Location"]).status_code == 200
    assert Organization.objects.get().name == name


# --- Demo ------------------------------------------------------------------------------------
def test_the_demo_offers_its_people(world: World, client: Client) -> None:
    person = world.halden.employee
    offered = (Person(person.email, person.name, "books three days", "Halden Grid"),)
    with override_settings(DEMO=True), patch("demo.people.PEOPLE", offered):
        page = client.get("/account/login/")
        assert b"books three days" in page.content
        refused = client.post("/demo/sign-in/", {"email": world.halden.hr.email})
        assert refused.status_code == 404
        assert client.post("/demo/sign-in/", {"email": person.email}).status_code == 302
    assert client.get(world.halden.path("employees")).status_code == 200


def test_outside_the_demo_nobody_is_offered(world: World, client: Client) -> None:
    person = world.halden.employee
    with patch("demo.people.PEOPLE", (Person(person.email, person.name, "", ""),)):
        assert person.name.encode() not in client.get("/account/login/").content
        assert client.post("/demo/sign-in/", {"email": person.email}).status_code == 404
