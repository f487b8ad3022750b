"""Tags of organizations and people: `{% load organizations %}`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.numbers import format_currency, get_currency_symbol
from django import template
from django.conf import settings
from django.utils.translation import get_language, to_locale

from peerlearn.organizations import addresses
from peerlearn.organizations.fields import DAYS

register = template.Library()


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
    """€61 or €61.50, in German 61 €: the cents only where there are some."""
    offered = [to_locale(get_language() or settings.LANGUAGE_CODE), settings.LANGUAGE_CODE]
    locale = Locale.parse(next(filter(localedata.exists, offered)))
    pattern = locale.currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    if amount == int(amount):
        pattern = pattern.replace(".00", "")
    words: str = format_currency(amount, currency, pattern, locale, currency_digits=False)
    return words
