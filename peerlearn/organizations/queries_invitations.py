"""Many invitations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from peerlearn.organizations.fence import FencedManager, FencedQuerySet

if TYPE_CHECKING:
    from peerlearn.organizations.models import (
        Employee,
        Invitation,  # noqa: F401  (in the name of a type)
    )


class InvitationQuerySet(FencedQuerySet["Invitation"]):
    def visible_to(self, employee: Employee) -> InvitationQuerySet:
        """HR and admins see whom anybody invited."""
        return self if employee.active and (employee.is_hr or employee.is_admin) else self.none()

    def newest(self) -> InvitationQuerySet:
        """Of each employee the last one."""
        return self.filter(is_latest=True)

    def open(self, at: datetime) -> InvitationQuerySet:
        """Those that can still be accepted, as far as they know themselves."""
        return self.filter(accepted_at=None, ended_at=None, expires_at__gt=at)

    def in_state(self, state: str, at: datetime) -> InvitationQuerySet:
        """As `Invitation.state` says it, for whole lists."""
        came = Q(accepted_at__isnull=False) | Q(employee__membership__entered_at__isnull=False)
        if state == "came":
            return self.filter(came)
        out = self.filter(accepted_at=None, employee__membership__entered_at__isnull=True)
        ended = Q(ended_at__isnull=False) | ~Q(email=F("employee__email"))
        if state == "ended":
            return out.filter(ended)
        holds = Q(expires_at__gt=at) if state == "waiting" else Q(expires_at__lte=at)
        return out.filter(holds & ~ended)

    def of_whom(self, text: str) -> InvitationQuerySet:
        """Those whose employee's name or e-mail contain every word, of the first eight."""
        found = self
        for word in text.split()[:8]:
            found = found.filter(Q(employee__name__icontains=word) | Q(email__icontains=word))
        return found

    def end(self, at: datetime) -> int:
        """Those that were not accepted open nothing any more, and are not sent."""
        return self.filter(accepted_at=None, ended_at=None).update(ended_at=at)

    def replace(self, at: datetime) -> int:
        """Others come after them."""
        over = When(accepted_at=None, then=Coalesce("ended_at", Value(at)))
        return self.newest().update(is_latest=False, ended_at=Case(over, default=F("ended_at")))

    def claim(self, invitation_id: int, *, at: datetime) -> bool:
        """Whether this call, and no other, accepted it."""
        return bool(self.open(at).filter(pk=invitation_id).update(accepted_at=at))


InvitationManager = FencedManager.from_queryset(InvitationQuerySet)
