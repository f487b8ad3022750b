"""A host can go on after all: what was cut off by mistake stands as before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client

from peerlearn.notifications.models import Notification
from sessions.cutting import cut_off
from sessions.going_on import go_on
from sessions.handing import ask, decline
from sessions.models import CalendarEntry, HandOver, LearningSession, Participation
from sessions.refusals import Refused, Taken
from sessions.running import Answers, submit_debrief
from tests.sessions.calendar_kit import calendar_mails, read
from tests.sessions.handing_kit import DAY_ONE, HOUR, Group, active, ill_on_day_two, make_group
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_booking_pages import text
from tests.sessions.test_leaving import told
from tests.world import World

DAY_TWO = datetime(2026, 12, 2, 8, tzinfo=UTC)  # has begun an hour ago


@pytest.fixture
def group(world: World) -> Group:
    return make_group(world.halden)


def standing(session: LearningSession) -> list[tuple[str, str, int]]:
    rows = CalendarEntry.objects.standing().filter(participation__session=session)
    return sorted(rows.values_list("employee__name", "uid", "sequence"))


def test_a_cut_is_taken_back_on_the_page(group: Group, client: Client) -> None:
    place, session = group.place, group.session
    with place.scope():
        before = standing(session)
        with time_machine.travel(AT, tick=False):
            calendar_mails()
        rest = ill_on_day_two(group).session
        assert len(standing(session)) == 3, "the first day of each"
    place.sign_in(client, place.colleague)
    page = place.path("hand_over", public_id=rest.public_id)
    with time_machine.travel(DAY_ONE + HOUR, tick=False):
        calendar_mails()  # that the days are cancelled
        assert "You can host them after all" in text(client.get(page))
        back = place.path("hand_over_back", public_id=rest.public_id)
        answer = client.post(back, follow=True)
        assert answer.redirect_chain[-1][0] == place.path("booking", public_id=session.public_id)
        assert "Taken back. The days stand as before" in text(answer)
        assert client.post(back).status_code == 302, "pressed twice"
        old = client.get(place.path("booking", public_id=rest.public_id))
        assert old["Location"] == place.path("booking", public_id=session.public_id)
        with place.scope():
            session.refresh_from_db()
            assert (session.state, session.ends_at.day, session.offer) == (
                "booked", 3, group.session.offer)  # fmt: skip
            assert [one.state for one in session.blocks.all()] == ["done", "planned", "planned"]
            everybody = (place.colleague, *group.learners)
            assert [active(one) for one in everybody] == [[1, 2, 3]] * 3
            assert list(session.steps.values_list("day", flat=True)) == [1, 2, 3]
            # The same entries: what a calendar has taken out comes in again.
            again = standing(session)
            assert [row[:2] for row in again] == [row[:2] for row in before]
            assert [row[2] for row in again].count(2) == 6
            words = told("host_back")
        assert set(words) == {"Nils Eriksen", "Jonas Moe"}
        assert words["Jonas Moe"]
        assert "Aisha Rahman can host these days after all. They stand as before" in (
            words["Jonas Moe"].text
        )
        sent = [read(one) for one in calendar_mails("nils")]
        assert [str(one["METHOD"]) for one in sent] == ["REQUEST", "REQUEST"]
        assert {event["SEQUENCE"] for one in sent for event in one.walk("VEVENT")} == {2}

        # Said again, it is told again.
        mail.outbox.clear()
        with place.scope():
            assert cut_off(session, 3, by=place.colleague, at=DAY_ONE + HOUR)
            assert Notification.objects.filter(kind="host_out").count() >= 2


def test_a_day_that_had_begun_stands_again(group: Group) -> None:
    host, nils = group.place.colleague, group.learners[0]
    with group.place.scope():
        made = cut_off(group.session, 2, by=host, at=DAY_TWO)
        assert made
        assert active(host) == [1]
        assert active(nils) == [1, 3]
        whole = go_on(made, by=group.place.manager, at=DAY_TWO + HOUR)
        assert whole == group.session
        assert active(host) == active(nils) == [1, 2, 3]
        assert set(whole.blocks.values_list("state", flat=True)) == {"planned"}


def test_all_of_it_stands_again(group: Group) -> None:
    host = group.place.colleague
    with group.place.scope():
        made = cut_off(group.session, 1, by=host, at=AT)
        assert made
        with pytest.raises(Refused, match="Only the host"):
            go_on(made, by=group.learners[0], at=AT)
        asked = ask(made, group.offer, by=host, at=AT)
        with pytest.raises(Refused, match="Another host is asked"):
            go_on(made, by=host, at=AT)
        decline(asked, by=group.marta, at=AT)
        whole = go_on(made, by=host, at=AT)
        assert (whole.pk, whole.state, whole.capacity) == (group.session.pk, "booked", 3)
        assert active(host) == active(group.learners[1]) == [1, 2, 3]
        states = Participation.objects.filter(session=whole).values_list("state", flat=True)
        assert set(states) == {"booked"}
        with pytest.raises(Refused, match="settled"):
            go_on(made, by=host, at=AT)


def test_what_came_of_it_is_not_undone(group: Group) -> None:
    place, host = group.place, group.place.colleague
    with place.scope():
        made = ill_on_day_two(group)
        claims = active(host), active(group.learners[0])
        own = group.session.participations.get(employee=group.learners[0])
        submit_debrief(own, Answers("All", "", ""), at=DAY_ONE)
        with pytest.raises(Refused, match="debrief"):
            go_on(made, by=host, at=DAY_ONE)
        own.debriefs.all().delete()
        # The host is booked elsewhere on these days by now.
        other = make_offer(host, days=1, notice_days=0)
        make_booking(other, place.hr, made.session.starts_at.date(), at=DAY_ONE)
        with pytest.raises(Taken, match="booked elsewhere"):
            go_on(made, by=host, at=DAY_ONE)
        made.refresh_from_db()
        assert (made.outcome, made.session.state) == ("open", "open")
        assert active(group.learners[0]) == claims[1]
        with pytest.raises(Refused, match="has begun"):
            go_on(made, by=host, at=made.session.starts_at)
        group.learners[1].deactivate(at=DAY_ONE)
        with pytest.raises(Refused, match="has left"):
            go_on(made, by=host, at=DAY_ONE)
        assert HandOver.objects.open().count() == 1
