"""Who is told what about a session, and when. `mails.py` renders it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from peerlearn.notifications.models import Notice, Notification
from peerlearn.organizations.models import Employee
from sessions.free_time import instant
from sessions.models import (
    HandOver,
    HandOverRequest,
    LearningSession,
    NoShow,
    Participation,
    Proposal,
    ProposedLevel,
    Request,
    Suggestion,
)

BOOKED = "booking_booked"  # about the learner's participation
CANCELLED = "booking_cancelled"  # about the learner's participation
MOVED = "booking_moved"  # about the place that was left: the trace
DECLINED = "booking_declined"  # about the learner's participation
PLACE_FREE = "place_free"  # about the place that is held for who waited
NO_SHOW = "no_show"  # about the no-show; to the learner
NO_SHOW_ANSWERED = "no_show_answered"  # about the no-show; to the host
TOMORROW = "booking_tomorrow"  # about the recipient's own participation
DEBRIEF_DUE = "debrief_due"  # about the recipient's own participation
HOST_LEFT = "host_left"  # about the learner's participation; to them and their manager
LEARNER_LEFT = "learner_left"  # about the learner's participation; to the host
LEVEL_PROPOSED = "level_proposed"  # about the proposed level; to the host, once for each level
LEVEL_ANSWERED = "level_answered"  # about the proposed level; to the learner
DAYS_SUGGESTED = "days_suggested"  # about the suggestion; to the learner
DAYS_ASKED = "days_asked"  # about the suggestion; to whoever could offer days
APPROVAL_ASKED = "approval_asked"  # about the request; to whoever is to answer, at most thrice
REQUEST_ANSWERED = "request_answered"  # about the request; to the learner, unless it is approved
HOST_OUT = "host_out"  # about the learner's participation: the days ahead have no host now
HOST_BACK = "host_back"  # about the recipient's own participation: it stands as before
HAND_OVER_ASKED = "hand_over_asked"  # about the request; to whoever is asked
HAND_OVER_ANSWERED = "hand_over_answered"  # about the request; to who asked: not accepted
HOST_CHANGED = "host_changed"  # about the request that was accepted; to all sides
REST_MOVED = "rest_moved"  # about the learner's participation
REST_ENDED = "rest_ended"  # about the recipient's own participation
DAYS_PROPOSED = "days_proposed"  # about the proposal; to the learner
PROPOSAL_ANSWERED = "proposal_answered"  # about the proposal; to who made it
_AFTERNOON = time(15)


def tell_booked(
    session: LearningSession, host: Participation, learner: Participation, *, at: datetime
) -> None:
    """The host and the learner learn of it now, on the eve, and when the debrief is due.

    A host with several learners is reminded once."""
    notices = [
        Notice(employee, BOOKED, learner.pk, at) for employee in (host.employee, learner.employee)
    ]
    Notification.deliver_all([*notices, *_to_come(session, [host, learner], at=at)])


def tell_moved(
    session: LearningSession,
    own: Iterable[Participation],
    told: Iterable[tuple[Employee, Participation]],
    *,
    at: datetime,
) -> None:
    """Of a move to `session`: the traces in `told` now; whoever is in `own` is reminded of the new
    days instead of the old ones."""
    own = list(own)
    Notification.withdraw([TOMORROW, DEBRIEF_DUE], [one.pk for one in own])
    moved = [Notice(one, MOVED, trace.pk, at) for one, trace in told if one.active]
    Notification.deliver_all([*moved, *_to_come(session, own, at=at)])


def _to_come(
    session: LearningSession, own: Iterable[Participation], *, at: datetime
) -> Iterable[Notice]:
    """The eve and the debrief, of these days: said twice, they are told once."""
    days = f"{session.starts_at:%Y%m%dT%H%M}"
    for one in own:
        eve = _eve(session, one.employee)
        if eve > at:
            yield Notice(one.employee, TOMORROW, one.pk, eve, days)
        yield Notice(one.employee, DEBRIEF_DUE, one.pk, session.ends_at, days)


def tell_cancelled(told: Iterable[Employee], learner: Participation, *, at: datetime) -> None:
    Notification.deliver_all(
        Notice(employee, CANCELLED, learner.pk, at) for employee in told if employee.active
    )


def tell_declined(booking: Participation, *, at: datetime) -> None:
    if booking.employee.active:
        Notification.deliver(booking.employee, DECLINED, subject_id=booking.pk, due_at=at)


def tell_place_free(held: Participation, *, at: datetime) -> None:
    Notification.deliver(held.employee, PLACE_FREE, subject_id=held.pk, due_at=at)


def tell_no_show(no_show: NoShow, *, at: datetime) -> None:
    learner = no_show.participation.employee
    if learner.active:
        Notification.deliver(learner, NO_SHOW, subject_id=no_show.pk, due_at=at)


def tell_no_show_answered(no_show: NoShow, *, at: datetime) -> None:
    host = no_show.block.session.host
    if host.active:
        Notification.deliver(host, NO_SHOW_ANSWERED, subject_id=no_show.pk, due_at=at)


def tell_host_out(learners: Iterable[Participation], *, at: datetime) -> None:
    """The host cannot go on; what is to come of the days is still open, or they fall away."""
    said = f"{at:%Y%m%dT%H%M%S}"
    Notification.deliver_all(
        Notice(one.employee, HOST_OUT, one.pk, at, said) for one in learners if one.employee.active
    )


def withdraw_host_out(learners: Iterable[Participation]) -> None:
    Notification.withdraw(HOST_OUT, [one.pk for one in learners])


def tell_host_back(
    hand_over: HandOver,
    session: LearningSession,
    host: Participation,
    learners: Iterable[Participation],
    *,
    by: Employee,
    at: datetime,
) -> None:
    """It was a mistake: everybody but who says so is told, and reminded as before."""
    there = [host, *learners]
    said = str(hand_over.pk)
    told = [one for one in there if one.employee_id != by.pk and one.employee.active]
    back = [Notice(one.employee, HOST_BACK, one.pk, at, said) for one in told]
    Notification.deliver_all([*back, *_to_come(session, there, at=at)])
    debriefs_due_earlier(session, there, at=at)


def tell_hand_over_asked(request: HandOverRequest, *, at: datetime) -> None:
    Notification.deliver(request.host, HAND_OVER_ASKED, subject_id=request.pk, due_at=at)


def tell_hand_over_answered(request: HandOverRequest, *, at: datetime) -> None:
    """Declined, or nobody answered in time: the next can be asked."""
    if request.asked_by.active:
        Notification.deliver(request.asked_by, HAND_OVER_ANSWERED, subject_id=request.pk, due_at=at)


def tell_host_changed(
    request: HandOverRequest,
    host: Participation,
    learners: Iterable[Participation],
    *,
    before: Employee,
    at: datetime,
) -> None:
    """The one event of another host: for everybody these are other days than before, with a
    session that stands. The host who was, and who asked, are told as well."""
    learners = list(learners)
    told = {one.pk: one for one in (before, request.asked_by, host.employee)}
    told |= {one.employee_id: one.employee for one in learners}
    changed = [Notice(one, HOST_CHANGED, request.pk, at) for one in told.values() if one.active]
    session = request.hand_over.session
    Notification.deliver_all([*changed, *_to_come(session, [host, *learners], at=at)])


def tell_rest_moved(
    session: LearningSession,
    host: Participation,
    learners: Iterable[Participation],
    *,
    by: Employee,
    at: datetime,
) -> None:
    learners = list(learners)
    days = f"{session.starts_at:%Y%m%dT%H%M}"
    told = [*learners, host] if by.pk != host.employee_id else learners
    moved = [Notice(one.employee, REST_MOVED, one.pk, at, days) for one in told]
    Notification.deliver_all([*moved, *_to_come(session, [host, *learners], at=at)])


def tell_rest_ended(there: Iterable[Participation], *, at: datetime) -> None:
    Notification.deliver_all(
        Notice(one.employee, REST_ENDED, one.pk, at) for one in there if one.employee.active
    )


def ask_the_host(proposed: Iterable[ProposedLevel], host: Employee, *, at: datetime) -> None:
    Notification.deliver_all(
        Notice(host, LEVEL_PROPOSED, one.pk, at, str(one.level)) for one in proposed
    )


def tell_answer(proposed: ProposedLevel, *, at: datetime) -> None:
    Notification.withdraw(LEVEL_PROPOSED, proposed.pk)
    Notification.deliver(
        proposed.participation.employee,
        LEVEL_ANSWERED,
        subject_id=proposed.pk,
        due_at=at,
        occurrence=str(proposed.level),
    )


def tell_suggestion(suggestion: Suggestion, *, at: datetime) -> None:
    """At most once a day, however often it is said."""
    kind = DAYS_SUGGESTED if suggestion.offer_id else DAYS_ASKED
    day = at.astimezone(suggestion.to.zone).date().isoformat()
    Notification.deliver(suggestion.to, kind, subject_id=suggestion.pk, due_at=at, occurrence=day)


def ask_for_approval(
    request: Request, told: Iterable[Employee], *, at: datetime, again: bool = False
) -> None:
    """Once each, and once more as a reminder."""
    occurrence = "again" if again else ""
    Notification.deliver_all(
        Notice(one, APPROVAL_ASKED, request.pk, at, occurrence) for one in told if one.active
    )


def tell_request_answered(request: Request, *, at: datetime) -> None:
    learner = request.participation.employee
    if learner.active:
        Notification.deliver(learner, REQUEST_ANSWERED, subject_id=request.pk, due_at=at)


def withdraw_request(request: Request) -> None:
    """Nobody is asked any more."""
    Notification.withdraw(APPROVAL_ASKED, request.pk)


def tell_proposed(proposal: Proposal, *, at: datetime) -> None:
    learner = proposal.participation.employee
    Notification.deliver(learner, DAYS_PROPOSED, subject_id=proposal.pk, due_at=at)


def tell_proposal_answered(proposal: Proposal, *, at: datetime) -> None:
    if proposal.by.active:
        Notification.deliver(proposal.by, PROPOSAL_ANSWERED, subject_id=proposal.pk, due_at=at)


def withdraw_proposal(proposal: Proposal) -> None:
    Notification.withdraw(DAYS_PROPOSED, proposal.pk)


def withdraw(participations: Iterable[Participation]) -> None:
    """Nobody is told any more of what does not take place."""
    ids = [participation.pk for participation in participations]
    Notification.withdraw([BOOKED, TOMORROW, DEBRIEF_DUE], ids)


def debriefs_due_earlier(
    session: LearningSession, people: Iterable[Participation], *, at: datetime
) -> None:
    """A session that was cut short is over earlier, perhaps already."""
    ids = [participation.pk for participation in people]
    Notification.reschedule(DEBRIEF_DUE, ids, due_at=max(at, session.ends_at))


def _eve(session: LearningSession, recipient: Employee) -> datetime:
    """The afternoon before the first day, by the recipient's clock."""
    day = session.starts_at.astimezone(recipient.zone).date() - timedelta(days=1)
    return instant(day, _AFTERNOON, recipient.zone)
