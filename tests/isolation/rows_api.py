"""Rows of the isolation matrix for the API: its pages, and every address that a token opens."""

from __future__ import annotations

from typing import Any

from peerlearn.clock import now
from sessions.choices import SessionState
from sessions.holding import release
from sessions.models import Participation, Proposal
from tests.api.kit import bearer, make_token
from tests.isolation.matrix import ADMIN, MANAGER_AND_HR, METHODS, PAGE, Row
from tests.isolation.rows_analytics import ready
from tests.isolation.rows_analytics import waiting as a_report
from tests.isolation.rows_sessions import (
    SOME_DAY,
    a_day,
    a_learner,
    a_proposal,
    a_request,
    a_step,
    an_absence,
    an_absent_learner,
    an_offer,
    an_open_session,
    asked,
    booked,
    finished,
    held,
    held_to_move,
    own_proposal,
)
from tests.sessions.kit import make_offer, make_skill
from tests.skills.kit import can

READ = {"GET": {200}}
HIDDEN = frozenset({"manager", "hr", "admin"})
LEARNER = frozenset({"employee"})
NOT_ADMIN = frozenset({"employee", "manager", "hr"})


def a_token(side: Any) -> dict[str, Any]:
    return {"public_id": make_token(side.employee)[0].public_id}


def a_colleague(side: Any) -> dict[str, Any]:
    return {"public_id": side.colleague.public_id}


def a_team(side: Any) -> dict[str, Any]:
    return {"public_id": side.team.public_id}


def a_skill(side: Any) -> dict[str, Any]:
    return {"public_id": make_skill().public_id}


def a_level(side: Any) -> dict[str, Any]:
    return {"public_id": can(side.colleague, make_skill(), 3).public_id}


def _key(side: Any, actor: str) -> dict[str, str]:
    return bearer(getattr(side, actor))


def opened(methods: dict[str, set[int]], *rest: Any, **values: Any) -> Row:
    """By the token of whoever asks."""
    return Row(methods, *rest, refused=401, headers=_key, json=True, **values)


def of_the_session(methods: dict[str, set[int]], subject: Any, **values: Any) -> Row:
    """For those who take part; the reporting line and HR only see that it is."""
    return opened(methods, LEARNER, subject, invisible=frozenset({"admin"}), **values)


def hosted(side: Any) -> dict[str, Any]:
    return {"public_id": a_learner(side)["public_id"]}


def with_another_host(side: Any) -> dict[str, Any]:
    make_offer(side.admin)
    return an_open_session(side)


def to_settle(methods: dict[str, set[int]], subject: Any = an_open_session, **values: Any) -> Row:
    """The host's, and of those to whom they report: here the employee is."""
    return opened(methods, NOT_ADMIN, subject, invisible=frozenset({"admin"}), **values)


def proposed(side: Any) -> dict[str, Any]:
    """One for all rows: no more than three wait for a learner; holds of theirs are in its way."""
    there = Proposal.objects.first()
    if there is not None:
        return {"public_id": there.public_id}
    for one in Participation.objects.filter(employee=side.employee, state=SessionState.HELD):
        release(one, at=now())
    return own_proposal(side)


def of_a_proposal(methods: dict[str, set[int]], *roles: str) -> Row:
    """To the employee, by the manager: for nobody else it is there."""
    return opened(methods, frozenset(roles), proposed, invisible=frozenset({"hr", "admin"}))


def requested(side: Any) -> dict[str, Any]:
    """What the rows after it book needs no approval."""
    found = a_request(side)
    side.organization.shadowings_need_approval = False
    side.organization.save()
    return found


INSIDE: dict[str, Row] = {
    "api_docs": Row(PAGE),
    "api_schema": Row(PAGE),
    "api_tokens": Row(PAGE),
    "api_token_add": Row(
        {"GET": {200}, "POST": {201}},
        data={"name": "Wall display", "scopes": ["read:people"], "days": "30"},
    ),
    "api_token_revoke": Row(
        {"GET": {200}, "POST": {302}},
        frozenset({"employee", "admin"}),
        a_token,
        invisible=frozenset({"manager", "hr"}),
    ),
    "api_access": Row(PAGE, ADMIN),
    "api_switch": Row({"POST": {302}}, ADMIN, data={"on": "0"}),
    "api_me": opened(READ),
    "api_employees": opened(READ),
    "api_employee": opened(READ, subject=a_colleague),
    "api_teams": opened(READ),
    "api_team": opened(READ, subject=a_team),
    "api_skills": opened(READ),
    "api_skill": opened(READ, subject=a_skill),
    "api_proficiencies": opened(READ),
    "api_proficiency": opened(READ, subject=a_level),
    "api_skill_mine": opened(
        {"GET": {200}, "POST": {200}, "DELETE": {204}}, subject=a_skill, data={"level": 3}
    ),
    "api_proficiency_confirm": opened(
        {"POST": {409}},  # none of them works at that level
        subject=a_level,
        data={"level": 3},
    ),
    "api_offers": opened(READ),
    "api_offer": opened(READ, subject=an_offer),
    "api_offer_starts": opened(READ, subject=an_offer),
    "api_offer_days": opened(READ, subject=an_offer),
    "api_offer_hold": opened({"POST": {201, 409}}, subject=an_offer, data={"start": SOME_DAY}),
    "api_offer_wait": opened({"POST": {200}, "DELETE": {204}}, subject=an_offer),
    "api_bookings": opened(READ),
    "api_booking": opened(READ, NOT_ADMIN, booked, invisible=frozenset({"admin"})),
    "api_booking_book": opened({"POST": {200}}, LEARNER, held, invisible=HIDDEN),
    "api_booking_more": opened({"POST": {200}}, LEARNER, held, invisible=HIDDEN),
    "api_booking_let_go": opened({"POST": {204}}, LEARNER, held, invisible=HIDDEN),
    "api_booking_cancel": of_the_session({"POST": {200}}, booked),
    "api_booking_move": of_the_session({"POST": {201, 409}}, booked, data={"start": SOME_DAY}),
    "api_booking_moved": opened({"POST": {200}}, LEARNER, held_to_move, invisible=HIDDEN),
    # The host's alone: here the employee is.
    "api_booking_decline": of_the_session(
        {"POST": {404}}, hosted, data={"learner": "AAAAAAAAAAAA", "reason": "Ill"}
    ),
    "api_booking_done": of_the_session({"POST": {409}}, a_day),  # it has not begun
    "api_booking_not_done": of_the_session({"POST": {200}}, a_day),
    "api_booking_close": of_the_session({"POST": {409}}, booked),
    # The host's alone: here the employee is; nothing is said yet.
    "api_booking_no_show": of_the_session(
        {"GET": {404}, "POST": {200}, "DELETE": {204}}, an_absent_learner
    ),
    # Who is meant alone: for others nothing is said of them.
    "api_booking_no_show_answer": opened(
        {"POST": {200}}, LEARNER, an_absence, data={"text": "I was there"}, invisible=HIDDEN
    ),
    "api_booking_debrief": of_the_session(
        {"GET": {200}, "POST": {200}}, finished, data={"nothing_to_add": True}
    ),
    # The learner proposed the level, so the host alone answers; here nobody of the actors is.
    "api_booking_level": opened(
        {"POST": {200}},
        frozenset(),
        a_proposal,
        invisible=frozenset({"admin"}),
        data={"confirm": True},
    ),
    "api_booking_steps": of_the_session(READ, booked),
    "api_booking_step": of_the_session({"POST": {200}}, a_step, data={"done": True}),
    "api_booking_notes": of_the_session(
        {"GET": {200}, "POST": {201}}, booked, data={"text": "Bring the key"}
    ),
    "api_booking_cut_off": to_settle({"POST": {200}}, hosted, data={"day": 1}),
    "api_hand_overs": opened(READ),
    "api_hand_over": to_settle(READ),
    "api_hand_over_ask": to_settle({"POST": {200}}, with_another_host),
    "api_hand_over_move": to_settle({"POST": {200, 409}}, data={"start": SOME_DAY}),
    "api_hand_over_end": to_settle({"POST": {200}}),
    "api_hand_over_back": to_settle({"POST": {200}}),
    "api_take_overs": opened(READ),
    "api_take_over": opened(READ, LEARNER, asked, invisible=HIDDEN),
    "api_take_over_accept": opened({"POST": {200}}, LEARNER, asked, invisible=HIDDEN),
    "api_take_over_decline": opened({"POST": {200}}, LEARNER, asked, invisible=HIDDEN),
    "api_requests": opened(READ),
    "api_request": opened(READ, NOT_ADMIN, requested, invisible=frozenset({"admin"})),
    "api_request_approve": opened(
        {"POST": {200}}, MANAGER_AND_HR, requested, invisible=frozenset({"admin"})
    ),
    "api_request_decline": opened(
        {"POST": {200}},
        MANAGER_AND_HR,
        requested,
        data={"reason": "Ill"},
        invisible=frozenset({"admin"}),
    ),
    "api_request_withdraw": of_the_session({"POST": {200}}, requested),
    "api_offer_propose": opened(
        {"POST": {404}},  # that nobody may propose days to
        MANAGER_AND_HR,
        an_offer,
        data={"start": SOME_DAY, "learner": "AAAAAAAAAAAA"},
    ),
    "api_proposals": opened(READ),
    "api_proposal": of_a_proposal(READ, "employee", "manager"),
    "api_proposal_confirm": of_a_proposal({"POST": {200}}, "employee"),
    "api_proposal_decline": of_a_proposal({"POST": {200}}, "employee"),
    "api_proposal_take_back": of_a_proposal({"POST": {200}}, "manager"),
    "api_interactions": opened(READ),
    "api_reports": opened(
        {"GET": {200}, "POST": {201}}, MANAGER_AND_HR, data={"kind": "skill_coverage"}
    ),
    "api_report": opened(READ, MANAGER_AND_HR, a_report, invisible=frozenset({"manager"})),
    "api_report_file": opened(READ, MANAGER_AND_HR, ready, invisible=frozenset({"manager"})),
    "api_report_cancel": opened(
        {"POST": {200}}, MANAGER_AND_HR, a_report, invisible=frozenset({"manager"})
    ),
    "api_nowhere": opened(
        {method: {404} for method in METHODS}, subject=lambda side: {"rest": "nowhere/"}
    ),
}
PUBLIC: dict[str, Row] = {}
