"""How many reports one person may ask for."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analytics.making import MOST_A_DAY, MOST_OPEN
from analytics.models import Report
from peerlearn.organizations.models import Employee


def refuse_too_many(employee: Employee, *, since: datetime) -> None:
    """Raises ValidationError; `since` is when their day began."""
    open_now, on_the_day = Report.objects.visible_to(employee).asked_for(since=since)
    if on_the_day >= MOST_A_DAY:
        words = _(
            "You asked for %s files today, as many as one person may. Those that are ready stay "
            "for 7 days; tomorrow you can ask for more."
        )
        raise ValidationError(words % MOST_A_DAY)
    if open_now >= MOST_OPEN:
        words = _("%s of your files are being made already. Wait for one of them or cancel it.")
        raise ValidationError(words % MOST_OPEN)
