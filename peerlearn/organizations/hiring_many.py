"""What `hiring.py` does, for thousands at once: the same rows by few statements.

Belongs to whoever has worked out before what is to be done, such as an import. Each of these is one
transaction, under the lock of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from peerlearn.organizations import reporting_lines
from peerlearn.organizations.hiring import (
    duplicates_named,
    move_first_day,
    move_sign_in,
    plan_the_ends,
    refuse_the_access,
)
from peerlearn.organizations.models import (
    Assignment,
    Employee,
    Membership,
    Organization,
    User,
)
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.queries import normalized_email
from peerlearn.organizations.scoping import require_organization_id

TOGETHER = 1000  # rows of one statement
_COLUMNS = {name: f"{name}_id" for name in ("team", "manager", "cost_band")}
_COLUMNS["job_title"] = "job_title"
PLACE = tuple(_COLUMNS)
_PERSON = ("name", "number", "hired_on", "leaving_on", "country", "region")
_WEEK = ("time_zone", "working_days", "day_starts", "day_ends")
OnDone = Callable[[int], None]  # is told how many more are done


@dataclass(frozen=True)
class Amendment:
    """What becomes of an employee: only the fields that `values` holds, as `amend` knows them.
    The time zone and the working week, which people settle themselves, are none of them."""

    employee: Employee
    values: Mapping[str, Any]


def _nothing(done: int) -> None:
    """Nobody wants to know."""


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + TOGETHER] for at in range(0, len(rows), TOGETHER))


# --- Taking on ---------------------------------------------------------------------------------
def hire_all(people: Sequence[Mapping[str, Any]], on_done: OnDone = _nothing) -> list[Employee]:
    """Take on everybody; each holds what `hire` takes, without roles, and where they work. The
    week is the organization's as far as nothing else is said.

    Raises ValidationError as `hire` does, and then nobody is taken on.
    """
    organization = Organization.objects.get(pk=require_organization_id())
    hired: list[Employee] = []
    with duplicates_named(), transaction.atomic():
        for batch in _batches(people):
            hired += _hire(batch, organization)
            on_done(len(batch))
    return hired


def _hire(people: Sequence[Mapping[str, Any]], organization: Organization) -> list[Employee]:
    emails = [normalized_email(person["email"]) for person in people]
    memberships = _memberships_for(emails, organization)
    week = {name: getattr(organization, name) for name in _WEEK}
    employees: list[Employee] = Employee.objects.bulk_create(
        Employee(
            **{**week, **person, "name": person["name"].strip(), "email": email},
            membership=memberships[email],
        )
        for person, email in zip(people, emails, strict=True)
    )
    Assignment.objects.bulk_create(
        Assignment(
            employee=employee,
            valid_from=employee.hired_on,
            **{column: getattr(employee, column) for column in _COLUMNS.values()},
        )
        for employee in employees
    )
    plan_the_ends([employee for employee in employees if employee.leaving_on is not None])
    return employees


def _memberships_for(emails: Sequence[str], organization: Organization) -> dict[str, Membership]:
    """Users are made where there are none; nothing of those who exist is changed."""
    there = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    User.objects.bulk_create(
        (User(email=email, password=make_password(None)) for email in sorted(set(emails) - there)),
        ignore_conflicts=True,
    )
    users = {user.email: user for user in User.objects.filter(email__in=emails)}
    made = Membership.objects.bulk_create(
        [
            Membership(user=users[email], organization=organization)
            for email in dict.fromkeys(emails)
        ],
        update_conflicts=True,
        update_fields=["active"],
        unique_fields=["user", "organization"],
    )
    return dict(zip(dict.fromkeys(emails), made, strict=True))


# --- Correcting --------------------------------------------------------------------------------
def amend_all(
    amendments: Sequence[Amendment],
    *,
    on: date,
    at: datetime,
    by: Employee | None,
    on_done: OnDone = _nothing,
) -> None:
    """Correct everybody; places change from the day `on`, or from when a later one begins.

    Raises ValidationError as `amend` does, and then nobody is corrected.
    """
    with duplicates_named(), transaction.atomic():
        lock_the_tree(require_organization_id())
        for batch in _batches(amendments):
            _amend(batch, on=on, at=at, by=by)
            on_done(len(batch))
        _refuse_loops()


def _amend(amendments: Sequence[Amendment], *, on: date, at: datetime, by: Employee | None) -> None:
    _refuse_admins(amendments, by)
    for amendment in amendments:
        employee, values = amendment.employee, amendment.values
        first = values.get("hired_on", employee.hired_on)
        if first != employee.hired_on:
            move_first_day(employee, first)
        if normalized_email(values.get("email", employee.email)) != employee.email:
            move_sign_in(employee, values["email"], by=by, at=at)
    _change_places(amendments, on)
    ends = [
        amendment.employee
        for amendment in amendments
        if amendment.values.get("leaving_on", amendment.employee.leaving_on)
        != amendment.employee.leaving_on
    ]
    written = {"email", "membership"}
    for amendment in amendments:
        for name in (*_PERSON, *PLACE):
            if name in amendment.values:
                setattr(amendment.employee, name, amendment.values[name])
                written.add(name)
    people = [amendment.employee for amendment in amendments]
    Employee.objects.bulk_update(people, sorted(written), batch_size=TOGETHER // 4)
    plan_the_ends(ends)


def _refuse_admins(amendments: Sequence[Amendment], by: Employee | None) -> None:
    """As `amend`, of those who are admins now, under the lock."""
    keys = [one.employee.pk for one in amendments]
    admins = Employee.objects.filter(is_admin=True).in_bulk([*keys, *([by.pk] if by else [])])
    if by is None or by.pk in admins:
        return
    for one in amendments:
        if (present := admins.get(one.employee.pk)) is not None:
            refuse_the_access(
                present,
                email=one.values.get("email", present.email),
                leaving_on=one.values.get("leaving_on", present.leaving_on),
            )


def _change_places(amendments: Sequence[Amendment], on: date) -> None:
    """As `Employee.assign`: two changes on one day leave one assignment."""
    moved = [one for one in amendments if any(name in one.values for name in PLACE)]
    rows = Assignment.objects.filter(employee__in=[one.employee.pk for one in moved], valid_to=None)
    present = {row.employee_id: row for row in rows}
    ended, replaced, begun = [], [], []
    for one in moved:
        current = present.get(one.employee.pk)
        place = {column: _in(one, name, column) for name, column in _COLUMNS.items()}
        if current is not None:
            if all(getattr(current, column) == value for column, value in place.items()):
                continue
            if on > current.valid_from:
                current.valid_to = on
                ended.append(current)
            else:
                replaced.append(current.pk)
        begins = max(on, current.valid_from) if current else on
        begun.append(Assignment(employee=one.employee, valid_from=begins, **place))
    Assignment.objects.bulk_update(ended, ["valid_to"])
    Assignment.objects.filter(pk__in=replaced).delete()
    Assignment.objects.bulk_create(begun)


def _in(amendment: Amendment, name: str, column: str) -> Any:
    """What stands in that column afterwards: an id, or the job title."""
    if name not in amendment.values:
        return getattr(amendment.employee, column)
    value = amendment.values[name]
    return getattr(value, "pk", value)


def _refuse_loops() -> None:
    """Asked under the lock, once everybody has their place."""
    looped = reporting_lines.loops(dict(Employee.objects.values_list("pk", "manager")))
    if looped:
        name = Employee.objects.get(pk=min(looped)).name
        raise ValidationError(
            {"manager": _("%(name)s would report to themselves.") % {"name": name}}
        )
