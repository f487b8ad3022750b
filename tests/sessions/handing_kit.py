"""What tests of handing over share: two learners beside a host, who falls ill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peerlearn.organizations.models import Employee
from sessions.cutting import cut_off
from sessions.models import Claim, HandOver, LearningSession, ShadowingOffer
from sessions.running import complete_day
from tests.factories import make_employee
from tests.sessions.kit import make_booking, make_offer
from tests.world import Place

DAY_ONE = datetime(2026, 12, 1, 16, tzinfo=UTC)  # over; the second begins at seven
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Group:
    """Two learners beside a colleague; Marta offers the same, and is free."""

    place: Place
    session: LearningSession
    learners: tuple[Employee, Employee]
    marta: Employee
    offer: ShadowingOffer  # of hers


def make_group(halden: Place) -> Group:
    with halden.scope():
        offer = make_offer(halden.colleague, capacity=3)
        other = make_employee("Jonas Moe", team=halden.team)
        session = make_booking(offer, halden.employee).session
        make_booking(offer, other)
        marta = make_employee("Marta Berg", team=halden.company)
        hers = make_offer(marta, place="Substation 9, Moss")
        session.refresh_from_db()
        return Group(halden, session, (halden.employee, other), marta, hers)


def ill_on_day_two(group: Group) -> HandOver:
    complete_day(group.session, 1, by=group.place.colleague, at=DAY_ONE)
    made = cut_off(group.session, 2, by=group.place.colleague, reason="From tomorrow", at=DAY_ONE)
    assert made
    return made


def active(employee: Employee) -> list[Any]:
    rows = Claim.objects.filter(employee=employee, active=True).order_by("during")
    return [during.lower.day for during in rows.values_list("during", flat=True)]
