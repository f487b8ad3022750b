"""What the page of a session's days shows to one who takes part: plan, notes, what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef

from sessions.choices import BlockState, Seat, SessionState
from sessions.models import (
    Block,
    LearningSession,
    NoShow,
    Note,
    Participation,
    ProposedLevel,
    SessionStep,
)
from sessions.running import may_take_back

_READ_BY_OTHERS = {
    name: F(f"debriefs__{name.removeprefix('said_')}")
    for name in ("said_can_now", "said_differently", "said_may_show")
}
STANDS = (SessionState.BOOKED, SessionState.COMPLETED)


def people_of(session: LearningSession) -> list[Any]:
    """Who takes part, with what they have answered to the questions that others may read."""
    return list(
        Participation.objects.filter(session=session, state__in=STANDS)
        .select_related("employee")
        .annotate(answered_at=F("debriefs__submitted_at"), **_READ_BY_OTHERS)
        .order_by("pk")
    )


def diary(
    session: LearningSession, mine: Participation, people: list[Any], *, at: datetime
) -> dict[str, Any]:
    """By the names of `sessions/run.html`; `people` as of `people_of`."""
    blocks = list(Block.objects.filter(session=session).select_related("done_by"))
    done = any(block.state == BlockState.DONE for block in blocks)
    over = session.ends_at <= at
    notes = Note.objects.visible_to(mine.employee).filter(session=session)
    return {
        "hosting": mine.seat == Seat.HOST,
        "days": _days(session, mine, blocks, people, at=at),
        "learners": [one for one in people if one.seat == Seat.SHADOW],
        "notes": notes.select_related("author"),
        "may_close": session.state == SessionState.BOOKED and over and done,
        "over": over,
        "debriefed": any(one.answered_at for one in people if one.pk == mine.pk),
        "answers": answers_of(mine, people),
        "proposed": levels_of(session, mine, at=at),
    }


def answers_of(mine: Participation, people: list[Any]) -> list[Any]:
    """The host reads every learner's, a learner the host's; who said nothing is left out."""
    other_side = [one for one in people if one.seat != mine.seat]
    return [one for one in other_side if any(getattr(one, name) for name in _READ_BY_OTHERS)]


def _days(
    session: LearningSession,
    mine: Participation,
    blocks: list[Block],
    people: list[Any],
    *,
    at: datetime,
) -> list[dict[str, Any]]:
    answered = any(one.answered_at for one in people)
    steps = list(SessionStep.objects.filter(session=session))
    absent = _absent(session, mine) if session.starts_at <= at else []
    return [
        {
            "block": block,
            "begun": block.starts_at <= at,
            "may_take_back": not answered and may_take_back(block, session, at=at),
            "steps": [step for step in steps if step.day == block.number],
            "absent": [one for one in absent if one.block_id == block.pk],
            "missing": {one.participation_id for one in absent if one.block_id == block.pk},
        }
        for block in blocks
    ]


def _absent(session: LearningSession, mine: Participation) -> list[NoShow]:
    """The host sees who did not come, a learner what is said of themself."""
    said = NoShow.objects.filter(block__session=session)
    if mine.seat != Seat.HOST:
        said = said.filter(participation=mine)
    return list(said.select_related("participation__employee"))


def levels_of(session: LearningSession, mine: Participation, *, at: datetime) -> list[Any]:
    """The host sees every learner's, a learner their own; `waits` for those to be answered."""
    rows = ProposedLevel.objects.filter(participation__session=session)
    if mine.seat != Seat.HOST:
        rows = rows.filter(participation=mine)
    waiting = rows.waiting(at.astimezone(session.zone).date())
    waits = Exists(waiting.filter(pk=OuterRef("pk")))
    return list(rows.annotate(waits=waits).select_related("participation__employee", "skill"))
