"""The periods of the dashboard: days at which it looks, months that are closed. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from analytics.disclosure import last_closed, month_of, preceding

QUARTER, YEAR = "quarter", "year"
PERIODS = (QUARTER, YEAR)


def days_of(period: str, today: date) -> list[date]:
    """Thirteen days that end today: a week apart in a quarter, a month apart in a year."""
    if period == QUARTER:
        return [today - timedelta(weeks=back) for back in range(12, -1, -1)]
    return [preceding(month_of(today), back) for back in range(11, -1, -1)] + [today]


def months_of(period: str, today: date) -> list[date]:
    """The closed months of the period, oldest first: four or thirteen, so that the first is the
    one that the last is compared with."""
    count = 4 if period == QUARTER else 13
    return [preceding(last_closed(today), back) for back in range(count - 1, -1, -1)]
