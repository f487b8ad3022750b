"""For each kind of outbox row: something for which one is due now. Call inside a scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from analytics.effects import ROLLUPS
from analytics.making import make
from analytics.models import EXPIRY, MAKING, Report
from peerlearn.clock import now
from peerlearn.notifications.effects import FORGETTING as FORGETTING_NOTIFICATIONS
from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import enqueue, reschedule
from peerlearn.notifications.registry import NOTIFICATION
from peerlearn.organizations import inviting
from peerlearn.organizations.hiring import LAST_DAY_OVER
from peerlearn.organizations.importing import acts
from peerlearn.organizations.models import Employee
from sessions.asking import ASK_AGAIN, REMIND
from sessions.booking import book
from sessions.calendar_entries import CALENDAR_MESSAGE
from sessions.cancelling import cancel
from sessions.cutting import HAND_OVER_OVER, cut_off
from sessions.handing import REQUEST_OVER, ask_first
from sessions.holding import EXPIRE_HOLD, hold
from sessions.models import HandOver, Request
from sessions.waiting import FREED, join
from tests.analytics.kit import asked, helped, make_skill
from tests.factories import make_employee
from tests.organizations.import_kit import as_csv
from tests.sessions.kit import make_booking, make_offer
from tests.world import Place

A_WHILE_AGO = timedelta(minutes=30)


def _monday() -> date:
    today = datetime.now(UTC).date()
    return today + timedelta(days=14 - today.weekday())


def notification(place: Place) -> None:
    Notification.deliver(place.employee, "welcome", subject_id=place.employee.pk, due_at=now())


def forgetting_notifications(place: Place) -> None:
    long_ago = now() - timedelta(days=3000)
    Notification.deliver(place.employee, "welcome", subject_id=1, due_at=long_ago)
    enqueue(FORGETTING_NOTIFICATIONS, place.organization.pk, due_at=now())


def last_day_over(place: Place) -> None:
    make_booking(make_offer(place.employee), place.colleague, _monday(), at=now())
    yesterday = now().date() - timedelta(days=2)
    Employee.objects.filter(pk=place.employee.pk).update(leaving_on=yesterday)
    enqueue(LAST_DAY_OVER, place.employee.pk, due_at=now())


def invitation(place: Place) -> None:
    domain = place.hr.email.partition("@")[2]
    newcomer = make_employee(email=f"new@{domain}", came=False)
    inviting.invite(newcomer, by=place.hr, at=now())


def importing(place: Place) -> None:
    content = as_csv([("Name", "E-mail"), ("Ada Berg", "ada@new.example")])
    acts.begin(kind="people", by=place.hr, file_name="people.csv", content=content, at=now())


def forgetting_an_import(place: Place) -> None:
    content = as_csv([("Name", "E-mail"), ("Ada Berg", "ada@new.example")])
    at = now() - acts.KEPT_FOR
    acts.begin(kind="people", by=place.hr, file_name="people.csv", content=content, at=at)


def hold_run_out(place: Place) -> None:
    at = now() - A_WHILE_AGO
    hold(make_offer(place.employee), place.colleague, _monday(), at=at)


def place_freed(place: Place) -> None:
    """Somebody waits for days that have become free since."""
    offer = make_offer(place.employee)
    booking = make_booking(offer, place.colleague, _monday(), at=now())
    cancel(booking.session, by=place.colleague, reason="", at=now())
    join(offer, place.manager, at=now())
    enqueue(FREED, booking.session_id, due_at=now())


def days_for_a_calendar(place: Place) -> None:
    make_booking(make_offer(place.employee), place.colleague, _monday(), at=now())


def request_unanswered(place: Place) -> None:
    place.organization.shadowings_need_approval = True
    place.organization.save()
    held = hold(make_offer(place.employee), place.colleague, _monday(), at=now())
    book(held, goal="", at=now())
    request = Request.objects.get(participation=held)
    assert reschedule(ASK_AGAIN, request.pk, due_at=now(), occurrence=REMIND)


def _cut_off(place: Place) -> HandOver:
    """Before days that have begun since."""
    at = now() - timedelta(days=30)
    day = _monday() - timedelta(days=21)
    session = make_booking(make_offer(place.employee), place.colleague, day, at=at).session
    made = cut_off(session, 1, by=place.employee, at=at)
    assert made is not None
    return made


def nobody_took_over(place: Place) -> None:
    _cut_off(place)


def nobody_answered(place: Place) -> None:
    hand_over = _cut_off(place)
    make_offer(place.manager)
    ask_first(hand_over, by=place.employee, at=now() - timedelta(days=30))


def making(place: Place) -> None:
    asked(place.hr, requested_at=now())


def expiry(place: Place) -> None:
    report = asked(place.hr, requested_at=now() - timedelta(days=30))
    assert report.begin()
    enqueue(EXPIRY, report.pk, due_at=now())


def rollups(place: Place) -> None:
    day = now().date() - timedelta(days=3)
    helped(place.employee, place.colleague, make_skill("SCADA"), on=day)
    enqueue(ROLLUPS, place.organization.pk, due_at=now())


SCENES: dict[str, Callable[[Place], Any]] = {
    NOTIFICATION: notification,
    FORGETTING_NOTIFICATIONS: forgetting_notifications,
    LAST_DAY_OVER: last_day_over,
    inviting.SENDING: invitation,
    acts.WORK: importing,
    acts.FORGETTING: forgetting_an_import,
    EXPIRE_HOLD: hold_run_out,
    FREED: place_freed,
    CALENDAR_MESSAGE: days_for_a_calendar,
    ASK_AGAIN: request_unanswered,
    HAND_OVER_OVER: nobody_took_over,
    REQUEST_OVER: nobody_answered,
    MAKING: making,
    EXPIRY: expiry,
    ROLLUPS: rollups,
}


def finish(kind: str, place: Place) -> None:
    """What a scene needs that belongs outside every scope."""
    if kind == EXPIRY:
        with place.scope():
            report = Report.objects.get()
        make(report, at=now() - timedelta(days=30))
