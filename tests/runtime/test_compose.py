"""The production-like set: valid Compose, nothing as root, nothing published that need not be."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("roles", "migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STEPS = re.findall(r"^([A-Z]+) +(.*)$", DOCKERFILE, re.MULTILINE)


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    specification = jsonschema.Draft201909Validator(schema)
    specification.validate(COMPOSE)
    assert not specification.is_valid({"services": {"web": {"imagine": "peerlearn"}}})


def test_the_set_is_whole() -> None:
    assert set(SERVICES) == {"db", "redis", "proxy", *OURS}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout"} <= set(check)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_writes_to_its_image(name: str) -> None:
    service = SERVICES[name]
    assert service.get("user", "the image's") not in {"root", "0", 0, "0:0"}
    if name not in OURS:
        assert service["user"], "images of others start as root"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_kept_in_memory_has_a_size(name: str) -> None:
    assert SERVICES[name]["tmpfs"]
    for place in SERVICES[name]["tmpfs"]:
        assert re.fullmatch(r"/[\w/]+:size=\d+m,mode=1777", place), place


def test_only_the_proxy_publishes_ports() -> None:
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["db"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_our_services_share_one_image() -> None:
    images = {(SERVICES[name]["image"], SERVICES[name]["build"]) for name in OURS}
    assert images == {("peerlearn:${PEERLEARN_VERSION:-latest}", ".")}


def test_what_serves_does_not_know_the_owner() -> None:
    for name in ("web", "worker", "beat"):
        assert not [
            key for key in SERVICES[name]["environment"] if "OWNER" in key or "SUPER" in key
        ]
    assert SERVICES["migrate"]["environment"]["AS_OWNER"] == "1"


def test_secrets_come_from_the_environment_and_are_required() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    named = re.findall(r"\$\{([A-Z_]*(?:PASSWORD|SECRET)[A-Z_]*)([^}]*)\}", text)
    assert {name for name, _ in named} >= {"SECRET_KEY", "APP_PASSWORD", "OWNER_PASSWORD"}
    assert {rest for _, rest in named} == {":?"}


def test_the_commands_exist() -> None:
    from django.core.management import get_commands

    from peerlearn.runtime.commands import OWN

    for name in ("roles", "migrate"):
        program, script, command, *_ = SERVICES[name]["command"]
        assert (program, script) == ("python", "manage.py")
        assert command in OWN or command in get_commands()
    for name in ("worker", "beat"):
        assert SERVICES[name]["command"][:4] == ["celery", "-A", "peerlearn", name]
    assert (ROOT / "peerlearn" / "celery.py").is_file()
    assert (ROOT / "peerlearn" / "wsgi.py").is_file()
    assert '"gunicorn", "peerlearn.wsgi"' in dict(STEPS)["CMD"]


def test_a_service_waits_for_what_it_needs() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES
            ends = needed in {"roles", "migrate"}
            wanted = "service_completed_successfully" if ends else "service_healthy"
            assert how["condition"] == wanted, f"{name} → {needed}"


def test_the_image_does_not_run_as_root() -> None:
    users = [argument for step, argument in STEPS if step == "USER"]
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    copied = [argument.split() for step, argument in STEPS if step == "COPY"]
    sources = [part for parts in copied if parts[0][:2] != "--" for part in parts[:-1]]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored


def test_the_image_installs_the_lock_with_its_hashes() -> None:
    installs = [argument for step, argument in STEPS if step == "RUN" and "pip install" in argument]
    assert installs
    for install in installs:
        assert "--require-hashes" in install
        assert "--only-binary :all:" in install
