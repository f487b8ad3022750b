"""A host cannot go on: what was done stays, the rest goes to another host, moves, or ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import Sum

from peerlearn.notifications.models import Notification
from sessions import handing
from sessions.cancelling import cancel
from sessions.choices import Answer, Outcome
from sessions.cutting import cut_off
from sessions.effects import hand_over_over, hand_over_request_over
from sessions.handing import Rest, accept, ask, decline, finish, move_rest
from sessions.holding import hold
from sessions.models import (
    HandOver,
    HandOverRequest,
    Interaction,
    LearningSession,
    Note,
    ShadowingOffer,
)
from sessions.refusals import Refused, Taken
from sessions.running import complete_day
from tests.factories import make_employee
from tests.sessions.handing_kit import DAY_ONE, HOUR, Group, active, ill_on_day_two, make_group
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.sessions.test_leaving import told
from tests.world import World


@pytest.fixture
def group(world: World) -> Group:
    return make_group(world.halden)


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
