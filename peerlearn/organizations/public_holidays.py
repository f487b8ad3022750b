"""Public holidays of a country or of a region in it, and what an organization makes of them.

Computed by the library `holidays` and kept by year and place; nothing is stored. Whoever serves
pages calls `countries()` first, so that no request waits for the library.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from babel import Locale, UnknownLocaleError

_SOME_YEAR = 2026
_PLACES_KEPT = 512
_SAME_LANGUAGE = {"nb": "no"}


@dataclass(frozen=True, slots=True)
class Closing:
    """Why people of a place are off on a day: all of it, or from `free_from` on."""

    name: str
    free_from: time | None = None


@dataclass(frozen=True, slots=True)
class OwnDay:
    """What an organization says of one day, in one country or ("") everywhere: off, or from some
    time on; without a name it is worked although it is a public holiday."""

    day: date
    country: str
    name: str
    free_from: time | None = None


@cache
def load() -> ModuleType:
    """The library; it takes its time once in each process."""
    import holidays

    return holidays


@cache
def _of(country: str) -> Any:
    """The library's calendar of a country; None where it knows none."""
    return getattr(load(), country, None) if country in countries() else None


@cache
def countries() -> frozenset[str]:
    """Two letters each, as ISO 3166 has them."""
    known = load().list_supported_countries(include_aliases=False)
    return frozenset(code for code in known if len(code) == 2)


def country_of_three(letters: str) -> str:
    """Norway's code for NOR; "" for what is none."""
    known = load().list_supported_countries(include_aliases=True)
    if len(letters) != 3 or letters not in known:
        return ""
    return str(getattr(load(), letters).country)


@lru_cache(maxsize=16)
def country_choices(language: str) -> Sequence[tuple[str, str]]:
    """Every country by its name in that language, in order."""
    try:
        names = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    named = [(code, str(names.get(code, code))) for code in countries()]
    return tuple(sorted(named, key=lambda one: _plain(one[1])))


@lru_cache(maxsize=_PLACES_KEPT)
def region_choices(country: str) -> Sequence[tuple[str, str]]:
    """The regions whose holidays differ from the country's, by name, in order."""
    calendar = _of(country)
    if calendar is None:
        return ()
    names: dict[str, str] = {}
    for name, code in getattr(calendar, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    usual = set(_days(country, "", _SOME_YEAR, ""))
    differ = [
        (code, names.get(code, code))
        for code in calendar.subdivisions
        if set(_days(country, code, _SOME_YEAR, "")) != usual
    ]
    return tuple(sorted(differ, key=lambda one: _plain(one[1])))


def public_holidays(country: str, region: str, year: int, language: str) -> Mapping[date, str]:
    """The holidays of a year by day, named in that language, else as the country names them."""
    calendar = _of(country)
    if calendar is None:
        return {}
    known = region if region in calendar.subdivisions else ""
    return _days(country, known, year, _spoken(calendar, language))


@lru_cache(maxsize=_PLACES_KEPT)
def _days(country: str, region: str, year: int, language: str) -> Mapping[date, str]:
    found = load().country_holidays(
        country, subdiv=region or None, years=year, language=language or None
    )
    return dict(sorted(found.items()))


def _spoken(calendar: Any, language: str) -> str:
    """The library's word for a language, when it has that country's holidays in it."""
    wanted = _SAME_LANGUAGE.get(language, language).replace("-", "_").lower()
    for one in getattr(calendar, "supported_languages", ()):
        if one.lower() == wanted or one.lower().split("_")[0] == wanted.split("_")[0]:
            return str(one)
    return getattr(calendar, "default_language", None) or ""


def closings(
    country: str, region: str, own: Iterable[OwnDay], *, first: date, last: date, language: str
) -> dict[date, Closing]:
    """Why people of a place are off, on the days `first` to `last`. The organization's own days
    go before public holidays, and those of one country before those of all."""
    found: dict[date, Closing] = {}
    for year in range(first.year, last.year + 1):
        for day, name in public_holidays(country, region, year, language).items():
            if first <= day <= last:
                found[day] = Closing(name)
    here = [one for one in own if one.country in ("", country) and first <= one.day <= last]
    for one in here:
        if not one.name:
            found.pop(one.day, None)
    for one in sorted(here, key=lambda one: one.country):
        if one.name:
            found[one.day] = Closing(one.name, one.free_from)
    return dict(sorted(found.items()))


def _plain(name: str) -> str:
    """To put names in order: Österreich stands beside Oman."""
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
