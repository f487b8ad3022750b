"""What waits for somebody's word when the demo is looked at. Belongs in a scope."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from demo.acting import Book
from demo.days import at
from demo.names import address
from demo.offers import LEAD, TOGETHER, WATCH
from demo.settling import settle
from demo.teams import DOMAIN
from peerlearn.clock import now
from peerlearn.organizations.models import Employee
from sessions import booking, cutting, handing, holding, offering
from sessions.availability import Availability
from sessions.models import Block, LearningSession, ShadowingOffer
from sessions.running import complete_day

_SKILL, _HOST, _OTHER, _LEARNER = "Live-line jointing", "Kari Moen", "Tomasz Wrona", "Mats Solli"
_MINUTES = timedelta(minutes=1)
_BEFORE, _AFTER = timedelta(days=10), timedelta(days=30)


class Ill:
    """A host fell ill after the first of three days, and another host is asked to go on."""

    def __init__(self, today: date) -> None:
        self.today, self.now = today, now()
        self.book = Book()
        self.host, self.learner = self._of(_HOST), self._of(_LEARNER)

    def _of(self, name: str) -> Employee:
        return self.book.employees[address(name, DOMAIN)]

    def happens(self) -> None:
        session = self._booked(self._offer())
        first = Block.objects.filter(session=session).order_by("number")[0]
        complete_day(session, 1, by=self.host, at=first.ends_at + 5 * _MINUTES)
        said = max(self.now - 90 * _MINUTES, first.ends_at + 10 * _MINUTES)
        reason = "Ill since this morning, I am sorry."
        made = cutting.cut_off(session, 2, by=self.host, reason=reason, at=said)
        if made is not None:
            handing.ask(made, self._other_offer(), by=self.host, at=said + 5 * _MINUTES)
        settle(self.now, present=self.now)

    def _offer(self) -> ShadowingOffer:
        row = ShadowingOffer(
            title="Joints on the training cable",
            days=3,
            within_days=(_BEFORE + _AFTER).days,
            time_zone=self.host.time_zone,
            starts_at=time(8),
            minutes=480,
            place="Depot Sørlie",
            notice_days=1,
            per_month=2,
        )
        return offering.publish(
            row,
            host=self.host,
            skills=[self.book.skills[_SKILL]],
            plan=[
                (1, WATCH, "A joint from the first cut to the test"),
                (2, TOGETHER, "Half of it each"),
                (3, LEAD, "You joint, your host watches"),
            ],
            at=at(self.today - 2 * _AFTER),
        )

    def _booked(self, offer: ShadowingOffer) -> LearningSession:
        booked_at = at(self.today - _BEFORE - timedelta(days=3), 10, 20)
        days = self._days(offer, booked_at)
        place = holding.hold(offer, self.learner, days[0], days=days, at=booked_at)
        booking.book(place, goal="A joint that holds", at=booked_at + 2 * _MINUTES)
        session: LearningSession = place.session
        return session

    def _days(self, offer: ShadowingOffer, booked_at: datetime) -> list[date]:
        """The last one before today, and two soon on which the other host is free as well."""
        first, last = self.today - _BEFORE, self.today + _AFTER
        both = [offer, self._other_offer()]
        ahead = Availability(both, self.learner, first=first, last=last, at=booked_at)
        free = ahead.singles(offer, first, last)
        soon = [one for one in free if one.day > self.today + timedelta(days=1)]
        shared = [one.day for one in soon if ahead.is_free(both[1].host, one.blocks)]
        return [[one.day for one in free if one.day < self.today][-1], *shared[:2]]

    def _other_offer(self) -> ShadowingOffer:
        rows = ShadowingOffer.objects.select_related("host")
        found: ShadowingOffer = rows.get(host=self._of(_OTHER))
        return found


def ask_the_manager(learner: Employee, offer: ShadowingOffer, *, goal: str) -> None:
    """Days that the learner's manager is to approve."""
    present = now()
    moment = present - 60 * _MINUTES
    first = present.date() + timedelta(days=9)
    times = Availability([offer], learner, first=first, last=first + _AFTER, at=moment)
    start = times.starts(offer)[0]
    place = holding.hold(offer, learner, start.day, at=moment)
    booking.book(place, goal=goal, at=moment + 2 * _MINUTES)
    settle(present, present=present)
