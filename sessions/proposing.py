"""A manager or HR proposes fixed days to one of their people: held until the learner confirms.

Confirming is booking (`booking.book`); here is how the hold comes about and how it ends otherwise.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.asking import may_answer
from sessions.choices import Answer, Kept, SessionState
from sessions.claiming import let_go, lock_sessions
from sessions.deadlines import cut_off
from sessions.holding import hold_start, lock_and_look, or_say_why
from sessions.models import Participation, Proposal, ShadowingOffer
from sessions.refusals import Refused
from sessions.waiting import lock_queue

HELD_FOR = timedelta(hours=48)
MOST_OPEN = 3  # proposals to one learner


def propose(
    offer: ShadowingOffer,
    learner: Employee,
    start_day: date,
    *,
    by: Employee,
    words: str = "",
    at: datetime,
) -> Proposal:
    """Keep the days that begin on `start_day` for the learner, and tell them.

    `by` is HR or leads the learner. Raises a Refused for anybody else, for what is not free, with
    the next starts, and when three proposals wait for the learner already.
    """
    if not may_answer(by, learner):
        raise Refused(_("You can propose days to those who report to you."))
    return or_say_why(
        lambda: _propose(offer, learner, start_day, by=by, words=words, at=at),
        offer,
        learner,
        start_day,
        moving=None,
        at=at,
    )


def people_for(offer: ShadowingOffer, by: Employee) -> Any:
    """To whom `by` may propose days of that offer."""
    people = Employee.objects.visible_to(by).current()
    if not by.is_hr:
        people = people.filter(pk__in=Employee.objects.below(by).values("pk"))
    return people.exclude(pk__in=[by.pk, offer.host_id])


def _propose(
    offer: ShadowingOffer,
    learner: Employee,
    start_day: date,
    *,
    by: Employee,
    words: str,
    at: datetime,
) -> Proposal:
    start = lock_and_look(offer, learner, start_day, at=at)
    open_now = Proposal.objects.open(at).filter(participation__employee=learner)
    if open_now.count() >= MOST_OPEN:
        said = {"name": learner.name}
        raise Refused(_("Three proposals wait for %(name)s already.") % said)
    last = cut_off(start.blocks[0].start, notice_days=offer.notice_days, zone=offer.zone)
    until = min(at + HELD_FOR, last)
    let_go(at=at, people=[offer.host_id, learner.pk])
    held = hold_start(offer, learner, start, kept=Kept.PROPOSAL, held_until=until, at=at)
    proposal: Proposal = Proposal.objects.create(
        participation=held, by=by, words=words.strip(), made_at=at
    )
    notices.tell_proposed(proposal, at=at)
    return proposal


def decline(proposal: Proposal, *, by: Employee, reason: str = "", at: datetime) -> None:
    """The learner does not want these days; who proposed them is told. Twice declines once."""
    held = _held(proposal)
    if held.employee_id != by.pk:
        raise Refused(_("Only the learner can decline it."))
    _free(proposal, held, Answer.DECLINED, reason=reason, at=at)


def take_back(proposal: Proposal, *, by: Employee, at: datetime) -> None:
    """Whoever proposed it does not mean it any more."""
    held = _held(proposal)
    if proposal.by_id != by.pk:
        raise Refused(_("Only who has proposed it can take it back."))
    _free(proposal, held, Answer.WITHDRAWN, at=at)


def end_what_ran_out(participation_id: int, *, at: datetime) -> None:
    """The learner has not confirmed in time: who proposed it is told, the place is free."""
    rows = Proposal.objects.filter(participation=participation_id, answer=Answer.OPEN)
    if proposal := rows.first():
        held = _held(proposal)
        if not held.is_held(at):
            _free(proposal, held, Answer.RUN_OUT, at=at)


def _held(proposal: Proposal) -> Participation:
    rows = Participation.objects.select_related("session__offer", "employee")
    held: Participation = rows.get(pk=proposal.participation_id)
    proposal.participation = held
    return held


def _free(
    proposal: Proposal, held: Participation, answer: Answer, *, reason: str = "", at: datetime
) -> None:
    """Let the days go, for the next who waits. Raises Refused for what was answered otherwise."""
    with transaction.atomic():
        queue = lock_queue(held.session)
        lock_sessions(held.session_id)  # what is locked by others is not let go
        proposal.refresh_from_db(fields=["answer"])
        over = proposal.answer != Answer.OPEN
        if proposal.answer == answer or (over and answer == Answer.RUN_OUT):
            return
        if not proposal.close(answer, reason=reason, at=at):
            raise Refused(_("It was answered already, or has run out."))
        let_go(at=at, holds=[held.pk], kept=True)
        if answer == Answer.WITHDRAWN:
            notices.withdraw_proposal(proposal)
        else:
            notices.tell_proposal_answered(proposal, at=at)
        held.refresh_from_db(fields=["state", "kept"])
        if held.state == SessionState.EXPIRED:
            queue.pass_on(held.session, at=at)
