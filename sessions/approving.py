"""Answering what waits for approval: approve, decline, withdraw, let it run out.

Each locks the session before it looks, so that of two answers at once the second finds the first.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.asking import ask_again, may_answer, nobody_asks_any_more
from sessions.booking import stand
from sessions.choices import Answer, Kept, SessionState
from sessions.claiming import let_go, lock_sessions
from sessions.models import LearningSession, Participation, Request
from sessions.moving import go_there
from sessions.refusals import Refused, RunOut
from sessions.waiting import lock_queue

_WHY_NOT = {
    Answer.ACCEPTED: _("It was approved already."),
    Answer.DECLINED: _("It was declined already."),
    Answer.WITHDRAWN: _("It was withdrawn meanwhile."),
    Answer.ENDED: _("It fell away meanwhile, since the days are gone."),
}


class Answered(Refused):
    reason = _("It has run out, so the days are free again.")


def approve(request: Request, *, by: Employee, at: datetime) -> LearningSession:
    """Let the booking, or its move, stand; the host and the learner are told.

    `by` leads the learner or is HR. Raises Refused for anybody else, and when it was answered
    otherwise or is over. Approving twice approves once.
    """
    held = _held(request)
    if not may_answer(by, held.employee):
        raise Refused(_("Only those above the learner and HR can approve it."))
    moves = held.moves_id is not None
    with transaction.atomic():
        if not moves:  # a move locks people first
            lock_sessions(held.session_id)
        request.refresh_from_db(fields=["answer", "answered_by", "answered_at", "reason"])
        if request.answer == Answer.ACCEPTED:
            return where_it_stands(held)
        _refuse_what_is_over(request, held, at=at)
        try:
            make = go_there if moves else stand
            session = make(held, goal=held.goal, approved=True, at=at)
        except RunOut as over:
            raise Answered from over
        if not request.close(Answer.ACCEPTED, by=by, at=at):
            raise Answered
        nobody_asks_any_more(request)
    return session


def where_it_stands(held: Participation) -> LearningSession:
    """A move has taken the booking's place there, and the booking its own."""
    session: LearningSession = held.moves.session if held.moves else held.session
    return session


def decline(request: Request, *, by: Employee, reason: str, at: datetime) -> None:
    """The days are free at once, and the learner is told why. The host may decline, too.

    Raises Refused without a reason, for anybody else, and for what is over.
    """
    held = _held(request)
    if not reason.strip():
        raise Refused(_("Say why: the learner reads it."))
    if not (may_answer(by, held.employee) or held.session.host_id == by.pk):
        raise Refused(_("Only those above the learner, HR and the host can decline it."))
    if _free(request, held, Answer.DECLINED, by=by, reason=reason, at=at):
        notices.tell_request_answered(request, at=at)


def withdraw(request: Request, *, by: Employee, at: datetime) -> None:
    """The learner does not want it any more; whoever was asked has nothing to answer."""
    held = _held(request)
    if held.employee_id != by.pk:
        raise Refused(_("Only the learner can withdraw it."))
    _free(request, held, Answer.WITHDRAWN, by=by, at=at)


def end_what_ran_out(participation_id: int, *, at: datetime) -> None:
    """Nobody has answered in time: the learner is told, and the place goes to who waits."""
    rows = Request.objects.filter(participation=participation_id, answer=Answer.OPEN)
    request = rows.first()
    if request is None:
        return
    held = _held(request)
    if not held.is_held(at) and _free(request, held, Answer.RUN_OUT, at=at):
        notices.tell_request_answered(request, at=at)


def remind(request_id: int, what: str, *, at: datetime) -> None:
    """Of what can still be answered."""
    rows = Request.objects.open(at).select_related("asked", "participation__employee")
    with transaction.atomic():
        request = rows.select_for_update(of=("self",)).filter(pk=request_id).first()
        if request is not None:
            ask_again(request, what, at=at)


def who_is_away(held: Participation) -> list[str]:
    """Colleagues who report to the same manager and are beside somebody in those days."""
    if held.employee.manager_id is None:
        return []
    rows = Participation.objects.learners().who_stand().exclude(employee=held.employee)
    beside = rows.filter(
        employee__manager=held.employee.manager_id,
        session__starts_at__lt=held.session.ends_at,
        session__ends_at__gt=held.session.starts_at,
    )
    return sorted(set(beside.values_list("employee__name", flat=True)))


def _held(request: Request) -> Participation:
    rows = Participation.objects.select_related("session__offer", "employee", "moves__session")
    held: Participation = rows.get(pk=request.participation_id)
    request.participation = held
    return held


def _refuse_what_is_over(request: Request, held: Participation, *, at: datetime) -> None:
    held.refresh_from_db(fields=["state", "held_until", "kept", "goal"])
    if request.answer != Answer.OPEN:
        raise Answered(_WHY_NOT.get(Answer(request.answer), ""))
    if not held.is_requested(at):
        raise Answered


def _free(
    request: Request,
    held: Participation,
    answer: Answer,
    *,
    by: Employee | None = None,
    reason: str = "",
    at: datetime,
) -> bool:
    """Let the days go, for the next who waits; False when the same was answered already."""
    with transaction.atomic():
        queue = lock_queue(held.session)
        lock_sessions(held.session_id)  # what is locked by others is not let go
        request.refresh_from_db(fields=["answer", "answered_by", "answered_at", "reason"])
        if request.answer == answer:
            return False
        if answer != Answer.RUN_OUT:
            _refuse_what_is_over(request, held, at=at)
        if not request.close(answer, by=by, reason=reason, at=at):
            return False
        let_go(at=at, holds=[held.pk], kept=True)
        nobody_asks_any_more(request)
        held.refresh_from_db(fields=["state", "kept"])
        if held.state == SessionState.EXPIRED and held.kept == Kept.REQUEST:
            queue.pass_on(held.session, at=at)
    return True
