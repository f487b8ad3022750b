"""Days as calendars read them: any words, any clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from sessions.calendar_events import Day, Person, cancel, feed, publish, request
from sessions.calendar_zones import changes_in

ZONES = (
    "Europe/Oslo",
    "Europe/Dublin",  # its winter is the daylight saving in some tables
    "Europe/Lisbon",
    "America/New_York",
    "America/St_Johns",  # half an hour beside its neighbours
    "America/Santiago",
    "Australia/Lord_Howe",  # half an hour forward and back
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Africa/Casablanca",  # keeps to no yearly rule
    "Africa/Cairo",
    "Asia/Kolkata",  # never changes
)
PEER = Person("peerlearn, Halden", "peerlearn@halden.example")
MARTA = Person("Marta", "marta@halden.example")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200)


def a_day(**values: object) -> Day:
    begins = datetime(2026, 12, 1, 7, tzinfo=UTC)
    made: dict[str, object] = {
        "uid": "d1",
        "sequence": 0,
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=8),
        "zone": "Europe/Oslo",
        "summary": "Shadowing",
        "changed_at": AT,
    }
    return Day(**{**made, **values})  # type: ignore[arg-type]  # by name


def event_of(written: bytes) -> object:
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    return event


@settings(max_examples=60, deadline=None)
@example("x" * 200, "=1+1\r\nATTENDEE:mailto:other@x.example", 'A "B"; C:D,E\n')
@example("👩🏽‍🔧 متدرب 見習い", "a\\n;b,c", "אבג\x00\x1b")
@given(TEXT, TEXT, TEXT)
def test_any_words_come_back_and_nothing_more(summary: str, place: str, name: str) -> None:
    day = a_day(summary=f"S {summary}", place=f"P {place}", description=f"D {summary}\n{place}")
    written = request(day, organizer=PEER, attendee=Person(f"N {name}", "n@x.example"))
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    written.decode()  # folded between letters, not in one
    event = event_of(written)
    kept = [c for c in summary if c.isprintable() and not c.isspace()]
    assert [c for c in event["SUMMARY"] if c.isprintable() and not c.isspace()] == ["S", *kept]
    assert not isinstance(event["ATTENDEE"], list)
    assert event["ATTENDEE"] == "mailto:n@x.example"
    assert event["ATTENDEE"].params["CN"].startswith("N")
    assert {*event} <= {
        *("SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "ATTENDEE", "ORGANIZER"),
        *("DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"),
    }


def _around(zone: str) -> list[datetime]:
    """Every quarter of an hour for three hours around each change of three years, and others."""
    changes = changes_in(zone, 2026, 2028)
    at = [(change.at - change.before).replace(tzinfo=UTC) for change in changes]
    at = at or [datetime(2027, 1, 1, tzinfo=UTC)]
    return [one + timedelta(minutes=15 * quarter) for one in at for quarter in range(-12, 13)]


@pytest.mark.parametrize("zone", ZONES)
def test_the_clock_changes(zone: str) -> None:
    """By the zone's name, and by what is written of it alone, as Outlook reads it."""
    days = [
        a_day(uid=str(n), starts_at=at, ends_at=at + timedelta(minutes=30), zone=zone)
        for n, at in enumerate(_around(zone))
    ]
    written = feed(days, name="Peer", again_after=timedelta(hours=6))
    unknown = written.replace(zone.encode(), f"At {zone}".encode())
    for content in (written, unknown):
        read = {str(event["UID"]): event for event in Calendar.from_ical(content).walk("VEVENT")}
        for day in days:
            event = read[day.uid]
            assert event.start.astimezone(UTC) == day.starts_at, (event.start, day)
            assert event.end.astimezone(UTC) == day.ends_at
            if event.start.tzinfo not in (UTC, ZoneInfo("UTC")) and content is written:
                assert event.start.replace(tzinfo=None) == day.starts_at.astimezone(
                    ZoneInfo(zone)
                ).replace(tzinfo=None)


def test_what_each_message_says_of_itself() -> None:
    asked = Calendar.from_ical(request(a_day(sequence=3), organizer=PEER, attendee=MARTA))
    assert asked["METHOD"] == "REQUEST"
    (event,) = asked.walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("d1", 3, "CONFIRMED")
    assert event["ORGANIZER"] == "mailto:peerlearn@halden.example"
    params = event["ATTENDEE"].params
    assert (params["PARTSTAT"], params["RSVP"], params["ROLE"]) == (
        "ACCEPTED",
        "FALSE",
        "REQ-PARTICIPANT",
    )
    off = Calendar.from_ical(cancel(a_day(sequence=4), organizer=PEER, attendee=MARTA))
    (event,) = off.walk("VEVENT")
    assert (off["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 4)
    file = Calendar.from_ical(publish([a_day(), a_day(uid="d2")], organizer=PEER))
    assert file["METHOD"] == "PUBLISH"
    assert [str(one["UID"]) for one in file.walk("VEVENT")] == ["d1", "d2"]
    written = feed([a_day()], name="Peer; Halden", again_after=timedelta(hours=6))
    fed = Calendar.from_ical(written)
    assert "METHOD" not in fed
    assert fed["X-WR-CALNAME"] == "Peer; Halden"
    assert b"REFRESH-INTERVAL" in written
    assert b"X-PUBLISHED-TTL:PT6H" in written
    assert "ATTENDEE" not in fed.walk("VEVENT")[0]


def test_the_same_day_is_written_the_same_way() -> None:
    """So that a feed that did not change can say so."""
    assert feed([a_day()], name="P", again_after=timedelta(hours=1)) == feed(
        [a_day()], name="P", again_after=timedelta(hours=1)
    )
