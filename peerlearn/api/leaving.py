"""Who has left lets no program act for them."""

from __future__ import annotations

from datetime import datetime

from peerlearn.api.models import ApiToken
from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.models import Employee


@ends_with_access
class Tokens(Ending):
    def end(self, employee: Employee, *, at: datetime) -> None:
        ApiToken.objects.filter(employee=employee, revoked_at=None).update(revoked_at=at)

    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:
        self.end(employee, at=at)
