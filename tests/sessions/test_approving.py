"""Bookings that need the approval of the learner's manager."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.telling import tell
from peerlearn.organizations.models import Employee
from sessions import approving, asking
from sessions.approving import approve, decline, withdraw
from sessions.asking import may_answer, whom_to_ask
from sessions.booking import book, stand
from sessions.cancelling import cancel
from sessions.choices import Answer
from sessions.deadlines import after_working_days, cut_off
from sessions.holding import extend_hold, hold, release
from sessions.models import AvailabilityException, Claim, Participation, Request
from sessions.moving import confirm
from sessions.refusals import Refused, RunOut, Taken
from tests.factories import make_employee
from tests.sessions.approving_kit import DAY, NEXT_WEEK, THURSDAY, ask, switch_on, told
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_waiting import offered, run_due, wait
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    switch_on(world.halden)
    return world.halden


def state_of(held: Participation) -> str:
    held.refresh_from_db()
    return held.state


# --- Deadlines -----------------------------------------------------------------------------------
def test_working_days_skip_days_off_and_keep_the_clock_time() -> None:
    zone = ZoneInfo("Europe/Oslo")
    friday = datetime(2026, 10, 23, 12, tzinfo=UTC)  # before the clock goes back; 14:00 in Oslo
    week = [0, 1, 2, 3, 4]
    assert after_working_days(friday, 1, working_days=week, zone=zone) == datetime(
        2026, 10, 26, 13, tzinfo=UTC
    )
    saturday = friday + DAY
    assert after_working_days(saturday, 3, working_days=week, zone=zone).day == 28
    monday = (friday + 3 * DAY).date()
    later = after_working_days(friday, 1, working_days=week, off={monday}, zone=zone)
    assert later.day == 27, "a public holiday"
    assert after_working_days(friday, 2, working_days=[], zone=zone).day == 25, "never for ever"
    assert cut_off(AT + 3 * DAY, notice_days=1, zone=zone) == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert cut_off(AT, notice_days=0, zone=zone) == AT


def test_whoever_asks_just_in_time_is_promised_no_second_question(
    halden: Place, client: Client
) -> None:
    """The host's notice ends tonight: nobody further up would be asked before that."""
    halden.sign_in(client, halden.employee)
    with halden.scope():
        offer = make_offer(halden.colleague)
        soon = ask(offer, halden.employee, date(2026, 11, 27)).participation.session.public_id
        later = ask(offer, halden.employee, NEXT_WEEK).participation.session.public_id
    short = text(client.get(halden.path("booking", public_id=soon)))
    assert "Without an answer they are free again." in short
    assert "further up" not in short
    assert "somebody further up is asked" in text(
        client.get(halden.path("booking", public_id=later))
    )


# --- Whom to ask ---------------------------------------------------------------------------------
def test_the_nearest_above_who_is_here_is_asked_and_hr_where_there_is_none(halden: Place) -> None:
    with halden.scope():
        head = make_employee("Sigrid Moe")
        halden.manager.manager = head
        halden.manager.save()
        learner = Employee.objects.get(pk=halden.employee.pk)

        def asked(after: Employee | None = None) -> str:
            found = whom_to_ask(learner, after=after, at=AT)
            return str(found.name) if found else "nobody"

        assert asked() == "Mette Aas"
        assert asked(after=halden.manager) == "Sigrid Moe"
        assert asked(after=head) == "HR"
        AvailabilityException.objects.create(
            employee=halden.manager, first_day=AT.date(), last_day=AT.date()
        )
        assert asked() == "Sigrid Moe", "the manager is away today"
        head.deactivate(at=AT)
        assert asked() == "HR"
        halden.hr.deactivate(at=AT)
        assert asked() == "Mette Aas", "away, but the only one"
        learner.manager = None
        learner.save()
        assert asked() == "nobody"
        assert not may_answer(learner, learner)


def test_nobody_approves_their_own_request(halden: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with halden.scope():
        alone = make_booking(make_offer(halden.colleague), halden.hr)  # reports to nobody
        assert state_of(alone) == "booked", "there is nobody to ask"
        make_employee("Berit Lie", is_hr=True)
        request = ask(make_offer(halden.colleague), halden.hr, NEXT_WEEK)
        assert request.asked is None
        with pytest.raises(Refused):
            approve(request, by=halden.hr, at=AT)
        # The twin: without the rule they would.
        monkeypatch.setattr(approving, "may_answer", lambda by, learner: by.is_hr)
        assert approve(request, by=halden.hr, at=AT).state == "booked"


def test_off_or_for_short_ones_nothing_is_asked(world: World) -> None:
    halden = world.halden
    with halden.scope():
        held = make_booking(make_offer(halden.colleague), halden.employee)
        assert state_of(held) == "booked"
        switch_on(halden, from_days=3)
        short = make_booking(make_offer(halden.colleague, days=2), halden.employee, NEXT_WEEK)
        assert state_of(short) == "booked"
        assert ask(make_offer(halden.manager), halden.colleague, date(2026, 12, 15)).asked


# --- Asking and answering ------------------------------------------------------------------------
def test_a_request_keeps_the_days_until_the_manager_has_approved(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        held = request.participation
        assert (held.session.state, held.held_until) == ("held", THURSDAY)
        assert Claim.objects.filter(active=True, held_until=THURSDAY).count() == 6
        assert told("approval_asked") == {
            "Mette Aas": "Nils Eriksen asks for your approval: Relay protection settings"
        }
        assert not Notification.objects.filter(kind="booking_booked").exists()
        assert book(held, goal="again", at=AT + MINUTE).state == "held", "asking twice asks once"
        release(held, at=AT)
        with pytest.raises(RunOut):
            extend_hold(held, at=AT)
        with pytest.raises(Taken):
            hold(offer, halden.manager, TUESDAY, at=AT + DAY)
        held.refresh_from_db()
        assert held.is_requested(AT)
        for person in (halden.colleague, halden.employee, halden.admin):
            with pytest.raises(Refused):
                approve(request, by=person, at=AT)
        session = approve(request, by=halden.manager, at=AT + DAY)
        assert approve(request, by=halden.hr, at=AT + DAY) == session, "twice approves once"
        assert Participation.objects.filter(session=session, state="booked").count() == 2
        assert Claim.objects.filter(active=True, held_until=None).count() == 6
        assert set(told("booking_booked")) == {"Nils Eriksen", "Aisha Rahman"}
        assert told("approval_asked") == {}
        with pytest.raises(Refused, match="approved already"):
            decline(request, by=halden.hr, reason="Late", at=AT + DAY)
        with pytest.raises(Refused, match="approved already"):
            withdraw(request, by=halden.employee, at=AT + DAY)


@pytest.mark.parametrize("by", ["manager", "colleague"])  # the host may, too
def test_declined_the_days_are_free_at_once_for_who_waits(halden: Place, by: str) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        kari, _ola = wait(offer, "Kari", "Ola")
        with pytest.raises(Refused, match="Say why"):
            decline(request, by=halden.manager, reason=" ", at=AT)
        decline(request, by=getattr(halden, by), reason="The outage comes first", at=AT)
        assert offered() == {"Kari": AT + DAY}
        assert list(told("request_answered")) == ["Nils Eriksen"]
        news = tell(Notification.objects.get(kind="request_answered"))
        assert news
        assert "The outage comes first" in news.text
        with pytest.raises(Refused, match="declined already"):
            approve(request, by=halden.hr, at=AT)
        # An offered place needs the approval as well.
        place = Participation.objects.get(employee=kari)
        book(place, goal="", at=AT)
        place.refresh_from_db()
        assert place.is_requested(AT + 2 * DAY)


def test_withdrawn_nobody_is_asked_any_more(halden: Place) -> None:
    with halden.scope():
        request = ask(make_offer(halden.colleague), halden.employee)
        with pytest.raises(Refused):
            withdraw(request, by=halden.manager, at=AT)
        withdraw(request, by=halden.employee, at=AT)
        withdraw(request, by=halden.employee, at=AT)
        assert not Claim.objects.exists()
        assert not Notification.objects.filter(kind="approval_asked").exists()
        assert not Outbox.objects.filter(kind="ask_again").exists()
        assert ask(make_offer(halden.colleague), halden.employee), "the days are free"


def test_unanswered_there_is_a_reminder_then_the_next_above_then_it_is_over(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        wait(offer, "Kari")
    run_due("ask_again", AT + DAY)
    with halden.scope():
        mails = Notification.objects.filter(kind="approval_asked")
        assert [one.recipient.name for one in mails] == ["Mette Aas"] * 2
        again = tell(mails.get(occurrence="again"))
        assert again
        assert again.title.startswith("Nils Eriksen still waits")
    run_due("ask_again", AT + 2 * DAY)
    with halden.scope():
        request.refresh_from_db()
        assert request.asked is None, "nobody is above the manager: HR"
        assert set(told("approval_asked")) == {"Mette Aas", "Ingrid Solheim"}
        with pytest.raises(Refused, match="has run out"):
            approve(request, by=halden.manager, at=THURSDAY)
    run_due("expire_hold", THURSDAY)
    run_due("expire_hold", THURSDAY)
    with halden.scope(), time_machine.travel(THURSDAY, tick=False):
        request.refresh_from_db()
        assert request.answer == "run_out"
        assert list(offered()) == ["Kari"]
        assert told("request_answered") == {
            "Nils Eriksen": "Not answered in time: Relay protection settings"
        }


def test_what_has_run_out_is_not_approved(halden: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody has swept it yet."""
    with halden.scope():
        request = ask(make_offer(halden.colleague), halden.employee)
        with pytest.raises(Refused, match="has run out"):
            approve(request, by=halden.manager, at=THURSDAY)
        # The twin: without the clock it is.
        monkeypatch.setattr(approving, "_refuse_what_is_over", lambda *args, **kwargs: None)
        monkeypatch.setattr(
            approving, "stand", lambda held, **kwargs: stand(held, **{**kwargs, "at": AT})
        )
        assert approve(request, by=halden.manager, at=THURSDAY).state == "booked"


def test_the_notice_of_the_host_cuts_the_waiting_short(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)  # three days of notice
        request = ask(offer, halden.employee, date(2026, 11, 27))
        assert request.runs_out_at == datetime(2026, 11, 24, 23, tzinfo=UTC)  # midnight in Oslo


def test_one_learner_asks_for_five_things_at_most(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1)
        for day in range(5):
            ask(offer, halden.employee, TUESDAY + 7 * day * DAY)
        with pytest.raises(Refused, match="Withdraw one first"):
            ask(offer, halden.employee, TUESDAY + 35 * DAY)
        assert Request.objects.count() == 5


# --- Groups, moves, leaving ----------------------------------------------------------------------
def test_a_request_keeps_a_place_of_a_group(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        first = ask(offer, halden.employee)
        second = ask(offer, halden.manager)  # nobody is above: HR
        assert first.participation.session_id == second.participation.session_id
        with pytest.raises(Taken):
            hold(offer, halden.hr, TUESDAY, at=AT)
        session = approve(first, by=halden.manager, at=AT)
        assert [p.state for p in session.participations.order_by("pk")] == [
            "booked",
            "booked",
            "held",
        ]
        cancel(session, by=halden.colleague, reason="Ill", at=AT)
        second.refresh_from_db()
        assert second.answer == "ended"
        assert told("request_answered") == {
            "Mette Aas": "Your request is over: Relay protection settings"
        }


def test_a_move_to_another_week_needs_approval_again(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        approve(request, by=halden.manager, at=AT)
        booking = request.participation
        booking.refresh_from_db()
        near = hold(offer, halden.employee, date(2026, 12, 2), moves=booking, at=AT)
        assert confirm(near, goal="", at=AT).first_day == date(2026, 12, 2), "the same week"
        booking.refresh_from_db()
        far = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        assert confirm(far, goal="", at=AT).state == "held"
        booking.refresh_from_db()
        assert booking.session.first_day == date(2026, 12, 2), "the old days stay"
        again = Request.objects.get(participation=far)
        session = approve(again, by=halden.manager, at=AT + DAY)
        assert approve(again, by=halden.manager, at=AT + DAY).first_day == NEXT_WEEK
        booking.refresh_from_db()
        assert booking.session == session
        assert Claim.objects.filter(active=True).count() == 6


def test_an_answer_that_comes_second_changes_nothing(halden: Place) -> None:
    """Also by the request alone, without the lock on its session."""
    with halden.scope():
        request = ask(make_offer(halden.colleague), halden.employee)
        stale = Request.objects.get(pk=request.pk)
        assert request.close(Answer.DECLINED, by=halden.manager, reason="No", at=AT)
        assert not stale.close(Answer.ACCEPTED, by=halden.hr, at=AT)
        request.refresh_from_db()
        assert (request.answer, request.answered_by) == ("declined", halden.manager)


def test_a_booking_is_asked_to_move_once_at_a_time(halden: Place) -> None:
    """Both would be held for one booking, whose claims may overlap each other."""
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        approve(request, by=halden.manager, at=AT)
        booking = Participation.objects.get(pk=request.participation_id)
        far = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        confirm(far, goal="", at=AT)
        with pytest.raises(Refused, match="asked to move it already"):
            hold(offer, halden.employee, NEXT_WEEK + DAY, moves=booking, at=AT)
        withdraw(Request.objects.get(participation=far), by=halden.employee, at=AT)
        assert hold(offer, halden.employee, NEXT_WEEK + DAY, moves=booking, at=AT)


def test_a_move_that_waits_falls_away_with_the_booking(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        session = approve(request, by=halden.manager, at=AT)
        booking = Participation.objects.get(pk=request.participation_id)
        far = hold(offer, halden.employee, NEXT_WEEK, moves=booking, at=AT)
        confirm(far, goal="", at=AT)
        cancel(session, by=halden.employee, at=AT)
        assert Request.objects.get(participation=far).answer == "ended"
        assert not Claim.objects.filter(active=True).exists()


@pytest.mark.parametrize("who", ["manager", "employee", "colleague"])
def test_whoever_leaves_takes_their_part_in_it_away(halden: Place, who: str) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        request = ask(offer, halden.employee)
        getattr(halden, who).deactivate(at=AT)
        request.refresh_from_db()
        held = Participation.objects.get(pk=request.participation_id)
        if who == "manager":
            assert (request.answer, request.asked) == ("open", None)
            assert set(told("approval_asked")) == {"Ingrid Solheim"}
            with pytest.raises(Refused):
                approve(request, by=halden.manager, at=AT)
            assert approve(request, by=halden.hr, at=AT).state == "booked"
            return
        assert (request.answer, held.state) == ("ended", "expired")
        assert not Claim.objects.filter(active=True).exists()
        assert bool(told("request_answered")) == (who == "colleague")


def test_without_handing_it_up_nobody_would_be_asked(
    halden: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(asking, "hand_up", lambda request, at: None)
    with halden.scope():
        request = ask(make_offer(halden.colleague), halden.employee)
        halden.manager.deactivate(at=AT)
        request.refresh_from_db()
        assert request.asked == halden.manager
