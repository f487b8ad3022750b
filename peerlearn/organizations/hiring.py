"""Taking somebody on: user, membership, employee and first assignment together."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.db import transaction

from peerlearn.organizations.models import (
    Assignment,
    CostBand,
    Employee,
    Membership,
    Organization,
    Team,
    User,
)
from peerlearn.organizations.queries import normalized_email
from peerlearn.organizations.scoping import require_organization_id


def hire(
    *,
    name: str,
    email: str,
    hired_on: date,
    team: Team | None = None,
    manager: Employee | None = None,
    job_title: str = "",
    cost_band: CostBand | None = None,
    number: str = "",
    leaving_on: date | None = None,
    time_zone: str | None = None,
    working_days: list[int] | None = None,
    day_starts: time | None = None,
    day_ends: time | None = None,
    twelve_hour_clock: bool = False,
    is_hr: bool = False,
    is_admin: bool = False,
) -> Employee:
    """Add an employee to the organization of the scope.

    What is not given (time zone, working week) is the organization's. The user of that e-mail is
    made if there is none, without a password: they sign in with a code sent to that e-mail.
    Nothing of an existing user is changed. A second employee with the same e-mail or number
    raises IntegrityError.
    """
    organization = Organization.objects.get(pk=require_organization_id())
    week: dict[str, Any] = {
        "time_zone": time_zone or organization.time_zone,
        "working_days": working_days or organization.working_days,
        "day_starts": day_starts or organization.day_starts,
        "day_ends": day_ends or organization.day_ends,
    }
    with transaction.atomic():
        user = User.objects.for_email(email)
        membership, _ = Membership.objects.get_or_create(user=user, organization=organization)
        employee: Employee = Employee.objects.create(
            membership=membership,
            name=name.strip(),
            email=normalized_email(email),
            number=number.strip(),
            hired_on=hired_on,
            leaving_on=leaving_on,
            twelve_hour_clock=twelve_hour_clock,
            is_hr=is_hr,
            is_admin=is_admin,
            team=team,
            manager=manager,
            job_title=job_title,
            cost_band=cost_band,
            **week,
        )
        Assignment.objects.create(
            employee=employee,
            team=team,
            manager=manager,
            job_title=job_title,
            cost_band=cost_band,
            valid_from=hired_on,
        )
    return employee
