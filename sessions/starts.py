"""A day on which a session can begin, why there is none, and what is on its way to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sessions.choices import Seat, SessionState
from sessions.free_time import Interval
from sessions.models import LearningSession, Participation


class Verdict(Enum):
    """Whether a session can begin on a day, and if not, why."""

    FREE = "free"
    TOO_SOON = "too_soon"
    MONTH_FULL = "month_full"
    OWN_TIME = "own_time"  # the learner is booked elsewhere
    HOLIDAY = "holiday"
    TOO_FAR = "too_far"  # of days chosen one by one
    ENOUGH = "enough"
    NOT_FREE = "not_free"


@dataclass(frozen=True)
class Start:
    """A day on which a session can begin; it joins an existing one when `session_id` is set."""

    day: date
    days: tuple[date, ...]
    blocks: tuple[Interval, ...]
    places_left: int
    session_id: int | None = None


@dataclass(frozen=True)
class Moving:
    """A booking, or a whole session, on its way: its own days do not stand in the way."""

    session: LearningSession
    people: tuple[Participation, ...]  # whose time in it becomes free
    others: tuple[int, ...] = ()  # employees who come along, besides the learner
    by_host: bool = False  # into days of its own alone

    @classmethod
    def of(cls, booking: Participation, there: list[Participation] | None = None) -> Moving:
        """A learner's own place; with the last one that is booked the session goes, too.

        `there` are those who have booked, where they are known.
        """
        there = _booked(booking.session) if there is None else there
        stays = any(one.seat == Seat.SHADOW and one.pk != booking.pk for one in there)
        goes = [one for one in there if not stays or one.pk == booking.pk]
        return cls(booking.session, tuple(goes))

    @classmethod
    def of_all(cls, session: LearningSession, there: list[Participation] | None = None) -> Moving:
        """The host moves everybody; the availability asks for the first learner."""
        there = _booked(session) if there is None else there
        learners = [one.employee_id for one in there if one.seat == Seat.SHADOW]
        return cls(session, tuple(there), tuple(learners[1:]), by_host=True)

    @property
    def host(self) -> Participation | None:
        """The host's, when nobody stays behind with them."""
        return next((one for one in self.people if one.seat == Seat.HOST), None)

    @property
    def learners(self) -> list[Participation]:
        return [one for one in self.people if one.seat == Seat.SHADOW]

    def leads_to(self, session: LearningSession) -> bool:
        return session.pk != self.session.pk and not self.by_host

    def leaves(self, session: LearningSession) -> bool:
        return self.host is not None and session.pk == self.session.pk


def _booked(session: LearningSession) -> list[Participation]:
    there = Participation.objects.filter(session=session, state=SessionState.BOOKED)
    return list(there.order_by("pk"))
