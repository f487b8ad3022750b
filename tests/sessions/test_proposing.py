"""Fixed days that a manager or HR proposes to one of their people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from sessions import proposing
from sessions.booking import book
from sessions.holding import hold, release
from sessions.limits import PROPOSALS_TO_ONE
from sessions.models import Claim, LearningSession, Participation, Proposal, Request
from sessions.proposing import decline, propose, take_back
from sessions.refusals import Refused, Taken
from tests.sessions.approving_kit import DAY, NEXT_WEEK, switch_on, told
from tests.sessions.kit import AT, MINUTE, TUESDAY, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.sessions.test_waiting import offered, run_due, wait
from tests.world import Place, World

TWO_DAYS = AT + 2 * DAY


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


def make_proposal(halden: Place, by: str = "manager", day: date = TUESDAY) -> Proposal:
    offer = make_offer(halden.colleague)
    who = getattr(halden, by)
    return propose(offer, halden.employee, day, by=who, words="So that you meet", at=AT)


def test_the_days_are_kept_until_the_learner_confirms(halden: Place) -> None:
    with halden.scope():
        own = hold(make_offer(halden.manager), halden.employee, NEXT_WEEK, at=AT)
        made = make_proposal(halden)
        held = made.participation
        own.refresh_from_db()
        assert own.is_held(AT), "looking for days of one's own goes on"
        assert held.held_until == TWO_DAYS
        assert told("days_proposed") == {
            "Nils Eriksen": "Mette Aas proposes days beside Aisha Rahman"
        }
        assert not Notification.objects.filter(recipient=halden.colleague).exists()
        release(held, at=AT)
        with pytest.raises(Taken):
            hold(held.session.offer, halden.hr, TUESDAY, at=AT + DAY)
        mine = Participation.objects.get(pk=held.pk)
        assert book(mine, goal="", at=AT + DAY).state == "booked"
        assert set(told("booking_booked")) == {"Nils Eriksen", "Aisha Rahman"}
        assert told("days_proposed") == {}
        assert told("proposal_answered") == {
            "Mette Aas": "Nils Eriksen has confirmed the days beside Aisha Rahman."
        }
        with pytest.raises(Refused):
            decline(made, by=halden.employee, at=AT + DAY)


def test_who_may_propose_to_whom(halden: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        for by, learner in [
            (halden.employee, halden.manager),
            (halden.employee, halden.employee),
            (halden.admin, halden.employee),
        ]:
            with pytest.raises(Refused, match="those who report to you"):
                propose(offer, learner, TUESDAY, by=by, at=AT)
        with pytest.raises(Refused):  # the host
            propose(offer, halden.colleague, TUESDAY, by=halden.manager, at=AT)
        # The twin: without the rule anybody could.
        monkeypatch.setattr(proposing, "may_answer", lambda by, learner: True)
        assert propose(offer, halden.employee, TUESDAY, by=halden.admin, at=AT)


def test_declined_or_taken_back_the_place_goes_to_who_waits(halden: Place) -> None:
    with halden.scope():
        made = make_proposal(halden)
        wait(made.participation.session.offer, "Kari")
        with pytest.raises(Refused):
            decline(made, by=halden.manager, at=AT)
        with pytest.raises(Refused):
            take_back(made, by=halden.hr, at=AT)
        decline(made, by=halden.employee, reason="I am away", at=AT)
        decline(made, by=halden.employee, at=AT)
        assert list(offered()) == ["Kari"]
        assert told("proposal_answered") == {
            "Mette Aas": "Nils Eriksen has declined the days beside Aisha Rahman."
        }
        with pytest.raises(Refused):
            take_back(made, by=halden.manager, at=AT)


def test_not_confirmed_it_runs_out_and_who_proposed_it_is_told(halden: Place) -> None:
    with halden.scope():
        made = make_proposal(halden)
        soon = make_proposal(halden, day=date(2026, 11, 26))
        cut = datetime(2026, 11, 23, 23, tzinfo=UTC)  # the host's notice, midnight in Oslo
        assert soon.participation.held_until == cut
    run_due("expire_hold", TWO_DAYS)
    with halden.scope():
        made.refresh_from_db()
        assert made.answer == "run_out"
        assert "has not confirmed" in told("proposal_answered")["Mette Aas"]
        assert not Claim.objects.filter(active=True).exists()


@pytest.mark.parametrize(("by", "state"), [("manager", "booked"), ("hr", "held")])
def test_what_the_own_line_proposes_needs_no_further_approval(
    halden: Place, by: str, state: str
) -> None:
    switch_on(halden)
    with halden.scope():
        held = make_proposal(halden, by=by).participation
        mine = Participation.objects.get(pk=held.pk)
        assert book(mine, goal="", at=AT).state == state
        assert Proposal.objects.get().answer == "accepted"
        assert Request.objects.filter(asked=halden.manager).exists() == (by == "hr")


@pytest.mark.parametrize("who", ["employee", "colleague", "manager"])
def test_whoever_leaves(halden: Place, who: str) -> None:
    with halden.scope():
        made = make_proposal(halden)
        getattr(halden, who).deactivate(at=AT)
        made.refresh_from_db()
        assert made.answer == ("open" if who == "manager" else "ended")
        assert Claim.objects.filter(active=True).exists() == (who == "manager")


def test_few_proposals_to_one_person(halden: Place) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague, days=1)
        for day in range(3):
            propose(offer, halden.employee, TUESDAY + day * DAY, by=halden.manager, at=AT)
        with pytest.raises(Refused, match="Three proposals wait"):
            propose(offer, halden.employee, NEXT_WEEK, by=halden.hr, at=AT)


# --- Pages ---------------------------------------------------------------------------------------
def test_from_the_offer_to_the_booking(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
        skill = offer.skills.get()
    halden.sign_in(client, halden.manager)
    at = {"public_id": offer.public_id}
    assert "Propose days to somebody" in text(client.get(halden.path("offer", **at)))
    people = client.get(halden.path("propose_to", **at), {"name": "nils"})
    assert "Nils Eriksen" in text(people)
    assert "Aisha Rahman" not in text(people).split("Search")[1], "the host"
    at["learner"] = halden.employee.public_id
    fixed = client.post(
        halden.path("plan", public_id=skill.public_id),
        {"learner": at["learner"], "offer": offer.public_id, "fixed": "1"},
    )
    path = halden.path("propose", **at)
    assert fixed["Location"] == path
    page = text(client.get(path, {"start": "2026-12-01"}))
    assert "Propose these 3 days" in page
    assert "Nils Eriksen is not booked elsewhere" in page
    assert number_of_queries(client, path) <= 12
    assert client.post(path, {"start": "x"}).status_code == 422
    late = client.post(path, {"start": "2026-11-24", "words": "Meet <them>"})
    assert late.status_code == 409
    assert "Nothing was proposed." in text(late)
    assert "Meet &lt;them&gt;" in late.content.decode(), "what was typed stays"
    done = client.post(path, {"start": "2026-12-01", "words": "Meet them"}, follow=True)
    assert "Nils Eriksen is told, and confirms." in text(done)
    assert "Days that you have proposed" in text(done)
    halden.sign_in(client, halden.employee)
    assert "are proposed to you." in text(client.get(halden.path("home")))
    with halden.scope():
        session = LearningSession.objects.get()
    booking = halden.path("booking", public_id=session.public_id)
    page = text(client.get(booking))
    assert "Mette Aas proposes these days. They are kept for you until Wed 25 November" in page
    assert "“Meet them”" in page
    assert "Booked." in text(client.post(f"{booking}book/", {"goal": ""}, follow=True))


def test_declined_on_the_page(halden: Place, client: Client) -> None:
    with halden.scope():
        made = make_proposal(halden)
        booking = halden.path("booking", public_id=made.participation.session.public_id)
    halden.sign_in(client, halden.employee)
    page = text(client.post(f"{booking}let-go/", follow=True))
    assert "You have declined these days." in page
    with halden.scope():
        again = make_proposal(halden, day=NEXT_WEEK)
    halden.sign_in(client, halden.manager)
    back = halden.path("proposal_take_back", public_id=again.public_id)
    assert "Taken back." in text(client.post(back, follow=True))
    assert "answered already" in text(
        client.post(halden.path("proposal_take_back", public_id=made.public_id), follow=True)
    )


def test_a_day_has_its_limit(halden: Place, client: Client) -> None:
    with halden.scope():
        offer = make_offer(halden.colleague)
    place = {"public_id": offer.public_id, "learner": halden.employee.public_id}
    halden.sign_in(client, halden.manager)
    for _time in range(PROPOSALS_TO_ONE):
        made = client.post(halden.path("propose", **place), {"start": "2026-12-01"})
        assert made.status_code == 302
        with halden.scope():
            take_back(Proposal.objects.latest("pk"), by=halden.manager, at=AT + MINUTE)
    again = client.post(halden.path("propose", **place), {"start": "2026-12-01"})
    assert again.status_code == 409
    assert "many times today" in text(again)
