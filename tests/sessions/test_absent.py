"""A learner did not come on a day: what counts, who sees it, what they answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.test import Client

from peerlearn.notifications.models import Notification, Outbox
from peerlearn.notifications.telling import tell
from sessions.absent import answer, say_absent, take_back
from sessions.cancelling import cancel
from sessions.models import Block, Claim, Interaction, LearningSession, NoShow, Participation
from sessions.models import Place as Seat
from sessions.refusals import Refused
from sessions.running import close, complete_day
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.world import Place, World


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def evening(day: int) -> datetime:
    return datetime(2026, 12, day, 16, tzinfo=UTC)


def minutes_of(learner: Any) -> int:
    total = Interaction.objects.filter(receiver=learner).aggregate(total=Sum("minutes"))
    return int(total["total"] or 0)


def states(session: LearningSession) -> list[str]:
    rows = Block.objects.filter(session=session).order_by("number")
    return list(rows.values_list("state", flat=True))


# --- What counts -------------------------------------------------------------------------------
@pytest.mark.parametrize("said_first", [True, False])
def test_of_a_group_only_who_came_counts(halden: Place, said_first: bool) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, "Relays", "Earthing", capacity=2)
        absent = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        acts = [
            lambda: say_absent(absent, 1, by=halden.colleague, at=evening(1)),
            lambda: complete_day(absent.session, 1, by=halden.employee, at=evening(1)),
        ]
        for act in acts if said_first else reversed(acts):
            act()
        say_absent(absent, 1, by=halden.colleague, at=evening(1))  # twice is once
        assert minutes_of(halden.manager) == 480
        assert minutes_of(halden.employee) == 0
        assert states(absent.session) == ["done", "planned", "planned"]
        complete_day(absent.session, 2, by=halden.colleague, at=evening(2))
        assert minutes_of(halden.employee) == 480, "the next day, they came"
        assert NoShow.objects.count() == 1


def test_without_anybody_a_day_does_not_take_place(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        session = booking.session
        complete_day(session, 1, by=halden.colleague, at=evening(1))
        say_absent(booking, 2, by=halden.colleague, at=evening(2))
        assert states(session) == ["done", "missed", "planned"]
        with pytest.raises(Refused):
            complete_day(session, 2, by=halden.employee, at=evening(2))
        say_absent(booking, 3, by=halden.colleague, at=evening(3))
        session.refresh_from_db()
        assert (session.state, states(session)) == ("completed", ["done", "missed", "missed"])
        close(session, by=halden.colleague, at=evening(3))
        assert minutes_of(halden.employee) == 480


@pytest.mark.parametrize("done_first", [True, False])
def test_without_any_day_nothing_took_place(halden: Place, done_first: bool) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague, days=1), halden.employee)
        session = booking.session
        if done_first:
            complete_day(session, 1, by=halden.employee, at=evening(1))
        say_absent(booking, 1, by=halden.colleague, at=evening(1))
        session.refresh_from_db()
        assert (session.state, states(session)) == ("cancelled", ["missed"])
        assert {*Participation.objects.values_list("state", flat=True)} == {"cancelled"}
        assert not Claim.objects.filter(active=True).exists()
        assert not Seat.objects.exists()
        assert minutes_of(halden.employee) == 0
        kinds = Notification.objects.values_list("kind", flat=True)
        assert "debrief_due" not in kinds


def test_what_cannot_be_said(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        host = booking.session.participations.get(seat="host")
        for who, by, at, why in (
            (booking, halden.colleague, AT, "not begun"),
            (booking, halden.employee, evening(1), "Only the host"),
            (booking, halden.manager, evening(1), "Only the host"),
            (host, halden.colleague, evening(1), "Only the host"),
        ):
            with pytest.raises(Refused, match=why):
                say_absent(who, 1, by=by, at=at)
        halden.employee.deactivate(at=evening(1))
        with pytest.raises(Refused, match="does not stand"):
            say_absent(booking, 2, by=halden.colleague, at=evening(2))
        assert not NoShow.objects.exists()


def test_a_host_who_was_mistaken_takes_it_back(halden: Place) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        with pytest.raises(Refused, match="Only the host"):
            take_back(said, by=halden.employee, at=evening(1))
        take_back(said, by=halden.colleague, at=evening(1))
        assert states(booking.session) == ["planned"] * 3
        assert not Notification.objects.filter(kind="no_show").exists()
        complete_day(booking.session, 1, by=halden.colleague, at=evening(1))
        assert minutes_of(halden.employee) == 480


def test_what_was_retracted_stays_so(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        complete_day(booking.session, 1, by=halden.colleague, at=evening(1))
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        with pytest.raises(Refused, match="stays"):
            take_back(said, by=halden.colleague, at=evening(1))


# --- Who is told and sees it --------------------------------------------------------------------
def test_the_learner_is_told_and_answers(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        news = tell(Notification.objects.get(kind="no_show"))
    assert news
    assert news.title == "You were missed: Relay protection settings"
    assert "Aisha Rahman says that you did not come on Tue 1 December." in news.text
    page = halden.path("no_show_answer", public_id=booking.session.public_id, number=1)
    assert news.path == page
    halden.sign_in(client, halden.employee)
    with time_machine.travel(evening(1), tick=False):
        assert "You two alone see this: no manager, no report." in text(client.get(page))
        assert number_of_queries(client, page) <= 12
        assert client.post(page, {"text": " "}).status_code == 422
        done = client.post(page, {"text": "I was <ill>"}, follow=True)
        assert "Your answer is kept beside it." in text(done)
        days = halden.path("session_run", public_id=booking.session.public_id)
        assert "Your answer: I was &lt;ill&gt;" in text(client.get(days))
        halden.sign_in(client, halden.colleague)
        assert "The answer: I was &lt;ill&gt;" in text(client.get(days))
        assert number_of_queries(client, days) <= 12
    with halden.scope():
        assert tell(Notification.objects.get(kind="no_show")) is None, "answered meanwhile"
        to_host = tell(Notification.objects.get(kind="no_show_answered"))
        assert to_host
        assert to_host.title == "Nils Eriksen answers: Relay protection settings"
        with pytest.raises(Refused):
            answer(said, "x", by=halden.colleague, at=evening(1))


def test_the_host_says_it_at_the_day(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
    session = booking.session
    days = halden.path("session_run", public_id=session.public_id)
    page = halden.path(
        "no_show", public_id=session.public_id, number=1, learner=halden.employee.public_id
    )
    halden.sign_in(client, halden.colleague)
    with time_machine.travel(AT, tick=False):
        assert page not in client.get(days).content.decode()
        assert "That day has not begun yet." in text(client.get(page))
        assert "That day has not begun yet." in text(client.post(page, follow=True))
    with time_machine.travel(evening(1), tick=False):
        assert page in client.get(days).content.decode()
        assert "Did Nils Eriksen not come on day 1?" in text(client.get(page))
        assert number_of_queries(client, page) <= 12
        for _press in range(2):
            assert "Nils Eriksen did not come." in text(client.post(page, follow=True))
        taken = client.post(page, {"take_back": "yes"}, follow=True)
        assert "Taken back." in text(taken)
        assert client.post(page, {"take_back": "yes"}).status_code == 302
        for number in (4, 99999, 10**12):
            odd = halden.path(
                "no_show",
                public_id=session.public_id,
                number=number,
                learner=halden.employee.public_id,
            )
            assert client.get(odd).status_code == 404


def test_nobody_else_sees_it(halden: Place, client: Client) -> None:
    """Neither the other learners nor managers and HR."""
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=2)
        booking = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        answer(said, "I was ill", by=halden.employee, at=evening(1))
    place = {"public_id": booking.session.public_id}
    with time_machine.travel(evening(1), tick=False):
        for reader in (halden.manager, halden.hr):
            halden.sign_in(client, reader)
            for name in ("session_run", "booking"):
                seen = text(client.get(halden.path(name, **place)))
                assert "did not come" not in seen
                assert "I was ill" not in seen
            page = halden.path("no_show", number=1, learner=halden.employee.public_id, **place)
            assert client.get(page).status_code == 403
            page = halden.path("no_show_answer", number=1, **place)
            assert client.get(page).status_code == 404


def test_nobody_came_is_said_on_the_page(halden: Place, client: Client) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague, days=1), halden.employee)
        say_absent(booking, 1, by=halden.colleague, at=evening(1))
    halden.sign_in(client, halden.colleague)
    page = client.get(halden.path("booking", public_id=booking.session.public_id))
    assert "Nobody came, so this did not take place." in text(page)
    for reader in (halden.manager, halden.hr):  # with one learner it would tell who
        page = halden.sign_in(Client(), reader).get(page.wsgi_request.get_full_path())
        assert page.status_code == 200
        assert "Nobody came" not in text(page)


def test_a_day_that_was_recorded_is_not_opened_again(halden: Place) -> None:
    """Marked done, then nobody came after all: what was retracted cannot be recorded twice."""
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        complete_day(booking.session, 1, by=halden.colleague, at=evening(1))
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        with pytest.raises(Refused):
            take_back(said, by=halden.colleague, at=evening(1))


def test_who_gave_up_a_place_does_not_read_that_nobody_came(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1, capacity=2)
        booking = make_booking(offer, halden.employee)
        make_booking(offer, halden.manager)
        cancel(booking.session, by=halden.manager, at=AT)
        say_absent(booking, 1, by=halden.colleague, at=evening(1))
    page = halden.path("booking", public_id=booking.session.public_id)
    assert "Nobody came" in text(halden.sign_in(Client(), halden.employee).get(page))
    assert "Nobody came" not in text(halden.sign_in(Client(), halden.manager).get(page))


def test_an_admin_reads_nothing_of_it_among_the_mails_that_wait(
    halden: Place, client: Client
) -> None:
    with halden.scope():
        booking = make_booking(make_offer(halden.colleague), halden.employee)
        said = say_absent(booking, 1, by=halden.colleague, at=evening(1))
        answer(said, "I was ill", by=halden.employee, at=evening(1))
    Outbox.objects.of(halden.organization.pk).bury("SMTPServerDisconnected")
    with time_machine.travel(evening(2), tick=False):
        page = text(halden.sign_in(client, halden.admin).get(halden.path("deliveries")))
    assert "A session is booked" in page, "the others are told by what they are"
    assert "Nils Eriksen" in page
    for words in ("did not come", "no-show", "No show"):
        assert words not in page
