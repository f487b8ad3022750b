"""Logs name ids and routes; persons and secrets do not appear."""

import json
import logging
import re
import sys
from io import StringIO

import pytest
import structlog
from django.conf import settings
from django.test import RequestFactory

from peerlearn import logs
from peerlearn.logs import logging_settings, mask
from peerlearn.organizations.models import Employee

pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    """What production would write, as text. Puts the usual set-up back."""
    stream = StringIO()
    logging.config.dictConfig(logging_settings(as_json=True))
    logging.getLogger().handlers[0].setStream(stream)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_line_a_request_with_ids_and_no_persons(world, client, written):
    place = world.halden
    place.sign_in(client, place.employee)
    path = place.path("notifications")
    response = client.get(f"{path}?q=Nils+Eriksen&email=nils@halden.example")
    [line] = [line for line in lines(written) if line["event"] == "request"]
    assert line["route"] == "notifications"
    assert line["status"] == 200
    assert line["method"] == "GET"
    assert line["organization_id"] == place.organization.pk
    assert line["duration_ms"] >= 0
    assert line["request_id"] == response.headers["X-Request-ID"]
    text = written.getvalue()
    for personal in ("nils", "Nils", "Eriksen", "halden.example", path):
        assert personal not in text


def test_a_sign_in_leaves_no_trace_of_who(world, client, written):
    client.post(
        "/account/login/", {"login": "nils@halden.example", "password": "long walks by the lake"}
    )
    text = written.getvalue()
    assert '"request"' in text
    assert "nils" not in text
    assert "walks" not in text


def test_an_error_is_logged_without_its_values(world, written):
    with world.halden.scope():
        try:
            Employee.objects.create(
                name="Nils Eriksen",
                email="nils@halden.example",
                hired_on="2025-01-06",
                time_zone="UTC",
            )
        except Exception:
            logging.getLogger("peerlearn.test").exception("could not add %s", "nils@halden.example")
    [line] = lines(written)
    assert "IntegrityError" in line["exception"]
    assert line["organization_id"] == world.halden.organization.pk
    text = written.getvalue()
    for personal in ("nils@", "Eriksen", "halden.example"):
        assert personal not in text


def test_twin_unmasked_it_would_be_there(world, written, monkeypatch):
    monkeypatch.setattr(logs, "_MASKS", [])
    logging.getLogger("peerlearn.test").warning("mail to nils@halden.example")
    assert "nils@halden.example" in written.getvalue()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("to nils@halden.example failed", "nils"),
        ("password=hunter22 tried", "hunter22"),
        ('{"api_key": "k-123456"}', "k-123456"),
        ("Authorization: Bearer abc.def-ghi", "abc.def"),
        ("postgres://peerlearn_app:s3cret@db:5432/x", "s3cret"),
        ("redis://:s3cret@127.0.0.1:1/0", "s3cret"),
        ("Cookie: sessionid=qwertyuiop", "qwertyuiop"),
        ("duplicate key\nDETAIL:  Key (name)=(Nils) already exists.", "Nils"),
        ("csrftoken=aaabbbccc", "aaabbbccc"),
        ("554 https://x.example/o/halden-1/invitation/0123456789abcdef0123/ is spam", "0123456789"),
    ],
)
def test_masks(text, gone):
    assert gone not in mask(text)


def test_what_is_needed_stays():
    assert mask("effect_failed kind=notification id=12") == "effect_failed kind=notification id=12"


def test_request_ids(client, settings):
    made = client.get("/healthz").headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    given = {"X-Request-ID": "proxy-0123456789"}
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] != given["X-Request-ID"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] == given["X-Request-ID"]
    for bad in ("short", "x" * 65, "nils@halden.example", "two words here"):
        answer = client.get("/healthz", headers={"X-Request-ID": bad})
        assert answer.headers["X-Request-ID"] != bad


def test_routes_without_a_name(client, written):
    client.get("/nils@halden.example")
    [line] = [line for line in lines(written) if line["event"] == "request"]
    assert line["route"] == "none"
    assert "nils" not in written.getvalue()
    assert logs.route_of(RequestFactory().get("/static/css/base.css")) == "static"


def test_readable_in_the_demo():
    made = logging_settings(as_json=False)
    renderer = made["formatters"]["lines"]["processors"][-1]
    assert isinstance(renderer, structlog.dev.ConsoleRenderer)
    assert not sys.stderr.isatty() or renderer is not None


def test_a_wrong_host_is_one_line_without_it(client, written):
    assert client.get("/healthz", headers={"Host": "nils.evil.example"}).status_code == 400
    told = [line for line in lines(written) if line["event"] == "host_refused"]
    assert [line["level"] for line in told] == ["warning"]
    assert "evil" not in written.getvalue()
    assert "Traceback" not in written.getvalue()


def test_twin_django_alone_writes_the_host(client, written):
    logging.getLogger("django.security.DisallowedHost").filters.clear()
    client.get("/healthz", headers={"Host": "nils.evil.example"})
    assert "evil" in written.getvalue()


@pytest.mark.parametrize("masked", [True, False], ids=["", "twin"])
def test_a_failed_request_names_its_route_alone(world, client, written, monkeypatch, masked):
    place = world.halden
    path = place.path("employee", public_id=place.employee.public_id)
    monkeypatch.setattr("peerlearn.organizations.views_people.now", lambda: 1 / 0)
    client.raise_request_exception = False
    place.sign_in(client, place.employee)
    if not masked:
        logging.getLogger("django.request").filters.clear()
    assert client.get(path).status_code == 500
    assert (place.employee.public_id in written.getvalue()) is not masked
    if masked:
        [line] = [line for line in lines(written) if line["logger"] == "django.request"]
        assert line["event"] == "request_failed route=employee"
