"""Links that fill in a day at Google's or Outlook's calendar on the web, for whoever follows one.

They carry when and where, and no names, subject or address of ours: what stands in a link is read
by those whom it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from sessions.choices import BlockState
from sessions.models import Block, LearningSession

_GOOGLE = "https://calendar.google.com/calendar/render?"
_OUTLOOK = "https://outlook.office.com/calendar/deeplink/compose?"


@dataclass(frozen=True)
class Links:
    block: Block
    google: str
    outlook: str


def links_to_calendars(
    session: LearningSession, blocks: Iterable[Block], *, at: datetime
) -> list[Links]:
    """Of the days that are still to come."""
    to_come = [one for one in blocks if one.state == BlockState.PLANNED and one.ends_at > at]
    return [Links(one, _google(session, one), _outlook(session, one)) for one in to_come]


def _google(session: LearningSession, block: Block) -> str:
    times = [
        one.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for one in (block.starts_at, block.ends_at)
    ]
    values = {"action": "TEMPLATE", "text": _("Shadowing"), "dates": "/".join(times)}
    return _GOOGLE + urlencode({**values, "ctz": session.time_zone, "location": session.place})


def _outlook(session: LearningSession, block: Block) -> str:
    values = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": _("Shadowing"),
        "startdt": block.starts_at.astimezone(UTC).isoformat(),
        "enddt": block.ends_at.astimezone(UTC).isoformat(),
        "location": session.place,
    }
    return _OUTLOOK + urlencode(values)
