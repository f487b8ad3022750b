"""The days, notes, debriefs, offers and absences through HTTP."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from peerlearn.notifications.models import Notification
from sessions.models import (
    AvailabilityException,
    Debrief,
    LearningSession,
    Note,
    PlanStep,
    ProposedLevel,
    SessionStep,
    ShadowingOffer,
)
from sessions.refusals import Refused
from sessions.running import Answers, complete_day, submit_debrief
from skills.models import Need, Proficiency
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.world import Place, World

FIRST_DAY = datetime(2026, 12, 1, 15, tzinfo=UTC)
AFTER = datetime(2026, 12, 3, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def halden(world: World) -> Place:
    return world.halden


@pytest.fixture
def session(halden: Place) -> LearningSession:
    with halden.scope():
        return make_booking(make_offer(halden.colleague), halden.employee).session


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- The days ----------------------------------------------------------------------------------
def test_the_host_marks_a_day_once_it_began(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.colleague)
    done = halden.path("day_done", public_id=session.public_id, number=1)
    assert "has not begun yet" in text(client.post(done, follow=True))
    with time_machine.travel(FIRST_DAY, tick=False):
        assert "Done, said by Aisha Rahman" in text(client.post(done, follow=True))
        missing = halden.path("day_done", public_id=session.public_id, number=9)
        assert client.post(missing).status_code == 404
    with time_machine.travel(AFTER, tick=False):
        close = halden.path("session_close", public_id=session.public_id)
        page = text(client.post(close, follow=True))
        assert "Completed" in page
        assert page.count("Did not take place") == 2


def test_the_plan_is_a_checklist(halden: Place, client: Client, session: LearningSession) -> None:
    halden.sign_in(client, halden.employee)
    step = halden.path("step_tick", public_id=session.public_id, day=2, position=0)
    client.post(step, {"done": "yes"})
    with halden.scope():
        assert SessionStep.objects.get(day=2).done_by == halden.employee
    fragment = client.post(step, {"done": "no"}, headers={"HX-Request": "true"})
    assert fragment.content.decode().lstrip().startswith('<section class="panel" id="days"')
    with halden.scope():
        assert SessionStep.objects.get(day=2).done_at is None


def test_private_notes_stay_private(
    halden: Place, client: Client, session: LearningSession
) -> None:
    path = halden.path("note_add", public_id=session.public_id)
    run = halden.path("session_run", public_id=session.public_id)
    halden.sign_in(client, halden.employee)
    client.post(path, {"text": "For my eyes"})
    client.post(path, {"text": "For us both", "shared": "on"})
    empty = client.post(path, {"text": ""})
    assert empty.status_code == 422
    assert "For my eyes" in text(empty)
    halden.sign_in(client, halden.colleague)
    page = text(client.get(run))
    assert "For us both" in page
    assert "For my eyes" not in page
    halden.sign_in(client, halden.manager)
    assert client.get(run).status_code == 403
    assert client.post(path, {"text": "x"}).status_code == 403
    with halden.scope():
        assert Note.objects.count() == 2


def test_a_note_sent_twice_is_kept_once(
    halden: Place, client: Client, session: LearningSession
) -> None:
    halden.sign_in(client, halden.employee)
    path = halden.path("note_add", public_id=session.public_id)
    shown = client.get(halden.path("session_run", public_id=session.public_id)).content.decode()
    found = re.search(r'name="token" value="([^"]+)"', shown)
    assert found
    note = {"text": "Bring the key", "shared": "on", "token": found[1]}
    for _click in range(2):
        assert client.post(path, note).status_code == 302
    halden.sign_in(client, halden.colleague)
    client.post(path, note)  # a token is its author's
    halden.sign_in(client, halden.employee)
    client.post(path, {**note, "text": "Bring both keys"})  # a step back, and other words
    again = client.post(path, {"text": "", "token": found[1]})
    assert f'value="{found[1]}"' in again.content.decode(), "what was shown goes on"
    for _click in range(2):
        client.post(path, {"text": "From a script"})
    with halden.scope():
        written = Note.objects.filter(author=halden.employee).values_list("text", flat=True)
        assert list(written) == ["Bring the key", "Bring both keys"] + 2 * ["From a script"]
        assert Note.objects.filter(author=halden.colleague).count() == 1


# --- The debrief -------------------------------------------------------------------------------
def test_a_debrief_with_a_level_that_the_host_confirms(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        skill = make_skill()
        Proficiency.claim(employee=halden.colleague, skill=skill, level=4, on=AT.date())
        complete_day(session, 1, by=halden.colleague, at=FIRST_DAY)
    with time_machine.travel(AFTER, tick=False):
        halden.sign_in(client, halden.employee)
        path = halden.path("debrief", public_id=session.public_id)
        answers = {
            "can_now": "Set a relay",
            "private_remark": "It was too loud",
            f"level_{skill.public_id}": "3",
        }
        client.post(path, answers)
        bad = client.post(path, {**answers, f"level_{skill.public_id}": "9"})
        assert bad.status_code == 422
        assert "It was too loud" in bad.content.decode()
        answer = halden.path(
            "level_answer",
            public_id=session.public_id,
            learner=halden.employee.public_id,
            skill=skill.public_id,
        )
        assert client.post(answer, {"answer": "confirm"}).status_code == 403  # not oneself
        halden.sign_in(client, halden.colleague)
        for name in ("session_run", "debrief", "booking"):
            page = client.get(halden.path(name, public_id=session.public_id))
            assert "too loud" not in page.content.decode()
        assert "confirmed" in text(client.post(answer, {"answer": "confirm"}, follow=True))
    with halden.scope():
        assert Debrief.objects.get().private_remark == "It was too loud"
        assert ProposedLevel.objects.get().decision == "confirmed"
        level = Proficiency.objects.get(employee=halden.employee, valid_to=None)
        assert (level.level, level.confirmed_by) == (3, halden.colleague)


def test_empty_answers_are_no_answer(
    halden: Place, client: Client, session: LearningSession
) -> None:
    path = halden.path("debrief", public_id=session.public_id)
    with halden.scope():
        complete_day(session, 1, by=halden.colleague, at=FIRST_DAY)
    with time_machine.travel(AFTER, tick=False):
        halden.sign_in(client, halden.employee)
        assert "I have nothing to add" in text(client.get(path))
        for empty in ({}, {"can_now": "  ", "differently": "\n"}):
            refused = client.post(path, empty)
            assert refused.status_code == 422
            assert "Answer one of the questions" in text(refused)
        with halden.scope():
            assert not Debrief.objects.exists()
            mine = Notification.objects.filter(kind="debrief_due", recipient=halden.employee)
            assert mine.exists(), "and the reminder stays"
        assert "Four questions about" in text(client.get(halden.path("my_sessions")))
        assert client.post(path, {"nothing_to_add": "on"}).status_code == 302
        with halden.scope():
            assert Debrief.objects.exists()
            assert not mine.exists()
        assert 'name="nothing_to_add"' in (page := client.get(path).content.decode())
        assert re.search(r'name="nothing_to_add"[^>]*checked', page)
    with halden.scope(), pytest.raises(Refused):
        submit_debrief(session.participations.get(seat="host"), Answers(), at=AFTER)


def test_a_host_below_the_level_is_told_so_and_nothing_changes(
    halden: Place, client: Client, session: LearningSession
) -> None:
    with halden.scope():
        skill = make_skill()
        complete_day(session, 1, by=halden.colleague, at=FIRST_DAY)
        mine = session.participations.get(seat="shadow")
        ProposedLevel.objects.create(participation=mine, skill=skill, level=3)
    halden.sign_in(client, halden.colleague)
    answer = halden.path(
        "level_answer",
        public_id=session.public_id,
        learner=halden.employee.public_id,
        skill=skill.public_id,
    )
    page = text(client.post(answer, {"answer": "confirm"}, follow=True))
    assert "who works at that level" in page
    with halden.scope():
        assert ProposedLevel.objects.get().decision == "open"
        assert not Proficiency.objects.filter(employee=halden.employee).exists()


# --- Offers ------------------------------------------------------------------------------------
OFFER = {
    "title": "=1+1 🌲",
    "days": "3",
    "hours": "7.5",
    "starts_at": "08:00",
    "time_zone": "Europe/Oslo",
    "notice_days": "3",
    "per_month": "1",
    "capacity": "1",
    **{f"stage_{day}": "watch" for day in range(1, 11)},
    "text_1": "Settings review",
}


def test_an_offer_is_published_changed_and_closed(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill()
    halden.sign_in(client, halden.colleague)
    add = halden.path("offer_add")
    refused = client.post(add, OFFER)
    assert refused.status_code == 422
    assert "Choose at least one skill." in text(refused)
    assert "Settings review" in refused.content.decode()
    client.post(add, {**OFFER, "another": skill.public_id})
    with halden.scope():
        offer = ShadowingOffer.objects.get()
        assert (offer.minutes, offer.subject) == (450, "=1+1 🌲")
        assert PlanStep.objects.filter(offer=offer).count() == 3
    edit = halden.path("offer_edit", public_id=offer.public_id)
    assert 'value="7.5"' in client.get(edit).content.decode()
    client.post(edit, {**OFFER, "title": "", "days": "2", "another": skill.public_id})
    with halden.scope():
        offer = ShadowingOffer.objects.get()
        assert (offer.subject, offer.days) == (skill.name, 2)
        assert PlanStep.objects.filter(offer=offer).count() == 2
    toggle = halden.path("offer_open", public_id=offer.public_id)
    assert "takes no new bookings" in text(client.post(toggle, {"open": "no"}, follow=True))
    assert "open again" in text(client.post(toggle, {"open": "yes"}, follow=True))
    halden.sign_in(client, halden.employee)
    for path in (edit, toggle):
        assert client.post(path, OFFER).status_code == 404


def test_absences_are_told_once(halden: Place, client: Client) -> None:
    halden.sign_in(client, halden.colleague)
    path = halden.path("availability")
    days = {"first_day": "2026-12-01", "last_day": "2026-12-03"}
    assert "Away" in text(client.post(path, days, follow=True))
    again = client.post(path, {"first_day": "2026-12-03", "last_day": "2026-12-04"})
    assert again.status_code == 422
    assert "already said something" in text(again)
    odd = client.post(path, {"first_day": "2026-12-09", "last_day": "2026-12-08"})
    assert odd.status_code == 422
    half = client.post(path, {**days, "starts": "09:00"})
    assert half.status_code == 422
    with halden.scope():
        one = AvailabilityException.objects.get()
    remove = halden.path("availability_remove", public_id=one.public_id)
    halden.sign_in(client, halden.employee)
    assert client.post(remove).status_code == 404
    halden.sign_in(client, halden.colleague)
    client.post(remove)
    with halden.scope():
        assert not AvailabilityException.objects.exists()


# --- Home ------------------------------------------------------------------------------------
def test_home_says_what_matters_now(
    halden: Place, client: Client, session: LearningSession
) -> None:
    home = halden.path("home")
    halden.sign_in(client, halden.admin)
    assert "Spend three days beside someone who can do it." in text(client.get(home))
    halden.sign_in(client, halden.employee)
    assert "Your next day beside Aisha Rahman is Tue 1 December." in text(client.get(home))
    halden.sign_in(client, halden.colleague)
    assert "Nils Eriksen is beside you from Tue 1 December." in text(client.get(home))
    with time_machine.travel(datetime(2026, 12, 1, 6, tzinfo=UTC), tick=False):
        halden.sign_in(client, halden.employee)
        assert "Today at 08:00 you are beside Aisha Rahman." in text(client.get(home))
    with time_machine.travel(AFTER, tick=False):
        assert "Did the days take place?" in text(client.get(home))


def test_home_shows_what_is_wanted_near_you(halden: Place, client: Client) -> None:
    with halden.scope():
        skill = make_skill("Fault records")
        Proficiency.claim(employee=halden.employee, skill=skill, level=3, on=date(2026, 1, 1))
        Need.make(employee=halden.colleague, skill=skill, urgency=1, on=date(2026, 2, 1))
        Need.make(employee=halden.manager, skill=skill, urgency=3, on=date(2026, 3, 1))
    halden.sign_in(client, halden.employee)
    page = text(client.get(halden.path("home")))
    assert "2 people, Mette Aas most urgently" in page
    assert "You can do this alone" in page


def test_the_first_skill_of_an_offer_is_not_another_one(halden: Place, client: Client) -> None:
    with halden.scope():
        make_skill("Fault records")
    halden.sign_in(client, halden.hr)
    page = client.get(halden.path("offer_add")).content.decode()
    assert "Another skill" not in page
    answer = client.post(halden.path("offer_add"), {"days": "3"})
    assert answer.status_code == 422
    assert answer.content.decode().count("Choose at least one skill.") == 1
    assert "<details open" not in answer.content.decode()
