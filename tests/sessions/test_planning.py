"""A manager plans that a skill is passed on: suggests days, or asks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import tell
from sessions.limits import WORDS_TO_ONE
from sessions.models import Participation, ShadowingOffer, Suggestion
from sessions.refusals import Refused
from sessions.suggesting import ask_for_days, suggest
from skills.models import Proficiency, Skill
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.sessions.test_booking_pages import text
from tests.skills.kit import can, wants
from tests.world import Place, World


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def skill(halden: Place) -> Skill:
    with halden.scope():
        return make_skill()


@pytest.fixture
def offer(halden: Place, skill: Skill) -> ShadowingOffer:
    with halden.scope():
        can(halden.colleague, skill, 4)
        can(halden.employee, skill, 2)
        return make_offer(halden.colleague)


def test_the_manager_suggests_and_the_learner_books(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    manager = halden.sign_in(Client(), halden.manager)
    path = halden.path("plan", public_id=skill.public_id)
    page = text(manager.get(path))
    assert "Nils Eriksen" in page
    assert "does it with help" in page
    said = {"learner": halden.employee.public_id, "offer": offer.public_id}
    assert manager.post(path, said).status_code == 302
    assert "Nils Eriksen is told about the days beside Aisha Rahman" in text(manager.get(path))
    with halden.scope():
        assert not Participation.objects.exists()  # it is a word, and no booking
        told = tell(Notification.objects.get(kind="days_suggested", recipient=halden.employee))
    assert told
    assert told.title == "Mette Aas suggests days beside Aisha Rahman"
    assert offer.public_id in told.path
    learner = halden.sign_in(Client(), halden.employee)
    assert "Mette Aas suggests it." in text(learner.get(halden.path("home_offers")))
    with halden.scope():
        make_booking(offer, halden.employee)
    assert "Mette Aas suggests it." not in text(learner.get(halden.path("home_offers")))


def test_said_twice_on_a_day_is_told_once_and_again_tomorrow(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    with halden.scope():
        for later in (timedelta(), timedelta(hours=2), timedelta(days=1)):
            suggest(offer, halden.employee, skill, by=halden.manager, at=AT + later)
        assert Suggestion.objects.count() == 1
        assert Notification.objects.filter(kind="days_suggested").count() == 2


def test_not_now_is_told_to_nobody(halden: Place, skill: Skill, offer: ShadowingOffer) -> None:
    with halden.scope():
        one = suggest(offer, halden.employee, skill, by=halden.manager, at=AT)
    decline = halden.path("suggestion_decline", public_id=one.public_id)
    # Whoever made it sees it, but cannot decline for somebody else.
    assert halden.sign_in(Client(), halden.manager).post(decline).status_code == 404
    learner = halden.sign_in(Client(), halden.employee)
    assert learner.post(decline).status_code == 302
    assert "suggests it" not in text(learner.get(halden.path("home_offers")))
    with halden.scope():
        assert Notification.objects.filter(recipient=halden.manager).count() == 0
        told = Notification.objects.get(kind="days_suggested")
        assert tell(told) is None  # a mail that has not gone yet does not go
        suggest(offer, halden.employee, skill, by=halden.manager, at=AT + timedelta(days=3))
        assert Notification.objects.filter(kind="days_suggested").count() == 1
        suggest(offer, halden.employee, skill, by=halden.manager, at=AT + timedelta(days=90))
        assert Notification.objects.filter(kind="days_suggested").count() == 2


def test_only_to_those_who_report_to_one(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    with halden.scope():
        with pytest.raises(Refused):
            suggest(offer, halden.hr, skill, by=halden.manager, at=AT)
        with pytest.raises(Refused):
            suggest(offer, halden.employee, skill, by=halden.admin, at=AT)
        with pytest.raises(Refused):
            suggest(offer, halden.colleague, skill, by=halden.manager, at=AT)  # the host
        suggest(offer, halden.employee, skill, by=halden.hr, at=AT)
        assert Suggestion.objects.count() == 1
    manager = halden.sign_in(Client(), halden.manager)
    path = halden.path("plan", public_id=skill.public_id)
    answer = manager.post(path, {"learner": halden.hr.public_id, "offer": offer.public_id})
    assert answer.status_code == 422
    assert "those who report to you" in text(answer)
    assert "Choose who could learn it" in text(manager.post(path, {"learner": "\x00"}))


def test_nobody_offers_days_yet(halden: Place, skill: Skill) -> None:
    with halden.scope():
        Proficiency.claim(employee=halden.colleague, skill=skill, level=3, on=AT.date())
        wants(halden.employee, skill)
    manager = halden.sign_in(Client(), halden.manager)
    path = halden.path("plan", public_id=skill.public_id)
    page = text(manager.get(path))
    assert "wants to learn it" in page
    assert "Nobody offers days in it yet." in page
    assert "Suggest these days" not in page
    assert manager.post(path, {"ask": halden.colleague.public_id}).status_code == 302
    with halden.scope():
        told = tell(Notification.objects.get(kind="days_asked", recipient=halden.colleague))
        with pytest.raises(Refused):
            ask_for_days(halden.manager, skill, by=halden.manager, at=AT)
    assert told
    assert told.title == "Mette Aas asks you to offer days: Relay protection settings"
    host = halden.sign_in(Client(), halden.colleague)
    assert "Relay protection settings" in text(host.get(told.path))


def test_others_of_ones_people_are_found_by_name(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    path = halden.path("plan", public_id=skill.public_id)
    manager = halden.sign_in(Client(), halden.manager)
    assert "Ingrid Solheim" not in text(manager.get(path + "?name=ingrid"))
    assert "Nobody is found" not in text(manager.get(path + "?name=nils"))
    hr = halden.sign_in(Client(), halden.hr)
    assert "Runa Dahl" in text(hr.get(path + "?name=runa"))


def test_from_a_skill_a_manager_plans_and_everybody_else_finds_a_host(
    halden: Place, skill: Skill
) -> None:
    page = halden.path("skill", public_id=skill.public_id)
    plan = halden.path("plan", public_id=skill.public_id)
    for who, leads in ((halden.manager, True), (halden.hr, True), (halden.employee, False)):
        html = halden.sign_in(Client(), who).get(page).content.decode()
        assert (plan in html) == leads
        assert ("Find a host" in html) == (not leads)


def test_who_has_booked_or_was_asked_comes_last_and_says_so(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    manager = halden.sign_in(Client(), halden.manager)
    path = halden.path("plan", public_id=skill.public_id)
    with halden.scope():
        suggest(offer, halden.employee, skill, by=halden.manager, at=AT)
    assert "you have suggested days" in text(manager.get(path))
    assert "suggested days" not in text(halden.sign_in(Client(), halden.hr).get(path))
    with halden.scope():
        make_booking(offer, halden.employee)
    assert "has booked days in it" in text(manager.get(path))


def test_words_are_few_and_only_to_those_who_can(
    halden: Place, skill: Skill, offer: ShadowingOffer
) -> None:
    manager = halden.sign_in(Client(), halden.manager)
    path = halden.path("plan", public_id=skill.public_id)
    refused = manager.post(path, {"ask": halden.employee.public_id})
    assert refused.status_code == 422
    assert "Ask somebody who can do it alone." in text(refused)
    said = {"learner": halden.employee.public_id, "offer": offer.public_id}
    for _ in range(WORDS_TO_ONE):
        assert manager.post(path, said).status_code == 302
    assert "many times today" in text(manager.post(path, said))
