"""Asking for approval: whether a booking needs it, of whom it is asked, and until when.

The learner's days stay held meanwhile, as an ordinary hold that is only longer: nobody else can
have them, and when it is over they are free.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.outbox import Due, enqueue_all
from peerlearn.notifications.outbox import withdraw as withdraw_effect
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.choices import Answer, Kept, SessionState
from sessions.claiming import lock_people
from sessions.deadlines import after_working_days, cut_off
from sessions.holding import claim_until
from sessions.models import (
    AvailabilityException,
    Block,
    LearningSession,
    Participation,
    Proposal,
    Request,
)
from sessions.refusals import Busy, Refused, RunOut
from sessions.working_times import WorkingTimes

ANSWER_WITHIN = 3  # working days
REMIND_AFTER, GO_UP_AFTER = 1, 2
MOST_OPEN = 5  # requests of one learner
ASK_AGAIN = "ask_again"
REMIND, GO_UP = "remind", "go_up"


class NeedsApproval(Exception):
    """What was to be booked is to be asked for first."""

    def __init__(self, approver: Approver) -> None:
        super().__init__()
        self.approver = approver


@dataclass(frozen=True)
class Approver:
    """Whose answer is asked: one above the learner, or all of HR."""

    person: Employee | None

    @property
    def name(self) -> str | Promise:
        return self.person.name if self.person else _("HR")

    def is_told(self, learner: Employee) -> list[Employee]:
        if self.person is not None:
            return [self.person]
        return list(Employee.objects.filter(active=True, is_hr=True).exclude(pk=learner.pk))


# --- Whether, of whom, until when ----------------------------------------------------------------
def approver_for(participation: Participation, *, at: datetime) -> Approver | None:
    """Of whom the approval of a held booking is to be asked; None when it needs none.

    What somebody who leads the learner has proposed needs none. A move needs it again when it
    changes the number of days or the weeks in which they lie. Where nobody above the learner nor
    of HR could answer, nobody is asked.
    """
    organization = participation.session.organization
    if not organization.shadowings_need_approval:
        return None
    days = _days(participation.session)
    if len(days) < organization.approval_from_days:
        return None
    if participation.kept == Kept.PROPOSAL and _by_who_leads(participation):
        return None
    if participation.moves is not None and _alike(days, _days(participation.moves.session)):
        return None
    return whom_to_ask(participation.employee, at=at)


def _by_who_leads(held: Participation) -> bool:
    proposal = Proposal.objects.filter(participation=held).select_related("by").first()
    return proposal is not None and proposal.by.leads(held.employee)


def _days(session: LearningSession) -> list[datetime]:
    starts = Block.objects.filter(session=session).values_list("starts_at", flat=True)
    return [start.astimezone(session.zone) for start in starts]


def _alike(days: list[datetime], before: list[datetime]) -> bool:
    weeks = [{day.isocalendar()[:2] for day in some} for some in (days, before)]
    return len(days) == len(before) and weeks[0] == weeks[1]


def whom_to_ask(
    learner: Employee, *, after: Employee | None = None, at: datetime
) -> Approver | None:
    """The nearest above the learner (above `after`) who is here and not away today; else HR; else
    the nearest who is away."""
    line = _line(learner)
    if after is not None and after in line:
        line = line[line.index(after) + 1 :]
    line = [one for one in line if one.active]
    away = _away_today(line, at)
    if there := [one for one in line if one.pk not in away]:
        return Approver(there[0])
    hr = Employee.objects.filter(active=True, is_hr=True).exclude(pk=learner.pk)
    if hr.exists():
        return Approver(None)
    return Approver(line[0]) if line else None


def _line(learner: Employee) -> list[Employee]:
    """Those above, the nearest first, also who has left."""
    above = {one.pk: one for one in Employee.objects.above(learner)}
    found, manager = [], above.pop(learner.manager_id or 0, None)
    while manager is not None:
        found.append(manager)
        manager = above.pop(manager.manager_id or 0, None)
    return found


def _away_today(people: list[Employee], at: datetime) -> set[int]:
    absences = AvailabilityException.objects.filter(employee__in=people, starts=None)
    days = {one.pk: at.astimezone(one.zone).date() for one in people}
    rows = absences.values_list("employee", "first_day", "last_day") if people else ()
    return {pk for pk, first, last in rows if first <= days[pk] <= last}


def may_answer(by: Employee, learner: Employee) -> bool:
    """Whoever leads them and HR; never they themselves."""
    return by.active and by.pk != learner.pk and (by.is_hr or by.leads(learner))


def runs_out(held: Participation, *, at: datetime) -> datetime:
    """Until when an answer is waited for: three working days, at most as long as the days could
    still be booked."""
    last: datetime = held.session.starts_at
    offer = held.session.offer
    if offer is not None:
        last = cut_off(last, notice_days=offer.notice_days, zone=offer.zone)
    return min(*_after(held, ANSWER_WITHIN, at=at), last)


def _after(held: Participation, *counts: int, at: datetime) -> list[datetime]:
    """So many working days later, without the public holidays where the learner works."""
    where = held.session.organization
    today = at.astimezone(where.zone).date()
    times = WorkingTimes([], where, first=today, last=today + timedelta(days=60))
    closed = times.closings(held.employee)
    off = {day for day, one in closed.items() if one.free_from is None}
    return [
        after_working_days(at, count, working_days=where.working_days, off=off, zone=where.zone)
        for count in counts
    ]


# --- Asking --------------------------------------------------------------------------------------
def ask(held: Participation, approver: Approver, *, goal: str, at: datetime) -> LearningSession:
    """Keep a hold until the approver has answered, and tell them. Asking twice asks once.

    Raises RunOut when the hold is over, Refused when too much of theirs waits already.
    """
    with transaction.atomic():
        _lock(held.employee, approver)
        session = LearningSession.objects.locked(held.session_id)
        held.session = session
        until = max(runs_out(held, at=at), held.held_until or at)
        changed = Participation.objects.filter(
            pk=held.pk, state=SessionState.HELD, held_until__gt=at
        ).exclude(kept=Kept.REQUEST)
        if not changed.update(kept=Kept.REQUEST, held_until=until, goal=goal.strip()):
            held.refresh_from_db()
            if held.is_requested(at) or held.state == SessionState.BOOKED:
                return session
            raise RunOut
        if Request.objects.open(at).filter(participation__employee=held.employee).count() >= (
            MOST_OPEN
        ):
            raise Refused(_("Five of your requests wait for an answer. Withdraw one first."))
        if held.kept == Kept.PROPOSAL:
            close_proposal(held, Answer.ACCEPTED, at=at)
        held.kept, held.goal = Kept.REQUEST, goal.strip()
        claim_until(session, held, until)
        request = Request.objects.create(
            participation=held, asked=approver.person, made_at=at, runs_out_at=until
        )
        notices.ask_for_approval(request, approver.is_told(held.employee), at=at)
        enqueue_all(
            Due(ASK_AGAIN, request.pk, due, what)
            for due, what in zip(
                _after(held, REMIND_AFTER, GO_UP_AFTER, at=at), (REMIND, GO_UP), strict=True
            )
        )
    return session


def _lock(learner: Employee, approver: Approver) -> None:
    """Whoever is asked does not leave meanwhile, and one learner asks one thing at a time."""
    asked = [approver.person.pk] if approver.person is not None else []
    people = lock_people(learner.pk, *asked)
    if not people[learner.pk].active or not all(people[pk].active for pk in asked):
        raise Busy


def ask_again(request: Request, what: str, *, at: datetime) -> None:
    """Remind whoever has not answered; a day later it goes to the next above them, then to HR."""
    learner = request.participation.employee
    asked = Approver(request.asked)
    if what == REMIND and (request.asked is None or request.asked.active):
        notices.ask_for_approval(request, asked.is_told(learner), at=at, again=True)
    elif request.asked is not None:
        hand_up(request, at=at)


def hand_up(request: Request, *, at: datetime) -> None:
    """Ask the next above whoever is asked now."""
    learner = request.participation.employee
    following = whom_to_ask(learner, after=request.asked, at=at)
    if following is None or following.person == request.asked:
        return
    Request.objects.filter(pk=request.pk, answer=Answer.OPEN).update(asked=following.person)
    request.asked = following.person
    notices.ask_for_approval(request, following.is_told(learner), at=at)


# --- What falls away -----------------------------------------------------------------------------
def end_requests(of: Iterable[Participation], *, at: datetime) -> None:
    """Their days are gone by no doing of theirs, and they are told."""
    gone = list(of)
    for one in gone:
        if one.kept == Kept.PROPOSAL:
            close_proposal(one, Answer.ENDED, at=at)
    waiting = [one.pk for one in gone if one.kept == Kept.REQUEST]
    if not waiting:
        return
    rows = Request.objects.filter(participation__in=waiting, answer=Answer.OPEN)
    for request in rows.select_related("participation__employee"):
        if request.close(Answer.ENDED, at=at):
            nobody_asks_any_more(request)
            notices.tell_request_answered(request, at=at)


def close_proposal(held: Participation, answer: Answer, *, at: datetime) -> None:
    """Confirmed, or gone with its days; who made it is told."""
    for proposal in Proposal.objects.filter(participation=held, answer=Answer.OPEN):
        if proposal.close(answer, at=at):
            notices.withdraw_proposal(proposal)
            notices.tell_proposal_answered(proposal, at=at)


def nobody_asks_any_more(request: Request) -> None:
    withdraw_effect(ASK_AGAIN, request.pk)
    notices.withdraw_request(request)


def requests_of_leaver(employee: Employee, *, at: datetime) -> list[LearningSession]:
    """Somebody leaves: what was asked of them goes to the next above; what they had asked for is
    over, and so is what others wanted of them as a host. The sessions in which a place is free."""
    kept = Q(employee=employee) | Q(session__host=employee) | Q(requests__asked=employee)
    if not Participation.objects.filter(kept, kept__gt="", state=SessionState.HELD).exists():
        return []
    concerns = (
        Q(asked=employee)
        | Q(participation__employee=employee)
        | Q(participation__session__host=employee)
    )
    theirs = Q(participation__employee=employee) | Q(participation__session__host=employee)
    for proposal in Proposal.objects.open(at).filter(theirs).with_days():
        close_proposal(proposal.participation, Answer.ENDED, at=at)
    freed = []
    for request in Request.objects.open(at).with_days().filter(concerns):
        held = request.participation
        if held.session.host_id == employee.pk:
            end_requests([held], at=at)
        elif held.employee_id != employee.pk:
            hand_up(request, at=at)
        elif request.close(Answer.ENDED, at=at):
            nobody_asks_any_more(request)
            freed.append(held.session)
    return freed
