"""Tags of the session pages: `{% load sessions %}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from peerlearn.clock import now
from peerlearn.organizations.models import Employee
from peerlearn.web.dates import as_day, day_words, short_day, time_range
from sessions.free_time import Interval
from sessions.starts import Start

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


@register.simple_tag
def times_of(blocks: Sequence[Any], reader: Employee) -> str:
    """08:00–16:00 when all days are alike, else Tue 1 06:00–14:00, Wed 2 14:00–22:00."""
    ends = [
        (one.start, one.end) if isinstance(one, Interval) else (one.starts_at, one.ends_at)
        for one in blocks
    ]
    times = [time_range(start, end, reader) for start, end in ends]
    if len(set(times)) == 1:
        return times[0]
    days = [short_day(start, reader) for start, _end in ends]
    return ", ".join(f"{day} {when}" for day, when in zip(days, times, strict=True))
