"""Who teaches a skill: hosts with their days first, then those who say so and offer none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from peerlearn.organizations.models import Employee
from sessions.availability import LOOK_AHEAD, Availability
from sessions.models import ShadowingOffer
from sessions.starts import Start
from skills.models import Offer, Skill
from skills.queries import employed_on


@dataclass(frozen=True)
class Teacher:
    """Somebody who teaches; without an offer of days there is nothing to see yet."""

    person: Employee
    offer: ShadowingOffer | None = None
    start: Start | None = None
    note: str = ""

    @property
    def joins(self) -> bool:
        """Whether the first free start is a place beside somebody who is booked already."""
        return self.start is not None and self.start.session_id is not None


def teachers_of(
    skill: Skill, viewer: Employee, *, on: date, at: datetime, most: int
) -> list[Teacher]:
    """At most `most`. Who offers days of a skill teaches it, whatever their own list says."""
    offers: list[ShadowingOffer] = []
    if skill.archived_at is None:
        found = ShadowingOffer.objects.visible_to(viewer).filter(active=True, host__active=True)
        found = found.filter(offer_skills__skill=skill).with_subject()
        offers = list(found.order_by("host__name", "pk")[:most])
    starts = first_starts(offers, viewer, at=at)
    hosts = [Teacher(offer.host, offer, start) for offer, start in starts]
    hosts.sort(key=lambda one: soonest(one.start, at=at))
    others = (
        Offer.objects.filter(employed_on(on), skill=skill)
        .exclude(employee__in=[offer.host_id for offer in offers])
        .select_related("employee__team")
    )
    return [*hosts, *(Teacher(one.employee, note=one.note) for one in others[: most - len(hosts)])]


def days_beside(
    host: Employee, viewer: Employee, *, at: datetime, most: int
) -> list[tuple[ShadowingOffer, Start | None]]:
    """What a host offers now, the newest first."""
    found = ShadowingOffer.objects.visible_to(viewer).filter(active=True, host=host)
    offers = found.with_subject().order_by("-created_at", "-pk")[:most]
    return first_starts(list(offers), viewer, at=at)


def soonest(start: Start | None, *, at: datetime) -> tuple[bool, datetime]:
    """The order of hosts: who is free first before others, who never is comes last."""
    return start is None, start.blocks[0].start if start is not None else at


def first_starts(
    offers: list[ShadowingOffer], learner: Employee, *, at: datetime
) -> list[tuple[ShadowingOffer, Start | None]]:
    """Each offer with the first day on which this learner could begin."""
    if not offers:
        return []
    today = at.astimezone(learner.zone).date()
    ahead = Availability(offers, learner, first=today, last=today + LOOK_AHEAD, at=at)
    return [(offer, next(iter(ahead.first_starts(offer)), None)) for offer in offers]
