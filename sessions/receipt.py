"""What the page of one session says to one person, whatever has become of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peerlearn.organizations.models import Employee
from sessions.availability import Availability
from sessions.choices import BlockState, Seat, SessionState
from sessions.free_time import Interval
from sessions.models import Block, LearningSession, Participation
from sessions.own_time import OwnTime, own_time

_IN_IT = (SessionState.BOOKED, SessionState.COMPLETED)


def receipt(session: LearningSession, reader: Employee, *, at: datetime) -> dict[str, Any]:
    """By the names of `sessions/booking.html`. The session comes with its host and offer."""
    people = list(
        Participation.objects.filter(session=session)
        .select_related("employee__team")
        .order_by("pk")
    )
    mine = next((p for p in reversed(people) if p.employee_id == reader.pk), None)
    holding = mine is not None and mine.seat == Seat.SHADOW and mine.is_held(at)
    blocks = list(Block.objects.filter(session=session))
    state = _state_for(session, mine, at=at)
    run_out = state == SessionState.EXPIRED  # then the others' days are not theirs to see
    offered = session.offer is not None and (holding or run_out)
    return {
        "blocks": blocks,
        "mine": mine,
        "holding": holding,
        "state": state,
        "hosting": session.host_id == reader.pk,
        "taking_part": mine is not None and not run_out,
        "learners": [] if run_out else [p for p in people if _is_shown(p, mine, session)],
        "plan": session.offer.plan.all() if offered else session.steps.all(),
        "begun": session.starts_at <= at,
        "over": session.ends_at <= at,
        "another_zone": session.host.time_zone != reader.time_zone,
        "may_cancel": all(block.state != BlockState.DONE for block in blocks),
        "own_time": _own_time(reader, blocks, at=at) if holding else None,
        **_afterwards(session, mine, reader),
    }


def _own_time(reader: Employee, blocks: list[Block], *, at: datetime) -> OwnTime:
    wanted = [Interval(block.starts_at, block.ends_at) for block in blocks]
    days = [block.start.astimezone(reader.zone).date() for block in wanted]
    ahead = Availability([], reader, first=days[0], last=days[-1], at=at)
    return own_time(ahead.working_time(reader), wanted)


def _afterwards(
    session: LearningSession, mine: Participation | None, reader: Employee
) -> dict[str, Any]:
    """Who called it off, and what could be booked instead."""
    return {
        "reason": session.cancel_reason or (mine.cancel_reason if mine else ""),
        "cancelled_by_me": session.cancelled_by_id == reader.pk,
        "bookable": session.offer and session.offer.active and session.host.active,
        "look_for": session.skills.first() if session.by_leaving else None,
    }


def _is_shown(one: Participation, mine: Participation | None, session: LearningSession) -> bool:
    """Of the learners: a hold is its owner's alone; who let go of theirs was never there, and who
    cancelled a place is there no more. The others are for those who are in it, or look from above:
    not for whoever only holds a place, or gave theirs up."""
    if one.seat != Seat.SHADOW:
        return False
    given_up = mine is not None and mine.seat == Seat.SHADOW and mine.state not in _IN_IT
    if given_up and one != mine:
        return False
    if one.state == SessionState.HELD:
        return one == mine
    if one.state == SessionState.CANCELLED:
        return one == mine or session.state == SessionState.CANCELLED
    return one.state != SessionState.EXPIRED


def _state_for(session: LearningSession, mine: Participation | None, *, at: datetime) -> str:
    """Of one's own booking: in a group it may differ from the session's."""
    if mine is None:
        return str(session.state)
    if mine.state == SessionState.HELD and not mine.is_held(at):
        return SessionState.EXPIRED
    return str(mine.state)
