"""Somebody leaves: what was to come falls away, what was done stays, the others are told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import Told, tell
from peerlearn.organizations import ending
from peerlearn.organizations.models import Employee
from sessions import holding
from sessions.booking import book
from sessions.cancelling import cancel
from sessions.holding import hold
from sessions.models import (
    Block,
    Claim,
    Interaction,
    LearningSession,
    Participation,
    ShadowingOffer,
)
from sessions.models import Place as Seat
from sessions.running import complete_day
from skills.models import Offer, Proficiency
from tests.factories import make_employee
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer, make_skill
from tests.sessions.test_concurrency import somebody_waits
from tests.skills.kit import counted
from tests.world import Place, World

AFTER_DAY_ONE = datetime(2026, 12, 1, 17, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def told(kind: str) -> dict[str, Told | None]:
    """What each recipient is told, by name."""
    rows = Notification.objects.filter(kind=kind).select_related("recipient", "organization")
    return {row.recipient.name: tell(row) for row in rows}


def told_title(kind: str) -> dict[str, str]:
    return {name: one.title for name, one in told(kind).items() if one}


def no_time_is_claimed_of(employee: Employee) -> bool:
    return not Claim.objects.filter(employee=employee, active=True).exists()


# --- A host --------------------------------------------------------------------------------------
def test_with_a_host_their_sessions_holds_and_offers_go(halden: Place) -> None:
    host = halden.colleague
    with halden.scope(), time_machine.travel(AT, tick=False):
        offer = make_offer(host)
        booked = make_booking(offer, halden.employee)
        held = hold(offer, halden.admin, TUESDAY + WEEK, at=AT)
        skill = make_skill()
        Proficiency.claim(employee=host, skill=skill, level=4, on=AT.date())
        Offer.make(employee=host, skill=skill, on=AT.date())
        host.deactivate(at=AT)
        other = make_offer(halden.hr)  # only now: else the days would look for another host

        session = LearningSession.objects.get(pk=booked.session_id)
        assert (session.state, session.by_leaving) == ("cancelled", True)
        assert LearningSession.objects.get(pk=held.session_id).state == "expired"
        states = dict(Participation.objects.values_list("employee__name", "state"))
        assert states == {host.name: "cancelled", "Nils Eriksen": "cancelled"} | {
            halden.admin.name: "expired",
            host.name: states[host.name],
        }
        assert set(Block.objects.filter(session=session).values_list("state", flat=True)) == {
            "cancelled"
        }
        assert not Claim.objects.filter(active=True).exists()
        assert not Seat.objects.exists()
        assert not ShadowingOffer.objects.get(pk=offer.pk).active
        assert ShadowingOffer.objects.get(pk=other.pk).active
        assert not Offer.objects.exists()
        assert Proficiency.objects.filter(employee=host).exists()

        # The learner and their manager; whoever only held days was told nothing before either.
        words = told("host_left")
        assert set(words) == {"Nils Eriksen", "Mette Aas"}
        to_learner, to_manager = words["Nils Eriksen"], words["Mette Aas"]
        assert to_learner
        assert to_manager
        assert to_learner.title == "Cancelled, Tue 1 – Thu 3 December: Relay protection settings"
        assert "Aisha Rahman is no longer here, so your days beside them" in to_learner.text
        assert "Tue 1 December, 08:00–16:00" in to_learner.text
        assert "One other colleague offers days for this." in to_learner.text
        assert to_learner.path == f"{halden.path('shadowing')}?skill={skill.public_id}"
        assert "the days that Nils Eriksen had booked do not take place" in to_manager.text
        assert to_manager.path == halden.path("booking", public_id=session.public_id)
        kinds = set(Notification.objects.values_list("kind", flat=True))
        assert kinds == {"host_left"}, "and nobody is reminded of what does not take place"


def test_nobody_else_teaches_it(halden: Place) -> None:
    with halden.scope(), time_machine.travel(AT, tick=False):
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        halden.colleague.deactivate(at=AT)
        to_learner = told("host_left")["Nils Eriksen"]
        assert to_learner
        assert "Nobody else offers days for this now." in to_learner.text
        assert to_learner.path == halden.path("booking", public_id=booked.session.public_id)


def test_coming_back_brings_nothing_back(halden: Place) -> None:
    host = halden.colleague
    with halden.scope(), time_machine.travel(AT, tick=False):
        offer = make_offer(host)
        booked = make_booking(offer, halden.employee)
        host.deactivate(at=AT)
        host.reactivate(at=AT)
        assert LearningSession.objects.get(pk=booked.session_id).state == "cancelled"
        assert not ShadowingOffer.objects.get(pk=offer.pk).active
        assert no_time_is_claimed_of(halden.employee)
        ShadowingOffer.objects.filter(pk=offer.pk).update(active=True)
        offer.refresh_from_db()
        assert make_booking(offer, halden.employee).state == "booked", "the days are free again"


def test_what_the_learner_cancelled_meanwhile_is_not_told_again(halden: Place) -> None:
    with halden.scope(), time_machine.travel(AT, tick=False):
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        cancel(booked.session, by=halden.employee, at=AT)
        halden.colleague.deactivate(at=AT)
        assert not told("host_left")


def test_the_page_says_why_and_leads_to_others(halden: Place, client: Client) -> None:
    with halden.scope():
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        skill = make_skill()
    page = halden.path("employee_deactivate", public_id=halden.colleague.public_id)
    with time_machine.travel(AT, tick=False):
        halden.sign_in(client, halden.hr)
        words = text(client.get(page))
        assert "1 session that they host is cancelled. 1 learner is told" in words
        assert "1 offer of theirs closes." in words
        assert client.post(page).status_code == 302
        halden.sign_in(client, halden.employee)
        answer = client.get(halden.path("booking", public_id=booked.session.public_id))
        assert "Aisha Rahman has left, so this does not take place." in text(answer)
        assert f"?skill={skill.public_id}" in answer.content.decode()
        assert halden.colleague.public_id not in answer.content.decode(), "no link to nowhere"
        for one in re.findall(r'href="(/o/[^"]+)"', answer.content.decode()):
            assert client.get(one).status_code == 200, one


# --- A learner -----------------------------------------------------------------------------------
def test_with_a_learner_their_bookings_go_and_hosts_are_told(halden: Place, client: Client) -> None:
    learner = halden.employee
    with halden.scope(), time_machine.travel(AT, tick=False):
        alone = make_booking(make_offer(halden.colleague), learner)
        group = make_offer(halden.hr, capacity=2)
        shared = make_booking(group, learner, TUESDAY + WEEK)
        other = make_booking(group, halden.admin, TUESDAY + WEEK)
        assert other.session_id == shared.session_id
        held = hold(make_offer(halden.manager), learner, TUESDAY + 2 * WEEK, at=AT)
    page = halden.path("employee_deactivate", public_id=learner.public_id)
    with time_machine.travel(AT, tick=False):
        halden.sign_in(client, halden.hr)
        assert "2 bookings of theirs are cancelled; the hosts are told." in text(client.get(page))
        client.post(page)
    with halden.scope(), time_machine.travel(AT, tick=False):
        assert LearningSession.objects.get(pk=alone.session_id).state == "cancelled"
        assert LearningSession.objects.get(pk=shared.session_id).state == "booked"
        assert LearningSession.objects.get(pk=held.session_id).state == "expired"
        assert no_time_is_claimed_of(learner)
        assert no_time_is_claimed_of(halden.colleague)
        assert no_time_is_claimed_of(halden.manager)
        assert Claim.objects.filter(employee=halden.hr, active=True).count() == 3
        assert [seat.participation_id for seat in Seat.objects.all()] == [other.pk]
        subject = "Relay protection settings"
        assert told_title("learner_left") == {
            "Aisha Rahman": f"Cancelled, Tue 1 – Thu 3 December: {subject}",
            "Ingrid Solheim": f"Nils Eriksen no longer comes, Tue 8 – Thu 10 December: {subject}",
        }
        again = make_booking(group, halden.manager, TUESDAY + WEEK)
        assert again.session_id == shared.session_id, "their place is free"


# --- In the middle -------------------------------------------------------------------------------
@pytest.mark.parametrize("leaver", ["colleague", "employee"])
def test_a_session_that_is_half_over_keeps_what_was_done(halden: Place, leaver: str) -> None:
    with halden.scope(), time_machine.travel(AFTER_DAY_ONE, tick=False):
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        complete_day(booked.session, 1, by=halden.employee, at=AFTER_DAY_ONE)
        getattr(halden, leaver).deactivate(at=AFTER_DAY_ONE)
        session = LearningSession.objects.get(pk=booked.session_id)
        assert session.state == "completed"
        assert session.ends_at == datetime(2026, 12, 1, 15, tzinfo=UTC)
        blocks = Block.objects.filter(session=session).order_by("number")
        assert [block.state for block in blocks] == ["done", "cancelled", "cancelled"]
        assert Interaction.objects.get().minutes == 480
        claims = Claim.objects.filter(active=True).values_list("block__number", flat=True)
        assert set(claims) == {1}
        due = Notification.objects.filter(kind="debrief_due").values_list("due_at", flat=True)
        assert set(due) == {AFTER_DAY_ONE}
        stays = "Nils Eriksen" if leaver == "colleague" else "Aisha Rahman"
        kind = "host_left" if leaver == "colleague" else "learner_left"
        words = told(kind)[stays]
        assert words
        assert words.title == "Cut short, Wed 2 – Thu 3 December: Relay protection settings"
        assert "Wed 2 December" in words.text
        assert "Tue 1 December" not in words.text


def test_a_day_that_began_can_still_be_marked(halden: Place, client: Client) -> None:
    with halden.scope():
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        halden.colleague.deactivate(at=AFTER_DAY_ONE)
        session = LearningSession.objects.get(pk=booked.session_id)
        assert session.state == "booked"
    done = halden.path("day_done", public_id=session.public_id, number=1)
    with time_machine.travel(AFTER_DAY_ONE, tick=False):
        halden.sign_in(client, halden.employee)
        page = text(client.post(done, follow=True))
        assert "Done, said by Nils Eriksen" in page
        assert page.count("Cancelled") == 2
        assert "Completed" in page
    with halden.scope():
        assert Interaction.objects.get().giver_id == halden.colleague.pk


def test_who_leaves_a_group_in_the_middle_counts_for_their_days(halden: Place) -> None:
    """The host marks both days later: one was with both, one with the other alone."""
    with halden.scope(), time_machine.travel(AFTER_DAY_ONE, tick=False):
        offer = make_offer(halden.colleague, capacity=2)
        session = make_booking(offer, halden.employee).session
        make_booking(offer, halden.admin)
        halden.employee.deactivate(at=AFTER_DAY_ONE)
        session.refresh_from_db()
        assert session.state == "booked"
        later = datetime(2026, 12, 3, 16, tzinfo=UTC)
        for number in (1, 2):
            complete_day(session, number, by=halden.colleague, at=later)
        passed = Interaction.objects.values_list("receiver__name", "block__number")
        assert sorted(passed) == [("Nils Eriksen", 1), ("Runa Dahl", 1), ("Runa Dahl", 2)]
        assert told_title("learner_left") == {
            "Aisha Rahman": "Nils Eriksen no longer comes, Tue 1 – Thu 3 December: "
            "Relay protection settings"
        }


def test_what_is_over_and_unmarked_is_left_alone(halden: Place) -> None:
    with halden.scope():
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        halden.colleague.deactivate(at=datetime(2026, 12, 3, 16, tzinfo=UTC))
        assert LearningSession.objects.get(pk=booked.session_id).state == "booked"
        assert not Notification.objects.filter(kind="host_left").exists()


# --- How it is done ------------------------------------------------------------------------------
def test_without_the_declaration_everything_would_stand(
    halden: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "_endings", [])
    with halden.scope():
        booked = make_booking(make_offer(halden.colleague), halden.employee)
        halden.colleague.deactivate(at=AT)
        assert LearningSession.objects.get(pk=booked.session_id).state == "booked"
        assert not no_time_is_claimed_of(halden.employee)


def test_as_many_statements_for_ten_sessions_as_for_two(halden: Place) -> None:
    with halden.scope(), time_machine.travel(AT, tick=False):
        numbers = []
        for sessions in (2, 10):
            host = make_employee()
            offer = make_offer(host, days=1)
            for week in range(sessions):
                make_booking(offer, make_employee(), TUESDAY + week * WEEK)
            with counted() as statements:
                host.deactivate(at=AT)
            numbers.append(len(statements))
        assert numbers[0] == numbers[1]


def leave_while_somebody_holds(place: Place) -> LearningSession:
    """The host's access ends while a hold beside them is written; they booked it afterwards."""
    with place.scope():
        offer = make_offer(place.colleague)
    written, answered = Event(), Event()
    made: list[Participation] = []

    def learner() -> None:
        with place.scope():
            made.append(hold(offer, place.employee, TUESDAY, at=AT))
            book(made[0], goal="", at=AT)
            written.set()
            while not somebody_waits() and not answered.wait(0.02):
                pass
        connections.close_all()

    booking_it = Thread(target=learner)
    booking_it.start()
    assert written.wait(20)
    try:
        with place.scope():
            place.colleague.deactivate(at=AT)
    finally:
        answered.set()
        booking_it.join()
    with place.scope():
        found: LearningSession = LearningSession.objects.get(pk=made[0].session_id)
        return found


@pytest.mark.django_db(transaction=True)
def test_leaving_waits_for_a_booking_that_is_under_way(world: World) -> None:
    assert leave_while_somebody_holds(world.halden).state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_people_it_would_be_overlooked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_lock", lambda offer, learner: None)
    assert leave_while_somebody_holds(world.halden).state == "booked"
