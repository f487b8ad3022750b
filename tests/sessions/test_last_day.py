"""The last day: access ends when it is over, nothing is booked after it, nobody can read it off."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from peerlearn.notifications.models import Outbox
from peerlearn.organizations import hiring
from peerlearn.organizations.models import Employee
from sessions.availability import Availability
from sessions.models import AvailabilityException, LearningSession
from sessions.starts import Start, Verdict
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_leaving import WEEK, text
from tests.world import Place, World


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def last_day(employee: Employee, day: date | None) -> None:
    """As HR's form says it."""
    names = ("name", "email", "number", "hired_on", "time_zone", "working_days", "day_starts")
    names += ("day_ends", "team", "manager", "job_title", "cost_band")
    values = {name: getattr(employee, name) for name in names}
    hiring.amend(employee, **values, leaving_on=day, on=AT.date(), at=AT)


def due() -> list[tuple[datetime, str]]:
    rows = Outbox.objects.filter(kind="last_day_over").order_by("due_at")
    return [(row.due_at, row.occurrence) for row in rows]


def test_access_ends_by_itself_after_the_last_day(halden: Place) -> None:
    host = halden.colleague
    midnight = datetime(2026, 11, 30, 23, tzinfo=UTC)  # in Oslo
    with halden.scope():
        booked = make_booking(make_offer(host), halden.employee)
        last_day(host, date(2026, 12, 24))
        last_day(host, date(2026, 11, 30))
        assert due() == [(midnight, "2026-11-30")]
        hiring.end_after_last_day(host.pk, at=midnight - timedelta(seconds=1))
        host.refresh_from_db()
        assert host.active
        hiring.end_after_last_day(host.pk, at=midnight)
        host.refresh_from_db()
        assert (host.active, host.deactivated_at) == (False, midnight)
        assert LearningSession.objects.get(pk=booked.session_id).state == "cancelled"


def test_a_last_day_that_is_taken_back_ends_nothing(halden: Place) -> None:
    with halden.scope():
        last_day(halden.colleague, date(2026, 11, 30))
        last_day(halden.colleague, None)
        assert due() == []
        hiring.end_after_last_day(halden.colleague.pk, at=datetime(2027, 1, 1, tzinfo=UTC))
        halden.colleague.refresh_from_db()
        assert halden.colleague.active


def test_the_only_admin_is_not_let_out_by_a_date(halden: Place) -> None:
    with halden.scope():
        last_day(halden.admin, date(2026, 11, 30))
        with pytest.raises(ValidationError, match="only admin"):
            hiring.end_after_last_day(halden.admin.pk, at=datetime(2026, 12, 1, tzinfo=UTC))


def test_who_moved_west_keeps_the_evening_of_their_last_day(halden: Place) -> None:
    host = halden.colleague
    with halden.scope():
        last_day(host, date(2026, 11, 30))
        Outbox.objects.filter(kind="last_day_over").delete()  # as when it is run
        Employee.objects.filter(pk=host.pk).update(time_zone="America/New_York")
        hiring.end_after_last_day(host.pk, at=datetime(2026, 11, 30, 23, tzinfo=UTC))
        assert due() == [(datetime(2026, 12, 1, 5, tzinfo=UTC), "2026-11-30")]


def test_who_comes_back_after_their_last_day_is_wholly_back(halden: Place) -> None:
    host = halden.colleague
    with halden.scope():
        last_day(host, date(2026, 11, 30))
        later = datetime(2027, 2, 1, 9, tzinfo=UTC)
        host.deactivate(at=later)
        host.reactivate(at=later)
        host.refresh_from_db()
        assert (host.active, host.leaving_on) == (True, None)


def test_nobody_is_booked_after_their_last_day(halden: Place) -> None:
    host = halden.colleague
    with halden.scope():
        alone, group = make_offer(host), make_offer(host, capacity=2)
        make_booking(group, halden.admin, TUESDAY + WEEK)
        host.leaving_on = date(2026, 12, 8)
        host.save(update_fields=["leaving_on"])
        for offer in (alone, group):
            offer.refresh_from_db()
            times = Availability(
                [offer], halden.employee, first=TUESDAY, last=TUESDAY + 20 * WEEK, at=AT
            )
            assert isinstance(times.start_on(offer, TUESDAY), Start)
            assert times.start_on(offer, TUESDAY + WEEK) is Verdict.NOT_FREE
            assert all(start.days[-1] <= host.leaving_on for start in times.starts(offer))


def test_a_last_day_looks_like_any_absence(halden: Place, client: Client) -> None:
    """Colleagues see the same bytes, whichever month they turn to and whatever they press."""
    host = halden.colleague
    with halden.scope():
        offer = make_offer(host, per_month=2)
        make_booking(offer, halden.admin, date(2026, 12, 15))
    halden.sign_in(client, halden.employee)
    page = halden.path("offer", public_id=offer.public_id)

    def seen() -> list[str]:
        months = [f"{2026 + n // 12}-{n % 12 + 1:02}" for n in range(10, 19)]
        asked = [{"month": month} for month in months]
        asked += [{"start": day} for day in ("2027-01-18", "2027-01-19", "2027-05-03")]
        with time_machine.travel(AT, tick=False):
            pages = [client.get(page, one) for one in asked]
            pages.append(client.get(halden.path("shadowing")))
        return [re.sub(r"\b\w{64}\b", "a token", one.content.decode()) for one in pages]

    open_ended = seen()
    with halden.scope():
        away = AvailabilityException.objects.create(
            employee=host, first_day=date(2027, 1, 19), last_day=date(2028, 1, 1)
        )
    absent = seen()
    with halden.scope():
        away.delete()
        Employee.objects.filter(pk=host.pk).update(leaving_on=date(2027, 1, 18))
    assert absent != open_ended
    for one, other in zip(seen(), absent, strict=True):
        assert one == other
    with time_machine.travel(AT, tick=False):
        hold_it = halden.path("hold", public_id=offer.public_id)
        refused = client.post(hold_it, {"start": "2027-01-18"})
    assert refused.status_code == 409
    assert "These days were just taken." in text(refused)
