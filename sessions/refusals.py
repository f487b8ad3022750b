"""Why something cannot be done with a session, in words for the person who tried."""

from __future__ import annotations

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions.availability import Availability
from sessions.models import ShadowingOffer
from sessions.starts import Start, Verdict


class Refused(Exception):
    """It cannot be done; `reason` tells the person why, `next_starts` what is free instead."""

    reason: str | Promise = _("This cannot be booked.")

    def __init__(self, reason: str | Promise = "") -> None:
        super().__init__(reason or self.reason)
        self.reason = reason or self.reason
        self.next_starts: list[Start] = []

    def near(self, day: date) -> date:
        """Where to look instead of that day: what is free first, or the same day."""
        return self.next_starts[0].day if self.next_starts else day


class Taken(Refused):
    """Somebody else has some of these days."""

    reason = _("These days were just taken.")


class Holiday(Refused):
    reason = _("That day is a holiday.")


class TooFar(Refused):
    reason = _("These days lie too far from each other.")


class TooSoon(Refused):
    reason = _("That is sooner than the host can prepare for.")


class MonthFull(Refused):
    reason = _("The host has no more sessions in that month, unless somebody lets a hold go.")


class Clash(Refused):
    """The learner is booked elsewhere on some of these days."""

    reason = _("You are booked elsewhere on some of these days.")


class NotOpen(Refused):
    reason = _("This offer takes no bookings.")


class Busy(Refused):
    """The same people's time is being changed at this moment, and waiting took too long."""

    reason = _("These days are being booked or held this very moment. Choose the day again.")


class RunOut(Refused):
    reason = _("Your hold has run out.")


_REFUSALS: dict[Verdict, type[Refused]] = {
    Verdict.TOO_SOON: TooSoon,
    Verdict.MONTH_FULL: MonthFull,
    Verdict.OWN_TIME: Clash,
    Verdict.HOLIDAY: Holiday,
    Verdict.TOO_FAR: TooFar,
    Verdict.NOT_FREE: Taken,
}


def refusal_of(verdict: Verdict) -> Refused:
    return _REFUSALS[verdict]()


def why_not(offer: ShadowingOffer, day: date, *, ahead: Availability) -> Refused | None:
    """Why it is too late for a start, seen without waiting for anybody; None when it is not."""
    start = ahead.start_on(offer, day)
    if isinstance(start, Start):
        return None
    refusal = refusal_of(start)
    refusal.next_starts = ahead.next_starts(offer, after=day)
    return refusal
