"""What the outbox does for this app."""

from __future__ import annotations

from datetime import datetime

from peerlearn.clock import now
from peerlearn.notifications.outbox import withdraw
from peerlearn.notifications.registry import effect
from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.hiring import LAST_DAY_OVER, end_after_last_day
from peerlearn.organizations.models import Employee


@effect(LAST_DAY_OVER)
def last_day_over(subject: int, occurrence: str) -> None:
    end_after_last_day(subject, at=now())


@ends_with_access
class LastDay(Ending):
    """Whoever is let go on their last day needs no second end at midnight."""

    def end(self, employee: Employee, *, at: datetime) -> None:
        if employee.leaving_on == at.astimezone(employee.zone).date():
            withdraw(LAST_DAY_OVER, employee.pk)
