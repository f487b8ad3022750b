"""A learner did not come on a day: nothing of it counts for them, and they may answer.

Called inside a scope; takes the time as `at`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.models import Notification
from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.calendar_entries import follow
from sessions.choices import BlockState, Seat, SessionState
from sessions.models import (
    Block,
    Claim,
    Interaction,
    LearningSession,
    NoShow,
    Participation,
    Place,
)
from sessions.refusals import Refused

SAID_WITHIN = timedelta(days=14)  # then what was recorded is for good
_BEGUN = (BlockState.PLANNED, BlockState.DONE, BlockState.MISSED)
_STANDS = (SessionState.BOOKED, SessionState.COMPLETED)


def say_absent(booking: Participation, number: int, *, by: Employee, at: datetime) -> NoShow:
    """The host says that a learner did not come on a day that has begun; the learner is told.

    What was recorded of it is retracted. With the last learner the day did not take place.
    Raises Refused before the day begins and two weeks after it, for anybody but the host, and when
    the day was never the learner's. Said twice is said once.
    """
    with transaction.atomic():
        session = LearningSession.objects.locked(booking.session_id)
        block: Block = Block.objects.get(session=session, number=number)
        if session.host_id != by.pk or booking.seat != Seat.SHADOW:
            raise Refused(_("Only the host can say who did not come."))
        if at < block.starts_at:
            raise Refused(_("That day has not begun yet."))
        if at > block.ends_at + SAID_WITHIN:
            raise Refused(_("That day is more than two weeks ago, so what was recorded stays."))
        theirs = Claim.objects.filter(block=block, held_for=booking, active=True)
        if session.state not in _STANDS or block.state not in _BEGUN or not theirs.exists():
            raise Refused(_("That day does not stand any more."))
        said: NoShow
        said, made = NoShow.objects.get_or_create(
            block=block, participation=booking, defaults={"said_at": at}
        )
        if made:
            _retract(block, booking, at=at)
            if not _somebody_came(block):
                _did_not_take_place(session, block, at=at)
            notices.tell_no_show(said, at=at)
    return said


def take_back(said: NoShow, *, by: Employee, at: datetime) -> None:
    """The host was mistaken: the learner was there. Raises Refused once the day is marked as done,
    since what was retracted stays so, and for anybody but the host."""
    with transaction.atomic():
        session = LearningSession.objects.locked(said.block.session_id)
        block: Block = Block.objects.get(pk=said.block_id)
        if session.host_id != by.pk:
            raise Refused(_("Only the host can say who did not come."))
        recorded = Interaction.objects.filter(
            block=block,
            receiver=said.participation.employee_id,
            marking=block.marking,
            retracts=None,
        )
        done = block.state == BlockState.DONE or recorded.exists()
        if session.state != SessionState.BOOKED or done:
            raise Refused(_("The day is closed, so this stays. The answer stands beside it."))
        Notification.withdraw([notices.NO_SHOW, notices.NO_SHOW_ANSWERED], said.pk)
        NoShow.objects.filter(pk=said.pk).delete()
        if block.state == BlockState.MISSED:
            Block.objects.filter(pk=block.pk).update(state=BlockState.PLANNED)


def answer(said: NoShow, text: str, *, by: Employee, at: datetime) -> None:
    """What the learner says to it; the host is told of the first answer. Raises Refused for
    anybody else, and without a word."""
    text = text.strip()
    if said.participation.employee_id != by.pk:
        raise Refused(_("Only who is meant can answer this."))
    if not text:
        raise Refused(_("Write what you want to say to it."))
    with transaction.atomic():
        NoShow.objects.filter(pk=said.pk).update(answer=text, answered_at=at)
        notices.tell_no_show_answered(said, at=at)


def _somebody_came(block: Block) -> bool:
    came = Participation.objects.filter(
        session=block.session_id,
        seat=Seat.SHADOW,
        state__in=_STANDS,
        claims__block=block,
        claims__active=True,
    ).exclude(no_shows__block=block)
    return bool(came.exists())


def _retract(block: Block, booking: Participation, *, at: datetime) -> None:
    recorded = Interaction.objects.filter(
        block=block, receiver=booking.employee_id, retracts=None, retractions=None
    )
    for one in recorded:
        one.retract(at=at)


def _did_not_take_place(session: LearningSession, block: Block, *, at: datetime) -> None:
    """Nobody came on that day; and when none is left that was or can be done, to none of them."""
    block.state, block.done_at, block.done_by = BlockState.MISSED, None, None
    block.save(update_fields=["state", "done_at", "done_by"])
    blocks = Block.objects.filter(session=session)
    if blocks.filter(state=BlockState.PLANNED).exists():
        return
    if blocks.filter(state=BlockState.DONE).exists():
        session.complete(at=at)
        return
    end_undone(session, at=at)


def end_undone(session: LearningSession, *, at: datetime) -> None:
    """None of its days took place."""
    people = Participation.objects.filter(session=session, state__in=_STANDS)
    notices.withdraw(list(people))
    Claim.objects.filter(held_for__in=people.values("pk")).update(active=False)
    Place.objects.filter(session=session).delete()
    people.update(state=SessionState.CANCELLED)
    LearningSession.objects.filter(pk=session.pk).update(
        state=SessionState.CANCELLED,
        completed_at=None,
        cancelled_at=at,
        cancelled_by=session.host,
    )
    follow(session, at=at)
