"""Moving a booking to other days of the same offer. The old days stay until the new are confirmed.

A learner holds the new days (`holding.hold` with `moves`) and confirms; a host moves everybody at
once. The bookings themselves move: their participations come to stand in the session of the new
days, so that what is said, claimed and due about them stays about them. What held the new days for
them takes their place in the old session, as the trace that leads from old links to the new days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.asking import approver_for, ask, end_requests
from sessions.calendar_entries import follow
from sessions.cancelling import give_up
from sessions.choices import BlockState, Kept, Seat, SessionState
from sessions.claiming import claim_blocks, let_go, lock_people, lock_sessions, open_session
from sessions.holding import look, or_say_why
from sessions.models import Block, Claim, LearningSession, Note, Participation, Place
from sessions.offering import copy_to
from sessions.refusals import Clash, Refused, RunOut, Taken
from sessions.starts import Moving, Start
from sessions.waiting import lock_queue


def confirm(stand_in: Participation, *, goal: str, at: datetime) -> LearningSession:
    """Move a learner's booking to the days that `stand_in` holds for it, and tell host and learner.

    Other weeks, or more or fewer days, need the approval that a booking needs: then the old days
    stay until it is there. Raises RunOut when the hold is over, Refused when the booking cannot be
    moved any more. Confirming twice moves once.
    """
    if approver := approver_for(stand_in, at=at):
        return ask(stand_in, approver, goal=goal, at=at)
    return go_there(stand_in, goal=goal, at=at)


def go_there(
    stand_in: Participation, *, goal: str, approved: bool = False, at: datetime
) -> LearningSession:
    """Move a booking; what is requested only when `approved`."""
    with transaction.atomic():
        booking = _booking_of(stand_in)
        queue = lock_queue(booking.session)
        sessions = lock_sessions(booking.session_id, stand_in.session_id)
        stand_in, booking = _as_they_are_now(stand_in, booking)
        if stand_in.state == SessionState.MOVED:
            moved: LearningSession = booking.session
            return moved
        if not stand_in.is_held(at) or (stand_in.kept == Kept.REQUEST) != approved:
            raise RunOut
        if booking.session_id not in sessions:  # the host has moved it meanwhile
            raise RunOut
        old, new = sessions[booking.session_id], sessions[stand_in.session_id]
        booking.session = old
        if not booking.may_move(at):
            raise Refused(_("This booking cannot be moved any more."))
        Participation.objects.filter(pk=booking.pk).update(goal=goal.strip())
        move = _Move(old, new, by=booking.employee, reason="", at=at)
        move.go({booking.pk: stand_in})
        queue.pass_on(old, lost=move.lost, at=at)
    return new


def _as_they_are_now(*rows: Participation) -> list[Participation]:
    people = Participation.objects.select_related("session", "employee")
    found = people.in_bulk([one.pk for one in rows])
    if len(found) < len(rows):  # what ran out is gone
        raise RunOut
    return [found[one.pk] for one in rows]


def _booking_of(stand_in: Participation) -> Participation:
    if stand_in.moves_id is None:
        raise RunOut
    rows = Participation.objects.select_related("session", "employee")
    booking: Participation = rows.get(pk=stand_in.moves_id)
    return booking


def move_all(
    session: LearningSession, start_day: date, *, by: Employee, reason: str = "", at: datetime
) -> LearningSession:
    """The host moves the session with everybody in it, and the learners are told.

    Raises a Refused, with the next free starts where there are some, and then changes nothing.
    """
    moving = Moving.of_all(session)
    offer = session.offer
    if session.host_id != by.pk or offer is None or not moving.learners:
        raise Refused(_("Only the host can move everybody, and only what is booked."))
    first = moving.learners[0].employee
    return or_say_why(
        lambda: _move_all(session, start_day, by=by, reason=reason, at=at),
        offer,
        first,
        start_day,
        moving=moving,
        at=at,
    )


def _move_all(
    session: LearningSession, start_day: date, *, by: Employee, reason: str, at: datetime
) -> LearningSession:
    there = session.participations.filter(state=SessionState.BOOKED)
    people = lock_people(*there.values_list("employee", flat=True))
    session = lock_sessions(session.pk)[session.pk]
    moving = Moving.of_all(session)
    if session.state != SessionState.BOOKED or session.starts_at <= at or moving.host is None:
        raise Refused(_("This booking cannot be moved any more."))
    if any(one.employee_id not in people for one in moving.people):
        raise Taken(_("Somebody has just joined. Look again, and choose the days once more."))
    learners = moving.learners
    moves = [one.pk for one in learners]
    asked = list(Participation.objects.filter(moves__in=moves, state=SessionState.HELD))
    let_go(at=at, people=list(people), moves=moves)
    end_requests(asked, at=at)
    offer, first = session.offer, people[learners[0].employee_id]
    start = look(offer, first, start_day, moving=moving, at=at)
    new, stand_ins = _open(session, moving, start, at=at)
    _Move(session, new, by=by, reason=reason, at=at).go(stand_ins)
    return new


def _open(
    session: LearningSession, moving: Moving, start: Start, *, at: datetime
) -> tuple[LearningSession, dict[int, Participation]]:
    """The session of the new days, with a stand-in for everybody who comes there."""
    first, *others = moving.learners
    public_id = open_session(
        session.offer,
        first.employee_id,
        start,
        held_until=None,
        at=at,
        moves=first,
        host_moves=moving.host,
        capacity=len(moving.learners),
    )
    if public_id is None:
        raise Taken
    new: LearningSession = LearningSession.objects.get(public_id=public_id)
    for number, one in enumerate(others, start=2):
        stand_in = Participation.objects.create(
            session=new,
            employee_id=one.employee_id,
            seat=Seat.SHADOW,
            state=SessionState.MOVED,
            held_at=at,
            moves=one,
        )
        Place.objects.create(session=new, number=number, participation=stand_in)
        if claim_blocks(new, stand_in) != len(start.blocks):
            raise Clash
    stand_ins = Participation.objects.filter(session=new, moves__isnull=False, seat=Seat.SHADOW)
    return new, {one.moves_id: one for one in stand_ins if one.moves_id is not None}


_OF_A_TRACE = ["session", "state", "held_until", "booked_at", "moved_by", "cancel_reason"]


class _Move:
    """Bookings go from one session, which is locked, to another."""

    def __init__(
        self,
        old: LearningSession,
        new: LearningSession,
        *,
        by: Employee,
        reason: str,
        at: datetime,
    ) -> None:
        self.old, self.new, self.by, self.reason, self.at = old, new, by, reason, at
        there = Participation.objects.filter(session__in=[old, new]).select_related("employee")
        self.there = list(there.order_by("pk"))
        for session in (old, new):
            session.host = self._host_in(session).employee
        self.lost: list[Participation] = []  # who only held a place in the old days
        self.fresh = new.state == SessionState.HELD  # else others are there, and the host

    def go(self, stand_ins: dict[int, Participation]) -> None:
        """`stand_ins` by the learners' bookings."""
        movers = [one for one in self.there if one.pk in stand_ins]
        pairs = [(one, stand_ins[one.pk]) for one in movers]
        host, waiting = self._host_in(self.old), self._host_in(self.new)
        stays = any(self._learns_in_the_old(one) for one in self.there if one not in movers)
        if waiting.moves_id is not None and stays:
            self._stay_behind(host, waiting)
        comes_along = waiting.moves_id is not None
        if comes_along:
            pairs.append((host, waiting))
        self._change_places(pairs, waiting)
        if not stays:
            self._leave_nobody(None if comes_along else host)
        if self.fresh:
            self._book(host if comes_along else waiting)
        self._tell(
            movers, stand_ins, host=(host if comes_along else waiting) if self.fresh else None
        )
        follow(self.old, self.new, at=self.at)

    def _host_in(self, session: LearningSession) -> Participation:
        there = [one for one in self.there if one.session_id == session.pk]
        hosts = [one for one in there if one.seat == Seat.HOST]
        return next(one for one in hosts if one.employee_id == session.host_id)

    def _learns_in_the_old(self, one: Participation) -> bool:
        booked = one.seat == Seat.SHADOW and one.state == SessionState.BOOKED
        return booked and one.session_id == self.old.pk

    def _stay_behind(self, host: Participation, waiting: Participation) -> None:
        """Somebody has booked the old days meanwhile: the host's time there is not free."""
        to_come = Claim.objects.filter(held_for=host, block__session=self.new)
        stays = Claim.objects.filter(held_for=host, block__session=self.old, active=True)
        for during in to_come.values_list("during", flat=True):
            if stays.filter(during__overlap=during).exists():
                raise Refused(
                    _("Somebody else has booked the old days meanwhile, so these are not free.")
                )
        to_come.update(held_for=waiting)
        waiting.moves = None
        waiting.save(update_fields=["moves"])

    def _change_places(
        self, pairs: Sequence[tuple[Participation, Participation]], host: Participation
    ) -> None:
        """`host` is whoever waits for them in the new days."""
        ids = [mover.pk for mover, _stand_in in pairs]
        came = Claim.objects.filter(held_for__in=[*ids, host.pk], block__session=self.new)
        Claim.objects.filter(held_for__in=ids, block__session=self.old).delete()
        came.update(held_until=None)
        Place.objects.filter(participation__in=ids).delete()
        for mover, stand_in in pairs:
            stand_in.session, stand_in.state = self.old, SessionState.MOVED
            stand_in.held_until, stand_in.booked_at = None, mover.booked_at
            stand_in.moved_by, stand_in.cancel_reason = self.by, self.reason.strip()
            mover.session = self.new
        stand_ins = [stand_in for _mover, stand_in in pairs]
        Participation.objects.bulk_update(stand_ins, _OF_A_TRACE)
        movers = Participation.objects.filter(pk=OuterRef("participation")).values("moves")
        Place.objects.filter(participation__in=stand_ins).update(participation=movers)
        Participation.objects.filter(pk__in=ids).update(session=self.new)

    def _leave_nobody(self, host: Participation | None) -> None:
        """The old days are nobody's any more; `host` when they stay with them."""
        self.old.state = SessionState.MOVED
        self.old.save(update_fields=["state"])
        Block.objects.filter(session=self.old).update(state=BlockState.CANCELLED)
        Note.objects.filter(session=self.old).update(session=self.new)
        there = [one for one in self.there if one.session_id == self.old.pk]
        self.lost = [one for one in there if one.state == SessionState.HELD]
        if self.lost:
            give_up(self.lost, at=self.at)
        if host is not None:
            host.state = SessionState.MOVED
            host.save(update_fields=["state"])
            Claim.objects.filter(held_for=host).update(active=False)
            notices.withdraw([host])

    def _book(self, host: Participation) -> None:
        """The first to come: the session stands, with what the offer says by now."""
        self.new.state, self.new.booked_at = SessionState.BOOKED, self.at
        self.new.save(update_fields=["state", "booked_at"])
        host.state, host.held_until = SessionState.BOOKED, None
        host.booked_at = host.booked_at or self.at
        host.save(update_fields=["state", "held_until", "booked_at"])
        copy_to(self.new)

    def _tell(
        self,
        movers: list[Participation],
        stand_ins: dict[int, Participation],
        *,
        host: Participation | None,
    ) -> None:
        told = [(one.employee, stand_ins[one.pk]) for one in movers]
        if self.by.pk != self.old.host_id:
            told += [(self.old.host, stand_ins[one.pk]) for one in movers]
        notices.tell_moved(self.new, [*movers, *([host] if host else [])], told, at=self.at)
