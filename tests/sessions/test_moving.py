"""Moving a booking: the old days stay until the new ones are confirmed, also when they overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import Told, tell
from sessions.booking import book
from sessions.cancelling import cancel
from sessions.holding import expire_holds, extend_hold, hold, next_starts, release
from sessions.models import (
    Block,
    Claim,
    LearningSession,
    Note,
    Participation,
    SessionStep,
    ShadowingOffer,
)
from sessions.models import Place as Seat
from sessions.moving import confirm, move_all
from sessions.refusals import Clash, NotOpen, Refused, RunOut, Taken
from sessions.running import complete_day
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.world import Place, World

WEDNESDAY, NEXT_WEEK = date(2026, 12, 2), date(2026, 12, 8)


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def move(booking: Participation, day: date, *, goal: str = "Set a relay", at: Any = AT) -> Any:
    offer = ShadowingOffer.objects.select_related("host").get(pk=booking.session.offer_id)
    held = hold(offer, booking.employee, day, moves=booking, at=at)
    return confirm(held, goal=goal, at=at)


def days_of(person: Any) -> list[int]:
    """The days of December that are somebody's, each once for every claim."""
    rows = Claim.objects.filter(employee=person, active=True).values_list("during", flat=True)
    return sorted(during.lower.day for during in rows)


def told(kind: str, recipient: Any) -> list[Told]:
    with time_machine.travel(AT, tick=False):
        rows = Notification.objects.filter(kind=kind, recipient=recipient).order_by("pk")
        return [one for one in map(tell, rows) if one]


# --- A learner moves ---------------------------------------------------------------------------
@pytest.mark.parametrize("day", [WEDNESDAY, NEXT_WEEK])
def test_the_old_days_stay_until_the_new_are_confirmed(halden: Place, day: date) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, day, moves=booking, at=AT)
        new = [day.day, day.day + 1, day.day + 2]
        for person in (halden.colleague, halden.employee):
            assert days_of(person) == sorted([1, 2, 3, *new])
        booking.refresh_from_db()
        assert booking.state == "booked"
        assert Claim.objects.filter(held_for=booking).count() == 6
        # Nobody else can have the old days, nor the new ones.
        for taken in (TUESDAY, day):
            with pytest.raises(Taken):
                hold(offer, halden.manager, taken, at=AT)

        session = confirm(held, goal="Set a relay", at=AT)
        booking.refresh_from_db()
        assert (booking.session_id, booking.state) == (session.pk, "booked")
        assert booking.goal == "Set a relay"
        assert session.first_day == day
        assert not Claim.objects.exclude(held_until=None).exists()
        for person in (halden.colleague, halden.employee):
            assert days_of(person) == new
        assert Seat.objects.get().participation_id == booking.pk
        assert SessionStep.objects.filter(session=session).count() == 3
        assert session.skills.get().name == "Relay protection settings"
        old = LearningSession.objects.exclude(pk=session.pk).get()
        assert old.state == "moved"
        assert {*Block.objects.filter(session=old).values_list("state", flat=True)} == {"cancelled"}
        assert {*Participation.objects.filter(session=old).values_list("state", flat=True)} == {
            "moved"
        }


def test_confirming_twice_moves_once(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        stale = Participation.objects.get(pk=held.pk)
        first = confirm(held, goal="", at=AT)
        assert confirm(stale, goal="", at=AT) == first
        assert Notification.objects.filter(kind="booking_moved").count() == 2
        with pytest.raises(RunOut):  # and it cannot be booked as a booking of its own
            book(stale, goal="", at=AT)


def test_a_hold_that_runs_out_leaves_everything_as_it_was(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        later = AT + 9 * MINUTE
        assert extend_hold(held, at=later) == AT + 19 * MINUTE
        assert set(Claim.objects.exclude(held_until=None).values_list("held_until", flat=True)) == {
            AT + 19 * MINUTE
        }
        with pytest.raises(RunOut):
            confirm(held, goal="", at=AT + 19 * MINUTE)
        expire_holds(at=AT + 19 * MINUTE)
        assert days_of(halden.colleague) == days_of(halden.employee) == [1, 2, 3]
        assert LearningSession.objects.get(pk=held.session_id).state == "expired"
        booking.refresh_from_db()
        assert booking.session.state == "booked"


def test_letting_go_keeps_the_old_days(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        release(held, at=AT)
        assert days_of(halden.colleague) == days_of(halden.employee) == [1, 2, 3]
        assert hold(offer, halden.manager, date(2026, 12, 4), at=AT).state == "held"


def test_a_booking_that_is_cancelled_meanwhile_moves_nowhere(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        cancel(booking.session, by=halden.colleague, at=AT)
        assert not Claim.objects.filter(active=True).exists()
        with pytest.raises(RunOut):
            confirm(held, goal="", at=AT)
        with pytest.raises(Refused, match="cannot be moved"):
            hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)


def test_what_has_begun_and_what_is_closed_cannot_be_moved(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        begun = datetime(2026, 12, 1, 7, tzinfo=UTC)
        Participation.objects.filter(pk=held.pk).update(held_until=begun + MINUTE)
        held.refresh_from_db()
        with pytest.raises(Refused, match="cannot be moved"):
            confirm(held, goal="", at=begun)
        offer.close()
        with pytest.raises(NotOpen):
            hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)


def test_the_present_days_are_no_other_start(halden: Place) -> None:
    from sessions.starts import Moving

    with halden.scope():
        offer = make_offer(halden.colleague, per_month=1)
        booking = make_booking(offer, halden.employee)
        starts = next_starts(offer, halden.employee, at=AT, count=9, moving=Moving.of(booking))
        days = [start.day for start in starts]
        assert TUESDAY not in days
        assert {date(2026, 11, 30), WEDNESDAY} <= {*days}, "its own month is not full by itself"
        with pytest.raises(Taken):
            hold(offer, halden.employee, TUESDAY, moves=booking, at=AT)


def test_own_other_bookings_still_stand_in_the_way(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        make_booking(make_offer(halden.manager), halden.employee, NEXT_WEEK)
        with pytest.raises(Clash) as refusal:
            move(booking, date(2026, 12, 7))
        assert refusal.value.next_starts[0].day == date(2026, 12, 11)
        assert days_of(halden.employee) == [1, 2, 3, 8, 9, 10]


# --- Groups ------------------------------------------------------------------------------------
def test_of_a_group_only_the_own_place_moves(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        mine = make_booking(offer, halden.employee)
        other = make_booking(offer, halden.manager)
        old = mine.session_id
        with pytest.raises(Taken):  # the host stays with the other one
            move(mine, WEDNESDAY)
        session = move(mine, NEXT_WEEK)
        assert days_of(halden.employee) == [8, 9, 10]
        assert days_of(halden.manager) == [1, 2, 3]
        assert days_of(halden.colleague) == [1, 2, 3, 8, 9, 10]
        other.refresh_from_db()
        assert (other.session_id, other.session.state) == (old, "booked")
        # Back again, into the place that was left.
        mine.refresh_from_db()
        assert mine.session_id == session.pk
        assert move(mine, TUESDAY).pk == old
        assert days_of(halden.colleague) == days_of(halden.employee) == [1, 2, 3]
        assert LearningSession.objects.get(pk=session.pk).state == "moved"
        assert Seat.objects.filter(session=old).count() == 2


def test_nobody_joins_days_that_somebody_is_about_to_move_to(halden: Place) -> None:
    """The host's time there is still claimed for the old days' sake."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        with pytest.raises(Taken):
            hold(offer, halden.manager, WEDNESDAY, at=AT)


def test_who_books_the_old_days_meanwhile_keeps_the_host_there(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        make_booking(offer, halden.manager)
        assert Claim.objects.filter(held_until__isnull=False).count() == 6, "still only held"
        with pytest.raises(Refused, match="booked the old days meanwhile"):
            confirm(held, goal="", at=AT)
        release(held, at=AT)
        assert days_of(halden.colleague) == days_of(halden.employee) == [1, 2, 3]


def test_who_books_the_old_days_meanwhile_is_no_obstacle_beside_them(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        make_booking(offer, halden.manager)
        session = confirm(held, goal="", at=AT)
        assert days_of(halden.colleague) == [1, 2, 3, 8, 9, 10]
        assert days_of(halden.employee) == [8, 9, 10]
        host = Participation.objects.get(session=session, seat="host")
        assert set(Claim.objects.filter(held_for=host).values_list("held_until", flat=True)) == {
            None
        }


def test_a_place_that_was_only_held_in_the_old_days_is_held_no_more(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        other = hold(offer, halden.manager, TUESDAY, at=AT)
        move(booking, WEDNESDAY)
        with pytest.raises(RunOut):
            book(other, goal="", at=AT)
        assert days_of(halden.manager) == []


# --- The host moves ----------------------------------------------------------------------------
def test_the_host_moves_everybody(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=3)
        first = make_booking(offer, halden.employee)
        second = make_booking(offer, halden.manager)
        held = hold(make_offer(halden.hr), halden.employee, NEXT_WEEK, at=AT)  # stays theirs
        offer.capacity = 1
        offer.save()
        old = first.session
        Note.write(session=old, author=halden.manager, text="x", shared=True, token="1", at=AT)
        new = move_all(old, WEDNESDAY, by=halden.colleague, reason="A storm", at=AT)
        for one in (first, second):
            one.refresh_from_db()
            assert (one.session_id, one.state) == (new.pk, "booked")
        for person in (halden.colleague, halden.manager):
            assert days_of(person) == [2, 3, 4]
        assert days_of(halden.employee) == [2, 3, 4, 8, 9, 10]
        held.refresh_from_db()
        assert held.state == "held"
        new.refresh_from_db()
        assert new.capacity == 2, "never below those who are there"
        assert Seat.objects.filter(session=new).count() == 2
        assert Note.objects.get().session_id == new.pk
        assert {one.title for one in told("booking_moved", halden.employee)} == {
            "Moved by Aisha Rahman: Relay protection settings"
        }
        assert "Reason: A storm" in told("booking_moved", halden.manager)[0].text
        assert not told("booking_moved", halden.colleague)


def test_the_host_cannot_move_somebody_who_is_elsewhere(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        session = make_booking(offer, halden.manager).session
        make_booking(offer, halden.employee)
        make_booking(make_offer(halden.hr), halden.employee, NEXT_WEEK)
        with pytest.raises(Clash):
            move_all(session, NEXT_WEEK, by=halden.colleague, at=AT)
        for stranger in (halden.hr, halden.employee):
            with pytest.raises(Refused, match="Only the host"):
                move_all(session, date(2026, 12, 14), by=stranger, at=AT)
        with pytest.raises(Refused, match="cannot be moved"):
            move_all(
                session, NEXT_WEEK, by=halden.colleague, at=datetime(2026, 12, 1, 8, tzinfo=UTC)
            )
        assert days_of(halden.colleague) == [1, 2, 3]


def test_the_hosts_move_ends_a_move_that_was_under_way(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        held = hold(offer, halden.employee, WEDNESDAY, moves=booking, at=AT)
        move_all(booking.session, NEXT_WEEK, by=halden.colleague, at=AT)
        with pytest.raises(RunOut):
            confirm(held, goal="", at=AT)
        assert days_of(halden.colleague) == days_of(halden.employee) == [8, 9, 10]


# --- Who is told -------------------------------------------------------------------------------
def test_both_are_told_and_reminded_of_the_new_days(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        session = move(booking, NEXT_WEEK)
        eve = datetime(2026, 12, 7, 14, tzinfo=UTC)
        for person in (halden.colleague, halden.employee):
            rows = Notification.objects.filter(recipient=person)
            assert [row.due_at for row in rows.filter(kind="booking_tomorrow")] == [eve]
            assert [row.due_at for row in rows.filter(kind="debrief_due")] == [session.ends_at]
        to_host, to_learner = (
            told("booking_moved", one)[0] for one in (halden.colleague, halden.employee)
        )
        assert to_host.title == "Moved by Nils Eriksen: Relay protection settings"
        assert "Nils Eriksen has moved the days beside you" in to_host.text
        assert to_learner.title == "Moved: Relay protection settings"
        for one in (to_host, to_learner):
            assert "Tue 8 December, 08:00–16:00" in one.text
            assert "Before: Tue 1 – Thu 3 December." in one.text
            assert one.path == halden.path("booking", public_id=session.public_id)


def test_moved_again_or_cancelled_the_older_news_is_not_told(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        move(booking, WEDNESDAY)
        booking.refresh_from_db()
        session = move(booking, NEXT_WEEK)
        news = told("booking_moved", halden.colleague)
        assert len(news) == 1
        assert "Before: Wed 2 – Fri 4 December." in news[0].text
        cancel(session, by=halden.employee, at=AT)
        assert not told("booking_moved", halden.colleague)


def test_moved_on_the_eve_it_is_reminded_of_once_more(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague, notice_days=0), halden.employee)
        eve = datetime(2026, 11, 30, 15, tzinfo=UTC)
        Notification.objects.filter(kind="booking_tomorrow").update(sent_at=eve)
        move(booking, NEXT_WEEK, at=eve)
        rows = Notification.objects.filter(kind="booking_tomorrow", sent_at=None)
        assert {row.recipient.name for row in rows} == {"Aisha Rahman", "Nils Eriksen"}


def test_a_host_with_several_learners_is_reminded_once_after_a_move(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        move(booking, NEXT_WEEK)
        make_booking(offer, halden.manager, NEXT_WEEK)
        rows = Notification.objects.filter(recipient=halden.colleague, kind="booking_tomorrow")
        assert rows.count() == 1


# --- Afterwards --------------------------------------------------------------------------------
def test_days_that_were_moved_count_where_they_took_place(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        old, new = booking.session, move(booking, NEXT_WEEK)
        at = datetime(2026, 12, 8, 15, tzinfo=UTC)
        with pytest.raises(Refused):
            complete_day(old, 1, by=halden.colleague, at=at)
        assert complete_day(new, 1, by=halden.colleague, at=at)
        rows = booking.employee.received.all()
        assert [row.occurred_on for row in rows] == [NEXT_WEEK]


def test_who_leaves_while_a_move_is_under_way_leaves_no_claim(halden: Place) -> None:
    with halden.scope():
        for leaver in (halden.colleague, halden.employee):
            host, learner = make_employee(), make_employee()
            offer = make_offer(host)
            booking = make_booking(offer, learner)
            hold(offer, learner, WEDNESDAY, moves=booking, at=AT)
            (host if leaver == halden.colleague else learner).deactivate(at=AT)
            assert not days_of(host)
            assert not days_of(learner)
