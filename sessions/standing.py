"""What stands in the way of a start: time that is claimed, and sessions of the same offer."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, OuterRef, Q

from peerlearn.organizations.written import written
from sessions.choices import Seat, SessionState
from sessions.models import Block, Claim, LearningSession, Participation, ShadowingOffer


@written
def claimed(people: Any, near: Any, learner: Any, moving: Any, at: Any) -> Any:
    """The time of people that is claimed, but for a learner's own hold and what moves."""
    own_hold = Participation.objects.filter(
        employee=learner, seat=Seat.SHADOW, state=SessionState.HELD, waiting=None, kept=""
    )
    return (
        Claim.objects.standing(at)
        .filter(employee__in=people, during__overlap=near)
        .exclude(
            block__session__in=own_hold.values("session"),
            block__session__state=SessionState.HELD,
        )
        .exclude(held_for__in=moving)
        .values_list("employee_id", "during")
    )


def has_plans(offer: ShadowingOffer, day: date, *, at: datetime) -> bool:
    """Whether some of the host's time on that day, in the offer's zone, is claimed."""
    begins, ends = (datetime.combine(day, one, tzinfo=offer.zone) for one in (time.min, time.max))
    near = DateTimeTZRange(begins, ends)
    return bool(_of_one(person=offer.host_id, near=near, at=at))


@written
def _of_one(person: Any, near: Any, at: Any) -> Any:
    claims = Claim.objects.standing(at).filter(employee=person, during__overlap=near)
    return claims.values_list("pk")[:1]


@written
def sessions_of(offers: Any, learner: Any, first: Any, last: Any, at: Any) -> Any:
    """The sessions of offers that begin between two instants, with their places and blocks."""
    live = Q(participations__seat=Seat.SHADOW) & (
        Q(participations__state__in=[SessionState.BOOKED, SessionState.COMPLETED])
        | (
            Q(participations__state=SessionState.HELD, participations__held_until__gt=at)
            & (
                ~Q(participations__employee=learner)
                | Q(participations__waiting__isnull=False)
                | Q(participations__kept__gt="")
            )
        )
    )
    blocks = Block.objects.filter(session=OuterRef("pk")).order_by("number")
    return LearningSession.objects.filter(
        offer__in=offers,
        state__in=[SessionState.HELD, SessionState.BOOKED, SessionState.COMPLETED],
        starts_at__gte=first,
        starts_at__lt=last,
    ).annotate(
        taken=Count("participations", filter=live),
        awaited=Count("participations", filter=live & Q(participations__moves__isnull=False)),
        block_starts=ArraySubquery(blocks.values("starts_at")),
        block_ends=ArraySubquery(blocks.values("ends_at")),
    )
