"""The feed of one's own days, behind a secret; and days as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import time_machine
from django.db import connection
from django.test import Client
from icalendar import Calendar

from peerlearn.logs import mask
from peerlearn.organizations import throttles
from sessions import views_calendar
from sessions.calendar_choices import keep, open_feed
from sessions.calendar_feed import written_for
from sessions.cancelling import cancel
from sessions.models import CalendarEntry
from sessions.moving import move_all
from tests.factories import make_employee
from tests.organizations.kit import edit
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.skills.kit import counted
from tests.world import Place, World

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def address(halden: Place, secret: str) -> str:
    return halden.path("calendar_feed", secret=secret)


def made_by(halden: Place, client: Client) -> str:
    """The path of a new feed, as Nils reads it on the page."""
    halden.sign_in(client, halden.employee)
    page = client.post(halden.path("feed_open"))
    assert page.status_code == 200
    found = str(page.context["address"])
    assert f'value="{found}"' in page.content.decode()
    return "/o/" + found.partition("/o/")[2]


def days(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_it_shows_the_least_and_more_if_wanted(halden: Place, client: Client) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
    path = made_by(halden, client)
    client.logout()
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert len(days(answer.content)) == 3
    words = answer.content.decode().replace("\r\n ", "")
    assert "SUMMARY:Shadowing\r\n" in words
    assert "LOCATION:Substation 4\\, Halden" in words
    for hidden in (
        *("Aisha", "Nils", "@", "Relay", "feeder", "Boots", "DESCRIPTION"),
        *("URL:", "METHOD", "ATTENDEE", "ORGANIZER", session.public_id),
    ):
        assert hidden not in words, hidden
    halden.sign_in(client, halden.employee)
    client.post(halden.path("my_calendar"), {"by_mail": "on", "with_names": "on"})
    client.logout()
    words = client.get(path).content.decode().replace("\r\n ", "")
    assert "SUMMARY:Shadowing: Relay protection settings\r\n" in words
    assert "DESCRIPTION:With Aisha Rahman\r\n" in words
    with halden.scope():
        keep(halden.colleague, by_mail=True, with_names=True, at=AT)
        hosts = written_for(halden.colleague, at=AT).decode()
    assert "With Nils Eriksen" in hosts


def test_its_days_stand_right_before_and_after_the_clock_changes(halden: Place) -> None:
    firsts = (date(2027, 3, 23), date(2027, 3, 30), date(2027, 10, 26), date(2027, 11, 2))
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False), halden.scope():
        at = datetime(2027, 3, 1, 9, tzinfo=UTC)
        offer = make_offer(halden.colleague)
        for first in firsts:
            booked_at = max(at, datetime(2027, 10, 1, 9, tzinfo=UTC)) if first.month > 9 else at
            make_booking(offer, halden.employee, first, at=booked_at)
        calendar = Calendar.from_ical(written_for(halden.employee, at=at))
    for first in firsts:
        found = recurring_ical_events.of(calendar).between(first, first + timedelta(days=7))
        local = sorted(event.start.astimezone(OSLO) for event in found)
        assert [one.date() for one in local] == [first + timedelta(days=n) for n in range(3)]
        assert {one.hour for one in local} == {8}
        assert {event.end - event.start for event in found} == {timedelta(hours=8)}
    offsets = {event.start.utcoffset() for event in calendar.walk("VEVENT")}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}


def test_it_says_when_nothing_changed(halden: Place, client: Client) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
        path = address(halden, open_feed(halden.employee, at=AT))
    first = client.get(path)
    with time_machine.travel(AT + timedelta(hours=4), tick=False):
        same = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert same["Cache-Control"] == "private, no-cache"
        with halden.scope():
            move_all(session, TUESDAY + timedelta(days=14), by=halden.colleague, at=AT)
        other = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    before, after = days(first.content), days(other.content)
    assert {str(one["UID"]) for one in before} == {str(one["UID"]) for one in after}
    assert {one["SEQUENCE"] for one in after} == {1}
    with halden.scope():
        moved = CalendarEntry.objects.earliest("pk").participation.session
        cancel(moved, by=halden.colleague, at=AT)
    assert days(client.get(path).content) == []


def test_the_secret_is_changed_switched_off_and_ends_with_access(
    halden: Place, client: Client
) -> None:
    first = made_by(halden, client)
    secret = first.removesuffix(".ics").rpartition("/")[2]
    assert len(secret) >= 22  # 128 bits
    with halden.scope(), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM learning_sessions_calendarchoice c")
        assert secret not in str(cursor.fetchall())
    assert secret not in client.get(halden.path("my_calendar")).content.decode()
    second = made_by(halden, client)
    assert [client.get(one).status_code for one in (first, second)] == [404, 200]
    client.post(halden.path("feed_close"))
    assert client.get(second).content == client.get(first).content
    assert "There is no calendar" in client.get(second).content.decode()
    third = made_by(halden, client)
    assert client.get(third).status_code == 200
    with halden.scope():
        halden.employee.deactivate(at=AT)
        halden.employee.reactivate(at=AT)
    client.logout()
    assert client.get(third).status_code == 404


def test_another_work_email_shuts_it(halden: Place, client: Client) -> None:
    path = made_by(halden, client)
    halden.sign_in(client, halden.hr)
    edit(client, halden, halden.employee, name="Nils A. Eriksen")
    assert client.get(path).status_code == 200  # the twin: nothing else does
    edit(client, halden, halden.employee, email="mine@elsewhere.example")
    client.logout()
    assert client.get(path).status_code == 404


def test_the_secret_stands_in_no_log() -> None:
    words = mask("GET /o/halden-grid-1/calendar/Abcdefgh-_12345678Abcdefgh123456.ics failed")
    assert words == "GET /o/halden-grid-1/calendar/[masked].ics failed"


def test_it_may_be_asked_so_often(
    halden: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_calendar, "ASKED_AN_HOUR", 2)
    monkeypatch.setattr(views_calendar, "ADDRESSES_A_DAY", 1)
    path = made_by(halden, client)
    assert client.post(halden.path("feed_open")).status_code == 302
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(path)["Retry-After"] == "3600"


def test_made_up_addresses_count_by_network(
    halden: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttles.LIMITS, throttles.UNKNOWN_KEY, {throttles.NETWORK: ((2, 600),)})
    path = made_by(halden, client)
    made_up = [address(halden, token_urlsafe(24)) for _ in range(4)]
    assert [client.get(one).status_code for one in made_up] == [404, 404, 429, 429]
    refused = client.get(made_up[0])
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert refused["Content-Type"] == "application/problem+json"
    assert client.get(path).status_code == 200
    monkeypatch.setattr(views_calendar, "too_many", lambda _request: None)  # the twin
    assert client.get(made_up[0]).status_code == 404


def test_a_window_and_few_statements(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        keep(halden.employee, by_mail=True, with_names=True, at=AT)
        path = address(halden, open_feed(halden.employee, at=AT))
        (one, *_rest) = CalendarEntry.objects.filter(participation=booking)
        for number, days_off in enumerate((-150, -60, 300, 400), start=10):
            one.pk, one.uid, one.number = None, str(number), number
            one.starts_at = AT + timedelta(days=days_off)
            one.ends_at = one.starts_at + timedelta(hours=8)
            one.save(force_insert=True)
    with counted() as few:
        content = client.get(path).content
    assert {str(event["UID"]) for event in days(content)} >= {"11", "12"}
    assert not {str(event["UID"]) for event in days(content)} & {"10", "13"}
    with halden.scope():
        for number in range(100, 200):
            one.pk, one.uid, one.number = None, str(number), number
            one.starts_at = AT + timedelta(days=number)
            one.ends_at = one.starts_at + timedelta(hours=8)
            one.save(force_insert=True)
    with counted() as many:
        assert len(days(client.get(path).content)) == 105
    assert len(few) == len(many) <= 12


def test_the_days_of_a_session_as_a_file(halden: Place, client: Client) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
        mine = CalendarEntry.objects.filter(employee=halden.employee)
        uids = set(mine.values_list("uid", flat=True))
        session_two = make_booking(
            make_offer(halden.colleague), make_employee("Eva Berg"), date(2026, 12, 15)
        ).session
    path = halden.path("session_file", public_id=session.public_id)
    answer = halden.sign_in(client, halden.employee).get(path)
    calendar = Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    assert {str(event["UID"]) for event in calendar.walk("VEVENT")} == uids
    assert answer["Cache-Control"] == "no-store, private"
    page = client.get(halden.path("booking", public_id=session.public_id)).content.decode()
    assert path in page
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    outside = [link for link in links if "google.com" in link or "office.com" in link]
    assert len(outside) == 6
    for link in outside:
        assert "Shadowing" in link
        for hidden in ("Relay", "Aisha", "Nils", session.public_id, "halden.example"):
            assert hidden not in link
    halden.sign_in(client, halden.hr)
    assert client.get(path).status_code == 403
    halden.sign_in(client, halden.employee)
    theirs = halden.path("session_file", public_id=session_two.public_id)
    assert client.get(theirs).status_code == 404
