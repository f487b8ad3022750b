"""Days that follow into people's own calendars, by mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Outbox
from peerlearn.organizations.written import Statement
from sessions import calendar_entries
from sessions.calendar_choices import keep
from sessions.calendar_entries import follow
from sessions.cancelling import cancel, decline
from sessions.effects import CalendarMessage
from sessions.models import CalendarEntry, LearningSession
from sessions.moving import move_all
from tests.factories import make_employee
from tests.sessions.calendar_kit import OwnCalendar, calendar_mails, radicale, read
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.world import Place, World

OSLO = ZoneInfo("Europe/Oslo")
NILS, AISHA = "nils@halden.example", "aisha@halden.example"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def book(halden: Place, day: date = TUESDAY, **offer: Any) -> LearningSession:
    with halden.scope():
        return make_booking(make_offer(halden.colleague, **offer), halden.employee, day).session


def events(messages: list[Any]) -> list[tuple[str, int, str]]:
    found = []
    for message in messages:
        calendar = read(message)
        (event,) = calendar.walk("VEVENT")
        found.append((str(event["UID"]), int(event["SEQUENCE"]), str(calendar["METHOD"])))
    return found


def test_one_message_for_each_day(halden: Place) -> None:
    session = book(halden)
    sent = calendar_mails()
    assert len(sent) == 6
    for_nils = [one for one in sent if NILS in one["To"]]
    assert len({uid for uid, _sequence, _method in events(sent)}) == 6
    assert {(sequence, method) for _uid, sequence, method in events(sent)} == {(0, "REQUEST")}
    assert len({one["References"] for one in for_nils}) == 1
    assert len({one["Message-ID"] for one in sent}) == 6
    first = for_nils[0]
    assert first["Subject"] == "For your calendar, Tue 1 December, 08:00: Relay protection settings"
    mixed, alternatives, *_parts, file = first.walk()
    assert mixed.get_content_type() == "multipart/mixed"
    kinds = [part.get_content_type() for part in alternatives.get_payload()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    part = alternatives.get_payload()[-1]
    assert dict(part.get_params()) == {
        "text/calendar": "",
        "charset": "utf-8",
        "method": "REQUEST",
    }
    assert part["Content-Transfer-Encoding"] == "base64"
    assert file.get_filename() == "invite.ics"
    assert file.get_payload(decode=True) == part.get_payload(decode=True)
    assert part.get_payload(decode=True).count(b"\r\n") == part.get_payload(decode=True).count(
        b"\n"
    )
    (event,) = read(first).walk("VEVENT")
    assert event.start == datetime(2026, 12, 1, 8, tzinfo=OSLO)
    assert event["LOCATION"] == "Substation 4, Halden"
    assert event["ORGANIZER"] == "mailto:no-reply@peerlearn.example"
    assert str(event["ORGANIZER"]).removeprefix("mailto:") in first["From"]
    assert event["ATTENDEE"] == f"mailto:{NILS}"
    assert "Host: Aisha Rahman" in event["DESCRIPTION"]
    assert session.public_id in event["URL"]
    assert (
        halden.employee.name
        not in read(next(one for one in sent if AISHA in one["To"])).to_ical().decode()
    )


def test_a_second_learner_tells_the_host_nothing_new(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        session = make_booking(offer, halden.employee).session
        calendar_mails()
        other = make_employee("Eva Berg")
        make_booking(offer, other)
        sent = calendar_mails()
        assert {one["To"] for one in sent} == {f"Eva Berg <{other.email}>"}
        cancel(session, by=other, at=AT)
        assert [method for _uid, _n, method in events(calendar_mails())] == ["CANCEL"] * 3
        cancel(session, by=halden.colleague, at=AT)
    off = events(calendar_mails())
    assert len(off) == 6
    assert {(sequence, method) for _uid, sequence, method in off} == {(1, "CANCEL")}


def test_a_move_keeps_the_uid_and_raises_the_sequence(halden: Place) -> None:
    session = book(halden)
    before = events(calendar_mails())
    with halden.scope():
        move_all(session, TUESDAY + timedelta(days=14), by=halden.colleague, at=AT)
    sent = calendar_mails()
    assert {uid for uid, _n, _method in events(sent)} == {uid for uid, _n, _method in before}
    assert {(n, method) for _uid, n, method in events(sent)} == {(1, "REQUEST")}
    assert sorted(read(one).walk("VEVENT")[0].start.day for one in sent) == [
        *(15, 15),
        *(16, 16),
        *(17, 17),
    ]


def test_what_was_overtaken_before_it_was_sent_is_not_sent(halden: Place) -> None:
    session = book(halden)
    with halden.scope():
        moved = move_all(session, TUESDAY + timedelta(days=14), by=halden.colleague, at=AT)
        assert {n for _uid, n, _method in events(calendar_mails())} == {1}
        booking = moved.participations.get(seat="shadow")
        decline(booking, by=halden.colleague, reason="Ill", at=AT)
    assert {method for _uid, _n, method in events(calendar_mails())} == {"CANCEL"}
    again = book(halden, TUESDAY + timedelta(days=28))
    with halden.scope():
        cancel(again, by=halden.employee, at=AT)
    assert calendar_mails() == []  # neither that it was to be, nor that it is not


def test_a_copy_after_a_crash_says_the_same(halden: Place) -> None:
    book(halden)
    row = Outbox.objects.filter(kind="calendar_message").order_by("pk").first()
    assert row
    copies = []
    for hours in (0, 5):
        with time_machine.travel(AT + timedelta(hours=hours), tick=False), halden.scope():
            copies.append(CalendarMessage().prepare(row.subject, row.occurrence))
    first, second = copies
    assert first
    assert second
    assert first.content == second.content
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_another_host_is_another_entry(halden: Place) -> None:
    session = book(halden)
    before = {uid for uid, _n, _method in events(calendar_mails(NILS))}
    with halden.scope():
        other = make_employee("Eva Berg")
        LearningSession.objects.filter(pk=session.pk).update(host=other)
        follow(session, at=AT)
        follow(session, at=AT)
    found = events(calendar_mails(NILS))
    assert {(uid, n) for uid, n, method in found if method == "CANCEL"} == {
        (uid, 1) for uid in before
    }
    fresh = {(uid, n) for uid, n, method in found if method == "REQUEST"}
    assert {n for _uid, n in fresh} == {0}
    assert len({uid for uid, _n in fresh} - before) == 3


def test_whoever_wants_none_gets_none_but_is_followed_to_the_end(halden: Place) -> None:
    first = book(halden)
    calendar_mails()
    with halden.scope():
        keep(halden.employee, by_mail=False, with_names=False, at=AT)
    second = book(halden, TUESDAY + timedelta(days=14))
    assert calendar_mails(NILS) == []
    with halden.scope():
        cancel(first, by=halden.colleague, at=AT)
        assert [method for _uid, _n, method in events(calendar_mails(NILS))] == ["CANCEL"] * 3
        keep(halden.employee, by_mail=True, with_names=False, at=AT)
    late = calendar_mails(NILS)
    assert [method for _uid, _n, method in events(late)] == ["REQUEST"] * 3
    with halden.scope():
        entries = CalendarEntry.objects.filter(participation__session=second)
        assert not entries.filter(mailed_at=None, employee=halden.employee).exists()


def test_whoever_leaves_is_sent_nothing_and_the_others_are(halden: Place) -> None:
    book(halden)
    calendar_mails()
    with halden.scope():
        halden.employee.deactivate(at=AT)
    sent = calendar_mails()
    assert {one["To"] for one in sent} == {f"Aisha Rahman <{AISHA}>"}
    assert {(n, method) for _uid, n, method in events(sent)} == {(1, "CANCEL")}


def test_an_admin_reads_whom_a_message_is_for(halden: Place, client: Client) -> None:
    book(halden)
    Outbox.objects.filter(kind="calendar_message").update(
        dead_at=AT, attempts=9, failure="ConnectionRefusedError"
    )
    page = halden.sign_in(client, halden.admin).get(halden.path("deliveries")).content.decode()
    assert "For the calendar" in page
    assert "Nils Eriksen" in page


# --- A calendar of somebody's own ----------------------------------------------------------------
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Radicale, a CalDAV server as companies run it."""
    folder: Path = tmp_path_factory.mktemp("radicale")
    with radicale(folder) as principal:
        yield principal


def _days(first: date) -> list[tuple[datetime, datetime]]:
    days = [first + timedelta(days=n) for n in range(3)]
    return [
        (
            datetime(day.year, day.month, day.day, 8, tzinfo=OSLO),
            datetime(day.year, day.month, day.day, 16, tzinfo=OSLO),
        )
        for day in days
    ]


def _moved_over_a_change(halden: Place, server: Any, name: str) -> list[tuple[Any, Any]]:
    """Nils books days before the clock changes and is moved to days after it."""
    mine = OwnCalendar(server.make_calendar(name=name))
    with time_machine.travel(datetime(2027, 3, 15, 9, tzinfo=UTC), tick=False):
        at = datetime(2027, 3, 15, 9, tzinfo=UTC)
        with halden.scope():
            offer = make_offer(halden.colleague)
            session = make_booking(offer, halden.employee, date(2027, 3, 24), at=at).session
            mine.take_in(calendar_mails(NILS))
            assert mine.days() == _days(date(2027, 3, 24))
            move_all(session, date(2027, 3, 30), by=halden.colleague, at=at)
            mine.take_in(calendar_mails(NILS))
            return mine.days()


def test_a_server_follows_across_the_clock_change(halden: Place, server: Any) -> None:
    found = _moved_over_a_change(halden, server, "Follows")
    assert found == _days(date(2027, 3, 30))
    assert found[0][0].utcoffset() == timedelta(hours=2)  # it was one before
    with halden.scope():
        session = LearningSession.objects.get(state="booked")
        with time_machine.travel(datetime(2027, 3, 16, 9, tzinfo=UTC), tick=False):
            cancel(session, by=halden.colleague, at=datetime(2027, 3, 16, 9, tzinfo=UTC))
            sent = calendar_mails(NILS)
    mine = OwnCalendar(server.calendar(name="Follows"))
    mine.take_in(sent)
    assert mine.days() == []


def test_a_sequence_that_is_not_raised_is_found(
    halden: Place, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the calendar takes the move for old news, and shows days that are not to be."""
    on = calendar_entries._FOLLOW
    off = Statement(on.sql.replace("entry.sequence + 1", "entry.sequence"), **on.types)
    monkeypatch.setattr(calendar_entries, "_FOLLOW", off)
    found = _moved_over_a_change(halden, server, "Stale")
    assert found == _days(date(2027, 3, 24))
