"""The days themselves, by their verbs: done or not, debriefs, levels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from peerlearn.notifications.models import Notification
from sessions.cancelling import cancel
from sessions.models import Block, Debrief, Interaction, LearningSession, ProposedLevel
from sessions.refusals import Refused
from sessions.running import Answers, answer_level, close, complete_day, submit_debrief
from skills.models import Proficiency
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer, make_skill
from tests.world import Place as Somewhere
from tests.world import World


@pytest.fixture
def halden(world: World) -> Somewhere:
    return world.halden


def test_done_days_become_interactions_that_add_up(halden: Somewhere) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, "Relays", "Fault records", "Earthing", minutes=470)
        make_skill("Relays")
        booking = make_booking(offer, halden.employee)
        session = booking.session
        with pytest.raises(Refused):  # not before it begins
            complete_day(session, 1, by=halden.colleague, at=AT)
        first = datetime(2026, 12, 1, 15, tzinfo=UTC)
        with pytest.raises(Refused):
            complete_day(session, 1, by=halden.hr, at=first)
        assert complete_day(session, 1, by=halden.colleague, at=first)
        assert not complete_day(session, 1, by=halden.colleague, at=first)
        rows = list(Interaction.objects.all())
        assert sorted(row.minutes for row in rows) == [156, 157, 157]
        assert {(row.giver_id, row.receiver_id) for row in rows} == {
            (halden.colleague.pk, halden.employee.pk)
        }
        assert {row.giver_team_id for row in rows} == {halden.team.pk}
        assert {row.occurred_on for row in rows} == {TUESDAY}
        with pytest.raises(Refused):  # too late to cancel
            cancel(session, by=halden.employee, at=first)
        for number, day in ((2, 2), (3, 3)):
            complete_day(
                session, number, by=halden.colleague, at=datetime(2026, 12, day, 15, tzinfo=UTC)
            )
        session.refresh_from_db()
        assert session.state == "completed"
        assert Interaction.objects.count() == 9


def test_days_that_did_not_take_place_give_nothing(halden: Somewhere) -> None:
    with halden.scope():
        session = make_booking(make_offer(halden.colleague), halden.employee).session
        last = datetime(2026, 12, 3, 16, tzinfo=UTC)
        assert not LearningSession.objects.get(pk=session.pk).complete(at=last)  # no day was done
        complete_day(session, 1, by=halden.colleague, at=last)
        session.refresh_from_db()
        assert session.state == "booked"  # the others may be marked, too
        close(session, by=halden.colleague, at=last)
        session.refresh_from_db()
        assert session.state == "completed"
        states = list(Block.objects.filter(session=session).values_list("state", flat=True))
        assert states == ["done", "missed", "missed"]
        assert Interaction.objects.count() == 1


def test_a_debrief_and_the_hosts_word(halden: Somewhere) -> None:
    with halden.scope():
        skill = make_skill()
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        at = datetime(2026, 12, 3, 16, tzinfo=UTC)
        for number in (1, 2, 3):
            complete_day(booking.session, number, by=halden.colleague, at=at)
        booking.refresh_from_db()
        submit_debrief(booking, Answers(can_now="Set a relay"), {skill: 3}, at=at)
        assert not Notification.objects.filter(
            kind="debrief_due", recipient=halden.employee
        ).exists()
        proposed = ProposedLevel.objects.select_related("participation__session").get()
        with pytest.raises(Refused):
            answer_level(proposed, confirm=True, by=halden.hr, at=at)
        with pytest.raises(ValidationError), transaction.atomic():
            answer_level(proposed, confirm=True, by=halden.colleague, at=at)  # not at that level
        Proficiency.claim(employee=halden.colleague, skill=skill, level=4, on=TUESDAY)
        proposed.refresh_from_db()
        answer_level(proposed, confirm=True, by=halden.colleague, at=at)
        level = Proficiency.objects.get(employee=halden.employee, valid_to=None)
        assert (level.level, level.source, level.confirmed_by) == (
            3,
            "confirmed",
            halden.colleague,
        )


def test_no_debrief_before_the_first_day_begins(halden: Somewhere, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        begins = booking.session.starts_at
        with pytest.raises(Refused):
            submit_debrief(booking, Answers(can_now="All"), at=begins - timedelta(minutes=1))
        assert not Debrief.objects.exists()
    path = halden.path("debrief", public_id=booking.session.public_id)
    with time_machine.travel(begins - timedelta(minutes=1)):
        halden.sign_in(client, halden.employee)
        for asked in (client.get(path, follow=True), client.post(path, {"can_now": "All"})):
            assert not asked.context or "once the days have begun" in asked.content.decode()
        with halden.scope():
            assert not Debrief.objects.exists()
    with time_machine.travel(begins):
        assert client.get(path).status_code == 200
        assert client.post(path, {"can_now": "All"}).status_code == 302
    with halden.scope():
        assert Debrief.objects.get().can_now == "All"


def test_a_level_holds_by_the_days_of_the_organization(halden: Somewhere) -> None:
    """In Auckland it is tomorrow: a level that began then could not be changed today."""
    with halden.scope():
        skill = make_skill()
        halden.employee.time_zone = "Pacific/Auckland"
        halden.employee.save()
        Proficiency.claim(employee=halden.colleague, skill=skill, level=4, on=AT.date())
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        at = datetime(2026, 12, 1, 15, tzinfo=UTC)
        complete_day(booking.session, 1, by=halden.colleague, at=at)
        submit_debrief(booking, Answers(), {skill: 2}, at=at)
        answer_level(ProposedLevel.objects.get(), confirm=True, by=halden.colleague, at=at)
        level = Proficiency.objects.get(employee=halden.employee)
        assert (level.valid_from, level.confirmed_on) == (TUESDAY, TUESDAY)
