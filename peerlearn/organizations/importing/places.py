"""Where somebody works, for public holidays: a country, and a region of it. Pure; no Django."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from peerlearn.organizations import public_holidays
from peerlearn.organizations.importing.headings import plain
from peerlearn.organizations.importing.values import Wrong

Place = tuple[str, str]  # country and region; "" is as the organization has it
_LANGUAGES = ("en", "de", "nb")


@cache
def _countries() -> Mapping[str, str]:
    """Codes of two letters by name, and by themselves."""
    names = {
        plain(name): code
        for language in _LANGUAGES
        for code, name in public_holidays.country_choices(language)
    }
    return names | {code.casefold(): code for code in public_holidays.countries()}


def country(text: str) -> str:
    """Norway, Norge, NO or NOR. Raises Wrong."""
    wanted = plain(text)
    if not wanted:
        return ""
    found = _countries().get(wanted) or public_holidays.country_of_three(text.strip().upper())
    if not found:
        raise Wrong("country")
    return found


def region(text: str, of: str) -> str:
    """Bayern, BY or DE-BY; none where the holidays of a country are the same everywhere. Raises
    Wrong."""
    choices = public_holidays.region_choices(of)
    wanted = plain(text).removeprefix(f"{of.casefold()} ")
    if not wanted or not choices:
        return ""
    for code, name in choices:
        if wanted in (plain(code), plain(name)):
            return code
    raise Wrong("region", of)


def settled(
    found: str | None, region_text: str | None, present: Place, organization: Place
) -> Place:
    """Country and region to be kept, of what the file says (None: it has no such column) and what
    is kept now. A cell without anything is as the organization has it, whose place is not kept
    twice. Raises Wrong."""
    if found is None and region_text is None:
        return present
    now = present if present[0] else organization
    there = now[0] if found is None else found or organization[0]
    if region_text is None and there == now[0]:
        named = now[1]
    else:
        usual = organization[1] if there == organization[0] else ""
        named = region(region_text or "", there) or usual
    place = (there, named)
    return ("", "") if place == organization or not there else place


def region_name(place: Place) -> str:
    """Bayern."""
    return dict(public_holidays.region_choices(place[0])).get(place[1], place[1])
