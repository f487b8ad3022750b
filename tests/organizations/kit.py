"""The form of an employee, as HR fills it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from peerlearn.organizations.models import Employee
from tests.world import Place

WEEK = {
    "time_zone": "Europe/Oslo",
    "working_days": ["0", "1", "2", "3", "4"],
    "day_starts": "08:00",
    "day_ends": "16:00",
}


def as_typed(person: Employee, **changes: Any) -> dict[str, Any]:
    """What the edit form holds of that person, with some answers changed."""
    team, manager = person.team, person.manager
    typed = {
        **WEEK,
        "name": person.name,
        "email": person.email,
        "number": person.number,
        "job_title": person.job_title,
        "team": team.public_id if team else "",
        "manager": manager.public_id if manager else "",
        "hired_on": person.hired_on.isoformat(),
        "on": "2025-06-02",
    }
    return {**typed, **changes}


def edit(client: Client, place: Place, person: Employee, **changes: Any) -> Any:
    path = place.path("employee_edit", public_id=person.public_id)
    with place.scope():
        data = as_typed(Employee.objects.get(pk=person.pk), **changes)
    return client.post(path, data)


def again(place: Place, person: Employee) -> Employee:
    with place.scope():
        found: Employee = Employee.objects.select_related("team", "manager").get(pk=person.pk)
        return found
