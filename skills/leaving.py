"""Who has left teaches nobody. Their levels stay: what rests on one person is told by them."""

from __future__ import annotations

from datetime import datetime

from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.models import Employee
from skills.models import Offer


@ends_with_access
class OffersToTeach(Ending):
    def end(self, employee: Employee, *, at: datetime) -> None:
        Offer.objects.filter(employee=employee).delete()
