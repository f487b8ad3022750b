"""Rows of the isolation matrix for sessions.

The employee is the learner, a colleague the host; both report to the manager. The reporting line
and HR see that there is a booking, and no more; to an admin it does not exist.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peerlearn.clock import now
from sessions.absent import say_absent
from sessions.booking import book
from sessions.calendar_choices import open_feed
from sessions.cutting import cut_off
from sessions.forms_shifts import usual_rotation
from sessions.handing import ask
from sessions.holding import hold, next_starts
from sessions.models import (
    AvailabilityException,
    HandOver,
    LearningSession,
    Participation,
    Request,
    SessionStep,
    ShiftPattern,
    ShiftWork,
)
from sessions.proposing import propose
from sessions.running import Answers, complete_day, submit_debrief
from sessions.suggesting import suggest
from tests.isolation.matrix import ACT, FORM, HR, MANAGER_AND_HR, PAGE, Row
from tests.sessions.kit import make_offer

LONG_AGO = timedelta(days=60)
LATELY = timedelta(days=12)  # the first of the days lies less than two weeks back
SOME_DAY = next(  # a working day, whenever the tests run
    day.isoformat()
    for days in range(21, 28)
    if (day := now().date() + timedelta(days=days)).weekday() == 1
)


def an_offer(side: Any) -> dict[str, Any]:
    return {"public_id": make_offer(side.colleague).public_id}


def a_skill(side: Any) -> dict[str, Any]:
    """One that a colleague offers days of."""
    return {"public_id": make_offer(side.colleague).skills.get().public_id}


def _host(side: Any) -> dict[str, Any]:
    make_offer(side.colleague)
    return {"public_id": side.colleague.public_id}


A_PATTERN = {
    "name": "Control room A",
    "code_0": "E",
    "starts_0": "06:00",
    "ends_0": "14:00",
    "cycle": "2E 2-",
}


def _pattern(side: Any) -> dict[str, Any]:
    there = ShiftPattern.objects.filter(name="Control room A").first()
    there = there or ShiftPattern.add(name="Control room A", rotation=usual_rotation())
    return {"public_id": there.public_id}


def _shift_work(side: Any) -> dict[str, Any]:
    pattern, today = ShiftPattern.objects.get(**_pattern(side)), now().date()
    work = ShiftWork.begin(side.employee, pattern, anchor=today, first_day=today)
    return {"public_id": work.public_id}


def _apart(side: Any) -> dict[str, Any]:
    return {"public_id": make_offer(side.colleague, within_days=14).public_id}


def booked_apart(side: Any) -> dict[str, Any]:
    offer = make_offer(side.colleague, within_days=14)
    first = next_starts(offer, side.employee, at=now(), count=1)[0]
    mine = hold(offer, side.employee, first.day, at=now())
    return {"public_id": book(mine, goal="Alone", at=now()).public_id}


def own_offer(side: Any) -> dict[str, Any]:
    return {"public_id": make_offer(side.employee).public_id}


def own_absence(side: Any) -> dict[str, Any]:
    day = now().date()
    absence = AvailabilityException.objects.create(
        employee=side.employee, first_day=day, last_day=day
    )
    return {"public_id": absence.public_id}


def _hold(side: Any, at: Any) -> Participation:
    offer = make_offer(side.colleague)
    first = next_starts(offer, side.employee, at=at, count=1)[0]
    return hold(offer, side.employee, first.day, at=at)


def held(side: Any) -> dict[str, Any]:
    return {"public_id": _hold(side, now()).session.public_id}


def booked(side: Any) -> dict[str, Any]:
    return {"public_id": book(_hold(side, now()), goal="Alone", at=now()).public_id}


def held_to_move(side: Any) -> dict[str, Any]:
    booking = _hold(side, now())
    session = book(booking, goal="Alone", at=now())
    after = session.first_day + timedelta(days=14)
    other = next_starts(session.offer, side.employee, at=now(), count=1, after=after)[0]
    booking.refresh_from_db()
    held = hold(session.offer, side.employee, other.day, moves=booking, at=now())
    return {"public_id": held.session.public_id}


def _finished(side: Any) -> LearningSession:
    """Every day done; the learner proposes a level."""
    mine = _hold(side, now() - LONG_AGO)
    session = book(mine, goal="Alone", at=now() - LONG_AGO)
    for block in session.blocks.all():
        complete_day(session, block.number, by=side.colleague, at=block.ends_at)
    mine.refresh_from_db()
    proposed = dict.fromkeys(session.skills.all(), 2)
    submit_debrief(mine, Answers("", "", "", ""), proposed, at=now())
    return session


def finished(side: Any) -> dict[str, Any]:
    return {"public_id": _finished(side).public_id}


def a_day(side: Any) -> dict[str, Any]:
    return {**booked(side), "number": 1}


def _hosted(side: Any, at: Any) -> Participation:
    """The employee is the host, the colleague the learner."""
    offer = make_offer(side.employee)
    first = next_starts(offer, side.colleague, at=at, count=1)[0]
    held = hold(offer, side.colleague, first.day, at=at)
    book(held, goal="Alone", at=at)
    return held


def a_learner(side: Any) -> dict[str, Any]:
    public_id = _hosted(side, now()).session.public_id
    return {"public_id": public_id, "learner": side.colleague.public_id}


def a_hosted_session(side: Any) -> dict[str, Any]:
    return {"public_id": _hosted(side, now()).session.public_id}


def _open(side: Any) -> HandOver:
    made = cut_off(_hosted(side, now()).session, 1, by=side.employee, at=now())
    assert made
    return made


def an_open_session(side: Any) -> dict[str, Any]:
    return {"public_id": _open(side).session.public_id}


def asked(side: Any) -> dict[str, Any]:
    """The employee is asked to take over from a colleague."""
    offer = make_offer(side.colleague)
    first = next_starts(offer, side.admin, at=now(), count=1)[0]
    learner = hold(offer, side.admin, first.day, at=now())
    book(learner, goal="Alone", at=now())
    made = cut_off(learner.session, 1, by=side.colleague, at=now())
    assert made
    request = ask(made, make_offer(side.employee), by=side.colleague, at=now())
    return {"public_id": request.public_id}


def an_absence(side: Any) -> dict[str, Any]:
    mine = _hold(side, now() - LATELY)
    book(mine, goal="Alone", at=now() - LATELY)
    say_absent(mine, 1, by=side.colleague, at=now())
    return {"public_id": mine.session.public_id, "number": 1}


def an_absent_learner(side: Any) -> dict[str, Any]:
    public_id = _hosted(side, now() - LATELY).session.public_id
    return {"public_id": public_id, "number": 1, "learner": side.colleague.public_id}


def a_step(side: Any) -> dict[str, Any]:
    place = booked(side)
    step = SessionStep.objects.get(session__public_id=place["public_id"], day=1)
    return {**place, "day": 1, "position": step.position}


def a_proposal(side: Any) -> dict[str, Any]:
    session = _finished(side)
    return {
        "public_id": session.public_id,
        "learner": side.employee.public_id,
        "skill": session.skills.get().public_id,
    }


def a_suggestion(side: Any) -> dict[str, Any]:
    offer = make_offer(side.colleague)
    skill = offer.skills.get()
    one = suggest(offer, side.employee, skill, by=side.manager, at=now())
    return {"public_id": one.public_id}


def _requested(side: Any, held: Participation) -> Request:
    side.organization.shadowings_need_approval = True
    side.organization.save()
    book(held, goal="Alone", at=now())
    request: Request = Request.objects.get(participation=held)
    return request


def a_request(side: Any) -> dict[str, Any]:
    """The employee asks, of their manager."""
    return {"public_id": _requested(side, _hold(side, now())).public_id}


def a_feed(side: Any) -> dict[str, Any]:
    return {"secret": open_feed(side.employee, at=now())}


def a_person_and_an_offer(side: Any) -> dict[str, Any]:
    """The employee is the one to whom days are proposed."""
    return {**an_offer(side), "learner": side.employee.public_id}


def own_proposal(side: Any) -> dict[str, Any]:
    """Made by the manager."""
    offer = make_offer(side.colleague)
    first = next_starts(offer, side.employee, at=now(), count=1)[0]
    made = propose(offer, side.employee, first.day, by=side.manager, at=now())
    return {"public_id": made.public_id}


_ACT = {"POST": {302, 303, 409, 422}}
_LEARNER = frozenset({"employee"})
_NOT_THE_ADMIN = frozenset({"employee", "manager", "hr"})
_HIDDEN_FROM_ADMIN = frozenset({"admin"})
_HIDDEN_FROM_OTHERS = frozenset({"manager", "hr", "admin"})


def _of_the_session(methods: dict[str, set[int]], subject: Any, **values: Any) -> Row:
    return Row(methods, _LEARNER, subject, invisible=_HIDDEN_FROM_ADMIN, **values)


INSIDE: dict[str, Row] = {
    "home": Row(PAGE),
    "home_offers": Row(PAGE),
    "employee_offers": Row(PAGE, subject=_host),
    "skill_hosts": Row(PAGE, subject=a_skill),
    "shadowing": Row(PAGE),
    "my_offers": Row(PAGE),
    "offer_add": Row(FORM),
    "employee_hours": Row(
        FORM, HR, subject=_host, data={"day_0_0_starts": "08:00", "day_0_0_ends": "12:00"}
    ),
    "employee_place": Row(ACT, HR, subject=_host, data={"country": "SE"}),
    "shift_patterns": Row(PAGE, MANAGER_AND_HR),
    "shift_pattern_add": Row(FORM, MANAGER_AND_HR, data={**A_PATTERN, "name": "Control room B"}),
    "shift_pattern": Row(PAGE, MANAGER_AND_HR, subject=_pattern),
    "shift_pattern_edit": Row(FORM, HR, subject=_pattern, data=A_PATTERN),
    "shift_pattern_remove": Row(FORM, HR, subject=_pattern),
    "shift_work_add": Row(ACT, MANAGER_AND_HR, subject=_pattern, data={"employee": "nobody"}),
    "shift_work_end": Row(ACT, MANAGER_AND_HR, subject=_shift_work),
    "availability": Row(FORM),
    "availability_week": Row(
        {"POST": {302}}, data={"day_0_0_starts": "08:00", "day_0_0_ends": "16:00"}
    ),
    "availability_remove": Row(_ACT, _LEARNER, own_absence, invisible=_HIDDEN_FROM_OTHERS),
    "plan": Row(FORM, MANAGER_AND_HR, a_skill),
    "suggestion_decline": Row(
        {"POST": {302}}, _LEARNER, a_suggestion, invisible=frozenset({"hr", "admin", "manager"})
    ),
    "requests": Row({"GET": {200}, "POST": {302}}, MANAGER_AND_HR),
    # The learner is led to their booking.
    "request": Row({"GET": {200, 302}}, _NOT_THE_ADMIN, a_request, invisible=_HIDDEN_FROM_ADMIN),
    "request_approve": Row(_ACT, MANAGER_AND_HR, a_request),
    "request_decline": Row(
        _ACT, MANAGER_AND_HR, a_request, data={"reason": "Ill"}, invisible=_HIDDEN_FROM_ADMIN
    ),
    "request_withdraw": _of_the_session(_ACT, a_request),
    "propose_to": Row(PAGE, MANAGER_AND_HR, an_offer),
    "propose": Row(
        {"GET": {200}, "POST": {302, 409}},
        MANAGER_AND_HR,
        a_person_and_an_offer,
        data={"start": SOME_DAY},
    ),
    "proposal_take_back": Row(
        _ACT, frozenset({"manager"}), own_proposal, invisible=frozenset({"hr"})
    ),
    "offer": Row(PAGE, subject=an_offer),
    "offer_days": Row(PAGE, subject=_apart),
    "hold": Row(_ACT, subject=an_offer),
    "waiting_join": Row(_ACT, subject=an_offer),
    "waiting_leave": Row(_ACT, subject=an_offer),
    "offer_edit": Row(FORM, _LEARNER, own_offer, invisible=_HIDDEN_FROM_OTHERS),
    "offer_open": Row(_ACT, _LEARNER, own_offer, invisible=_HIDDEN_FROM_OTHERS),
    "my_calendar": Row(FORM),
    "feed_open": Row({"POST": {200, 302}}),
    "feed_close": Row({"POST": {302}}),
    "calendar_feed": Row(PAGE, subject=a_feed, refused=404),
    "session_file": _of_the_session(PAGE, booked),
    "my_sessions": Row(PAGE),
    "bookings": Row(PAGE, MANAGER_AND_HR),
    "hand_overs": Row(PAGE, MANAGER_AND_HR),
    "booking": Row(PAGE, _NOT_THE_ADMIN, booked, invisible=_HIDDEN_FROM_ADMIN),
    "book": Row(_ACT, _LEARNER, held, invisible=_HIDDEN_FROM_OTHERS),
    "hold_extend": Row(_ACT, _LEARNER, held, invisible=_HIDDEN_FROM_OTHERS),
    "hold_release": Row(_ACT, _LEARNER, held, invisible=_HIDDEN_FROM_OTHERS),
    "booking_cancel": _of_the_session(
        {"GET": {200}, "POST": {302, 303}}, booked, data={"reason": "Ill"}
    ),
    "booking_move_days": _of_the_session(PAGE, booked_apart),
    "booking_move": _of_the_session(
        {"GET": {200}, "POST": {302, 409}}, booked, data={"start": SOME_DAY}
    ),
    "move_confirm": Row(_ACT, _LEARNER, held_to_move, invisible=_HIDDEN_FROM_OTHERS),
    # The host's, and of those to whom they report: here the employee is.
    "hand_over": Row(FORM, _NOT_THE_ADMIN, a_hosted_session, invisible=_HIDDEN_FROM_ADMIN),
    "hand_over_ask": Row(_ACT, _NOT_THE_ADMIN, an_open_session, invisible=_HIDDEN_FROM_ADMIN),
    "hand_over_move": Row(_ACT, _NOT_THE_ADMIN, an_open_session, invisible=_HIDDEN_FROM_ADMIN),
    "hand_over_end": Row(_ACT, _NOT_THE_ADMIN, an_open_session, invisible=_HIDDEN_FROM_ADMIN),
    "hand_over_back": Row(_ACT, _NOT_THE_ADMIN, an_open_session, invisible=_HIDDEN_FROM_ADMIN),
    "hand_over_answer": Row(
        {"GET": {200}, "POST": {302, 409}}, _LEARNER, asked, invisible=_HIDDEN_FROM_OTHERS
    ),
    # The host's alone: here the employee is.
    "booking_decline": _of_the_session(FORM, a_learner, data={"reason": "Ill"}),
    "no_show": _of_the_session(FORM, an_absent_learner),
    "no_show_answer": Row(
        {"GET": {200}, "POST": {302, 422}}, _LEARNER, an_absence, invisible=_HIDDEN_FROM_OTHERS
    ),
    "session_run": _of_the_session(PAGE, booked),
    "day_done": _of_the_session(_ACT, a_day),
    "day_undone": _of_the_session(_ACT, a_day),
    "step_tick": _of_the_session(_ACT, a_step),
    "session_close": _of_the_session(_ACT, booked),
    "note_add": _of_the_session(_ACT, booked, data={"text": "Bring the key"}),
    "debrief": _of_the_session(FORM, finished),
    # The learner proposed the level, so the host alone answers; here nobody of the actors is.
    "level_answer": Row(_ACT, frozenset(), a_proposal, invisible=_HIDDEN_FROM_ADMIN),
}
PUBLIC: dict[str, Row] = {}
