"""What the booker's page shows of an offer: a month, the chosen days, what is near."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peerlearn.organizations.models import Employee
from peerlearn.organizations.public_holidays import Closing
from peerlearn.web.dates import days_words
from sessions.availability import LOOK_AHEAD, Availability
from sessions.calendar import (
    Day,
    local_days,
    month_grid,
    months_around,
    parsed_day,
    parsed_month,
)
from sessions.deadlines import after_working_days, cut_off
from sessions.models import OfferSkill, ShadowingOffer
from sessions.own_time import OwnTime, own_time
from sessions.starts import Moving, Start, Verdict

ONE_DAY = timedelta(days=1)
OTHERS = 4
NEXT = 10  # starts, among which is one that leaves time to approve


class Booker:
    """One learner before one offer. `month` and `start` come from the address, as typed."""

    picks, kept = False, ""  # days are in a row

    def __init__(
        self,
        offer: ShadowingOffer,
        learner: Employee,
        *,
        month: str | None,
        start: str | None,
        others: bool = False,
        reader: Employee | None = None,
        moving: Moving | None = None,
        at: datetime,
    ) -> None:
        self.offer, self.learner, self.at = offer, learner, at
        self.reader = reader or learner  # the host, when they move their learners
        self._others = _same_skills(offer, learner) if others else []
        self._by_themself = moving is None and reader is None
        self.zone = self.reader.zone
        self.today = at.astimezone(self.zone).date()
        self.last = self.today + LOOK_AHEAD
        self.ahead = Availability(
            [offer, *self._others],
            learner,
            first=self.today - ONE_DAY,
            last=self.last,
            at=at,
            moving=moving,
        )
        wanted = parsed_day(start)
        near = parsed_month(month, wanted or self._first_day)
        self.month = min(max(near, self.today.replace(day=1)), self.last.replace(day=1))
        self.asked = wanted

    @cached_property
    def first(self) -> Start | None:
        """The next day on which the learner can begin."""
        return next(iter(self.ahead.first_starts(self.offer)), None)

    def turn_to(self, day: date) -> None:
        """The month of that day."""
        self.month = day.replace(day=1)

    @property
    def _first_day(self) -> date:
        first = self.roomy or self.first
        return local_days(first, self.zone)[0] if first else self.today

    @cached_property
    def starts(self) -> list[Start]:
        """Those of the month, on the learner's own calendar."""
        end = self.month.replace(day=monthrange(self.month.year, self.month.month)[1])
        around = self.ahead.starts(
            self.offer, first=self.month - ONE_DAY, last=min(end + ONE_DAY, self.last)
        )
        return [start for start in around if self.month <= local_days(start, self.zone)[0] <= end]

    @cached_property
    def chosen(self) -> Start | None:
        """What was asked for if it is free, else the next in the month, else its first; one that
        leaves time to approve it before others."""
        if self.asked is not None and self.today - ONE_DAY <= self.asked <= self.last:
            found = self.ahead.start_on(self.offer, self.asked)
            if isinstance(found, Start):
                return found
        later = (start for start in self.starts if self.asked and start.day > self.asked)
        roomy = (start for start in self.starts if not self.is_tight(start))
        return next(later, next(roomy, self.starts[0] if self.starts else None))

    @property
    def missed(self) -> Verdict | None:
        """Why the day that was asked for cannot be had; None when it can."""
        if self.asked is None or (self.chosen and self.chosen.day == self.asked):
            return None
        found = self.ahead.start_on(self.offer, self.asked)
        return found if isinstance(found, Verdict) else None

    @cached_property
    def weeks(self) -> list[list[Day]]:
        return month_grid(
            self.month,
            self.starts,
            self.chosen,
            zone=self.zone,
            today=self.today,
            working=self.ahead.working_time(self.offer.host),
            holidays=self.ahead.holidays(self.offer.host),
        )

    @cached_property
    def holidays(self) -> list[tuple[date, Closing]]:
        """What keeps the host off in the month, from today on, though they would work."""
        return self.ahead.holidays_of(self.offer.host, self.month, since=self.today)

    @property
    def missed_holiday(self) -> str:
        """What the day is called that was asked for, when the host is off on it."""
        return self.ahead.holidays(self.offer.host).get(self.asked, "") if self.asked else ""

    @property
    def previous(self) -> date | None:
        before, _after = months_around(self.month)
        return before if self.month > self.today.replace(day=1) else None

    @property
    def following(self) -> date | None:
        _before, after = months_around(self.month)
        return after if after <= self.last else None

    @property
    def chosen_days(self) -> list[date]:
        return local_days(self.chosen, self.zone) if self.chosen else []

    @property
    def another_zone(self) -> bool:
        """Whether the host's clock shows something else on the chosen days."""
        if self.chosen is None:
            return bool(self.offer.host.time_zone != self.reader.time_zone)
        host = self.offer.host.zone
        return any(
            block.start.astimezone(host).replace(tzinfo=None)
            != block.start.astimezone(self.zone).replace(tzinfo=None)
            for block in self.chosen.blocks
        )

    @property
    def own_time(self) -> OwnTime:
        """What the learner said about the chosen days."""
        blocks = self.chosen.blocks if self.chosen else ()
        ahead = self.ahead
        return own_time(ahead.working_time(self.learner), blocks, ahead.holidays(self.learner))

    # --- Approval, as far as the organization's settings say -------------------------------------
    @cached_property
    def needs_approval(self) -> bool:
        return self._asks(len(self.chosen_days))

    def _asks(self, days: int) -> bool:
        organization = self.learner.organization
        return bool(
            organization.shadowings_need_approval and days >= organization.approval_from_days
        )

    def is_tight(self, start: Start) -> bool:
        """Whether less than a working day is left to approve it: then nobody may answer in time."""
        asks = self._by_themself and self._asks(len(start.days))
        return asks and self._answered_until(start) < self._a_working_day

    def _answered_until(self, start: Start) -> datetime:
        offer = self.offer
        begins = start.blocks[0].start
        return cut_off(begins, notice_days=offer.notice_days, zone=offer.zone)

    @cached_property
    def _a_working_day(self) -> datetime:
        where = self.learner.organization
        off = self.ahead.holidays(self.learner)
        return after_working_days(
            self.at, 1, working_days=where.working_days, off=off, zone=where.zone
        )

    @property
    def answer_until(self) -> datetime | None:
        """Of the chosen days, when they leave little time to approve them."""
        tight = self.chosen is not None and self.is_tight(self.chosen)
        return self._answered_until(self.chosen) if self.chosen and tight else None

    @cached_property
    def roomy(self) -> Start | None:
        """The next start that leaves a working day or more to approve it."""
        near = self.ahead.first_starts(self.offer, NEXT)
        return next((start for start in near if not self.is_tight(start)), None)

    @property
    def others(self) -> list[tuple[ShadowingOffer, Start | None]]:
        """Others who teach one of the same skills, with their first free start."""
        return [(one, next(iter(self.ahead.first_starts(one)), None)) for one in self._others]

    def announcement(self) -> str:
        """For screen readers, after the month was turned without a new page."""
        month = date_format(self.month, _("F Y"))
        if not self.chosen:
            words = _("%(month)s: no free days") % {"month": month}
        else:
            days = self.chosen_days
            chosen = days_words(days, self.reader, self.today)
            words = _("%(month)s. Chosen: %(days)s") % {"month": month, "days": chosen}
        return json.dumps({"announce": words})


def _same_skills(offer: ShadowingOffer, learner: Employee) -> list[ShadowingOffer]:
    skills = OfferSkill.objects.filter(offer=offer).values("skill")
    others = ShadowingOffer.objects.open_to(learner).exclude(host=offer.host_id)
    return list(
        others.filter(offer_skills__skill__in=skills)
        .distinct()
        .select_related("host__team")
        .order_by("host__name", "pk")[:OTHERS]
    )
