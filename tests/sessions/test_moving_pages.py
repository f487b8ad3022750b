"""Moving through HTTP: choose, look once more, confirm; what old links and buttons lead to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from sessions.holding import hold
from sessions.models import LearningSession, Participation
from tests.factories import make_employee
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.world import Place, World

NEXT_WEEK = "2026-12-08"


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    with halden.scope():
        return make_booking(make_offer(halden.colleague), halden.employee).session


def page_of(halden: Place, session: LearningSession, name: str = "booking_move") -> str:
    return halden.path(name, public_id=session.public_id)


def test_a_learner_moves_and_old_links_lead_to_the_new_days(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    page = page_of(halden, session)
    assert page in client.get(page_of(halden, session, "booking")).content.decode()
    words = text(client.get(page, {"start": "2026-12-02"}))
    assert "Move Tue 1 – Thu 3 December" in words
    assert "Wed 2 – Fri 4 December" in words
    assert "your booked days stay yours until you press “Move my booking”" in words
    assert "Aisha Rahman has nothing to confirm" in words
    held = client.post(page, {"start": "2026-12-02"})
    words = text(client.get(held["Location"]))
    assert "Move to Wed 2 – Fri 4 December?" in words
    assert "Tue 1 – Thu 3 December stay yours until you move." in words
    assert 'value="Set a feeder relay"' in client.get(held["Location"]).content.decode()
    assert "booked" in text(client.get(page_of(halden, session, "booking"))).lower()

    with halden.scope():
        new = LearningSession.objects.get(state="held")
    confirm = page_of(halden, new, "move_confirm")
    for _press in range(2):
        answer = client.post(confirm, {"goal": "Read a relay"}, follow=True)
        assert "Booked. Aisha Rahman is told." in text(answer)
        assert "Wed 2 December" in text(answer)
        assert "Read a relay" in text(answer)
    for name in ("booking", "session_run", "booking_move", "debrief", "booking_cancel"):
        answer = client.get(page_of(halden, session, name), follow=True)
        assert answer.status_code == 200
        assert new.public_id in answer.redirect_chain[-1][0], name
    halden.sign_in(client, halden.colleague)
    answer = client.get(page_of(halden, session, "booking"), follow=True)
    assert answer.redirect_chain[-1][0] == page_of(halden, new, "booking")


def test_the_host_moves_with_a_reason(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.colleague)
    page = page_of(halden, session)
    words = text(client.get(page, {"start": NEXT_WEEK}))
    assert "Nils Eriksen is not booked elsewhere in peerlearn" in words
    assert "Nils Eriksen is told as soon as you move" in words
    answer = client.post(page, {"start": NEXT_WEEK, "reason": "A storm"}, follow=True)
    assert "Moved. Everybody who takes part is told." in text(answer)
    assert "Tue 8 December" in text(answer)
    with halden.scope():
        assert LearningSession.objects.get(state="booked").first_day == date(2026, 12, 8)


def test_what_the_host_sees_of_days_that_one_learner_left_for_others(
    halden: Place, client: Client
) -> None:
    """The learner joins another group; nobody is left in the old one."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        mine = make_booking(offer, halden.employee)
        other = make_booking(offer, halden.manager, date(2026, 12, 8))
    halden.sign_in(client, halden.employee)
    words = text(client.get(page_of(halden, mine.session), {"start": NEXT_WEEK}))
    assert "Somebody else is there , one place is left" in words
    client.post(page_of(halden, mine.session), {"start": NEXT_WEEK})
    client.post(page_of(halden, other.session, "move_confirm"))
    halden.sign_in(client, halden.colleague)
    answer = client.get(page_of(halden, mine.session, "booking"))
    assert "Nils Eriksen has moved this to other days." in text(answer)
    assert page_of(halden, other.session, "booking") in answer.content.decode()
    halden.sign_in(client, halden.hr)
    assert "has moved this to other days" in text(
        client.get(page_of(halden, mine.session, "booking"))
    )


def test_days_that_are_gone_are_said_at_choosing(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        make_booking(session.offer, halden.manager, date(2026, 12, 8))
    halden.sign_in(client, halden.employee)
    answer = client.post(page_of(halden, session), {"start": "2026-12-09"})
    assert answer.status_code == 409
    assert "These days were just taken. Nothing was moved." in text(answer)
    assert "Fri 11 December" in text(answer)
    halden.sign_in(client, halden.colleague)
    answer = client.post(page_of(halden, session), {"start": "2026-12-09", "reason": "A storm"})
    assert answer.status_code == 409
    assert "A storm" in answer.content.decode(), "what was typed is kept"


def test_a_hold_that_ran_out_leads_back_to_choosing(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    client.post(page_of(halden, session), {"start": NEXT_WEEK})
    with halden.scope():
        new = LearningSession.objects.get(state="held")
    with time_machine.travel(AT + 11 * MINUTE, tick=False):
        answer = client.post(page_of(halden, new, "move_confirm"), follow=True)
        assert "Your ten minutes were over, so nothing was moved." in text(answer)
        assert "Tue 8 – Thu 10 December" in text(answer), "still chosen"
    with halden.scope():
        session.refresh_from_db()
        assert session.state == "booked"


def test_choosing_others_and_more_time(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    client.post(page_of(halden, session), {"start": NEXT_WEEK})
    with halden.scope():
        new = LearningSession.objects.get(state="held")
    with time_machine.travel(AT + 9 * MINUTE, tick=False):
        answer = client.post(page_of(halden, new, "hold_extend"), follow=True)
        assert "Held for you until 10:19" in text(answer)
    long = client.post(page_of(halden, new, "move_confirm"), {"goal": "x" * 301})
    assert long.status_code == 422
    assert "x" * 301 in long.content.decode()
    answer = client.post(page_of(halden, new, "hold_release"))
    assert answer["Location"] == page_of(halden, session)


def test_bad_input_says_what_to_do(halden: Place, client: Client, session: LearningSession) -> None:
    halden.sign_in(client, halden.employee)
    page = page_of(halden, session)
    for odd in ({}, {"start": "x"}, {"start": "\x00"}, {"start": "2026-02-30"}):
        assert client.post(page, odd).status_code == 422
    for odd in ("2026-13", "x", "9999-12"):
        assert client.get(page, {"month": odd, "start": odd}).status_code == 200
    far = client.post(page, {"start": "9999-12-31"})
    assert far.status_code == 409


def test_only_those_who_take_part_move(
    halden: Place, client: Client, session: LearningSession
) -> None:
    for reader, status in ((halden.manager, 403), (halden.hr, 403), (halden.admin, 404)):
        halden.sign_in(client, reader)
        for name in ("booking_move", "move_confirm"):
            answer = client.post(page_of(halden, session, name), {"start": NEXT_WEEK})
            assert answer.status_code == status, name
    halden.sign_in(client, halden.colleague)
    assert client.post(page_of(halden, session, "move_confirm")).status_code == 403


def test_once_it_has_begun_there_is_nothing_to_move(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    with time_machine.travel("2026-12-01T07:30:00Z", tick=False):
        page = text(client.get(page_of(halden, session, "booking")))
        assert "Move to other days" not in page
        answer = client.post(page_of(halden, session), {"start": NEXT_WEEK}, follow=True)
        assert "It has begun, so it cannot be moved any more." in text(answer)


def test_short_notice_is_said(halden: Place, client: Client, session: LearningSession) -> None:
    halden.sign_in(client, halden.employee)
    page = page_of(halden, session)
    assert "short notice" not in text(client.get(page))
    with time_machine.travel("2026-11-29T09:00:00Z", tick=False):
        assert "It is short notice: Aisha Rahman counts on these days" in text(client.get(page))


def test_htmx_gets_the_booker_alone(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    turned = client.get(
        page_of(halden, session), {"month": "2027-01"}, headers={"HX-Request": "true"}
    )
    assert turned.content.decode().lstrip().startswith('<div class="panel booker"')
    assert "January 2027" in turned["HX-Trigger"]


def test_as_many_statements_however_many_bookings(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, capacity=3)
        session = make_booking(offer, halden.employee).session
    numbers = []
    for first, reader in ((1, halden.employee), (4, halden.colleague)):
        halden.sign_in(client, reader)
        few = number_of_queries(client, page_of(halden, session))
        with halden.scope():
            for week in range(first, first + 3):
                for _one in range(2):
                    make_booking(offer, make_employee(), TUESDAY + timedelta(weeks=week))
        many = number_of_queries(client, page_of(halden, session))
        assert many == few
        numbers.append(many)
    assert max(numbers) <= 12, numbers


def test_the_confirm_page_stays_within_twelve_statements(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    client.post(page_of(halden, session), {"start": NEXT_WEEK})
    with halden.scope():
        held = Participation.objects.get(state="held", seat="shadow").session
    assert number_of_queries(client, page_of(halden, held, "booking")) <= 12


def test_a_hold_for_something_else_is_let_go(
    halden: Place, client: Client, session: LearningSession
) -> None:
    """One hold a learner, for a move as well."""
    with halden.scope():
        other = hold(make_offer(halden.hr), halden.employee, date(2026, 12, 14), at=AT)
    halden.sign_in(client, halden.employee)
    client.post(page_of(halden, session), {"start": NEXT_WEEK})
    with halden.scope():
        other.refresh_from_db()
        assert other.state == "expired"
