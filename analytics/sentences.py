"""The words that come before any chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Resting = tuple[str, str, int, date | None]
"""A skill, whom it rests on, that person's id, and their last day."""
Lacking = tuple[str, Sequence[str], int]
"""A skill, the teams that want it and have nobody, and how many can do it elsewhere."""


@dataclass(frozen=True)
class Change:
    """A change in words; `tone` is good, bad or empty, `icon` points its way. Not `clear`: ranges
    overlap, so that nobody can say which way."""

    words: str
    tone: str
    icon: str
    clear: bool = True


def risk_sentence(
    risks: Sequence[Resting], lacking: Sequence[Lacking] = (), *, too_early: bool
) -> str:
    """Three skills each depend on one person. Two of those people leave by June."""
    if too_early:
        return _("It is too early to say which skills depend on one person.")
    if not risks:
        return _nobody(lacking) or _("No skill depends on one person.")
    return " ".join(filter(None, [_resting(risks), _nobody_either(lacking)]))


def _nobody(lacking: Sequence[Lacking]) -> str:
    if len(lacking) == 1:
        skill, teams, elsewhere = lacking[0]
        if len(teams) == 1 and elsewhere:
            words = {"skill": skill, "team": teams[0]}
            return _("Nobody in %(team)s can do %(skill)s alone.") % words
        return _("Nobody can do %s alone where it is wanted.") % skill
    if not lacking:
        return ""
    number = capfirst(str(apnumber(len(lacking))))
    return _("%s skills can be done alone by nobody in the teams that want them.") % number


def _nobody_either(lacking: Sequence[Lacking]) -> str:
    """After what rests on one person."""
    if not lacking:
        return ""
    words = ngettext(
        "For another one, a team that wants it has nobody.",
        "For %(count)s others, a team that wants them has nobody.",
        len(lacking),
    )
    return words % {"count": apnumber(len(lacking))}


def _resting(risks: Sequence[Resting]) -> str:
    if len(risks) == 1:
        skill, person, _id, leaving_on = risks[0]
        names = {"skill": skill, "person": person}
        if leaving_on is None:
            return _("%(skill)s depends on one person, %(person)s.") % names
        day = date_format(leaving_on, _("j F"))
        return _("%(skill)s depends on %(person)s, who leaves on %(day)s.") % {**names, "day": day}
    first = _("%s skills each depend on one person.") % capfirst(str(apnumber(len(risks))))
    return " ".join([first, _leaving(risks)]).strip()


def _leaving(risks: Sequence[Resting]) -> str:
    leaving = {person: day for _skill, _name, person, day in risks if day is not None}
    if not leaving:
        return ""
    month = date_format(max(leaving.values()), "F")
    everyone = {person for _skill, _name, person, _day in risks}
    if len(everyone) == 1:
        return _("It is the same person, and they leave by %s.") % month
    return ngettext(
        "One of those people leaves by %(month)s.",
        "%(count)s of those people leave by %(month)s.",
        len(leaving),
    ) % {"count": capfirst(str(apnumber(len(leaving)))), "month": month}


def alone_for(since: date, today: date) -> str:
    """Only person for 14 months: whole months, years from two on."""
    months = (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)
    if months < 1:
        day = date_format(since, _("j F"))
        return _("Only person since %s") % day
    if months < 24:
        return ngettext("Only person for %s month", "Only person for %s months", months) % months
    return ngettext("Only person for %s year", "Only person for %s years", months // 12) % (
        months // 12
    )


def coverage_change(before: int, after: int) -> Change:
    """How the number of skills on one person changed: fewer is good."""
    if after == before:
        return Change(_("as many as"), "", "")
    number = abs(after - before)
    if after < before:
        return Change(_("%s fewer than") % number, "good", "down-s")
    return Change(_("%s more than") % number, "bad", "up-s")


def points_change(before: int, after: int, *, about: bool = False) -> Change:
    """A change of a share in percentage points: more is good."""
    number = abs(after - before)
    if not number:
        return Change(_("about as") if about else _("as"), "", "", clear=not about)
    if after > before:
        words = ngettext("%s point up", "%s points up", number)
        tone, icon = "good", "up-s"
    else:
        words = ngettext("%s point down", "%s points down", number)
        tone, icon = "bad", "down-s"
    return Change((_("about %s") % words if about else words) % number, tone, icon)


def participation_change(before: tuple[float, float], after: tuple[float, float]) -> Change:
    """The same for two shares of which a range is known: up or down only when they lie apart. Two
    equal ranges may hold different numbers."""
    (low, high), (least, most) = before, after
    if low == high and least == most:
        return points_change(round(low * 100), round(least * 100))
    if least <= high and low <= most:
        return points_change(0, 0, about=True)
    return points_change(round((low + high) * 50), round((least + most) * 50), about=True)
