"""Every route × method × actor of both URLconfs, held against the matrix."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from peerlearn.organizations.addresses import organization_path, script_prefix
from peerlearn.organizations.checks import routes
from peerlearn.organizations.scoping import scope
from peerlearn.web import csp
from tests.isolation.matrix import METHODS, Row

APPS = ("organizations", "notifications", "skills", "sessions", "analytics", "api")
INSIDE: dict[str, Row] = {}
PUBLIC: dict[str, Row] = {}
for app in APPS:
    rows = import_module(f"tests.isolation.rows_{app}")
    INSIDE |= rows.INSIDE
    PUBLIC |= rows.PUBLIC

ABSENT = "AAAAAAAAAAAA"
KEYED = ("employee", "manager", "hr", "admin")


def named_routes(urlconf: str) -> dict[str, str]:
    found = {}
    for path, pattern in routes(urlconf):
        assert pattern.name, f"{path} has no name"
        assert pattern.name not in found, f"two routes are named {pattern.name}"
        found[pattern.name] = path
    return found


def masked(content: bytes, path: str) -> bytes:
    """Without what differs on every answer: CSRF token, request id, the page's own address."""
    text = content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    text = re.sub(r'"X-CSRFToken": ?"[^"]+"|&quot;X-CSRFToken&quot;: ?&quot;[^&]+&quot;', "", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "", text)
    return text.replace(path, "").encode()


def test_every_route_has_a_row() -> None:
    assert set(named_routes(settings.ORGANIZATION_URLCONF)) == set(INSIDE)


def test_every_public_route_has_a_row() -> None:
    assert set(named_routes(settings.ROOT_URLCONF)) == set(PUBLIC)


def arguments(row: Row, side: Any) -> dict[str, Any]:
    if row.subject is None:
        return {}
    with scope(side.organization.pk):
        return row.subject(side)


def ask(
    client: Client,
    method: str,
    path: str,
    data: dict[str, Any],
    headers: dict[str, str] | None = None,
    json: bool = False,
) -> Any:
    """One request whose changes are undone."""
    with transaction.atomic():
        call = getattr(client, method.lower())
        body = (data,) if method in {"GET", "POST"} else ()
        as_json = {"content_type": "application/json"} if json and method != "GET" else {}
        response = call(path, *body, headers=headers, **as_json)
        transaction.set_rollback(True)
    assert response.headers[csp.HEADER] == csp.policy(settings.SECURE_CSP), (method, path)
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name in INSIDE if INSIDE[name].refused is None))
def test_inside(name: str, world: Any) -> None:
    row = INSIDE[name]
    ours, theirs = world.halden, world.nordfjord
    kwargs = arguments(row, ours)
    path = organization_path(ours.organization, name, **kwargs)
    foreign = {}
    if row.subject is not None:
        foreign_kwargs = arguments(row, theirs)
        foreign = {
            "another organization's": organization_path(ours.organization, name, **foreign_kwargs),
            "absent": organization_path(
                ours.organization,
                name,
                **{k: ABSENT if isinstance(v, str) else 10**12 for k, v in kwargs.items()},
            ),
        }
    nowhere = re.sub(r"^/o/[^/]+", "/o/no-such-organization", path)

    anonymous = Client()
    stranger, deactivated = Client(), Client()
    stranger.force_login(theirs.employee.membership.user)
    deactivated.force_login(ours.deactivated.membership.user)
    clients = {actor: Client() for actor in ("employee", "manager", "hr", "admin")}
    for actor, client in clients.items():
        client.force_login(getattr(ours, actor).membership.user)

    for method in METHODS:
        data = row.data if method == "POST" else {}
        for where in (path, nowhere):
            response = ask(anonymous, method, where, data)
            assert response.status_code == 302, (name, method, "anonymous", where)
            assert response["Location"].startswith("/account/login/"), (name, method)
        for outsider in (stranger, deactivated):
            answer = ask(outsider, method, path, data)
            missing = ask(outsider, method, nowhere, data)
            assert answer.status_code == missing.status_code == 404, (name, method, "outsider")
            assert masked(answer.content, path) == masked(missing.content, nowhere)
        for actor, client in clients.items():
            status = ask(client, method, path, data).status_code
            if method not in row.methods:
                expected = {405}
            elif actor in row.invisible:
                expected = {404}
            elif actor not in row.roles:
                expected = {403}
            else:
                expected = row.methods[method]
            assert status in expected, (name, method, actor, status, expected)
            if foreign and method in row.methods and actor in row.roles:
                bodies = {}
                for which, where in foreign.items():
                    response = ask(client, method, where, data)
                    assert response.status_code == 404, (name, method, actor, which)
                    bodies[which] = masked(response.content, where)
                assert len(set(bodies.values())) == 1, (name, method, actor)


@pytest.mark.django_db
def test_opened_by_a_key(world: Any) -> None:
    """Every route that a key opens has a row that says so, and holds it."""
    opened = {
        pattern.name
        for _path, pattern in routes(settings.ORGANIZATION_URLCONF)
        if hasattr(pattern.callback, "opened_by")
    }
    assert opened == {name for name, row in INSIDE.items() if row.refused}
    known: dict[Any, dict[str, Any]] = {}
    for name in sorted(opened):
        makes = INSIDE[name].headers
        if makes is not None and makes not in known:
            known[makes] = _keys(makes, world.halden, world.nordfjord)
        _ask_without_and_with_a_key(name, world, known.get(makes, {}))


def _ask_without_and_with_a_key(name: str, world: Any, keys: dict[str, Any]) -> None:
    """Signed in or not, without a key of this organization everybody is refused alike."""
    row = INSIDE[name]
    ours, theirs = world.halden, world.nordfjord
    kwargs = arguments(row, ours)
    path = organization_path(ours.organization, name, **kwargs)
    no_key = path
    if row.headers is None:
        absent = {k: ABSENT if isinstance(v, str) else v for k, v in kwargs.items()}
        no_key = organization_path(ours.organization, name, **absent)
    nowhere = re.sub(r"^/o/[^/]+", "/o/no-such-organization", no_key)
    foreign = organization_path(ours.organization, name, **arguments(row, theirs))
    signed_in = Client()
    signed_in.force_login(ours.hr.membership.user)
    for method in METHODS:
        data = row.data if method == "POST" else {}
        bodies = set()
        if keys and method not in row.methods:  # refused before anything else is looked at
            _ask_what_no_view_takes(name, method, path, keys["employee"], signed_in)
            continue
        for client in (Client(), signed_in):
            for where in (no_key, nowhere):
                answer = ask(client, method, where, data, json=row.json)
                assert answer.status_code == row.refused, (name, method, where)
                bodies.add(masked(answer.content, where))
        if row.headers is None:
            answer = ask(Client(), method, foreign, data)
            assert answer.status_code == row.refused, (name, method, "foreign key")
            bodies.add(masked(answer.content, foreign))
            status = ask(Client(), method, path, data).status_code
            assert status in row.methods.get(method, {405}), (name, method, status)
        else:
            answer = ask(Client(), method, path, data, keys["theirs"], row.json)
            assert answer.status_code == row.refused, (name, method, "foreign key")
            bodies.add(masked(answer.content, path))
            for actor in KEYED:
                _ask_with_header(row, name, method, path, foreign, actor, keys[actor])
        assert len(bodies) == 1, (name, method)


def _ask_what_no_view_takes(
    name: str, method: str, path: str, key: dict[str, str], signed_in: Client
) -> None:
    """One actor tells for all."""
    assert ask(signed_in, method, path, {}).status_code == INSIDE[name].refused, (name, method)
    assert ask(Client(), method, path, {}, key).status_code == 405, (name, method)


def _keys(makes: Any, ours: Any, theirs: Any) -> dict[str, dict[str, str]]:
    """Every actor's, and one of the other organization."""
    with scope(theirs.organization.pk):
        foreign = makes(theirs, "hr")
    with scope(ours.organization.pk):
        return {actor: makes(ours, actor) for actor in KEYED} | {"theirs": foreign}


def _ask_with_header(
    row: Row,
    name: str,
    method: str,
    path: str,
    foreign: str,
    actor: str,
    own: dict[str, str],
) -> None:
    data = row.data if method == "POST" else {}
    status = ask(Client(), method, path, data, own, row.json).status_code
    if actor in row.invisible:
        expected = {404}
    elif actor not in row.roles:
        expected = {403}
    else:
        expected = row.methods[method]
    assert status in expected, (name, method, actor, status, expected)
    if foreign != path and actor in row.roles:
        status = ask(Client(), method, foreign, data, own, row.json).status_code
        assert status == 404, (name, method, actor)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public(name: str, world: Any) -> None:
    """Outside every organization nothing shows or changes an organization's data."""
    row = PUBLIC[name]
    kwargs = row.subject(world) if row.subject else {}
    with script_prefix("/"):
        path = reverse(name, urlconf=settings.ROOT_URLCONF, kwargs=kwargs)
    signed_in = Client()
    signed_in.force_login(world.halden.employee.membership.user)
    for method in METHODS:
        for client in (Client(), signed_in):
            response = ask(client, method, path, row.data if method == "POST" else {})
            expected = row.methods.get(method, {405})
            assert response.status_code in expected, (name, method, response.status_code)
            assert world.nordfjord.organization.name.encode() not in response.content
