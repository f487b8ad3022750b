"""Many at once, each with a connection of their own, on the real constraint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from threading import Barrier, Event, Thread
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, connections
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import Statement
from peerlearn.runtime.roles import from_environment
from sessions import cancelling, claiming, holding, views_booking, waiting
from sessions.booking import book
from sessions.cancelling import cancel
from sessions.holding import extend_hold, hold, release
from sessions.models import Claim, LearningSession, Participation, ShadowingOffer, Waiting
from sessions.moving import confirm
from sessions.refusals import Busy, Refused, Taken
from sessions.waiting import give_back, join, pass_on_what_ran_out
from tests.factories import HIRED_ON, make_employee
from tests.sessions.kit import AT, TUESDAY, make_offer
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
POOL = 20
CONSTRAINT = "claim_one_at_a_time"
TABLE = "learning_sessions_claim"


def make_learners(count: int) -> list[Employee]:
    return Employee.objects.bulk_create(
        [
            Employee(
                name=f"Learner {i}",
                email=f"learner{i}@example.org",
                hired_on=HIRED_ON,
                time_zone="Europe/Oslo",
            )
            for i in range(count)
        ]
    )


def at_once(jobs: list[Callable[[], Any]], *, threads: int = POOL) -> Counter[str]:
    """Run the jobs on so many connections; how each ended, by name."""

    def run(job: Callable[[], Any]) -> str:
        try:
            return str(job())
        except Exception as error:
            return type(error).__name__

    everybody = Barrier(threads, timeout=30)

    def hang_up(_number: int) -> None:
        everybody.wait()  # so that each thread gets one of these
        connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        ended = Counter(pool.map(run, jobs))
        list(pool.map(hang_up, range(threads)))
    return ended


def attempt(place: Place, offer: ShadowingOffer, learner: Employee, day: date) -> str:
    with place.scope():
        held = hold(offer, learner, day, at=AT)
        book(held, goal="alone", at=AT)
    return "booked"


def nobody_is_in_two_places() -> bool:
    rows = Claim.objects.filter(active=True).values_list("employee", "during")
    times = sorted((employee, during.lower, during.upper) for employee, during in rows)
    return all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(times))


def test_five_hundred_learners_on_one_slot_give_one_winner(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        learners = make_learners(500)
    jobs = [lambda one=one: attempt(place, offer, one, TUESDAY) for one in learners]
    ended = at_once(jobs)
    # Whoever waits for the host longer than the lock's two seconds is told so: no error either.
    assert ended["booked"] == 1
    assert set(ended) <= {"booked", Taken.__name__, Busy.__name__}, ended
    with place.scope():
        assert Participation.objects.filter(seat="shadow").count() == 1
        assert LearningSession.objects.count() == 1
        assert Claim.objects.count() == 6


def test_sixty_clients_on_overlapping_slots_do_not_deadlock(world: World) -> None:
    """Everybody hosts and learns at once, on days that overlap, and changes their mind."""
    place = world.halden
    with place.scope():
        people = make_learners(12)
        offers = [make_offer(host, days=1 + i % 4) for i, host in enumerate(people)]

    def client(number: int) -> str:
        booked = 0
        for turn in range(4):
            offer = offers[(number * 5 + turn) % 12]
            learner = people[(number * 7 + 3 * turn + 1) % 12]
            day = TUESDAY + timedelta(days=(number + turn) % 5)
            try:
                with place.scope():
                    held = hold(offer, learner, day, at=AT)
                if turn % 2:
                    with place.scope():
                        book(held, goal="", at=AT)
                    booked += 1
            except Refused:
                continue
        return f"booked {min(booked, 1)}"

    ended = at_once([lambda i=i: client(i) for i in range(60)])
    assert set(ended) <= {"booked 0", "booked 1"}, ended
    assert ended["booked 1"] >= 1
    with place.scope():
        assert nobody_is_in_two_places()


def test_places_of_a_group_are_never_given_twice(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, capacity=3)
        learners = make_learners(20)
    jobs = [lambda one=one: attempt(place, offer, one, TUESDAY) for one in learners]
    ended = at_once(jobs)
    assert ended["booked"] == 3
    assert set(ended) <= {"booked", Taken.__name__, Busy.__name__}, ended


def test_the_months_limit_holds_at_once(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, per_month=1, days=1)
        learners = make_learners(10)
    days = [date(2026, 12, day) for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14)]
    jobs = [
        lambda one=one, day=day: attempt(place, offer, one, day)
        for one, day in zip(learners, days, strict=True)
    ]
    ended = at_once(jobs)
    assert ended["booked"] == 1
    assert set(ended) <= {"booked", "MonthFull", Busy.__name__}, ended


def test_a_button_pressed_twice_books_once(world: World) -> None:
    place = world.halden
    with place.scope():
        held = hold(make_offer(place.colleague), place.employee, TUESDAY, at=AT)

    def press() -> str:
        with place.scope():
            book(Participation.objects.get(pk=held.pk), goal="", at=AT)
        return "booked"

    assert at_once([press] * 8, threads=8) == {"booked": 8}
    with place.scope():
        assert Participation.objects.get(pk=held.pk).state == "booked"


# --- Twins: what happens with a safety off ------------------------------------------------------
def each_books_the_other(place: Place) -> Counter[str]:
    """Two people, each the other's host, hold the same days at the same moment."""
    with place.scope():
        people = make_learners(2)
        offers = [make_offer(host) for host in people]

    def client(number: int) -> str:
        with place.scope():
            hold(offers[number], people[1 - number], TUESDAY, at=AT)
        return "held"

    return at_once([lambda i=i: client(i) for i in range(2)], threads=2)


def test_two_who_book_each_other_do_not_deadlock(world: World) -> None:
    assert each_books_the_other(world.halden) == {"held": 1, Taken.__name__: 1}


def test_without_one_order_of_locks_they_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: each locks the host first, and then waits for the other's."""
    both_have_one = Barrier(2, timeout=10)

    def lock_as_named(*people: int) -> dict[int, Employee]:
        locked = Employee.objects.select_for_update(no_key=True)
        found = {}
        for number, pk in enumerate(people):
            found[pk] = locked.get(pk=pk)
            if number == 0:
                both_have_one.wait()
        return found

    monkeypatch.setattr(holding, "lock_people", lock_as_named)
    ended = each_books_the_other(world.halden)
    assert ended == {"held": 1, "OperationalError": 1}


def rush(place: Place, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Eight learners who all have looked before anybody writes: no locks on people."""
    with place.scope():
        offer = make_offer(place.colleague)
        learners = make_learners(8)
    everybody_looked = Barrier(8, timeout=10)
    look = holding.look

    def look_and_wait(*args: Any, **kwargs: Any) -> Any:
        start = look(*args, **kwargs)
        everybody_looked.wait()
        return start

    monkeypatch.setattr(holding, "_lock", lambda offer, learner: None)
    monkeypatch.setattr(holding, "look", look_and_wait)
    jobs = [lambda one=one: attempt(place, offer, one, TUESDAY) for one in learners]
    return at_once(jobs, threads=8)


def test_the_constraint_alone_gives_one_winner(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rush(world.halden, monkeypatch) == {"booked": 1, Taken.__name__: 7}


def test_without_lock_and_constraint_everybody_wins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_the_constraint(world.halden):
        ended = rush(world.halden, monkeypatch)
        assert ended["booked"] == 8
        with world.halden.scope():
            assert not nobody_is_in_two_places()


@contextmanager
def without_the_constraint(place: Place) -> Iterator[None]:
    login = replace(
        from_environment("DATABASE_OWNER_URL"), database=connection.settings_dict["NAME"]
    )
    connection.close()
    with login.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [CONSTRAINT]
        )
        definition = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {CONSTRAINT}")
    try:
        yield
    finally:
        with place.scope():
            Claim.objects.all().delete()
        connection.close()
        with login.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {CONSTRAINT} {definition}")


def somebody_waits() -> bool:
    """In this database: other processes of the tests have theirs on the same server."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM pg_locks waiting WHERE NOT granted AND EXISTS (
              SELECT FROM pg_locks held JOIN pg_database here ON here.oid = held.database
              WHERE held.pid = waiting.pid AND here.datname = current_database()))
            """
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def the_other_tab(place: Place, step: Callable[[], Any]) -> Iterator[None]:
    """Another transaction does the step, and ends once somebody waits for what it locked."""
    begun, answered = Event(), Event()

    def other() -> None:
        with place.scope():
            step()
            begun.set()
            while not somebody_waits() and not answered.wait(0.02):
                pass
        connections.close_all()

    thread = Thread(target=other)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        answered.set()
        thread.join()


def test_a_hold_that_is_being_lengthened_refuses_another_in_words(world: World) -> None:
    """Two tabs: more time in one, other days in the other. No error page, one hold."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        held = hold(offer, place.employee, TUESDAY, at=AT)
    with (
        the_other_tab(place, lambda: extend_hold(held, at=AT)),
        place.scope(),
        pytest.raises(Busy),
    ):
        hold(offer, place.employee, TUESDAY + timedelta(days=7), at=AT)
    with place.scope():
        assert Participation.objects.filter(employee=place.employee, state="held").count() == 1


def test_a_place_that_is_being_booked_refuses_to_be_held_again_in_words(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, capacity=3)
        held = hold(offer, place.employee, TUESDAY, at=AT)
    with (
        the_other_tab(place, lambda: book(held, goal="", at=AT)),
        place.scope(),
        pytest.raises(Refused),
    ):
        hold(offer, place.employee, TUESDAY, at=AT)
    with place.scope():
        assert [one.state for one in Participation.objects.filter(employee=place.employee)] == [
            "booked"
        ]


@contextmanager
def the_host_is_locked(place: Place, host: Employee) -> Iterator[list[bool]]:
    """Somebody else's booking of the host's time goes on for as long as the block does. Fills the
    list with whether anybody waited for it."""
    begun, over, waits = Event(), Event(), list[bool]()

    def other() -> None:
        with place.scope():
            claiming.lock_people(host.pk)
            begun.set()
            while not over.wait(0.02):
                waits.append(somebody_waits())
        connections.close_all()

    thread = Thread(target=other)
    thread.start()
    assert begun.wait(20)
    try:
        yield waits
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("looks", [True, False])
def test_who_comes_too_late_waits_for_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    """The second is the twin: without the look before the locks they wait, in vain."""
    place = world.halden
    if not looks:
        monkeypatch.setattr(views_booking, "has_plans", lambda *_, **__: False)
    with place.scope():
        offer = make_offer(place.colleague)
        hold(offer, place.manager, TUESDAY, at=AT)
    client = Client()
    client.force_login(place.employee.membership.user)
    path = place.path("hold", public_id=offer.public_id)
    with the_host_is_locked(place, offer.host) as waits, time_machine.travel(AT, tick=False):
        answer = client.post(path, {"start": TUESDAY.isoformat(), "goal": "To see it"})
    assert any(waits) is not looks
    assert answer.status_code == 409
    assert "These days were just taken." in answer.content.decode()
    assert "What you typed is kept." in answer.content.decode()
    with place.scope():
        assert not Participation.objects.filter(employee=place.employee).exists()


def test_letting_go_never_waits_for_a_session_that_is_being_booked(world: World) -> None:
    """Booking locks the session first; letting go in the other order would deadlock with it."""
    place = world.halden
    with place.scope():
        held = hold(make_offer(place.colleague), place.employee, TUESDAY, at=AT)
    with somebody_books(place, lambda: LearningSession.objects.locked(held.session_id)):
        with place.scope():
            release(held, at=AT)
            held.refresh_from_db()
        assert held.state == "held"  # whoever books it has it
    with place.scope():
        release(held, at=AT)
        held.refresh_from_db()
        assert held.state == "expired"


def test_in_the_other_order_letting_go_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with the participation locked first."""
    let_go = claiming._LET_GO
    wrong = let_go.sql.replace("FOR NO KEY UPDATE OF h, s", "FOR UPDATE OF h")
    order = Statement(wrong, **let_go.types)
    monkeypatch.setattr(claiming, "_LET_GO", order)
    place = world.halden
    with place.scope():
        held = hold(make_offer(place.colleague), place.employee, TUESDAY, at=AT)
    with (
        somebody_books(place, lambda: LearningSession.objects.locked(held.session_id)),
        pytest.raises(OperationalError),
        place.scope(),
    ):
        release(held, at=AT)


# --- Waiting in vain ----------------------------------------------------------------------------
@contextmanager
def somebody_books(place: Place, *steps: Callable[[], Any]) -> Iterator[None]:
    """Another transaction does these steps and stays open, with what it locked, until the end."""
    done, answered = Event(), Event()

    def other() -> None:
        with place.scope():
            for step in steps:
                step()
            done.set()
            answered.wait(30)
        connections.close_all()

    thread = Thread(target=other)
    thread.start()
    assert done.wait(20)
    try:
        yield
    finally:
        answered.set()
        thread.join()


def test_who_waits_in_vain_for_days_that_are_gone_is_told_what_is_free(world: World) -> None:
    """The host is busy with another booking for longer than two seconds."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        first, second, late = make_learners(3)
        book(hold(offer, first, TUESDAY, at=AT), goal="", at=AT)
    later = TUESDAY + timedelta(days=7)
    other = somebody_books(place, lambda: hold(offer, second, later, at=AT))
    with other, place.scope(), pytest.raises(Taken) as refused:
        hold(offer, late, TUESDAY, at=AT)
    assert len(refused.value.next_starts) == 2
    with place.scope():
        assert not Participation.objects.filter(employee=late).exists()


def test_only_what_nobody_can_know_yet_is_busy(world: World) -> None:
    """The days themselves are being held, and whoever does it has not come to an end."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        first, late = make_learners(2)
    other = somebody_books(place, lambda: hold(offer, first, TUESDAY, at=AT))
    with other, place.scope(), pytest.raises(Busy):
        hold(offer, late, TUESDAY, at=AT)
    with place.scope(), pytest.raises(Taken):
        hold(offer, late, TUESDAY, at=AT)


def test_without_a_second_look_all_who_waited_are_sent_back_to_choose(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the only look is the one behind the lock, which was never reached."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        first, second, late = make_learners(3)
        book(hold(offer, first, TUESDAY, at=AT), goal="", at=AT)
    later = TUESDAY + timedelta(days=7)
    with somebody_books(place, lambda: hold(offer, second, later, at=AT)):
        monkeypatch.setattr(holding, "look", lambda *args, **kwargs: None)
        with place.scope(), pytest.raises(Busy):
            hold(offer, late, TUESDAY, at=AT)


def test_a_busy_host_costs_the_losers_no_next_starts(world: World) -> None:
    """Many learners over HTTP beside a transaction that keeps the host: one page for all."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        first, second = make_learners(2)
        losers = [make_employee() for _ in range(POOL)]
        book(hold(offer, first, TUESDAY, at=AT), goal="", at=AT)
    path = place.path("hold", public_id=offer.public_id)

    def browser(learner: Employee) -> str:
        client = place.sign_in(Client(raise_request_exception=False), learner)
        answer = client.post(path, {"start": TUESDAY.isoformat()})
        taken = "These days were just taken." in answer.content.decode()
        return f"{answer.status_code} {'taken' if taken else 'busy'}"

    later = TUESDAY + timedelta(days=7)
    with (
        time_machine.travel(AT, tick=False),
        somebody_books(place, lambda: hold(offer, second, later, at=AT)),
    ):
        ended = at_once([lambda one=one: browser(one) for one in losers])
    assert ended == {"409 taken": POOL}, ended


# --- Moving -------------------------------------------------------------------------------------
def booked(offer: ShadowingOffer, learner: Employee, day: date = TUESDAY) -> Participation:
    held = hold(offer, learner, day, at=AT)
    book(held, goal="", at=AT)
    return held


def test_a_move_confirmed_by_many_presses_moves_once(world: World) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        booking = booked(offer, place.employee)
        held = hold(offer, place.employee, TUESDAY + timedelta(days=1), moves=booking, at=AT)

    def press() -> str:
        with place.scope():
            return str(confirm(Participation.objects.get(pk=held.pk), goal="", at=AT).first_day)

    assert at_once([press] * 8, threads=8) == {"2026-12-02": 8}
    with place.scope():
        assert Claim.objects.filter(active=True).count() == 6
        assert nobody_is_in_two_places()


def test_moves_and_bookings_of_the_same_days_give_each_day_once(world: World) -> None:
    """Ten learners want to move to the same week, ten others book it or what becomes free."""
    place = world.halden
    free = date(2026, 12, 21)
    with place.scope():
        offer = make_offer(place.colleague, days=2)
        learners = make_learners(20)
        days = [date(2026, 12, day) for day in (1, 3, 7, 9, 14)]
        bookings = [booked(offer, one, day) for one, day in zip(learners, days, strict=False)]

    def moves(booking: Participation) -> str:
        try:
            with place.scope():
                held = hold(offer, booking.employee, free, moves=booking, at=AT)
            with place.scope():
                confirm(held, goal="", at=AT)
        except Refused:
            return "refused"
        return "moved"

    def books(learner: Employee, number: int) -> str:
        try:
            with place.scope():
                booked(offer, learner, (free, *days)[number % 6])
        except Refused:
            return "refused"
        return "booked"

    jobs: list[Callable[[], Any]] = []
    for number, learner in enumerate(learners[5:]):
        if number < 5:
            jobs.append(lambda one=bookings[number]: moves(one))
        jobs.append(lambda one=learner, number=number: books(one, number))
    ended = at_once(jobs)
    assert set(ended) <= {"moved", "booked", "refused"}, ended
    with place.scope():
        assert nobody_is_in_two_places()
        assert LearningSession.objects.filter(starts_at__date=free, state="booked").count() == 1
        assert (
            Participation.objects.filter(pk__in=[b.pk for b in bookings], state="booked").count()
            == 5
        )


def test_moving_while_it_is_cancelled_ends_in_one_of_the_two(world: World) -> None:
    """Neither a deadlock nor a claim of what does not take place."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, days=1)
        learners = make_learners(8)
        pairs = []
        for number, learner in enumerate(learners):
            booking = booked(offer, learner, date(2026, 12, 1 + number + number // 4 * 3))
            day = date(2027, 1, 11 + number + number // 5 * 2)
            pairs.append((booking, hold(offer, learner, day, moves=booking, at=AT)))

    def moves(held: Participation) -> str:
        try:
            with place.scope():
                confirm(held, goal="", at=AT)
        except Refused as refusal:
            return type(refusal).__name__
        return "moved"

    def cancels(booking: Participation) -> str:
        try:
            with place.scope():
                cancel(booking.session, by=place.colleague, at=AT)
        except Refused:
            return "too late"
        return "cancelled"

    jobs: list[Callable[[], Any]] = []
    for booking, held in pairs:
        jobs += [lambda one=held: moves(one), lambda one=booking: cancels(one)]
    ended = at_once(jobs, threads=16)
    assert set(ended) <= {"moved", "RunOut", "Refused", "cancelled", "too late"}, ended
    with place.scope():
        for booking, _held in pairs:
            booking.refresh_from_db()
            claims = Claim.objects.filter(employee=booking.employee, active=True).count()
            assert claims == (booking.state == "booked")
        assert nobody_is_in_two_places()


def test_without_the_constraint_on_claims_a_move_would_overlap(world: World) -> None:
    """The twin: two learners move to days that overlap, and nobody locks the host."""
    place = world.halden

    def rush_to(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
        with place.scope():
            offer = make_offer(place.colleague, days=2)
            learners = make_learners(2)
            days = [date(2026, 12, 1), date(2026, 12, 8)]
            bookings = [booked(offer, one, day) for one, day in zip(learners, days, strict=True)]
        everybody_looked = Barrier(2, timeout=10)
        look = holding.look

        def look_and_wait(*args: Any, **kwargs: Any) -> Any:
            start = look(*args, **kwargs)
            everybody_looked.wait()
            return start

        def move(booking: Participation) -> str:
            with place.scope():
                held = hold(offer, booking.employee, date(2026, 12, 21), moves=booking, at=AT)
                confirm(held, goal="", at=AT)
            return "moved"

        with monkeypatch.context() as patched:
            patched.setattr(holding, "_lock", lambda offer, learner: None)
            patched.setattr(holding, "look", look_and_wait)
            return at_once([lambda one=one: move(one) for one in bookings], threads=2)

    with without_the_constraint(place):
        assert rush_to(pytest.MonkeyPatch()) == {"moved": 2}
        with place.scope():
            assert not nobody_is_in_two_places()
            LearningSession.objects.all().delete()
            Employee.objects.filter(name__startswith="Learner").delete()
    assert rush_to(pytest.MonkeyPatch()) == {"moved": 1, Taken.__name__: 1}


# --- Waiting ------------------------------------------------------------------------------------
def cancel_at_once(place: Place) -> Counter[str]:
    """Six groups of two lose all twelve learners at once; eight wait for a place."""
    with place.scope():
        offer = make_offer(place.colleague, days=1, capacity=2)
        learners, queue = make_learners(12), [make_employee() for _ in range(8)]
        days = [date(2026, 12, day) for day in (1, 2, 3, 4, 7, 8)]
        bookings = [booked(offer, one, days[i // 2]) for i, one in enumerate(learners)]
        for one in queue:
            join(offer, one, at=AT)

    def gives_up(booking: Participation) -> str:
        try:
            with place.scope():
                cancel(booking.session, by=booking.employee, at=AT)
        except Busy:  # waited for the host in vain: pressed again
            return gives_up(booking)
        return "cancelled"

    return at_once([lambda one=one: gives_up(one) for one in bookings], threads=12)


def offered_places() -> list[tuple[int, date, str]]:
    """Who was offered which day, and what has become of it."""
    rows = Participation.objects.exclude(waiting=None).select_related("session")
    return [(row.employee_id, row.session.first_day, row.state) for row in rows]


def test_each_place_that_is_freed_is_offered_once(world: World) -> None:
    """Twelve give up their places at once, others look for days, and nobody gets one twice."""
    place = world.halden
    assert cancel_at_once(place) == {"cancelled": 12}
    with place.scope():
        offered = offered_places()
        assert len({(who, day) for who, day, _state in offered}) == len(offered)
        assert {state for _who, _day, state in offered} == {"held"}
        by_day = Counter(day for _who, day, _state in offered)
        assert by_day == dict.fromkeys(by_day, 2), "both places of every day"
        assert len(by_day) == 6
        assert nobody_is_in_two_places()
        first = Waiting.objects.standing()[0]
        assert Participation.objects.filter(waiting=first).count() == 6, "the first, of every day"
        told = Notification.objects.filter(kind="place_free").values_list("subject_id", flat=True)
        live = Participation.objects.exclude(waiting=None).values_list("pk", flat=True)
        assert {*live} <= {*told}


def test_without_the_lock_on_those_who_wait_a_place_gets_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: two learners free two days at once, and each is offered before it is looked at."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, days=1, capacity=2)
        learners = make_learners(2)
        bookings = [booked(offer, one) for one in learners]
        join(offer, place.employee, at=AT)
    both = Barrier(2, timeout=10)
    found = waiting.lock_queue

    def look_and_wait(session: LearningSession) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
        queue = found(session)
        both.wait()
        return queue

    monkeypatch.setattr(waiting, "_people", everybody)
    monkeypatch.setattr(cancelling, "lock_queue", look_and_wait)

    def gives_up(booking: Participation) -> str:
        with place.scope():
            cancel(booking.session, by=booking.employee, at=AT)
        return "cancelled"

    at_once([lambda one=one: gives_up(one) for one in bookings], threads=2)
    assert both.n_waiting == 0
    assert not both.broken, "without the lock both come that far"


def everybody(session: LearningSession, rows: list[Waiting]) -> dict[int, Employee]:
    """Who waits, and the host, without a lock."""
    people = Employee.objects.filter(pk__in=[session.host_id, *(row.employee_id for row in rows)])
    return {one.pk: one for one in people}


def test_a_place_that_runs_out_goes_to_one_other_alone(world: World) -> None:
    """The worker, twice, and the owner who lets it go, all at the same moment."""
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague)
        booking = booked(offer, place.employee)
        for one in make_learners(3):
            join(offer, one, at=AT)
        cancel(booking.session, by=place.employee, at=AT)
        held = Participation.objects.get(state="held", seat="shadow")
    later = AT + timedelta(days=1)

    def runs_out() -> str:
        with place.scope():
            pass_on_what_ran_out(held.pk, at=later)
        return "passed on"

    def lets_go() -> str:
        with place.scope():
            give_back(Participation.objects.get(pk=held.pk), at=later)
        return "let go"

    assert set(at_once([runs_out, runs_out, lets_go, runs_out], threads=4)) == {
        "passed on",
        "let go",
    }
    with place.scope():
        live = Participation.objects.filter(state="held", seat="shadow").exclude(waiting=None)
        assert live.count() == 1
        assert Participation.objects.exclude(waiting=None).count() == 2
