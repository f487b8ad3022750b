"""Mistakes: a day that was not done after all, notes of what did not take place, too few places."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client

from sessions import offering
from sessions.absent import say_absent, take_back
from sessions.booking import book
from sessions.holding import hold
from sessions.models import (
    Block,
    Interaction,
    LearningSession,
    NoShow,
    Note,
    Place,
    ShadowingOffer,
)
from sessions.offering import revise
from sessions.refusals import Refused
from sessions.running import Answers, complete_day, submit_debrief, take_back_day
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_concurrency import the_other_tab
from tests.world import Place as Side
from tests.world import World

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)


@pytest.fixture
def halden(world: World) -> Side:
    return world.halden


@pytest.fixture
def session(halden: Side) -> LearningSession:
    with halden.scope():
        return make_booking(make_offer(halden.colleague, days=1), halden.employee).session


def counted() -> int:
    return Interaction.objects.aggregate(total=Sum("minutes"))["total"] or 0


# --- Done after all, or not ------------------------------------------------------------------
def test_done_is_taken_back_on_the_same_day_and_marked_again(
    halden: Side, session: LearningSession, client: Client
) -> None:
    halden.sign_in(client, halden.employee)
    days = halden.path("session_run", public_id=session.public_id)
    undone = halden.path("day_undone", public_id=session.public_id, number=1)
    with time_machine.travel(NOON, tick=False):
        client.post(halden.path("day_done", public_id=session.public_id, number=1))
        assert undone in client.get(days).content.decode()
        assert "Nothing of that day counts" in text(client.post(undone, follow=True))
        client.post(undone)  # pressed twice
        with halden.scope():
            session.refresh_from_db()
            states = session.participations.values_list("state", flat=True)
            assert [session.state, *states] == ["booked"] * 3
            assert counted() == 0
            said = say_absent(
                session.participations.get(seat="shadow"), 1, by=halden.colleague, at=NOON
            )
            session.refresh_from_db()
            assert session.state == "cancelled", "nobody came on its only day"
            assert NoShow.objects.get() == said
    with halden.scope(), pytest.raises(Refused):
        take_back(said, by=halden.colleague, at=NOON)


def test_what_was_taken_back_can_be_marked_again(halden: Side, session: LearningSession) -> None:
    with halden.scope():
        for _turn in range(2):
            complete_day(session, 1, by=halden.colleague, at=NOON)
            assert counted() == 480
            assert take_back_day(session, 1, by=halden.employee, at=EVENING)
            assert counted() == 0
        complete_day(session, 1, by=halden.colleague, at=EVENING)
        assert counted() == 480
        row = Interaction.objects.filter(retracts=None).last()
        assert row
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():  # each marking counts once
            row.save(force_insert=True)


def test_it_stays_the_day_after_and_once_a_debrief_is_given(
    halden: Side, session: LearningSession
) -> None:
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=NOON)
        midnight = datetime(2026, 12, 1, 23, tzinfo=UTC)  # in Oslo
        with pytest.raises(Refused, match="on the day"):
            take_back_day(session, 1, by=halden.colleague, at=midnight)
        with pytest.raises(Refused, match="take part"):
            take_back_day(session, 1, by=halden.hr, at=NOON)
        mine = session.participations.get(seat="shadow")
        submit_debrief(mine, Answers(can_now="Set a relay"), at=NOON)
        with pytest.raises(Refused, match="debrief"):
            take_back_day(session, 1, by=halden.colleague, at=EVENING)
        assert counted() == 480
        assert Block.objects.get(session=session).state == "done"


# --- Notes -------------------------------------------------------------------------------------
def test_notes_of_what_did_not_take_place_are_kept_for_those_in_it(
    halden: Side, session: LearningSession, client: Client
) -> None:
    with halden.scope():
        host = session.host
        Note.write(session=session, author=host, text="Key at 4", shared=True, token="a", at=NOON)
        Note.write(session=session, author=host, text="Mine", shared=False, token="b", at=NOON)
        say_absent(session.participations.get(seat="shadow"), 1, by=host, at=NOON)
    page = halden.path("booking", public_id=session.public_id)
    for who, shared, private in (
        (halden.employee, True, False),
        (halden.colleague, True, True),
        (halden.hr, False, False),
    ):
        halden.sign_in(client, who)
        words = text(client.get(page))
        assert ("Key at 4" in words) == shared
        assert ("Mine" in words) == private


# --- Places --------------------------------------------------------------------------------------
def lower(offer: ShadowingOffer, capacity: int) -> None:
    offer.capacity = capacity
    revise(offer, skills=list(offer.skills.all()), plan=[(1, "watch", "")], at=AT)


def test_capacity_is_lowered_to_what_is_booked_and_no_further(halden: Side) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=4)
        first = make_booking(offer, halden.employee)
        make_booking(offer, halden.admin)
        last = make_booking(offer, halden.hr)
        Place.objects.filter(participation=first).delete()  # the first gives theirs up
        with pytest.raises(ValidationError, match="2 places are taken on 1 December"):
            lower(offer, 1)
        offer.refresh_from_db()
        assert offer.capacity == 4
        lower(offer, 2)
        session = LearningSession.objects.get(pk=last.session_id)
        assert session.capacity == 2
        assert list(session.places.values_list("number", flat=True)) == [1, 2]
        assert hold(offer, halden.manager, date(2026, 12, 7), at=AT).session.capacity == 2


def joined_while_it_is_lowered(halden: Side) -> tuple[int, int]:
    """Somebody takes the second of two places; the host says one. Places and what is taken."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        session = make_booking(offer, halden.employee).session

    def joins() -> None:
        book(hold(offer, halden.admin, TUESDAY, at=AT), goal="", at=AT)

    with the_other_tab(halden, joins), halden.scope():
        try:
            with transaction.atomic():
                lower(ShadowingOffer.objects.get(pk=offer.pk), 1)
        except ValidationError:
            pass
    with halden.scope():
        return LearningSession.objects.get(pk=session.pk).capacity, session.places.count()


@pytest.mark.django_db(transaction=True)
def test_a_place_is_taken_while_the_capacity_is_lowered(world: World) -> None:
    assert joined_while_it_is_lowered(world.halden) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_come_than_there_are_places(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(offering, "lock_people", lambda *people: {})
    assert joined_while_it_is_lowered(world.halden) == (1, 2)
