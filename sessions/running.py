"""The days themselves: done days become interactions, debriefs become confirmed levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Assignment, Employee
from sessions import notices
from sessions.choices import BlockState, Channel, Decision, Seat, SessionState
from sessions.models import (
    Block,
    Debrief,
    Interaction,
    LearningSession,
    Participation,
    ProposedLevel,
    SessionSkill,
)
from sessions.refusals import Refused
from sessions.splitting import split_minutes
from skills.models import Proficiency, Skill, keep_in_place

MOST_MARKINGS = 20  # of one day: what is recorded and retracted stays for good


@dataclass(frozen=True)
class Answers:
    """The four answers of a debrief."""

    can_now: str = ""
    differently: str = ""
    may_show: str = ""
    private_remark: str = ""


def complete_day(session: LearningSession, number: int, *, by: Employee, at: datetime) -> bool:
    """Mark one day done: help passed from the host to every learner, skill by skill.

    Returns whether this call did it; the last day closes the session. Raises Refused before the
    day begins, for somebody who does not take part, and for a session that does not stand.
    """
    with transaction.atomic():
        session = LearningSession.objects.select_for_update().get(pk=session.pk)
        _refuse_strangers(session, by)
        block: Block = Block.objects.get(session=session, number=number)
        if block.state == BlockState.DONE:
            return False
        if session.state != SessionState.BOOKED or block.state != BlockState.PLANNED:
            raise Refused(_("This session does not stand any more."))
        if at < block.starts_at:
            raise Refused(_("That day has not begun yet."))
        block.state, block.done_at, block.done_by = BlockState.DONE, at, by
        block.save(update_fields=["state", "done_at", "done_by"])
        _record(session, block, at=at)
        if not Block.objects.filter(session=session, state=BlockState.PLANNED).exists():
            session.complete(at=at)
    return True


def take_back_day(session: LearningSession, number: int, *, by: Employee, at: datetime) -> bool:
    """It was a mistake that a day is marked as done: what was recorded of it is retracted.

    On the day of the marking alone, so that the month in which it counts is still open, and until
    somebody has given the debrief. Returns whether this call did it. Raises Refused otherwise, and
    for somebody who does not take part.
    """
    with transaction.atomic():
        session = LearningSession.objects.locked(session.pk)
        _refuse_strangers(session, by)
        block: Block = Block.objects.get(session=session, number=number)
        if block.state != BlockState.DONE or block.done_at is None:
            return False
        if not may_take_back(block, session, at=at):
            raise Refused(_("A day can be taken back on the day on which it was marked."))
        if Debrief.objects.filter(participation__session=session).exists():
            raise Refused(_("A debrief is given already, so the day stays as it is marked."))
        if block.marking >= MOST_MARKINGS:
            raise Refused(_("This day was taken back too often, so it stays as it is marked."))
        block.state, block.done_at, block.done_by = BlockState.PLANNED, None, None
        block.marking += 1
        block.save(update_fields=["state", "done_at", "done_by", "marking"])
        recorded = Interaction.objects.filter(block=block, retracts=None, retractions=None)
        for one in recorded:
            one.retract(at=at)
        if session.state == SessionState.COMPLETED:
            _stand_again(session)
    return True


def may_take_back(block: Block, session: LearningSession, *, at: datetime) -> bool:
    """Whether it is still the day on which it was marked, where the session takes place."""
    zone = session.zone
    marked = block.done_at
    return marked is not None and marked.astimezone(zone).date() == at.astimezone(zone).date()


def _stand_again(session: LearningSession) -> None:
    """As it was before its last day was marked. Who left in the middle stays away."""
    LearningSession.objects.filter(pk=session.pk).update(
        state=SessionState.BOOKED, completed_at=None
    )
    Participation.objects.filter(
        session=session, state=SessionState.COMPLETED, employee__active=True
    ).update(state=SessionState.BOOKED)


def close(session: LearningSession, *, by: Employee, at: datetime) -> None:
    """The days that are over and were not done did not take place. Raises Refused while one is
    still to come, when none was done, and for somebody who does not take part."""
    with transaction.atomic():
        session = LearningSession.objects.select_for_update().get(pk=session.pk)
        _refuse_strangers(session, by)
        if session.state == SessionState.BOOKED and not session.complete(at=at):
            raise Refused(_("A day is still to come, or none was done yet."))


def _refuse_strangers(session: LearningSession, employee: Employee) -> None:
    live = [SessionState.BOOKED, SessionState.COMPLETED]
    if not Participation.objects.filter(
        session=session, employee=employee, state__in=live
    ).exists():
        raise Refused(_("Only those who take part can do this."))


def _record(session: LearningSession, block: Block, *, at: datetime) -> None:
    """One interaction per learner and skill; the shares add up to the block's minutes.

    Who left in the middle counts for the days whose time was still theirs, who did not come for
    none of them."""
    learners = list(
        Participation.objects.filter(
            session=session,
            seat=Seat.SHADOW,
            state__in=[SessionState.BOOKED, SessionState.COMPLETED],
            claims__block=block,
            claims__active=True,
        )
        .exclude(no_shows__block=block)
        .values_list("employee_id", flat=True)
    )
    skills = list(SessionSkill.objects.filter(session=session).values_list("skill_id", flat=True))
    if not learners or not skills:
        return
    day = block.starts_at.astimezone(session.zone).date()
    teams = _teams_on(day, [session.host_id, *learners])
    shares = zip(skills, split_minutes(block.minutes, len(skills)), strict=True)
    minutes = {skill: share for skill, share in shares if share}
    Interaction.objects.bulk_create(
        [
            Interaction(
                giver_id=session.host_id,
                receiver_id=learner,
                skill_id=skill,
                minutes=share,
                occurred_on=day,
                occurred_at=block.starts_at,
                channel=Channel.IN_PERSON,
                source=session.kind,
                giver_team_id=teams.get(session.host_id),
                receiver_team_id=teams.get(learner),
                session=session,
                block=block,
                marking=block.marking,
                recorded_at=at,
            )
            for learner in learners
            for skill, share in minutes.items()
        ]
    )


def _teams_on(day: date, employees: list[int]) -> dict[int, int | None]:
    """Each employee's team on that day."""
    rows = Assignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), employee__in=employees, valid_from__lte=day
    )
    return dict(rows.values_list("employee_id", "team_id"))


def submit_debrief(
    participation: Participation,
    answers: Answers,
    levels: Mapping[Skill, int] | None = None,
    *,
    nothing_to_add: bool = False,
    at: datetime,
) -> Debrief:
    """Keep one side's answers and, of a learner, the levels they say they have reached now.

    Answering again changes the answers; a level that was answered by the host stays, and one that
    the learner has reached by now is not proposed. Raises Refused before the first day begins, for
    levels before a day was done, or when the host has left, and when nothing is said, not even
    `nothing_to_add`.
    """
    if at < participation.session.starts_at:
        raise Refused(_("The four questions come once the days have begun."))
    if not (levels or nothing_to_add or any(vars(answers).values())):
        raise Refused(_("Answer one of the questions, or say that you have nothing to add."))
    with transaction.atomic():
        debrief: Debrief
        values: dict[str, Any] = {**vars(answers), "submitted_at": at}
        debrief, _made = Debrief.objects.update_or_create(
            participation=participation, defaults=values
        )
        if levels and participation.seat == Seat.SHADOW:
            _propose_all(participation, levels, at=at)
        Notification.withdraw(notices.DEBRIEF_DUE, participation.pk)
    return debrief


def may_propose(session: LearningSession) -> bool:
    """Whether a day was done and somebody is there who saw it."""
    done = Block.objects.filter(session=session, state=BlockState.DONE)
    return bool(session.host.active and done.exists())


def _propose_all(
    participation: Participation, levels: Mapping[Skill, int], *, at: datetime
) -> None:
    session = participation.session
    if not may_propose(session):
        raise Refused(_("A level can be proposed once a day was done."))
    for skill, level in _as_they_are_now(levels).items():
        proposed, made = ProposedLevel.objects.get_or_create(
            participation=participation, skill=skill, defaults={"level": level}
        )
        if not made:
            ProposedLevel.objects.filter(
                pk=proposed.pk, decision__in=[Decision.OPEN, Decision.ENDED]
            ).update(level=level, decision=Decision.OPEN, decided_at=None)
    mine = ProposedLevel.objects.filter(participation=participation, decision=Decision.OPEN)
    day = at.astimezone(participation.employee.organization.zone).date()
    mine.surpassed(day).update(decision=Decision.ENDED, decided_at=at)
    notices.ask_the_host(mine, session.host, at=at)


def _as_they_are_now(levels: Mapping[Skill, int]) -> dict[Skill, int]:
    """A skill that was merged meanwhile goes by its survivor; what is archived is left out. None
    of them moves before this is written."""
    keep_in_place(skill.pk for skill in levels)
    rows = Skill.objects.filter(pk__in=[skill.pk for skill in levels])
    now = {row: row.merged_into or row for row in rows.select_related("merged_into")}
    return {now[skill]: level for skill, level in levels.items() if not now[skill].archived_at}


def answer_level(
    proposed: ProposedLevel, *, confirm: bool, by: Employee, at: datetime
) -> ProposedLevel:
    """The host confirms a proposed level or says "not yet".

    Confirming claims the level for the learner and confirms it; raises ValidationError when the
    host does not work at that level. Never lowers a level: a proposal that the learner has
    overtaken ends instead. Raises Refused for anybody but the host, before a day was done, and
    when the learner has changed the level since it was read.
    """
    session = proposed.participation.session
    if session.host_id != by.pk:
        raise Refused(_("Only the host of the session can answer this."))
    if not may_propose(session):
        raise Refused(_("A level can be proposed once a day was done."))
    learner = proposed.participation.employee
    day = at.astimezone(learner.organization.zone).date()  # levels hold by its days
    with transaction.atomic():
        # Nobody changes the learner's levels between the look and the word.
        Employee.objects.select_for_update(no_key=True).get(pk=learner.pk)
        if ProposedLevel.objects.filter(pk=proposed.pk).surpassed(day).exists():
            decision = Decision.ENDED
        else:
            decision = Decision.CONFIRMED if confirm else Decision.NOT_YET
        if proposed.decide(decision, at=at):
            if decision == Decision.CONFIRMED:
                level = Proficiency.claim(
                    employee=learner, skill=proposed.skill, level=proposed.level, on=day
                )
                level.confirm(by=by, at=at)
            notices.tell_answer(proposed, at=at)
        proposed.refresh_from_db()
        if proposed.decision == Decision.OPEN:
            raise Refused(_("The level has just been changed. Look again."))
    return proposed
