"""The verbs of booking, one after the other; what happens at once is in test_concurrency."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from peerlearn.notifications.models import Notification, Outbox
from sessions.availability import Availability
from sessions.booking import book
from sessions.cancelling import cancel, foretell
from sessions.holding import expire_holds, extend_hold, hold, next_starts, release
from sessions.models import (
    AvailabilityException,
    Block,
    Claim,
    Interaction,
    LearningSession,
    Participation,
    Place,
    SessionStep,
)
from sessions.refusals import Clash, MonthFull, NotOpen, Refused, RunOut, Taken, TooSoon
from sessions.running import complete_day
from sessions.starts import Start
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.world import Place as Somewhere
from tests.world import World

THURSDAY, FRIDAY = date(2026, 12, 3), date(2026, 12, 4)


@pytest.fixture
def halden(world: World) -> Somewhere:
    return world.halden


def kinds(**of: object) -> list[str]:
    return sorted(Notification.objects.filter(**of).values_list("kind", flat=True))


# --- Holding ---------------------------------------------------------------------------------
def test_a_hold_claims_three_days_of_both_for_ten_minutes(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        held = hold(offer, halden.employee, TUESDAY, at=AT)
        session = held.session
        assert (session.state, held.state, held.held_until) == ("held", "held", AT + 10 * MINUTE)
        assert session.subject == "Relay protection settings"
        blocks = list(Block.objects.filter(session=session))
        assert [b.starts_at for b in blocks] == [
            datetime(2026, 12, day, 7, tzinfo=UTC) for day in (1, 2, 3)
        ]
        assert {b.minutes for b in blocks} == {480}
        assert Claim.objects.filter(active=True, held_until=held.held_until).count() == 6
        assert Place.objects.get(session=session).participation_id == held.pk
        assert not Notification.objects.exists()  # nobody is told yet


def test_somebody_else_is_told_at_choosing_with_the_next_two_starts(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        hold(offer, halden.employee, TUESDAY, at=AT)
        with pytest.raises(Taken) as refusal:
            hold(offer, halden.manager, THURSDAY, at=AT)
        assert [s.day for s in refusal.value.next_starts] == [FRIDAY, date(2026, 12, 7)]
        assert Participation.objects.filter(employee=halden.manager).count() == 0


def test_the_owner_of_a_hold_still_sees_the_time_as_free(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        hold(offer, halden.employee, TUESDAY, at=AT)

        def first_for(learner: object) -> date:
            return next_starts(offer, learner, at=AT)[0].day  # type: ignore[arg-type]  # employees

        assert first_for(halden.employee) == date(2026, 11, 26)
        offered = Availability(
            [offer], halden.employee, first=TUESDAY, last=TUESDAY, at=AT
        ).start_on(offer, TUESDAY)
        assert isinstance(offered, Start)
        again = hold(offer, halden.employee, date(2026, 12, 2), at=AT)  # overlaps their own
        assert again.state == "held"


def test_one_hold_a_learner(halden: Somewhere) -> None:
    with halden.scope():
        first = hold(make_offer(halden.colleague), halden.employee, TUESDAY, at=AT)
        second = hold(make_offer(halden.manager), halden.employee, TUESDAY, at=AT)
        first.refresh_from_db()
        assert (first.state, second.state) == ("expired", "held")
        assert LearningSession.objects.get(pk=first.session_id).state == "expired"
        assert not Claim.objects.filter(employee=halden.colleague).exists()


def test_a_refused_hold_leaves_the_old_one(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        make_booking(offer, halden.manager, TUESDAY)
        held = hold(make_offer(halden.hr), halden.employee, TUESDAY, at=AT)
        with pytest.raises(Taken):
            hold(offer, halden.employee, TUESDAY, at=AT)
        held.refresh_from_db()
        assert held.is_held(AT)


def test_what_has_run_out_is_free_without_any_job(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        held = hold(offer, halden.employee, TUESDAY, at=AT)
        with pytest.raises(Taken):
            hold(offer, halden.manager, TUESDAY, at=AT + 10 * MINUTE - timedelta(seconds=1))
        taken = hold(offer, halden.manager, TUESDAY, at=AT + 10 * MINUTE)
        assert taken.state == "held"
        with pytest.raises(RunOut):
            book(held, goal="", at=AT + 10 * MINUTE)


def test_ten_more_minutes_and_not_without_end(halden: Somewhere) -> None:
    with halden.scope():
        held = hold(make_offer(halden.colleague), halden.employee, TUESDAY, at=AT)
        assert extend_hold(held, at=AT + 9 * MINUTE) == AT + 19 * MINUTE
        assert extend_hold(held, at=AT + 18 * MINUTE) == AT + 28 * MINUTE
        assert extend_hold(held, at=AT + 27 * MINUTE) == AT + 30 * MINUTE
        assert set(Claim.objects.values_list("held_until", flat=True)) == {AT + 30 * MINUTE}
        due = Outbox.objects.filter(organization=halden.organization, kind="expire_hold")
        assert due.get().due_at == AT + 30 * MINUTE
        with pytest.raises(RunOut):
            extend_hold(held, at=AT + 30 * MINUTE)


def test_whoever_joins_a_group_has_a_half_hour_of_their_own(halden: Somewhere) -> None:
    """Of a group that was booked long before, and of one that is only held."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        make_booking(offer, halden.employee, at=AT - 600 * MINUTE)
        held = hold(offer, halden.manager, TUESDAY, at=AT)
        assert extend_hold(held, at=AT + 9 * MINUTE) == AT + 19 * MINUTE
        assert extend_hold(held, at=AT + 18 * MINUTE) == AT + 28 * MINUTE
        assert extend_hold(held, at=AT + 27 * MINUTE) == AT + 30 * MINUTE
        assert extend_hold(held, at=AT + 29 * MINUTE) == AT + 30 * MINUTE
        due = Outbox.objects.get(kind="expire_hold", subject=str(held.pk))
        assert due.due_at == AT + 30 * MINUTE
        assert book(held, goal="", at=AT + 29 * MINUTE).state == "booked"


def test_first_and_later_learner_lengthen_alike(halden: Somewhere) -> None:
    """The host is held as long as the longest hold, also when the first one has run out."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = hold(offer, halden.employee, TUESDAY, at=AT)
        later = hold(offer, halden.manager, TUESDAY, at=AT + 8 * MINUTE)
        assert later.session == first.session
        assert extend_hold(first, at=AT + 9 * MINUTE) == AT + 19 * MINUTE
        assert extend_hold(later, at=AT + 17 * MINUTE) == AT + 27 * MINUTE
        assert extend_hold(later, at=AT + 26 * MINUTE) == AT + 36 * MINUTE
        assert extend_hold(later, at=AT + 35 * MINUTE) == AT + 38 * MINUTE
        hosts = Claim.objects.filter(employee=halden.colleague)
        assert set(hosts.values_list("held_until", flat=True)) == {AT + 38 * MINUTE}
        with pytest.raises(RunOut):
            extend_hold(first, at=AT + 20 * MINUTE)
        assert book(later, goal="", at=AT + 37 * MINUTE).state == "booked"


def test_asking_for_more_time_never_shortens_a_hold(halden: Somewhere) -> None:
    with halden.scope():
        held = hold(make_offer(halden.colleague), halden.employee, TUESDAY, at=AT)
        assert extend_hold(held, at=AT + 5 * MINUTE) == AT + 15 * MINUTE
        assert extend_hold(held, at=AT + MINUTE) == AT + 15 * MINUTE


def test_release_and_expire_free_everything(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        release(hold(offer, halden.employee, TUESDAY, at=AT), at=AT)
        assert not Claim.objects.exists()
        hold(offer, halden.employee, TUESDAY, at=AT)
        expire_holds(at=AT + 9 * MINUTE)
        assert Claim.objects.count() == 6
        expire_holds(at=AT + 10 * MINUTE)
        assert not Claim.objects.exists()
        assert not Place.objects.exists()
        assert set(LearningSession.objects.values_list("state", flat=True)) == {"expired"}


# --- What is refused -------------------------------------------------------------------------
def test_what_is_refused(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, notice_days=3)
        with pytest.raises(NotOpen):
            hold(offer, halden.colleague, TUESDAY, at=AT)  # oneself
        with pytest.raises(TooSoon):
            hold(offer, halden.employee, date(2026, 11, 25), at=AT)
        with pytest.raises(TooSoon):
            hold(offer, halden.employee, date(2026, 11, 20), at=AT)  # the past
        with pytest.raises(Taken):
            hold(offer, halden.employee, date(2026, 12, 5), at=AT)  # a Saturday
        with pytest.raises(NotOpen):
            hold(offer, halden.deactivated, TUESDAY, at=AT)
        offer.close()
        with pytest.raises(NotOpen):
            hold(offer, halden.employee, TUESDAY, at=AT)


def test_the_hosts_month_is_full(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, per_month=1)
        make_booking(offer, halden.employee, TUESDAY)
        with pytest.raises(MonthFull) as refusal:
            hold(offer, halden.manager, date(2026, 12, 8), at=AT)
        assert refusal.value.next_starts[0].day == date(2027, 1, 1)
        assert hold(offer, halden.manager, date(2027, 1, 4), at=AT).state == "held"


def test_own_bookings_are_told_apart_from_taken_time(halden: Somewhere) -> None:
    with halden.scope():
        make_booking(make_offer(halden.colleague), halden.employee, TUESDAY)
        with pytest.raises(Clash):
            hold(make_offer(halden.manager), halden.employee, THURSDAY, at=AT)
        # A host who learns elsewhere is not free as a host.
        with pytest.raises(Taken):
            hold(make_offer(halden.employee), halden.manager, THURSDAY, at=AT)


def test_absence_other_hours_and_the_last_day(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        AvailabilityException.objects.create(
            employee=halden.colleague, first_day=TUESDAY, last_day=date(2026, 12, 2)
        )
        with pytest.raises(Taken):
            hold(offer, halden.employee, date(2026, 11, 30), at=AT)
        assert hold(offer, halden.employee, THURSDAY, at=AT).state == "held"
        with pytest.raises(IntegrityError), transaction.atomic():
            AvailabilityException.objects.create(
                employee=halden.colleague, first_day=date(2026, 12, 2), last_day=THURSDAY
            )
        leaving = make_employee("Liv Haugen", leaving_on=date(2026, 12, 2))
        with pytest.raises(Taken):
            hold(make_offer(leaving), halden.employee, TUESDAY, at=AT)
        # One's own last day is not refused: it would be told to somebody who may not know it.
        assert hold(make_offer(halden.manager), leaving, TUESDAY, at=AT).state == "held"


# --- Booking and cancelling --------------------------------------------------------------------
def test_booking_confirms_tells_and_copies_the_plan(halden: Somewhere) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        session = LearningSession.objects.get(pk=booking.session_id)
        assert (session.state, booking.state, booking.goal) == (
            "booked",
            "booked",
            "Set a feeder relay",
        )
        assert not Claim.objects.exclude(held_until=None).exists()
        assert SessionStep.objects.filter(session=session).count() == 3
        assert session.skills.get().name == "Relay protection settings"
        everything = ["booking_booked", "booking_tomorrow", "debrief_due"]
        assert kinds(recipient=halden.employee) == everything
        assert kinds(recipient=halden.colleague) == everything
        eve = Notification.objects.filter(kind="booking_tomorrow").first()
        assert eve is not None
        assert eve.due_at == datetime(2026, 11, 30, 14, tzinfo=UTC)  # 15:00 in Oslo
        book(booking, goal="again", at=AT)  # a second press of the button
        booking.refresh_from_db()
        assert booking.goal == "Set a feeder relay"
        assert Notification.objects.count() == 6


def test_a_learner_cancels(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        booking = make_booking(offer, halden.employee)
        assert foretell(booking.session, halden.employee) == ([halden.colleague], 0)
        cancel(booking.session, by=halden.employee, reason="Ill", at=AT)
        cancel(booking.session, by=halden.employee, at=AT)  # twice is once
        session = LearningSession.objects.get(pk=booking.session_id)
        assert (session.state, session.cancel_reason) == ("cancelled", "Ill")
        assert set(Block.objects.values_list("state", flat=True)) == {"cancelled"}
        assert not Claim.objects.filter(active=True).exists()
        assert kinds() == ["booking_cancelled"]  # the rest was taken back before it was sent
        assert Notification.objects.get().recipient == halden.colleague
        assert hold(offer, halden.manager, TUESDAY, at=AT).state == "held"


def test_a_host_cancels_and_strangers_cannot(halden: Somewhere) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        with pytest.raises(Refused):
            cancel(booking.session, by=halden.hr, at=AT)
        cancel(booking.session, by=halden.colleague, at=AT)
        assert Notification.objects.get().recipient == halden.employee


def test_places_of_a_group(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2, per_month=1)
        first = make_booking(offer, halden.employee)
        second = make_booking(offer, halden.manager)
        assert first.session_id == second.session_id
        assert Claim.objects.filter(active=True).count() == 9
        with pytest.raises(Taken):
            hold(offer, halden.hr, TUESDAY, at=AT)
        cancel(first.session, by=halden.employee, at=AT)
        session = LearningSession.objects.get(pk=first.session_id)
        assert session.state == "booked"
        again = make_booking(offer, halden.employee)  # comes back to the place they left
        assert again.session_id == session.pk
        cancel(session, by=halden.colleague, at=AT)
        assert set(Participation.objects.values_list("state", flat=True)) == {"cancelled"}


def test_whoever_joins_a_group_sees_its_own_days(halden: Somewhere) -> None:
    """The offer became shorter and later after the first learner had booked three days."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2, per_month=1)
        first = make_booking(offer, halden.employee)
        offer.days, offer.starts_at = 1, time(10)
        offer.save()
        ahead = Availability([offer], halden.manager, first=TUESDAY, last=TUESDAY, at=AT)
        start = ahead.start_on(offer, TUESDAY)
        assert isinstance(start, Start)
        assert start.session_id == first.session_id
        assert start.days == (TUESDAY, date(2026, 12, 2), date(2026, 12, 3))
        blocks = Block.objects.filter(session=first.session_id)
        assert [(b.start, b.end) for b in start.blocks] == list(
            blocks.values_list("starts_at", "ends_at")
        )


def test_a_place_that_is_only_held_keeps_no_session_alive(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = make_booking(offer, halden.employee)
        second = hold(offer, halden.manager, TUESDAY, at=AT)
        cancel(first.session, by=halden.employee, at=AT)
        assert LearningSession.objects.get().state == "cancelled"
        assert not Claim.objects.filter(active=True).exists()
        with pytest.raises(RunOut):
            book(second, goal="", at=AT)
        hold(offer, halden.manager, TUESDAY, at=AT)  # the days are free again


def test_two_holds_of_one_group_run_out_one_by_one(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = hold(offer, halden.employee, TUESDAY, at=AT)
        second = hold(offer, halden.manager, TUESDAY, at=AT + 5 * MINUTE)
        assert first.session_id == second.session_id
        later = AT + 12 * MINUTE
        expire_holds(at=later)
        with pytest.raises(Taken):  # the host's time is still held for the second
            hold(offer, halden.hr, date(2026, 12, 2), at=later)
        book(second, goal="", at=later)
        assert LearningSession.objects.get(pk=second.session_id).state == "booked"


# --- The database itself -----------------------------------------------------------------------
def test_the_serving_role_cannot_change_an_interaction(halden: Somewhere) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        at = datetime(2026, 12, 1, 15, tzinfo=UTC)
        complete_day(booking.session, 1, by=halden.colleague, at=at)
        row = Interaction.objects.get()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Interaction.objects.update(minutes=1)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            row.delete()
        assert row.retract(at=at).minutes == -480
        with pytest.raises(IntegrityError), transaction.atomic():
            row.retract(at=at)


def test_the_database_refuses_two_claims_and_endless_ones(halden: Somewhere) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        other = make_booking(make_offer(halden.manager), halden.hr)
        claim = Claim.objects.filter(employee=halden.employee).first()
        block = Block.objects.filter(session=other.session).first()
        assert claim is not None

        def insert(during: tuple[datetime | None, datetime | None], held_for: int) -> None:
            with transaction.atomic():
                Claim.objects.create(
                    employee=halden.employee, block=block, held_for_id=held_for, during=during
                )

        hour = claim.during.lower, claim.during.lower + timedelta(hours=1)
        with pytest.raises(IntegrityError, match="claim_one_at_a_time"):
            insert(hour, other.pk)
        for during in ((None, hour[1]), (hour[0], None), (hour[0], hour[0])):
            with pytest.raises(IntegrityError, match="claim_bounded"):
                insert(during, other.pk)
        insert(hour, booking.pk)  # the same booking on its way to another time


def test_statements(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        offer = type(offer).objects.with_subject().get()
        halden.employee.organization = halden.organization  # as the middleware gives them
        with CaptureQueriesContext(
            connection,
        ) as holding:
            held = hold(offer, halden.employee, TUESDAY, at=AT)
        held = Participation.objects.select_related("employee").get(pk=held.pk)
        with CaptureQueriesContext(connection) as booking:
            book(held, goal="Set a feeder relay", at=AT)
    assert len(holding) <= 10, [q["sql"][:90] for q in holding]
    assert len(booking) <= 10, [q["sql"][:90] for q in booking]
