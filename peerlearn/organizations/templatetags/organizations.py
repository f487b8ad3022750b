"""Tags of organizations and people: `{% load organizations %}`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from peerlearn.organizations import addresses
from peerlearn.organizations.fields import DAYS

register = template.Library()

SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "INR": "₹", "JPY": "¥"}


@register.simple_tag
def public_url(name: str, **kwargs: Any) -> str:
    """`{% public_url 'organizations' %}`: the path of a page outside every organization."""
    return addresses.public_path(name, **kwargs)


@register.simple_tag
def whole_public_url(name: str, **kwargs: Any) -> str:
    """As `public_url`, with scheme and host, for mails."""
    return addresses.public_url(name, **kwargs)


@register.filter
def on_the_clock_of(at: datetime, zone: ZoneInfo) -> datetime:
    """The same instant, as a clock in that zone shows it."""
    return at.astimezone(zone)


@register.filter
def masked(email: str) -> str:
    """n•••@halden.example: enough to recognize one's own, too little to learn another's."""
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


@register.filter
def weekdays(days: list[int]) -> str:
    """Mo–Fr when the days follow each other, else Mo, We, Fr."""
    names = [str(DAYS[day][1]) for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """€61, or €61.50: the cents only where there are some."""
    digits = f"{amount:,.2f}".removesuffix(".00")
    sign = SIGNS.get(currency)
    return f"{sign}{digits}" if sign else f"{digits}\N{NO-BREAK SPACE}{currency}"
