"""The description of the API, its page, and that they say the truth."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from peerlearn.api.schema import described
from peerlearn.organizations.checks import routes
from tests.world import World


def test_every_address_is_described(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    description = client.get(place.path("api_schema")).json()
    assert description["servers"] == [{"url": f"/o/{place.organization.slug}"}]
    opened = {
        pattern.name: "/" + path.replace("<str:", "{").replace("<int:", "{").replace(">", "}")
        for path, pattern in routes(settings.ORGANIZATION_URLCONF)
        if path.startswith("api/v1/") and pattern.name != "api_nowhere"
    }
    assert set(opened.values()) == set(description["paths"])
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (path, method)
            assert operation["security"] == [{"token": []}], (path, method)
            assert {"401", "403", "404", "429", "default"} <= set(operation["responses"])


def test_it_is_made_without_a_warning(capsys: Any, recwarn: pytest.WarningsRecorder) -> None:
    from peerlearn.api.schema import _described

    _described.cache_clear()
    described("/o/x/")
    assert "Warning" not in capsys.readouterr().err


def test_the_page_holds_no_script_and_no_style(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.employee)
    page = client.get(place.path("api_docs"))
    assert page.status_code == 200
    assert b"<style" not in page.content
    assert b"swagger-ui/swagger-ui-bundle.js" in page.content
    assert client.get("/static/swagger-ui/swagger-ui-bundle.js").status_code == 200
