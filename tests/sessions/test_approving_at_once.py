"""Two answers at the same moment, and two requests for one place."""

from __future__ import annotations

from collections import Counter
from threading import Barrier
from typing import Any

import pytest

from peerlearn.organizations.models import Employee
from sessions import approving, holding
from sessions.approving import approve, decline, end_what_ran_out, withdraw
from sessions.booking import book
from sessions.holding import hold
from sessions.models import Claim, Participation, Request, ShadowingOffer
from tests.sessions.approving_kit import THURSDAY, ask, switch_on
from tests.sessions.kit import AT, TUESDAY, make_offer
from tests.sessions.test_concurrency import (
    at_once,
    make_learners,
    nobody_is_in_two_places,
    without_the_constraint,
)
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)


def answers(place: Place, request: Request, **when: Any) -> list[Any]:
    """Approving, withdrawing, declining and running out, each in a scope of its own."""

    def in_scope(act: Any) -> Any:
        def answer() -> str:
            with place.scope():
                act(Request.objects.get(pk=request.pk))
            return str(act.__name__)

        return answer

    def approves(one: Request) -> None:
        approve(one, by=place.manager, at=when.get("at", AT))

    def withdraws(one: Request) -> None:
        withdraw(one, by=place.employee, at=when.get("at", AT))

    def declines(one: Request) -> None:
        decline(one, by=place.hr, reason="Ill", at=when.get("at", AT))

    def runs_out(one: Request) -> None:
        end_what_ran_out(one.participation_id, at=THURSDAY)

    return [in_scope(act) for act in (approves, withdraws, declines, runs_out)]


def test_of_several_answers_at_once_one_holds(world: World) -> None:
    place = world.halden
    switch_on(place)
    with place.scope():
        request = ask(make_offer(place.colleague), place.employee)
    ended = at_once(answers(place, request) * 2, threads=8)
    assert set(ended) <= {"approves", "withdraws", "declines", "runs_out", "Answered"}, ended
    with place.scope():
        request.refresh_from_db()
        held = Participation.objects.get(pk=request.participation_id)
        stands = Claim.objects.filter(active=True, held_until=None).count()
        assert (request.answer, held.state, stands) in {
            ("accepted", "booked", 6),
            ("withdrawn", "expired", 0),
            ("declined", "expired", 0),
            ("run_out", "expired", 0),
        }


def test_without_the_locks_two_answers_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: both have looked before either writes, and neither asks who was first."""
    place = world.halden
    switch_on(place)
    with place.scope():
        request = ask(make_offer(place.colleague), place.employee)
    both_looked = Barrier(2, timeout=20)
    look = approving._refuse_what_is_over

    def look_and_wait(*args: Any, **kwargs: Any) -> None:
        look(*args, **kwargs)
        both_looked.wait()

    def close(self: Request, answer: str, **_values: Any) -> bool:
        return bool(Request.objects.filter(pk=self.pk).update(answer=answer, answered_at=AT))

    monkeypatch.setattr(approving, "_refuse_what_is_over", look_and_wait)
    monkeypatch.setattr(approving, "lock_sessions", lambda *sessions: {})
    monkeypatch.setattr(Request, "close", close)
    ended = at_once(answers(place, request)[:2], threads=2)
    assert ended == {"approves": 1, "withdraws": 1}


def two_requests_for_one_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Two learners who both have looked before either writes; then both are approved."""
    switch_on(place)
    with place.scope():
        offer = make_offer(place.colleague)
        learners = make_learners(2)
    both_looked = Barrier(2, timeout=20)
    look = holding.look

    def look_and_wait(*args: Any, **kwargs: Any) -> Any:
        start = look(*args, **kwargs)
        both_looked.wait()
        return start

    with monkeypatch.context() as patched:
        patched.setattr(holding, "_lock", lambda offer, learner: None)
        patched.setattr(holding, "look", look_and_wait)
        at_once([lambda one=one: requests(place, offer, one) for one in learners], threads=2)
    with place.scope():
        waiting = list(Request.objects.all())
    return at_once([lambda one=one: approves(place, one) for one in waiting], threads=2)


def requests(place: Place, offer: ShadowingOffer, learner: Employee) -> str:
    with place.scope():
        book(hold(offer, learner, TUESDAY, at=AT), goal="", at=AT)
    return "requested"


def approves(place: Place, request: Request) -> str:
    with place.scope():
        approve(Request.objects.get(pk=request.pk), by=place.hr, at=AT)
    return "approved"


def test_of_two_requests_for_one_place_one_can_be_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_requests_for_one_place(world.halden, monkeypatch) == {"approved": 1}
    with world.halden.scope():
        assert Participation.objects.filter(seat="shadow", state="booked").count() == 1


def test_without_the_constraint_both_are_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    with without_the_constraint(world.halden):
        assert two_requests_for_one_place(world.halden, monkeypatch) == {"approved": 2}
        with world.halden.scope():
            assert not nobody_is_in_two_places()
