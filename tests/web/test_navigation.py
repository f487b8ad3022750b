from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import path

from peerlearn import urls_organization
from peerlearn.organizations.access import EVERYONE, allow
from peerlearn.organizations.models import Employee
from peerlearn.web.errors import bad_request
from peerlearn.web.navigation import ENTRIES, navigation
from peerlearn.web.theme import theme
from tests.world import World

ALL = [entry.route for _, entries in ENTRIES for entry in entries]
view = allow(EVERYONE)(bad_request)
urlpatterns = [
    *urls_organization.urlpatterns,
    *(path(f"all/{route}/", view, name=route) for route in ALL),
]


@pytest.fixture
def all_apps(settings: Any) -> None:
    """Every route that an entry leads to exists."""
    settings.ORGANIZATION_URLCONF = "tests.web.test_navigation"


def shown(world: World, employee: Employee) -> dict[str, Any]:
    request = RequestFactory().get("/")
    request.employee = employee  # type: ignore[attr-defined]  # as the organization middleware does
    with world.halden.scope():
        return navigation(request)


def keys(found: dict[str, Any]) -> list[str]:
    return [link.key for group in found["rail"] for link in group.links]


EVERYBODYS = ["home", "shadowing", "my_sessions", "my_skills", "notifications"]
EVERYBODYS += ["skills", "employees", "teams"]


@pytest.mark.usefixtures("all_apps")
@pytest.mark.parametrize(
    ("who", "also"),
    [
        ("employee", set()),
        ("manager", {"dashboard", "reports", "shifts"}),
        ("hr", {"dashboard", "reports", "settings", "imports", "shifts"}),
        ("admin", {"settings"}),
    ],
)
def test_each_role_sees_its_entries(world: World, who: str, also: set[str]) -> None:
    assert set(keys(shown(world, getattr(world.halden, who)))) == {*EVERYBODYS, *also}


@pytest.mark.usefixtures("all_apps")
def test_phones_show_four_and_the_rest_under_more(world: World) -> None:
    for who in ("employee", "manager", "hr"):
        found = shown(world, getattr(world.halden, who))
        assert len(found["tabs"]) == 4
        assert {link.key for link in [*found["tabs"], *found["more"]]} == set(keys(found))
    assert [link.key for link in shown(world, world.halden.hr)["tabs"]] == [
        "home",
        "dashboard",
        "shadowing",
        "reports",
    ]


def test_an_entry_without_a_route_is_hidden(world: World, settings: Any) -> None:
    settings.ORGANIZATION_URLCONF = "tests.web.no_urls"
    found = shown(world, world.halden.hr)
    assert found["rail"] == []
    assert found["tabs"] == []


def test_who_is_in_no_organization_has_no_rail(db: None) -> None:
    assert "rail" not in navigation(RequestFactory().get("/"))


@pytest.mark.usefixtures("kit_site")
def test_the_shell_names_its_employee_and_lets_them_leave(world: World, client: Client) -> None:
    world.sign_in(client, world.halden.employee)
    page = client.get(world.halden.path("kit")).content.decode()
    assert "Nils Eriksen" in page
    assert "Halden Grid" in page
    assert 'action="/account/logout/"' in page


@pytest.mark.parametrize(
    ("cookie", "printed"), [("dark", "dark"), ("light", "light"), ("auto", ""), ('"><b', "")]
)
def test_the_theme_is_one_of_ours(cookie: str, printed: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    assert theme(request) == {"theme": printed}
