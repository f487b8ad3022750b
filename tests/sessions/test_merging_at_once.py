"""Somebody writes about a skill while somebody else merges or archives it: nothing is left on a row
that nobody finds any more. Two connections, one of them held open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client

from peerlearn.organizations.written import Statement
from sessions import offering, running
from sessions.booking import book
from sessions.holding import hold
from sessions.models import OfferSkill, ProposedLevel, SessionSkill, ShadowingOffer
from sessions.running import Answers, complete_day, submit_debrief
from skills.merging import merge
from skills.models import Need, Offer, Proficiency, Requirement, Skill, proficiencies
from skills.models import requirements as requirement_rows
from skills.models import skills as skill_rows
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer, make_skill
from tests.sessions.test_concurrency import somebody_waits
from tests.sessions.test_run_pages import FIRST_DAY, OFFER
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[], Any]
DAY = AT.date()


@contextmanager
def under_way(place: Place, act: Act) -> Iterator[None]:
    """The act is done in a transaction that ends when somebody waits for it, or with the block."""
    done, over = Event(), Event()

    def run() -> None:
        with place.scope():
            act()
            done.set()
            while not somebody_waits() and not over.wait(0.02):
                pass
        connections.close_all()

    other = Thread(target=run)
    other.start()
    assert done.wait(20)
    try:
        yield
    finally:
        over.set()
        other.join()


def left_on(skill: Skill) -> list[str]:
    """What still hangs there, but for the history."""
    tables: list[Any] = [Offer, Need, OfferSkill, SessionSkill, ProposedLevel]
    rows = [table.objects.filter(skill=skill) for table in tables]
    rows += [
        table.objects.filter(skill=skill, valid_to=None) for table in (Proficiency, Requirement)
    ]
    return [found.model.__name__ for found in rows if found.exists()]


class Scene:
    """What people do with the skill `old`, as they have it on their page."""

    def __init__(self, place: Place) -> None:
        self.place = place
        with place.scope():
            self.old, self.new = make_skill("K8s"), make_skill("Kubernetes")
            Proficiency.claim(employee=place.colleague, skill=self.old, level=4, on=DAY)
            self.said = Proficiency.claim(employee=place.manager, skill=self.old, level=3, on=DAY)
            offer = make_offer(place.colleague, "K8s")
            self.done = make_booking(offer, place.employee)
            complete_day(self.done.session, 1, by=place.colleague, at=FIRST_DAY)
            self.held = hold(make_offer(place.manager, "K8s"), place.hr, TUESDAY, at=AT)

    def merge(self) -> None:
        merge(Skill.objects.get(pk=self.old.pk), into=self.new, at=AT)

    def archive(self) -> None:
        Skill.objects.get(pk=self.old.pk).archive(at=AT)

    # --- Writers -------------------------------------------------------------------------------
    def claim(self) -> None:
        Proficiency.claim(employee=self.place.admin, skill=self.old, level=2, on=DAY)

    def confirm(self) -> None:
        self.said.confirm(by=self.place.colleague, at=FIRST_DAY)

    def offer(self) -> None:
        Offer.make(employee=self.place.colleague, skill=self.old, on=DAY)

    def need(self) -> None:
        Need.make(employee=self.place.hr, skill=self.old, urgency=3, on=DAY)

    def require(self) -> None:
        Requirement.want(team=self.place.team, skill=self.old, wanted=2, on=DAY)

    def publish(self) -> None:
        offer = ShadowingOffer(time_zone="Europe/Oslo")
        offering.publish(offer, host=self.place.admin, skills=[self.old], plan=[], at=AT)

    def book(self) -> None:
        book(self.held, goal="", at=AT)

    def propose(self) -> None:
        submit_debrief(self.done, Answers(), {self.old: 2}, at=FIRST_DAY)


WRITERS = ["claim", "confirm", "offer", "need", "require", "publish", "book", "propose"]
REFUSED = ["claim", "offer", "need", "require", "publish"]


def quietly(act: Act) -> None:
    """A refusal is as good as a row on the skill that stays."""
    try:
        act()
    except ValidationError:
        return


def write_during(scene: Scene, change: str, writer: str) -> None:
    with under_way(scene.place, getattr(scene, change)), scene.place.scope():
        quietly(getattr(scene, writer))


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world.halden)


@pytest.fixture
def lock_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (skill_rows, proficiencies, requirement_rows, running):
        monkeypatch.setattr(module, "keep_in_place", set)
    copy = offering._COPY
    off = Statement(copy.sql.replace("FOR SHARE OF s", ""), **copy.types)
    monkeypatch.setattr(offering, "_COPY", off)


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_left_on_a_skill_that_is_being_merged(scene: Scene, writer: str) -> None:
    write_during(scene, "merge", writer)
    with scene.place.scope():
        assert left_on(scene.old) == []


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.usefixtures("lock_off")
def test_without_the_lock_it_would_be_left_there(scene: Scene, writer: str) -> None:
    write_during(scene, "merge", writer)
    with scene.place.scope():
        assert left_on(scene.old) != []


@pytest.mark.parametrize("writer", WRITERS)
def test_a_merge_waits_for_who_is_writing(scene: Scene, writer: str) -> None:
    with under_way(scene.place, getattr(scene, writer)), scene.place.scope():
        scene.merge()
    with scene.place.scope():
        assert left_on(scene.old) == []


@pytest.mark.parametrize("writer", REFUSED)
def test_nothing_begins_on_a_skill_that_is_being_archived(scene: Scene, writer: str) -> None:
    with scene.place.scope():
        before = left_on(scene.old)
    write_during(scene, "archive", writer)
    with scene.place.scope():
        assert left_on(scene.old) == before
        assert not Proficiency.objects.filter(employee=scene.place.admin).exists()
        assert not ShadowingOffer.objects.filter(host=scene.place.admin).exists()


@pytest.mark.parametrize("writer", ["claim", "offer", "need", "require"])
@pytest.mark.usefixtures("lock_off")
def test_without_the_lock_it_would_begin(scene: Scene, writer: str) -> None:
    with under_way(scene.place, scene.archive), scene.place.scope():
        getattr(scene, writer)()  # nobody says no


PAGES = {
    "my_skill": {"{id}-level": "2"},
    "skill_want": {"urgency": "3"},
    "skill_teach": {"offered": "on"},
    "offer_add": {**OFFER, "known": "{id}"},
    "requirements": {"added": "{id}", "{id}-wanted": "2"},
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_say_so(scene: Scene, client: Client, name: str) -> None:
    """Each was opened before; the skill is merged while it is sent."""
    place, public_id = scene.place, scene.old.public_id
    subject = {"requirements": place.team.public_id, "offer_add": None}.get(name, public_id)
    path = place.path(name, **({"public_id": subject} if subject else {}))
    data = {k.format(id=public_id): v.format(id=public_id) for k, v in PAGES[name].items()}
    place.sign_in(client, place.manager)
    with time_machine.travel(AT, tick=False), under_way(place, scene.merge):
        answer = client.post(path, data)
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        with time_machine.travel(AT, tick=False):
            answer = client.get(place.path("my_profile"))
    assert "“K8s” is no longer in the catalogue." in answer.content.decode()
    with place.scope():
        assert left_on(scene.old) == []
