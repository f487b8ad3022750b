"""What one employee's feed shows: the least, unless they want more. Called inside a scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from peerlearn.organizations.models import Employee
from sessions.calendar_choices import choice_of
from sessions.calendar_events import Day, feed
from sessions.choices import Seat, SessionState
from sessions.models import CalendarEntry, Participation

BEHIND, AHEAD = timedelta(days=92), timedelta(days=366)
MOST = 1000  # of somebody who hosts every day
AGAIN_AFTER = timedelta(hours=4)


def written_for(employee: Employee, *, at: datetime) -> bytes:
    """A year ahead and three months back: when and where. What and with whom, if they want it."""
    rows = CalendarEntry.objects.standing().filter(employee=employee)
    entries = list(rows.between(at - BEHIND, at + AHEAD).order_by("-starts_at", "pk")[:MOST])
    choice = choice_of(employee)
    others = _others(employee, entries) if choice.with_names else {}
    with translation.override(employee.reads):
        days = [_day(entry, others.get(entry.pk)) for entry in reversed(entries)]
        name = _("Shadowing in peerlearn")
    return feed(days, name=name, again_after=AGAIN_AFTER)


def _day(entry: CalendarEntry, others: list[str] | None) -> Day:
    summary = _("Shadowing")
    if others is not None:
        summary = _("Shadowing: %(subject)s") % {"subject": entry.subject}
    return Day(
        uid=entry.uid,
        sequence=entry.sequence,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        zone=entry.time_zone,
        summary=summary,
        changed_at=entry.changed_at,
        place=entry.place,
        description=_("With %(names)s") % {"names": ", ".join(others)} if others else "",
    )


def _others(employee: Employee, entries: Iterable[CalendarEntry]) -> dict[int, list[str]]:
    """By entry: the host, or whom the host has beside them."""
    mine = {entry.participation_id for entry in entries}
    sessions = dict(Participation.objects.filter(pk__in=mine).values_list("pk", "session_id"))
    there = Participation.objects.filter(
        session__in=set(sessions.values()), state__in=[SessionState.BOOKED, SessionState.COMPLETED]
    )
    hosts: dict[int, list[str]] = {}
    learners: dict[int, list[str]] = {}
    for session, seat, name in there.order_by("pk").values_list(
        "session", "seat", "employee__name"
    ):
        (hosts if seat == Seat.HOST else learners).setdefault(session, []).append(name)
    return {
        entry.pk: (learners if entry.host_id == employee.pk else hosts).get(
            sessions[entry.participation_id], []
        )
        for entry in entries
    }
