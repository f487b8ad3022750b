"""Tags of the session pages: `{% load sessions %}`."""

from __future__ import annotations

from django import template

from peerlearn.clock import now
from peerlearn.organizations.models import Employee
from peerlearn.web.dates import as_day, day_words, time_range
from sessions.availability import Start

register = template.Library()


class OfTheHost:
    """The host's zone on the reader's clock."""

    def __init__(self, host: Employee, reader: Employee) -> None:
        self.zone, self.twelve_hour_clock = host.zone, reader.twelve_hour_clock


@register.filter
def read_by(host: Employee, reader: Employee) -> OfTheHost:
    """`{% with there=session.host|read_by:request.employee %}`, for what wants a reader."""
    return OfTheHost(host, reader)


@register.filter
def host_times(start: Start, host: OfTheHost) -> str:
    """The first day of a start on the host's own clock: Tue 1 December, 09:00–17:00."""
    first = start.blocks[0]
    today = as_day(now(), host)
    return f"{day_words(first.start, host, today)}, {time_range(first.start, first.end, host)}"
