"""Asking colleagues to confirm a level: few of them, and each at most once a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, Value, When

from peerlearn.notifications.models import Notice, Notification
from peerlearn.organizations.models import Employee
from skills.levels import Level
from skills.models import Proficiency, Skill

CONFIRMATION_ASKED = "confirmation_asked"  # about the recipient, once a day
ASKED = 3  # colleagues at most; the others see it on "My skills" all the same


def ask_to_confirm(employee: Employee, skills: Iterable[Skill], *, at: datetime) -> None:
    """Tell those who could confirm one of these levels, when their next working hours begin: the
    manager first, then others of the team. Three queries, however many skills."""
    day = at.astimezone(employee.organization.zone).date()
    asked = (
        Proficiency.objects.current()
        .unconfirmed(day)
        .filter(employee=employee, skill__in=list(skills), level__gte=Level.WITH_HELP)
    )
    reached = Proficiency.objects.current().filter(
        Exists(asked.filter(skill=OuterRef("skill"), level__lte=OuterRef("level"))),
        employee=OuterRef("pk"),
    )
    around = Q(pk=employee.manager_id) | Q(manager=employee)
    if employee.team_id is not None:
        around |= Q(team=employee.team_id)
    first = Case(When(pk=employee.manager_id, then=Value(0)), default=Value(1))
    peers = Employee.objects.current().filter(around, Exists(reached)).exclude(pk=employee.pk)
    Notification.deliver_all(
        Notice(peer, CONFIRMATION_ASKED, peer.pk, due, due.date().isoformat())
        for peer in peers.order_by(first, "name", "pk")[:ASKED]
        for due in [_next_morning(peer, at)]
    )


def _next_morning(peer: Employee, at: datetime) -> datetime:
    """When their next day begins, by their own clock."""
    tomorrow = at.astimezone(peer.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, peer.day_starts, tzinfo=peer.zone)
