"""The proxy in front of web: it buffers, it waits for nobody long, it says who is asking."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from peerlearn.organizations.checks import routes

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PROXY = SERVICES["proxy"]
CONFIGURATION = re.sub(r"#.*", "", (ROOT / "proxy" / "nginx.conf").read_text())
SAID = dict(re.findall(r"^\s*(\w+)\s+([^;{]+);", CONFIGURATION, re.MULTILINE))


def seconds(directive: str) -> int:
    return int(SAID[directive].removesuffix("s"))


def test_the_configuration_in_the_repository_is_the_one_that_is_mounted() -> None:
    assert "./proxy/nginx.conf:/etc/nginx/nginx.conf:ro" in PROXY["volumes"]
    assert CONFIGURATION.count("{") == CONFIGURATION.count("}") > 5


def test_it_writes_no_addresses_and_no_paths_into_logs() -> None:
    """What opens a feed or an invitation stands in their paths."""
    assert SAID["access_log"] == "off"
    assert SAID["error_log"].split()[1] in ("crit", "alert", "emerg")


def test_a_thread_sees_a_request_once_it_is_whole() -> None:
    assert SAID["proxy_request_buffering"] == "on"
    assert SAID["proxy_buffering"] == "on"


def test_it_waits_for_nobody_long() -> None:
    for directive in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert 5 <= seconds(directive) <= 20, directive


def test_it_takes_what_the_largest_page_takes() -> None:
    urlconfs = (settings.ROOT_URLCONF, settings.ORGANIZATION_URLCONF)
    views = [route.callback for urlconf in urlconfs for _, route in routes(urlconf)]
    largest = max(getattr(view, "takes_files", 0) for view in views)
    assert largest + 1 <= int(SAID["client_max_body_size"].removesuffix("m")) <= 50


def test_web_learns_who_asks_and_how_from_one_proxy() -> None:
    said = set(re.findall(r"proxy_set_header\s+(\S+)\s+(\S+);", CONFIGURATION))
    assert ("X-Forwarded-For", "$proxy_add_x_forwarded_for") in said
    assert ("X-Forwarded-Proto", "$scheme") in said
    assert ("Host", "$host") in said
    for name in ("web", "worker", "beat"):
        environment = SERVICES[name]["environment"]
        assert environment["BEHIND_PROXY"] == "1"
        assert environment["TRUSTED_PROXY_COUNT"] == "${TRUSTED_PROXY_COUNT:-1}"


def test_the_ports_it_publishes_are_the_ones_it_listens_at() -> None:
    inside = {published.rsplit(":", 1)[1] for published in PROXY["ports"]}
    assert inside == set(re.findall(r"listen\s+(\d+)", CONFIGURATION))
    assert "return 308 https://" in CONFIGURATION


def test_where_it_writes_is_in_memory() -> None:
    written = re.findall(r"^\s*(?:\w+_temp_path|pid)\s+(\S+);", CONFIGURATION, re.MULTILINE)
    assert len(written) == 6
    assert all(place.startswith("/tmp/") for place in written)


def test_figures_are_not_public() -> None:
    assert re.search(r"location = /metrics\s*{\s*return 404;", CONFIGURATION)
