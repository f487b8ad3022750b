"""What the page of one session says to one person, whatever has become of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from peerlearn.organizations.models import Employee
from sessions.asking import approver_for, runs_out
from sessions.availability import Availability
from sessions.calendar_links import links_to_calendars
from sessions.choices import BlockState, Kept, Outcome, Seat, SessionState
from sessions.cutting import may_hand_over
from sessions.free_time import Interval
from sessions.models import (
    Block,
    HandOver,
    LearningSession,
    NoShow,
    Note,
    Participation,
    Proposal,
    Request,
)
from sessions.own_time import OwnTime, own_time

REQUESTED = "requested"  # of a hold that waits for approval
_IN_IT = (SessionState.BOOKED, SessionState.COMPLETED, SessionState.OPEN)
_OFF = (
    SessionState.CANCELLED,
    SessionState.DECLINED,
    SessionState.HANDED,
    SessionState.OPEN,
)


def receipt(session: LearningSession, reader: Employee, *, at: datetime) -> dict[str, Any]:
    """By the names of `sessions/booking.html`. The session comes with its host and offer."""
    people = list(
        Participation.objects.filter(session=session)
        .select_related("employee__team", "moves__session", "moved_by")
        .order_by("pk")
    )
    mine = latest([p for p in people if p.employee_id == reader.pk])
    if mine is not None:
        mine.session = session
    held = mine is not None and mine.seat == Seat.SHADOW and mine.is_held(at)
    requested = held and mine is not None and mine.is_requested(at)
    holding = held and not requested
    blocks = list(Block.objects.filter(session=session))
    state = state_for(session, people, mine, at=at)
    hand_overs = hand_overs_of(session)
    run_out = state == SessionState.EXPIRED  # then the others' days are not theirs to see
    offered = session.offer is not None and (held or run_out)
    return {
        "blocks": blocks,
        "mine": mine,
        "holding": holding,
        "state": state,
        "hosting": session.host_id == reader.pk,
        "taking_part": mine is not None and not run_out,
        "learners": [] if run_out else [p for p in people if is_shown(p, mine, session, at=at)],
        "plan": session.offer.plan.all() if offered else session.steps.all(),
        "begun": session.starts_at <= at,
        "over": session.ends_at <= at,
        "another_zone": session.host.time_zone != reader.time_zone,
        "may_cancel": all(block.state != BlockState.DONE for block in blocks),
        "may_move": _may_be_moved(session, mine, at=at),
        "late": is_late(session, at=at),
        "links": links_to_calendars(session, blocks, at=at) if state == SessionState.BOOKED else [],
        "hand_overs": hand_overs,
        "kept_notes": _notes_of(session, mine, state),
        "not_taken_over": any(one.has_ended(session) for one in hand_overs),
        "may_hand_over": _may_be_handed_over(session, reader, blocks, at=at),
        "own_time": _own_time(reader, blocks, at=at) if holding else None,
        **_asked(people, mine, hosting=session.host_id == reader.pk, at=at),
        **(_before_the_button(mine, at=at) if holding and mine else {}),
        **_on_the_move(people, mine, reader, state=state, at=at),
        **_afterwards(session, mine, reader, blocks),
    }


def latest(own: list[Participation]) -> Participation | None:
    """One's own part in a session: the last one, and only then a trace of what was moved away."""
    return max(own, key=lambda one: (one.state != SessionState.MOVED, one.pk), default=None)


def _may_be_moved(session: LearningSession, mine: Participation | None, *, at: datetime) -> bool:
    """A learner moves as long as the offer is open; a host may in any case."""
    if mine is None or session.offer is None or not mine.may_move(at):
        return False
    return mine.seat == Seat.HOST or session.offer.active


def _notes_of(session: LearningSession, mine: Participation | None, state: str) -> list[Note]:
    """Of what does not stand any more, and has no page of its days."""
    if mine is None or state not in _OFF:
        return []
    notes = Note.objects.visible_to(mine.employee).filter(session=session)
    return list(notes.select_related("author"))


def hand_overs_of(session: LearningSession) -> list[HandOver]:
    """What became of days that a host could not host: of these, and of those that were cut off."""
    rows = HandOver.objects.filter(Q(session=session) | Q(cut_from=session))
    rows = rows.exclude(cut_from=session, outcome=Outcome.BACK)
    return list(rows.select_related("host", "session__host", "cut_from__host"))


def _may_be_handed_over(
    session: LearningSession, reader: Employee, blocks: list[Block], *, at: datetime
) -> bool:
    """Whether the reader can say that the host cannot go on, or what happens then."""
    to_come = any(one.state == BlockState.PLANNED and one.ends_at > at for one in blocks)
    stands = session.state in (SessionState.BOOKED, SessionState.OPEN)
    return stands and to_come and may_hand_over(session, reader)


def is_late(session: LearningSession, *, at: datetime) -> bool:
    """Whether it is past the host's notice: nobody else could book these days any more."""
    if session.offer is None or session.starts_at <= at:
        return False
    notice = timedelta(days=session.offer.notice_days)
    return session.first_day < at.astimezone(session.zone).date() + notice


def _before_the_button(mine: Participation, *, at: datetime) -> dict[str, Any]:
    """Who is to approve it, and until when they are waited for."""
    approver = approver_for(mine, at=at)
    until = runs_out(mine, at=at) if approver else None
    return {"approver": approver, "answer_until": until}


def _asked(
    people: list[Participation], mine: Participation | None, *, hosting: bool, at: datetime
) -> dict[str, Any]:
    """What was asked of whom: the learner's last request; for the host, those that wait."""
    if mine is not None and mine.kept == Kept.PROPOSAL:
        proposals = Proposal.objects.filter(participation=mine)
        return {"proposal": proposals.select_related("by").first()}
    asked = [one for one in people if one.kept == Kept.REQUEST]
    if not asked or mine is None:
        return {}
    if hosting:
        asked = [one for one in asked if one.is_requested(at)]
        rows = Request.objects.filter(participation__in=asked).open(at)
        return {"pending": list(rows.with_days())}
    rows = Request.objects.filter(participation=mine).with_days().order_by("-pk")
    return {"request_made": rows.first()}


def _on_the_move(
    people: list[Participation],
    mine: Participation | None,
    reader: Employee,
    *,
    state: str,
    at: datetime,
) -> dict[str, Any]:
    """The days that are left as long as others are held for it, and where moved people are."""
    if mine is not None and mine.moves is not None and state != SessionState.MOVED:
        return {"stays": list(Block.objects.filter(session=mine.moves.session))}
    if mine is not None and state == SessionState.BOOKED and mine.seat == Seat.SHADOW:
        asked = Participation.objects.filter(moves=mine, kept=Kept.REQUEST, held_until__gt=at)
        return {"move_asked": asked.select_related("session").first()}
    if state != SessionState.MOVED:
        return {}
    moved = [one for one in people if one.seat == Seat.SHADOW and one.moves is not None]
    now_in = [one.moves.session_id for one in moved if one.moves]
    seen = LearningSession.objects.visible_to(reader).filter(pk__in=now_in)
    return {"moved": moved, "moved_to": list(seen)}


def _own_time(reader: Employee, blocks: list[Block], *, at: datetime) -> OwnTime:
    wanted = [Interval(block.starts_at, block.ends_at) for block in blocks]
    days = [block.start.astimezone(reader.zone).date() for block in wanted]
    ahead = Availability([], reader, first=days[0], last=days[-1], at=at)
    return own_time(ahead.working_time(reader), wanted, ahead.holidays(reader))


def _afterwards(
    session: LearningSession, mine: Participation | None, reader: Employee, blocks: list[Block]
) -> dict[str, Any]:
    """Who called it off, and what could be booked instead."""
    declined = mine is not None and mine.state == SessionState.DECLINED
    return {
        "reason": reason_for(session, mine),
        "nobody_came": _knows_that_nobody_came(mine, blocks),
        "cancelled_by_me": session.cancelled_by_id == reader.pk,
        "bookable": session.offer and session.offer.active and session.host.active,
        "look_for": session.skills.first() if session.by_leaving or declined else None,
    }


def reason_for(session: LearningSession, mine: Participation | None) -> str:
    """A learner reads why they themself are not in it any more, the host why it is off."""
    if mine is not None and mine.seat == Seat.SHADOW:
        return mine.cancel_reason
    return session.cancel_reason


def _knows_that_nobody_came(mine: Participation | None, blocks: list[Block]) -> bool:
    """The host, and whoever did not come: with one learner it tells about them."""
    if mine is None or not all(block.state == BlockState.MISSED for block in blocks):
        return False
    return mine.seat == Seat.HOST or NoShow.objects.filter(participation=mine).exists()


def is_told_of_days(session: LearningSession, mine: Participation | None) -> bool:
    """Whether a day took place is for who is in it: a day without its only learner says who did
    not come, which is nothing for who gave up a place, held one, or handed the days over."""
    if mine is None:
        return False
    return mine.state in _IN_IT or session.host_id == mine.employee_id


def is_shown(
    one: Participation, mine: Participation | None, session: LearningSession, *, at: datetime
) -> bool:
    """Of the learners: a hold is its owner's alone, but the host sees what waits for approval; who
    let go of theirs was never there, and who cancelled a place is there no more. The others are
    for those who are in it, or look from above: not for whoever only holds a place, or gave theirs
    up."""
    if one.seat != Seat.SHADOW:
        return False
    given_up = mine is not None and mine.seat == Seat.SHADOW and mine.state not in _IN_IT
    if given_up and one != mine:
        return False
    if one.state == SessionState.HELD:
        hosting = mine is not None and mine.seat == Seat.HOST
        return one == mine or (hosting and one.is_requested(at))
    if one.state == SessionState.MOVED:
        return session.state == SessionState.MOVED
    if one.state in (SessionState.CANCELLED, SessionState.DECLINED):
        return one == mine or session.state == SessionState.CANCELLED
    return one.state != SessionState.EXPIRED


def state_for(
    session: LearningSession,
    people: list[Participation],
    mine: Participation | None,
    *,
    at: datetime,
) -> str:
    """Of one's own booking: in a group it may differ from the session's."""
    if mine is None:
        return str(session.state)
    if mine.state == SessionState.HELD and not mine.is_held(at):
        return SessionState.EXPIRED
    waiting = people if mine.seat == Seat.HOST else [mine]
    if mine.state == SessionState.HELD and any(one.is_requested(at) for one in waiting):
        return REQUESTED
    return str(mine.state)
