"""Five hundred people press for one slot at the same moment, over HTTP: gunicorn with two
processes as in the image, the settings of production."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from benchmarks.company import sign_in
from benchmarks.crowd import Answer, Browser
from benchmarks.web import Web, Webs
from peerlearn.clock import now
from peerlearn.organizations.models import Employee, Membership, User
from peerlearn.runtime.roles import from_environment
from sessions.holding import next_starts
from sessions.models import Claim, LearningSession, Participation
from tests.factories import HIRED_ON
from tests.sessions.kit import make_offer
from tests.world import Place, World

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 500
PATIENCE = 240.0  # seconds: all stand in one queue, on a machine that does much else


def make_people(place: Place) -> list[Employee]:
    """Inside the scope: so many employees who can sign in."""
    users = User.objects.bulk_create(
        User(email=f"{number}@crowd.example", password="!") for number in range(CROWD)
    )
    members = Membership.objects.bulk_create(
        Membership(user=user, organization=place.organization) for user in users
    )
    people: list[Employee] = Employee.objects.bulk_create(
        Employee(
            name=f"Learner {number}",
            email=member.user.email,
            membership=member,
            team=place.team,
            hired_on=HIRED_ON,
            time_zone="Europe/Oslo",
        )
        for number, member in enumerate(members)
    )
    return people


async def press(web: Web, path: str, sessions: list[str], day: date) -> list[Answer]:
    """Each over a connection of their own; who holds the days books them."""

    async def one(session: str) -> Answer:
        browser = Browser(web, patience=PATIENCE)
        answer = await browser.post(path, session, start=day.isoformat())
        if answer.status == 302:
            await browser.post(f"{answer.location}book/", session, goal="Set a feeder relay")
        browser.close()
        return answer

    return list(await asyncio.gather(*(one(session) for session in sessions)))


def test_five_hundred_browsers_on_one_slot_give_one_winner_and_no_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    with place.scope():
        offer = make_offer(place.colleague, created_at=now())
        people = make_people(place)
        day = next_starts(offer, people[0], at=now(), count=1)[0].day
    sessions = sign_in([person.email for person in people])
    path = place.path("hold", public_id=offer.public_id)
    serving = from_environment("DATABASE_URL")
    mine = replace(serving, database=connection.settings_dict["NAME"])
    monkeypatch.setenv("DATABASE_URL", mine.url())
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
    # In a thread of its own: a browser test leaves its loop running in this one.
    with Webs() as webs, webs.running() as web, ThreadPoolExecutor(1) as pool:
        answers = pool.submit(asyncio.run, press(web, path, sessions, day)).result()
    # Whoever comes too late gets the page with what is free instead.
    ended = Counter(answer.status for answer in answers)
    assert ended == {302: 1, 409: CROWD - 1}, ended
    with place.scope():
        assert Participation.objects.learners().get().state == "booked"
        assert LearningSession.objects.count() == 1
        assert Claim.objects.count() == 6
