"""Days that look for another host, and who is asked to take them over, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.models import Employee
from sessions.choices import Answer, Outcome

if TYPE_CHECKING:
    from sessions.models import HandOver, HandOverRequest  # noqa: F401 - in quotes


class HandOverQuerySet(FencedQuerySet["HandOver"]):
    def open(self) -> HandOverQuerySet:
        """Those that are not settled yet."""
        return self.filter(outcome=Outcome.OPEN)

    def visible_to(self, employee: Employee) -> HandOverQuerySet:
        """Whose it is to settle: the host who cannot go on, their reporting line above, and HR."""
        if not employee.active:
            return self.none()
        if employee.is_hr:
            return self
        below = Employee.objects.below(employee).values("pk")
        return self.filter(Q(host=employee) | Q(host__in=below))

    def with_requests(self) -> HandOverQuerySet:
        """With who was asked, in order, as `asked`: id, name, answer and until when."""
        from sessions.models import HandOverRequest

        rows = HandOverRequest.objects.filter(hand_over=OuterRef("pk")).order_by("pk")
        shown = JSONObject(
            host="host__public_id", name="host__name", answer="answer", expires_at="expires_at"
        )
        return self.annotate(asked=ArraySubquery(rows.values(shown=shown)))

    def with_another_host(self) -> HandOverQuerySet:
        """With whether somebody else, who was not asked yet, could host the days, as `able`;
        whether they are free shows when they are asked. And whether one `waits`."""
        from sessions.models import HandOverRequest, ShadowingOffer

        asked = HandOverRequest.objects.filter(hand_over=OuterRef(OuterRef("pk")))
        others = ShadowingOffer.objects.for_all_of(OuterRef(OuterRef("session"))).filter(
            ~Exists(asked.filter(host=OuterRef("host")))
        )
        waits = HandOverRequest.objects.filter(hand_over=OuterRef("pk"), answer=Answer.OPEN)
        return self.annotate(
            able=Exists(others.exclude(host=OuterRef("host"))), waits=Exists(waits)
        )


class HandOverRequestQuerySet(FencedQuerySet["HandOverRequest"]):
    def visible_to(self, employee: Employee) -> HandOverRequestQuerySet:
        """Those in which one is asked."""
        return self.filter(host=employee) if employee.active else self.none()

    def waiting(self, at: datetime) -> HandOverRequestQuerySet:
        """Those that can be answered now."""
        return self.filter(answer=Answer.OPEN, expires_at__gt=at)


HandOverManager = FencedManager.from_queryset(HandOverQuerySet)
HandOverRequestManager = FencedManager.from_queryset(HandOverRequestQuerySet)
