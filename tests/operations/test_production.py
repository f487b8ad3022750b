"""A production start refuses what would be unsafe, and says all of it at once."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings

WHOLE = {
    "SECRET_KEY": "s" * 60,
    "ALLOWED_HOSTS": "peerlearn.example",
    "PUBLIC_ADDRESS": "https://peerlearn.example",
    "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
    "REDIS_URL": os.environ.get("REDIS_URL", ""),
}
HOSTS = "ALLOWED_HOSTS must name your hosts"
UNSAFE = [
    ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must be set"),
    ({"DEBUG": "1"}, "DEBUG must not be set"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name your hosts"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name your hosts"),
    *(
        ({"ALLOWED_HOSTS": f"peerlearn.firm.example,{host}", "PUBLIC_ADDRESS": address}, HOSTS)
        for address in ["https://peerlearn.firm.example"]
        for host in [".", ".example", ".other.example", "*.firm.example", "https://firm.example"]
    ),
    ({"ALLOWED_HOSTS": ".example"}, HOSTS),
    ({"ALLOWED_HOSTS": "peerlearn.example:443"}, HOSTS),
    ({"BEHIND_PROXY": "1"}, "BEHIND_PROXY needs TRUSTED_PROXY_COUNT"),
    ({"EMAIL_URL": "smtp://mail.example:25"}, "EMAIL_URL must be smtp+tls://"),
    ({"PUBLIC_ADDRESS": "http://peerlearn.example"}, "PUBLIC_ADDRESS must be the https://"),
    ({"DATABASE_URL": ""}, "DATABASE_URL must name the serving role"),
    ({"REDIS_URL": ""}, "REDIS_URL must be set"),
]


def start(module: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Import a module as a production process would."""
    return run("-c", f"import {module}", **changes)


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], **WHOLE, **changes}
    return subprocess.run(
        [sys.executable, *arguments],
        env={key: value for key, value in variables.items() if value},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("change", "says"), UNSAFE, ids=[str(change) for change, _ in UNSAFE])
def test_settings_refuse(change: dict[str, str], says: str) -> None:
    ended = start("peerlearn.settings", **change)
    assert ended.returncode != 0
    assert says in ended.stderr


def test_everything_that_is_missing_is_said_at_once() -> None:
    ended = start("peerlearn.settings", **dict.fromkeys(WHOLE, ""))
    missing = [text for change, text in UNSAFE if set(change.values()) == {""}]
    assert all(text in ended.stderr for text in missing)
    assert "python3 manage.py demo" in ended.stderr


SAFE = [
    {},
    {"ALLOWED_HOSTS": "peerlearn.example,10.0.0.1,[::1],localhost"},
    {"ALLOWED_HOSTS": ".peerlearn.example"},
    {"ALLOWED_HOSTS": ".firm.example", "PUBLIC_ADDRESS": "https://peerlearn.firm.example"},
    {"EMAIL_URL": "smtp+tls://user:password@mail.example:587"},
    {"BEHIND_PROXY": "1", "TRUSTED_PROXY_COUNT": "1"},
    {"EMAIL_URL": "smtp+ssl://mail.example:465"},
    {"EMAIL_URL": "smtp://localhost:25", "EMAIL_WITHOUT_TLS": "1"},
]


@pytest.mark.parametrize("change", SAFE, ids=str)
def test_twin_whole_settings_start(change: dict[str, str]) -> None:
    assert start("peerlearn.settings", **change).returncode == 0


def test_mails_go_by_tls_unless_told_otherwise() -> None:
    asked = "from peerlearn import settings; print(settings.EMAIL_USE_TLS, settings.EMAIL_PORT)"
    assert run("-c", asked).stdout.split() == ["True", "587"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "process",
    [("-c", "import peerlearn.wsgi"), ("-m", "celery", "-A", "peerlearn", "worker", "-P", "solo")],
    ids=["web", "worker"],
)
def test_web_and_worker_refuse_the_owner_as_serving_role(process: tuple[str, ...]) -> None:
    from django.db import connection

    place = connection.settings_dict
    here = f"@{place['HOST']}:{place['PORT']}/{place['NAME']}"
    addresses = {
        who: f"postgres://{part.username}:{part.password}{here}"
        for who, part in (
            ("owner", urlsplit(os.environ["DATABASE_OWNER_URL"])),
            ("serving", urlsplit(os.environ["DATABASE_URL"])),
        )
    }
    refused = run(*process, DATABASE_URL=addresses["owner"])
    assert refused.returncode != 0
    assert "the role in DATABASE_URL owns tables" in refused.stderr
    assert start("peerlearn.wsgi", DATABASE_URL=addresses["serving"]).returncode == 0


MODES = ["DEMO", "TESTING"]
ELSEWHERE = [
    {},  # what a production's environment says
    {"ALLOWED_HOSTS": "localhost", "PUBLIC_ADDRESS": "http://192.168.0.7:8000"},
    {"ALLOWED_HOSTS": "localhost,*", "PUBLIC_ADDRESS": "http://localhost:8000"},
    {"ALLOWED_HOSTS": "localhost,.example", "PUBLIC_ADDRESS": "http://localhost:8000"},
    {"ALLOWED_HOSTS": "localhost.example", "PUBLIC_ADDRESS": "http://localhost:8000"},
    {"ALLOWED_HOSTS": "localhost", "PUBLIC_ADDRESS": "http://127.0.0.1.example"},
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("change", ELSEWHERE, ids=[str(change) for change in ELSEWHERE])
def test_demo_and_tests_serve_this_computer_alone(mode: str, change: dict[str, str]) -> None:
    ended = start("peerlearn.settings", **{mode: "1", **change})
    assert ended.returncode != 0
    assert "may name this computer alone" in ended.stderr


HERE = [
    {"ALLOWED_HOSTS": "", "PUBLIC_ADDRESS": ""},
    {"ALLOWED_HOSTS": "127.0.0.1,[::1]", "PUBLIC_ADDRESS": "http://[::1]:8001"},
    {"ALLOWED_HOSTS": "", "PUBLIC_ADDRESS": "", "DATABASE_URL": "postgres://a:b@db.example/c"},
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("change", HERE, ids=[str(change) for change in HERE])
def test_demo_and_tests_start_here_and_without_secrets(mode: str, change: dict[str, str]) -> None:
    assert start("peerlearn.settings", **{mode: "1", "SECRET_KEY": "", **change}).returncode == 0
