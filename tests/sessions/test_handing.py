"""A host cannot go on: what was done stays, the rest goes to another host, moves, or ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Employee
from sessions import handing
from sessions.cancelling import cancel
from sessions.choices import Answer, Outcome
from sessions.cutting import cut_off
from sessions.effects import hand_over_over, hand_over_request_over
from sessions.handing import Rest, accept, ask, decline, finish, move_rest
from sessions.holding import hold
from sessions.models import (
    Block,
    Claim,
    HandOver,
    HandOverRequest,
    Interaction,
    LearningSession,
    Note,
    Participation,
    ShadowingOffer,
)
from sessions.refusals import Busy, Refused, Taken
from sessions.running import complete_day
from tests.factories import make_employee
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.sessions.test_concurrency import at_once, make_learners, without_the_constraint
from tests.sessions.test_leaving import told
from tests.world import Place, World

DAY_ONE = datetime(2026, 12, 1, 16, tzinfo=UTC)  # over; the second begins at seven
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Group:
    """Two learners beside a colleague; Marta offers the same, and is free."""

    place: Place
    session: LearningSession
    learners: tuple[Employee, Employee]
    marta: Employee
    offer: ShadowingOffer  # of hers


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def group(halden: Place) -> Group:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=3)
        other = make_employee("Jonas Moe", team=halden.team)
        session = make_booking(offer, halden.employee).session
        make_booking(offer, other)
        marta = make_employee("Marta Berg", team=halden.company)
        hers = make_offer(marta, place="Substation 9, Moss")
        session.refresh_from_db()
        return Group(halden, session, (halden.employee, other), marta, hers)


def ill_on_day_two(group: Group) -> HandOver:
    complete_day(group.session, 1, by=group.place.colleague, at=DAY_ONE)
    made = cut_off(group.session, 2, by=group.place.colleague, reason="From tomorrow", at=DAY_ONE)
    assert made
    return made


def active(employee: Employee) -> list[Any]:
    rows = Claim.objects.filter(employee=employee, active=True).order_by("during")
    return [during.lower.day for during in rows.values_list("during", flat=True)]


# --- Cut off ---------------------------------------------------------------------------------
def test_what_was_done_stays_and_the_learners_keep_their_time(group: Group) -> None:
    nils, jonas = group.learners
    with group.place.scope():
        Note.write(
            session=group.session, author=nils, text="Key", shared=True, token="a", at=DAY_ONE
        )
        hand_over = ill_on_day_two(group)
        group.session.refresh_from_db()
        assert (group.session.state, group.session.ends_at.day) == ("completed", 1)
        rest = hand_over.session
        assert (rest.state, rest.starts_at.day, rest.ends_at.day) == ("open", 2, 3)
        assert list(rest.blocks.values_list("number", flat=True)) == [2, 3]
        assert list(rest.steps.values_list("day", flat=True)) == [2, 3]
        assert active(group.place.colleague) == [1], "the host's time is free at once"
        assert active(nils) == active(jonas) == [1, 2, 3], "the learners' is still theirs"
        assert Interaction.objects.aggregate(n=Sum("minutes"))["n"] == 2 * 480
        assert Note.objects.visible_to(jonas).get().text == "Key"
        with time_machine.travel(DAY_ONE, tick=False):
            words = told("host_out")
        assert set(words) == {"Nils Eriksen", "Jonas Moe"}
        assert words["Jonas Moe"]
        assert "Your place is kept" in words["Jonas Moe"].text
        assert "From tomorrow" in words["Jonas Moe"].text
        with pytest.raises(Refused):
            cut_off(group.session, 2, by=group.place.colleague, at=DAY_ONE)
        with pytest.raises(Refused, match="Only the host"):
            cut_off(make_booking(group.offer, nils, TUESDAY + 7 * timedelta(1)).session, 1,
                    by=jonas, at=AT)  # fmt: skip


def test_whatever_is_held_in_it_is_let_go_and_nobody_joins(group: Group) -> None:
    with group.place.scope():
        offer = group.session.offer
        assert offer
        offer.host = group.place.colleague
        held = hold(offer, group.place.admin, TUESDAY, at=AT)
        assert held.session_id == group.session.pk
        hand_over = cut_off(group.session, 1, by=group.place.manager, at=AT)
        assert hand_over
        assert hand_over.session_id == group.session.pk, "nothing was begun: all of it is open"
        held.refresh_from_db()
        assert held.state == "expired"
        assert active(group.place.admin) == active(group.place.colleague) == []
        again = hold(offer, group.place.admin, TUESDAY, at=AT)
        assert again.session_id != group.session.pk


def test_when_the_last_day_has_begun_nothing_is_left_to_hand_over(group: Group) -> None:
    with group.place.scope():
        for number in (1, 2):
            complete_day(group.session, number, by=group.place.colleague, at=DAY_ONE + 24 * HOUR)
        at = datetime(2026, 12, 3, 9, tzinfo=UTC)
        assert cut_off(group.session, 3, by=group.place.colleague, at=at) is None
        group.session.refresh_from_db()
        assert group.session.state == "completed"
        states = group.session.blocks.values_list("state", flat=True)
        assert list(states) == ["done", "done", "cancelled"]
        words = told("host_out")["Jonas Moe"]
        assert words
        assert "this day does not take place" in words.text


# --- Another host ----------------------------------------------------------------------------
def test_nobody_hosts_what_they_learn_in(group: Group) -> None:
    """The list, the days of who leaves, and the page of one say the same of who could."""
    with group.place.scope():
        hand_over = ill_on_day_two(group)
        rest = LearningSession.objects.filter(pk=hand_over.session_id)
        make_offer(group.learners[0])
        for marta in (True, False):
            ShadowingOffer.objects.filter(pk=group.offer.pk).update(active=marta)
            hosts = [one.host for one in Rest.of(hand_over, at=DAY_ONE).candidates()]
            assert hosts == [group.marta] * marta
            assert HandOver.objects.with_another_host().get().able == marta
            assert rest.with_another_host().exists() == marta


def test_another_host_agrees_and_every_day_names_its_own(group: Group) -> None:
    nils, jonas = group.learners
    with group.place.scope(), time_machine.travel(DAY_ONE, tick=False):
        hand_over = ill_on_day_two(group)
        assert [one.host for one in Rest.of(hand_over, at=DAY_ONE).candidates()] == [group.marta]
        asked = ask(hand_over, group.offer, by=group.place.colleague, at=DAY_ONE)
        assert active(group.marta) == [], "nothing is theirs until they accept"
        assert told("hand_over_asked")["Marta Berg"]
        for _press in range(2):
            rest = accept(asked, by=group.marta, at=DAY_ONE)
        assert (rest.host, rest.state, rest.place) == (group.marta, "booked", "Substation 9, Moss")
        assert active(group.marta) == [2, 3]
        assert active(nils) == active(jonas) == [1, 2, 3]
        words = told("host_changed")
        assert set(words) == {"Marta Berg", "Aisha Rahman", "Nils Eriksen", "Jonas Moe"}
        assert words["Nils Eriksen"]
        assert "beside Marta Berg instead of Aisha Rahman" in words["Nils Eriksen"].text
        for number, day in ((2, 24), (3, 48)):
            complete_day(rest, number, by=group.marta, at=DAY_ONE + day * HOUR)
        rest.refresh_from_db()
        assert rest.state == "completed"
        by_host = Interaction.objects.values("giver__name", "receiver").annotate(n=Sum("minutes"))
        assert {(r["giver__name"], r["receiver"]): r["n"] for r in by_host} == {
            (host, one.pk): days * 480
            for host, days in (("Aisha Rahman", 1), ("Marta Berg", 2))
            for one in (nils, jonas)
        }
        due = Notification.objects.filter(kind="debrief_due", subject_id__in=rest.participations
                                          .values("pk"))  # fmt: skip
        assert due.count() == 3


def test_who_is_asked_declines_or_does_not_answer_and_the_next_is_asked(group: Group) -> None:
    host = group.place.colleague
    with group.place.scope():
        second = make_offer(make_employee("Per Lie", team=group.place.company))
        third = make_offer(make_employee("Anne Vik", team=group.place.company))
        away = make_offer(make_employee("Ole Dal", team=group.place.company))
        make_booking(away, group.place.admin)
        hand_over = cut_off(group.session, 1, by=host, at=AT)
        assert hand_over
        able = [one.host.name for one in Rest.of(hand_over, at=AT).candidates()]
        assert sorted(able) == ["Anne Vik", "Marta Berg", "Per Lie"], "Ole is booked on these days"
        with pytest.raises(Refused, match="not free"):
            ask(hand_over, away, by=host, at=AT)
        first = ask(hand_over, group.offer, by=host, at=AT)
        assert first.expires_at == AT + 24 * HOUR
        decline(first, by=group.marta, at=AT)
        with time_machine.travel(AT, tick=False):
            words = told("hand_over_answered")["Aisha Rahman"]
        assert words
        assert "Marta Berg cannot take these days over" in words.text
        with pytest.raises(Refused, match="answered already"):
            ask(hand_over, group.offer, by=host, at=AT)
        later = ask(hand_over, second, by=host, at=AT)
        over = later.expires_at
        with pytest.raises(Refused, match="not asked any more"):
            accept(later, by=second.host, at=over)
        with time_machine.travel(over - HOUR, tick=False):
            hand_over_request_over(later.pk, "")
            later.refresh_from_db()
            assert later.answer == Answer.OPEN
        with time_machine.travel(over, tick=False):
            hand_over_request_over(later.pk, "")
            hand_over_request_over(later.pk, "")
        later.refresh_from_db()
        assert later.answer == Answer.RUN_OUT
        last = ask(hand_over, third, by=host, at=over)
        with pytest.raises(Refused, match="Only who is asked"):
            accept(last, by=second.host, at=over)
        whole = accept(last, by=third.host, at=over)
        assert whole.offer == third, "as many days as the offer: it can be moved by it"
        states = group.session.participations.filter(employee=host).values_list("state", flat=True)
        assert list(states) == ["handed"]


def test_the_answer_is_due_before_the_notice_is_over(group: Group) -> None:
    with group.place.scope():
        hand_over = cut_off(group.session, 1, by=group.place.colleague, at=AT)
        assert hand_over
        friday = datetime(2026, 11, 28, 12, tzinfo=UTC)  # three days before the first
        midnight = datetime(2026, 11, 28, 23, tzinfo=UTC)  # in Oslo
        assert handing.last_answer(group.session, at=friday) == midnight
        late = midnight + HOUR
        assert handing.last_answer(group.session, at=late) == late + 24 * HOUR
        eve = group.session.starts_at - HOUR
        assert handing.last_answer(group.session, at=eve) == group.session.starts_at


def test_only_one_is_asked_at_a_time(group: Group) -> None:
    """The database refuses a second one, whoever tries."""
    with group.place.scope():
        other = make_offer(make_employee("Per Lie", team=group.place.company))
        hand_over = cut_off(group.session, 1, by=group.place.colleague, at=AT)
        assert hand_over
        first = ask(hand_over, group.offer, by=group.place.colleague, at=AT)
        assert ask(hand_over, group.offer, by=group.place.colleague, at=AT) == first
        second = ask(hand_over, other, by=group.place.colleague, at=AT)
        first.refresh_from_db()
        assert (first.answer, second.answer) == (Answer.WITHDRAWN, Answer.OPEN)
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOverRequest.objects.filter(pk=first.pk).update(answer="open", answered_at=None)
        with pytest.raises(Refused):
            accept(first, by=group.marta, at=AT)


# --- Other ends ------------------------------------------------------------------------------
def test_the_rest_moves_to_later_days_of_the_same_host(group: Group) -> None:
    host = group.place.colleague
    with group.place.scope(), time_machine.travel(DAY_ONE, tick=False):
        hand_over = ill_on_day_two(group)
        starts = Rest.of(hand_over, at=DAY_ONE).later_starts()
        assert [len(start.days) for start in starts] == [2, 2, 2]
        assert all(start.day > hand_over.session.ends_at.date() for start in starts)
        with pytest.raises(Taken):
            move_rest(hand_over, date(2026, 12, 6), by=host, at=DAY_ONE)
        asked = ask(hand_over, group.offer, by=host, at=DAY_ONE)
        rest = move_rest(hand_over, starts[0].day, by=host, at=DAY_ONE)
        moved = [day.day for day in starts[0].days]
        assert active(host) == [1, *moved]
        assert [active(one) for one in group.learners] == [[1, *moved]] * 2
        assert (rest.state, rest.host, rest.first_day) == ("booked", host, starts[0].day)
        words = told("rest_moved")
        assert set(words) == {"Nils Eriksen", "Jonas Moe"}
        with pytest.raises(Refused, match="not asked any more"):
            accept(asked, by=group.marta, at=DAY_ONE)
        with pytest.raises(Refused, match="settled"):
            move_rest(hand_over, starts[0].day, by=host, at=DAY_ONE)


def test_nobody_takes_over_and_it_ends_with_what_was_done(group: Group) -> None:
    with group.place.scope():
        hand_over = ill_on_day_two(group)
        rest = hand_over.session
        asked = ask(hand_over, group.offer, by=group.place.colleague, at=DAY_ONE)
        with time_machine.travel(rest.starts_at - HOUR, tick=False):
            hand_over_over(hand_over.pk, "")
            rest.refresh_from_db()
            assert rest.state == "open"
        with time_machine.travel(rest.starts_at, tick=False):
            hand_over_over(hand_over.pk, "")
            hand_over_over(hand_over.pk, "")
            words = told("rest_ended")
        rest.refresh_from_db()
        hand_over.refresh_from_db()
        asked.refresh_from_db()
        assert (rest.state, hand_over.outcome) == ("cancelled", Outcome.ENDED)
        assert asked.answer == Answer.WITHDRAWN
        assert [active(one) for one in group.learners] == [[1], [1]]
        assert Interaction.objects.aggregate(n=Sum("minutes"))["n"] == 2 * 480
        assert words["Nils Eriksen"]
        instead = "You could begin anew beside Aisha Rahman: Mon 7 December, Tue 8 December"
        assert instead in words["Nils Eriksen"].text
        assert words["Aisha Rahman"]


def test_a_learner_gives_up_what_waits_and_the_last_one_ends_it(group: Group) -> None:
    nils, jonas = group.learners
    with group.place.scope():
        hand_over = ill_on_day_two(group)
        cancel(hand_over.session, by=nils, at=DAY_ONE)
        assert active(nils) == [1]
        asked = ask(hand_over, group.offer, by=group.place.hr, at=DAY_ONE)
        cancel(hand_over.session, by=jonas, at=DAY_ONE)
        hand_over.refresh_from_db()
        assert hand_over.outcome == Outcome.ENDED
        with pytest.raises(Refused):
            accept(asked, by=group.marta, at=DAY_ONE)
        finish(hand_over, by=group.place.hr, at=DAY_ONE)  # changes nothing any more
        hand_over.session.refresh_from_db()
        assert hand_over.session.cancelled_by == jonas


# --- Pages -----------------------------------------------------------------------------------
def test_the_whole_way_through_the_pages(group: Group, client: Client) -> None:
    place, session = group.place, group.session
    nils = group.learners[0]
    with time_machine.travel(DAY_ONE, tick=False):
        with place.scope():
            complete_day(session, 1, by=place.colleague, at=DAY_ONE)
        page = place.path("hand_over", public_id=session.public_id)
        place.sign_in(client, place.colleague)
        assert (
            page in client.get(place.path("booking", public_id=session.public_id)).content.decode()
        )
        assert "Day 2: Wed 2 December" in text(client.get(page))
        assert client.post(page, {"number": "9"}).status_code == 422
        rest_page = client.post(page, {"number": "2", "reason": "From tomorrow"})["Location"]
        answer = client.get(rest_page)
        words = text(answer)
        assert "Marta Berg" in words
        assert "Mon 7 – Tue 8 December" in words
        with place.scope():
            rest = LearningSession.objects.get(state="open")
        ask_page = place.path("hand_over_ask", public_id=rest.public_id)
        assert "Choose one of the hosts" in text(client.post(ask_page, follow=True))
        client.post(ask_page, {"offer": group.offer.public_id})
        assert "Marta Berg is asked and can answer until" in text(client.get(rest_page))

        place.sign_in(client, nils)
        words = text(client.get(place.path("booking", public_id=rest.public_id)))
        assert "Aisha Rahman cannot host these days." in words
        assert "Your place is kept while another host is looked for." in words
        assert "Looks for another host" in text(client.get(place.path("home")))
        assert client.get(rest_page).status_code == 403
        with place.scope():
            asked = HandOverRequest.objects.get()
        answer_page = place.path("hand_over_answer", public_id=asked.public_id)
        assert client.get(answer_page).status_code == 404

        place.sign_in(client, group.marta)
        assert answer_page in client.get(place.path("home")).content.decode()
        assert answer_page in client.get(place.path("my_sessions")).content.decode()
        assert "Would you have Nils Eriksen, Jonas Moe beside you?" in text(client.get(answer_page))
        taken = client.post(answer_page, {"answer": "accept"}, follow=True)
        assert "2 learners are beside you." in text(taken)
        assert "Aisha Rahman could not host these days; Marta Berg took over." in text(taken)
        assert "You have taken over." in text(client.get(answer_page))
        for who, words in (
            (place.colleague, "Marta Berg has taken these days over from you."),
            (nils, "Booked. Marta Berg is told."),
        ):
            place.sign_in(client, who)
            there = place.path("booking", public_id=rest.public_id)
            assert words in text(client.get(there))
        before = client.get(place.path("booking", public_id=session.public_id))
        assert "It goes on from Wed 2 December, beside Marta Berg." in text(before)


def test_the_home_of_whoever_has_nothing_else(group: Group, client: Client) -> None:
    with group.place.scope():
        assert cut_off(group.session, 1, by=group.place.colleague, at=AT)
    for who, words in (
        (group.learners[0], "Aisha Rahman cannot host these days. Another host is looked for."),
        (group.place.colleague, "You cannot host these days. Another host is looked for."),
    ):
        group.place.sign_in(client, who)
        with time_machine.travel(AT, tick=False):
            assert words in text(client.get(group.place.path("home")))


def test_the_page_asks_as_little_with_many_hosts(group: Group, client: Client) -> None:
    with group.place.scope():
        assert cut_off(group.session, 1, by=group.place.colleague, at=AT)
    page = group.place.path("hand_over", public_id=group.session.public_id)
    group.place.sign_in(client, group.place.manager)
    with time_machine.travel(AT, tick=False):
        client.get(page)  # the first one of a sign-in writes when it was used
        one = number_of_queries(client, page)
        with group.place.scope():
            for host in make_learners(12):
                make_offer(host)
        assert number_of_queries(client, page) == one
    assert one <= 12


# --- At once ---------------------------------------------------------------------------------
def rush(place: Place, sessions: int, clients: int) -> Counter[str]:
    """One host is asked for several sessions on the same days, and accepts them all at once."""
    with place.scope():
        marta = make_employee("Marta Berg", team=place.company)
        hers = make_offer(marta)
        requests = []
        for host, learner in zip(*[iter(make_learners(2 * sessions))] * 2, strict=True):
            session = make_booking(make_offer(host), learner).session
            made = cut_off(session, 1, by=host, at=AT)
            assert made
            requests.append(ask(made, hers, by=host, at=AT).pk)

    def client(number: int) -> str:
        with place.scope():
            rows = HandOverRequest.objects.select_related("hand_over__session", "host", "offer")
            accept(rows.get(pk=requests[number % sessions]), by=marta, at=AT)
        return f"accepted {number % sessions}"

    ended = at_once([lambda i=i: client(i) for i in range(clients)], threads=min(clients, 20))
    assert set(ended) <= {f"accepted {i}" for i in range(sessions)} | {
        Taken.__name__,
        Busy.__name__,
    }, ended
    return Counter(one for one in ended if one.startswith("accepted"))


@pytest.mark.django_db(transaction=True)
def test_sixty_acceptances_at_once_give_one(world: World) -> None:
    assert len(rush(world.halden, 6, 60)) == 1
    with world.halden.scope():
        assert HandOverRequest.objects.filter(answer=Answer.ACCEPTED).count() == 1
        host = Employee.objects.get(name="Marta Berg")
        assert active(host) == [1, 2, 3]
        assert Participation.objects.filter(employee=host).count() == 1
        assert Block.objects.filter(session__state="open").count() == 15


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraint_several_are_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    place, everybody = world.halden, Barrier(2, timeout=10)

    def unlocked(session: LearningSession, *others: int) -> dict[int, Employee]:
        everybody.wait()
        return {one.pk: one for one in Employee.objects.filter(pk__in=others)}

    with without_the_constraint(place):
        monkeypatch.setattr(handing, "lock_everybody", unlocked)
        assert len(rush(place, 2, 2)) == 2


# --- Whoever leaves --------------------------------------------------------------------------
def test_a_host_leaves_and_the_days_after_look_for_another(group: Group) -> None:
    host, marta = group.place.colleague, group.marta
    with group.place.scope():
        complete_day(group.session, 1, by=host, at=DAY_ONE)
        host.deactivate(at=DAY_ONE)
        hand_over = HandOver.objects.get()
        assert (hand_over.session.state, hand_over.cut_from) == ("open", group.session)
        assert [active(one) for one in group.learners] == [[1, 2, 3]] * 2
        with time_machine.travel(DAY_ONE, tick=False):
            assert set(told("host_out")) == {"Nils Eriksen", "Jonas Moe"}
        assert not Rest.of(hand_over, at=DAY_ONE).later_starts()
        with pytest.raises(Refused):
            ask(hand_over, group.offer, by=host, at=DAY_ONE)
        first = ask(hand_over, group.offer, by=group.place.manager, at=DAY_ONE)
        marta.deactivate(at=DAY_ONE)  # who is asked leaves, too: the next can be asked
        first.refresh_from_db()
        assert first.answer == Answer.ENDED
        with time_machine.travel(DAY_ONE, tick=False):
            assert "cannot take" in str(told("hand_over_answered")["Mette Aas"])
        other = make_offer(make_employee("Per Lie", team=group.place.company))
        second = ask(hand_over, other, by=group.place.hr, at=DAY_ONE)
        rest = accept(second, by=other.host, at=DAY_ONE)
        assert [rest.state, *map(active, group.learners)] == ["booked", [1, 2, 3], [1, 2, 3]]


def test_learners_leave_while_another_host_is_looked_for(group: Group) -> None:
    nils, jonas = group.learners
    with group.place.scope():
        hand_over = ill_on_day_two(group)
        nils.deactivate(at=DAY_ONE)
        assert active(nils) == [1]
        hand_over.refresh_from_db()
        assert hand_over.outcome == Outcome.OPEN
        jonas.deactivate(at=DAY_ONE)
        hand_over.refresh_from_db()
        hand_over.session.refresh_from_db()
        assert (hand_over.outcome, hand_over.session.state) == (Outcome.ENDED, "cancelled")


def test_the_list_of_what_is_to_be_handed_over(group: Group, client: Client) -> None:
    place, host = group.place, group.place.colleague
    page = place.path("hand_overs")
    place.sign_in(client, place.manager)
    with time_machine.travel(AT, tick=False):
        assert "Nothing is without a host." in text(client.get(page))
        with place.scope():
            Employee.objects.filter(pk=host.pk).update(leaving_on=TUESDAY)
        answer = client.get(page)
        assert "from Wed 2 December on nobody hosts." in text(answer)
        cut = place.path("hand_over", public_id=group.session.public_id)
        asked = client.post(cut, {"number": "2", "ask": "yes"}, follow=True)
        assert "Marta Berg is asked. Nothing changes until they answer." in text(asked)
        words = text(client.get(page))
        assert "Instead of Aisha Rahman" in words
        assert "Marta Berg is asked" in words
        assert page in client.get(place.path("bookings")).content.decode()
        with place.scope():
            rest = LearningSession.objects.get(state="open")
            assert list(group.session.blocks.values_list("number", flat=True)) == [1]
            group.session.refresh_from_db()
            assert (group.session.state, group.session.offer) == ("booked", None)
        again = place.path("hand_over_ask", public_id=rest.public_id)
        assert "No other host" in text(client.post(again, {"first": "yes"}, follow=True))
        assert "Ask the next host" not in text(client.get(page)), "she is the only one"
        assert "There is no other host" not in text(client.get(page)), "she may take over still"
        with place.scope():
            decline(HandOverRequest.objects.get(), by=group.marta, at=AT)
        words = text(client.get(page))
        assert "There is no other host of these skills to ask: move the days to later" in words
        assert "Move or end" in words
        answer = client.get(place.path("hand_over", public_id=rest.public_id)).content.decode()
        assert answer.index("later-h") < answer.index("hosts-h"), "what can be done comes first"
        assert "so nobody can be asked" in answer
