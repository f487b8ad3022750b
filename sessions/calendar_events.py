"""Days as calendars read them, RFC 5545 and 5546. Values in, bytes out.

What Outlook, Google and Apple each want, and why it is as it is here:
docs/decisions/0014-invitations-by-mail.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDuration

from sessions.calendar_zones import time_zone

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
MADE_BY = "-//peerlearn//peerlearn//EN"
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # nobody's words; breaks parsers


@dataclass(frozen=True)
class Person:
    """Whom a calendar names, and by which e-mail."""

    name: str
    email: str


@dataclass(frozen=True)
class Day:
    """One block of one employee. `uid` stays, `sequence` rises with every change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    changed_at: datetime
    place: str = ""
    description: str = ""
    url: str = ""


def request(day: Day, *, organizer: Person, attendee: Person) -> bytes:
    """A day for a calendar to take in, or to change what it has of that UID."""
    return _calendar([_between(day, "CONFIRMED", organizer, attendee)], [day], method=REQUEST)


def cancel(day: Day, *, organizer: Person, attendee: Person) -> bytes:
    """A day for a calendar to take out."""
    return _calendar([_between(day, "CANCELLED", organizer, attendee)], [day], method=CANCEL)


def publish(days: Sequence[Day], *, organizer: Person) -> bytes:
    """Days to be added to a calendar by whoever opens the file."""
    events = [_event(day, "CONFIRMED") for day in days]
    for event in events:
        event.add("organizer", _address(organizer))
    return _calendar(events, days, method=PUBLISH)


def feed(days: Sequence[Day], *, name: str, again_after: timedelta) -> bytes:
    """Days for a calendar that asks for them again and again. Nobody is invited: no METHOD."""
    calendar = _of(days, [_event(day, "CONFIRMED") for day in days])
    calendar.calendar_name = _text(name)  # NAME, and X-WR-CALNAME for Google and Apple
    calendar.refresh_interval = again_after
    calendar.add("x-published-ttl", vDuration(again_after))  # Outlook's word for it
    return bytes(calendar.to_ical())


def _calendar(events: list[Event], days: Sequence[Day], *, method: str) -> bytes:
    calendar = _of(days, events)
    calendar.method = method
    return bytes(calendar.to_ical())


def _of(days: Sequence[Day], events: list[Event]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", MADE_BY)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for zone in sorted({day.zone for day in days} - {"UTC"}):
        of_zone = [day.starts_at for day in days if day.zone == zone]
        calendar.add_component(time_zone(zone, min(of_zone).year, max(of_zone).year))
    for event in events:
        calendar.add_component(event)
    return calendar


def _between(day: Day, status: str, organizer: Person, attendee: Person) -> Event:
    """It was agreed in the application, so that no answer is asked for."""
    event = _event(day, status)
    event.add("organizer", _address(organizer))
    comes = vCalAddress.new(
        attendee.email,
        cn=_name(attendee.name),
        cutype="INDIVIDUAL",
        role="REQ-PARTICIPANT",
        partstat="ACCEPTED",
        rsvp=False,
    )
    event.add("attendee", comes)
    return event


def _event(day: Day, status: str) -> Event:
    event = Event()
    event.add("uid", day.uid)
    event.add("sequence", day.sequence)
    event.add("dtstamp", day.changed_at.astimezone(UTC))
    event.add("dtstart", _local(day.starts_at, day.zone))
    event.add("dtend", _local(day.ends_at, day.zone))
    event.add("summary", _text(day.summary))
    for name, words in (("location", day.place), ("description", day.description)):
        if words := _text(words):
            event.add(name, words)
    if day.url:
        event.add("url", day.url)
    event.add("status", status)
    event.add("transp", "OPAQUE" if status == "CONFIRMED" else "TRANSPARENT")
    if status == "CONFIRMED":
        event.add("x-microsoft-cdo-busystatus", "BUSY")
    return event


def _local(at: datetime, zone: str) -> datetime:
    """By the clock of the place; in UTC where that clock says an hour twice and this is the second
    time, since a local time always means the first."""
    local = at.astimezone(ZoneInfo(zone))
    return local if local.fold == 0 and zone != "UTC" else at.astimezone(UTC)


def _address(person: Person) -> vCalAddress:
    return vCalAddress.new(person.email, cn=_name(person.name))


def _name(words: str) -> str:
    """On one line, without what closes a parameter."""
    return " ".join(_text(words).replace('"', "'").split())


def _text(words: str) -> str:
    return _UNSEEN.sub(" ", words.replace("\r\n", "\n").replace("\r", "\n")).strip()
