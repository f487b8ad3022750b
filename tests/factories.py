"""Rows for tests, made by the verbs that pages use. Call those below inside `with scope(…)`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.utils.text import slugify

from peerlearn.organizations.hiring import hire
from peerlearn.organizations.models import CostBand, Employee, Organization, Team, User
from peerlearn.organizations.scoping import scope

BEGAN_AT = datetime(2025, 1, 6, 8, tzinfo=UTC)
HIRED_ON = date(2025, 1, 6)
PASSWORD = "a long walk along the lake"

_numbers = count(1)


def make_organization(name: str = "Halden Grid", **values: Any) -> Organization:
    """An organization without anybody in it. The one that needs no scope."""
    values = {"time_zone": "Europe/Oslo", "created_at": BEGAN_AT, **values}
    return Organization.objects.create(name=name, slug=slugify(name), **values)


def inside(organization: Organization) -> Any:
    """`with inside(organization):` is the organization's scope."""
    return scope(organization.pk)


def make_team(name: str | None = None, *, parent: Team | None = None) -> Team:
    team: Team = Team.objects.create(name=name or f"Team {next(_numbers)}", parent=parent)
    return team


def make_employee(
    name: str | None = None, *, email: str | None = None, came: bool = True, **values: Any
) -> Employee:
    """Takes what `hire` takes; the e-mail is made of the name unless it is given. Has been in,
    unless `came` is false."""
    name = name or f"Person {next(_numbers)}"
    email = email or f"{slugify(name).replace('-', '.') or next(_numbers)}@example.org"
    employee = hire(name=name, email=email, **{"hired_on": HIRED_ON, **values})
    if came:
        employee.membership.enter(at=BEGAN_AT)
    return employee


def make_cost_band(name: str = "B", *, hourly_cost: str = "61") -> CostBand:
    band: CostBand = CostBand.objects.create(name=name, hourly_cost=hourly_cost)
    return band


def user_of(employee: Employee) -> User:
    """Needs no scope: user and membership stand outside the fence."""
    return User.objects.get(memberships=employee.membership_id)


def set_password(employee: Employee, password: str = PASSWORD) -> None:
    """Those who are hired have none until they choose one."""
    user = user_of(employee)
    user.set_password(password)
    user.save(update_fields=["password"])
