"""Taking somebody on and correcting what is known of them: user, membership, employee and
assignments together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import Due, enqueue_all, withdraw
from peerlearn.organizations.ending import endings
from peerlearn.organizations.fields import DAY_OUT_OF_REACH
from peerlearn.organizations.models import (
    Assignment,
    CostBand,
    EmailChange,
    Employee,
    Membership,
    Organization,
    Team,
    User,
)
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.queries import normalized_email
from peerlearn.organizations.scoping import require_organization_id

LAST_DAY_OVER = "last_day_over"  # about the employee; once for each last day that was set

# What `amend` writes: never the roles or the access, which others may be changing.
_AMENDED = [
    "name",
    "email",
    "number",
    "membership",
    "hired_on",
    "leaving_on",
    "time_zone",
    "working_days",
    "day_starts",
    "day_ends",
]


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
    raises ValidationError that names the field.
    """
    organization = Organization.objects.get(pk=require_organization_id())
    week: dict[str, Any] = {
        "time_zone": time_zone or organization.time_zone,
        "working_days": working_days or organization.working_days,
        "day_starts": day_starts or organization.day_starts,
        "day_ends": day_ends or organization.day_ends,
    }
    with duplicates_named(), transaction.atomic():
        employee: Employee = Employee.objects.create(
            membership=_membership_for(email, organization.pk),
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
        _plan_the_end(employee)
    return employee


def amend(
    employee: Employee,
    *,
    name: str,
    email: str,
    number: str,
    hired_on: date,
    leaving_on: date | None,
    time_zone: str,
    working_days: list[int],
    day_starts: time,
    day_ends: time,
    team: Team | None,
    manager: Employee | None,
    job_title: str,
    cost_band: CostBand | None,
    on: date,
    at: datetime,
    by: Employee | None = None,
) -> None:
    """Correct an employee's data; their place changes from the day `on`.

    Another e-mail is told to the one before, with who changed it (`by`).

    Raises ValidationError, with the field where there is one, for a loop in the reporting line,
    for a day before the last change, for a first day after it, for a duplicate, and for another
    e-mail or last day of an admin when `by` is none.
    """
    with duplicates_named(), transaction.atomic():
        lock_the_tree(employee.organization_id)
        # Somebody may have changed them, or who is an admin, since they were read.
        employee.refresh_from_db()
        if employee.is_admin and by is not None:
            by.refresh_from_db(fields=["is_admin"])
            if not by.is_admin:
                refuse_the_access(employee, email=email, leaving_on=leaving_on)
        if hired_on != employee.hired_on:
            move_first_day(employee, hired_on)
        employee.assign(team=team, manager=manager, job_title=job_title, cost_band=cost_band, on=on)
        if normalized_email(email) != employee.email:
            move_sign_in(employee, email, by=by, at=at)
        employee.name, employee.number = name.strip(), number.strip()
        employee.hired_on, employee.leaving_on = hired_on, leaving_on
        employee.time_zone, employee.working_days = time_zone, working_days
        employee.day_starts, employee.day_ends = day_starts, day_ends
        employee.save(update_fields=_AMENDED)
        _plan_the_end(employee)


def refuse_the_access(employee: Employee, *, email: str, leaving_on: date | None) -> None:
    if normalized_email(email) != employee.email:
        raise ValidationError({"email": _("Only an admin changes the e-mail of an admin.")})
    if leaving_on != employee.leaving_on:
        raise ValidationError({"leaving_on": _("Only an admin sets the last day of an admin.")})


def end_after_last_day(employee_id: int, *, at: datetime) -> None:
    """End the access of somebody whose last day is over, by their own clock.

    Raises ValidationError for the last admin.
    """
    employee = Employee.objects.current().filter(pk=employee_id).first()
    if employee is None or employee.leaving_on is None:
        return
    if at.astimezone(employee.zone).date() > employee.leaving_on:
        employee.deactivate(at=at)
    else:  # they have moved to a zone in which it is still that day
        _plan_the_end(employee)


def _plan_the_end(employee: Employee) -> None:
    """The outbox ends their access at the midnight after their last day."""
    plan_the_ends([employee])


def plan_the_ends(people: Sequence[Employee]) -> None:
    """The same of any number of them."""
    withdraw(LAST_DAY_OVER, [employee.pk for employee in people])
    enqueue_all(
        Due(
            LAST_DAY_OVER,
            employee.pk,
            due_at=datetime.combine(
                employee.leaving_on + timedelta(days=1), time(), tzinfo=employee.zone
            ),
            occurrence=employee.leaving_on.isoformat(),
        )
        for employee in people
        if employee.leaving_on is not None
    )


def _membership_for(email: str, organization_id: int) -> Membership:
    """One that lets them in, made or let in again."""
    user = User.objects.for_email(email)
    (membership,) = Membership.objects.bulk_create(
        [Membership(user=user, organization_id=organization_id)],
        update_conflicts=True,
        update_fields=["active"],
        unique_fields=["user", "organization"],
    )
    return membership


def move_sign_in(employee: Employee, email: str, *, by: Employee | None, at: datetime) -> None:
    """Another e-mail is another user: the old one may also work for other organizations.

    Whoever owns the new e-mail acts as this person from now on, so that the old one is told.
    """
    change = EmailChange.objects.create(
        employee=employee, by=by, before=employee.email, after=normalized_email(email), at=at
    )
    Notification.deliver(employee, "email_changed", subject_id=change.pk, due_at=at)
    before, employee.email = employee.membership_id, change.after
    employee.membership = _membership_for(email, employee.organization_id)
    after = None if employee.active else employee.membership_id
    ended = [one for one in (before, after) if one is not None]
    Membership.objects.filter(pk__in=ended).update(active=False)
    for ending in endings():
        ending.end_for_the_old_email(employee, at=at)


def move_first_day(employee: Employee, hired_on: date) -> None:
    first = Assignment.objects.filter(employee=employee).order_by("valid_from").first()
    if first is None:
        return
    if first.valid_to is not None and hired_on >= first.valid_to:
        raise ValidationError(
            {
                "hired_on": _("Their place changed on %(day)s, so they were here before that.")
                % {"day": first.valid_to.isoformat()}
            }
        )
    first.valid_from = hired_on
    first.save(update_fields=["valid_from"])


@contextmanager
def duplicates_named() -> Iterator[None]:
    """A constraint of employees that is broken becomes a message beside its field."""
    try:
        yield
    except IntegrityError as broken:
        taken = _("Somebody here already has this e-mail.")
        messages = {
            "employee_email": {"email": taken},
            "employee_membership": {"email": taken},
            "employee_number": {"number": _("Somebody here already has this number.")},
            "employee_hired_in_reach": {"hired_on": str(DAY_OUT_OF_REACH)},
            "employee_leaves_in_reach": {"leaving_on": str(DAY_OUT_OF_REACH)},
        }
        name = getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None)
        if name not in messages:
            raise
        raise ValidationError(dict(messages[name])) from broken
