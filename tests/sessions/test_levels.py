"""Levels that learners propose: after a day that was done, never downwards, and told to both."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from peerlearn.notifications.telling import Told, tell
from sessions import running
from sessions.models import LearningSession, ProposedLevel
from sessions.queries import ProposedLevelQuerySet
from sessions.refusals import Refused
from sessions.running import Answers, answer_level, complete_day, submit_debrief
from skills.models import Proficiency
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.world import Place, World

DAY_ONE = datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    """Of a host who can teach it."""
    with halden.scope():
        Proficiency.claim(employee=halden.colleague, skill=make_skill(), level=4, on=AT.date())
        return make_booking(make_offer(halden.colleague), halden.employee).session


def propose(session: LearningSession, level: int, at: datetime = DAY_ONE) -> ProposedLevel:
    mine = session.participations.get(seat="shadow")
    submit_debrief(mine, Answers(can_now="Set a relay"), {make_skill(): level}, at=at)
    return proposed()


def proposed() -> ProposedLevel:
    found: ProposedLevel = ProposedLevel.objects.select_related(
        "participation__session__host", "participation__employee", "skill"
    ).get()
    return found


def level_of(employee: Any) -> int:
    found: int = Proficiency.objects.current().get(employee=employee).level
    return found


def told(kind: str) -> list[tuple[str, Told | None]]:
    rows = Notification.objects.filter(kind=kind).order_by("occurrence")
    with time_machine.travel(DAY_ONE, tick=False):
        return [(row.recipient.name, tell(row)) for row in rows]


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def answer_path(halden: Place, session: LearningSession) -> str:
    with halden.scope():
        skill = make_skill()
    return halden.path(
        "level_answer",
        public_id=session.public_id,
        learner=halden.employee.public_id,
        skill=skill.public_id,
    )


def test_no_level_before_a_day_was_done(
    halden: Place, session: LearningSession, client: Client
) -> None:
    with halden.scope():
        with pytest.raises(Refused, match="once a day was done"):
            propose(session, 3)
        assert not ProposedLevel.objects.exists()
        skill = make_skill()
    debrief = halden.path("debrief", public_id=session.public_id)
    with time_machine.travel(DAY_ONE, tick=False):
        halden.sign_in(client, halden.employee)
        assert "Your level in" not in text(client.get(debrief))
        client.post(debrief, {"can_now": "All", f"level_{skill.public_id}": "3"})
        with halden.scope():
            assert not ProposedLevel.objects.exists()
            complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        assert "Your level in" in text(client.get(debrief))
        client.post(debrief, {"can_now": "All", f"level_{skill.public_id}": "3"})
    with halden.scope():
        assert proposed().level == 3


def test_no_confirmation_before_a_day_was_done(halden: Place, session: LearningSession) -> None:
    with halden.scope():
        mine = session.participations.get(seat="shadow")
        ProposedLevel.objects.create(participation=mine, skill=make_skill(), level=3)
        with pytest.raises(Refused, match="once a day was done"):
            answer_level(proposed(), confirm=True, by=halden.colleague, at=DAY_ONE)


def overtaken(halden: Place, session: LearningSession) -> ProposedLevel:
    """They proposed 2; by now they are at 3."""
    complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
    old = propose(session, 2)
    Proficiency.claim(employee=halden.employee, skill=make_skill(), level=3, on=DAY_ONE.date())
    return old


def test_an_old_proposal_ends_instead_of_lowering_a_level(
    halden: Place, session: LearningSession, client: Client
) -> None:
    with halden.scope():
        overtaken(halden, session)
    with time_machine.travel(DAY_ONE, tick=False):
        halden.sign_in(client, halden.colleague)
        assert "proposes “" not in text(client.get(halden.path("my_sessions")))
        run = client.get(halden.path("session_run", public_id=session.public_id))
        assert "Nils Eriksen, no longer asked" in text(run)
        assert "Not yet" not in text(run)
        words = text(client.post(answer_path(halden, session), {"answer": "confirm"}, follow=True))
        assert "has reached that level by now" in words
    with halden.scope():
        assert proposed().decision == "ended"
        assert level_of(halden.employee) == 3
        assert told("level_proposed") == []
        assert told("level_answered") == [("Nils Eriksen", None)]


def test_without_that_look_it_would_be_lowered(
    halden: Place, session: LearningSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProposedLevelQuerySet, "surpassed", lambda self, day: self.none())
    with halden.scope():
        answer_level(overtaken(halden, session), confirm=True, by=halden.colleague, at=DAY_ONE)
        assert level_of(halden.employee) == 2


def test_what_was_confirmed_by_others_is_not_asked_again(
    halden: Place, session: LearningSession
) -> None:
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        level = Proficiency.claim(
            employee=halden.employee, skill=make_skill(), level=3, on=DAY_ONE.date()
        )
        assert propose(session, 3).decision == "open", "their own word alone"
        level.confirm(by=halden.colleague, at=DAY_ONE)
        assert propose(session, 3).decision == "ended"
        assert propose(session, 2).decision == "ended"
        assert propose(session, 4).decision == "open", "a higher one is asked again"


def test_the_host_confirms_what_they_saw(
    halden: Place, session: LearningSession, client: Client
) -> None:
    """The learner changed the level while the host had the page open."""
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        propose(session, 2)
    with time_machine.travel(DAY_ONE, tick=False):
        halden.sign_in(client, halden.colleague)
        page = client.get(halden.path("session_run", public_id=session.public_id))
        assert 'name="level" value="2"' in page.content.decode()
        with halden.scope():
            propose(session, 4)
        path = answer_path(halden, session)
        for seen in ("2", "9" * 30):
            words = text(client.post(path, {"answer": "confirm", "level": seen}, follow=True))
            assert "The level has just been changed. Look again." in words
        client.post(path, {"answer": "confirm", "level": "4"})
    with halden.scope():
        assert level_of(halden.employee) == 4


def test_host_and_learner_are_told(halden: Place, session: LearningSession) -> None:
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        propose(session, 2)
        propose(session, 3)
        stale, asked = told("level_proposed")
        assert stale == ("Aisha Rahman", None)
        assert asked[0] == "Aisha Rahman"
        assert asked[1]
        assert asked[1].title == "Nils Eriksen proposes “Alone” in Relay protection settings"
        assert "proposes “Alone” in Relay" in asked[1].text
        run = halden.path("session_run", public_id=session.public_id)
        assert asked[1].path == f"{run}#levels-h"
        answer_level(proposed(), confirm=True, by=halden.colleague, at=DAY_ONE)
        assert told("level_proposed") == []
        [(recipient, words)] = told("level_answered")
        assert words
        assert recipient == "Nils Eriksen"
        assert words.title == "Aisha Rahman confirms “Alone” in Relay protection settings"


def test_not_yet_is_told_with_what_may_help(halden: Place, session: LearningSession) -> None:
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        answer_level(propose(session, 3), confirm=False, by=halden.colleague, at=DAY_ONE)
        [(_recipient, words)] = told("level_answered")
        assert words
        assert words.title.startswith("Aisha Rahman says “not yet” to “Alone”")
        assert "Your level stays as it was." in words.text


def test_nobody_is_asked_who_has_left(halden: Place, session: LearningSession) -> None:
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=DAY_ONE)
        propose(session, 3)
        halden.colleague.deactivate(at=DAY_ONE)
        assert proposed().decision == "ended"
        session.host.refresh_from_db()
        assert not running.may_propose(session)
