"""The personnel list of a made-up company of 5,000, as another system exports it. The same each
time, without dice: headings in two languages, a title above them, blank lines, stray spaces, days
written in five ways, managers by number, many of them further down than their people."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import slugify

PEOPLE = 5_000
_REPORTS = 8  # of each manager
_STRIDE = 2_749  # has no divisor in common with PEOPLE: puts rows out of order
_GIVEN = (
    "Anja", "Bjørn", "Åse", "Jürgen", "Marit", "Øystein", "Käthe", "Nils", "Ragnhild",
    "Søren", "Ümit", "Line", "Jörg"
)  # fmt: skip
_FAMILY = (
    "Bråten", "Grønli", "Müller", "Ødegård", "Vogt", "Strøm", "Weiß", "Sæther", "Lund",
    "Åsen", "König", "Dahl", "Nær"
)  # fmt: skip
_WORK = (
    "Drift", "Netzbau", "Vedlikehold", "Leitstelle", "Måling", "Schutztechnik", "Prosjekt",
    "Lager"
)  # fmt: skip
_TITLES = (
    "Montør", "Elektroingeniør", "Netzmeister", "Energimontør", "Techniker", "Prüfer",
    "Planlegger"
)  # fmt: skip
TEAM = "Leitstelle 1"
# Ten of that team: eight report to its lead, two to one of the eight.
TEN = {"line": 89, "jorg": 90, "anja": 91, "bjorn": 92, "ase": 93, "jurgen": 94, "marit": 95,
       "oystein": 96, "nils": 722, "ragnhild": 723}  # fmt: skip
HEADINGS = ("Stilling", "Eintrittsdatum", "Nachname", "Pers.-Nr.", "Leder ansattnummer",
            "Vorname", "Kantine", "E-Post arbeid", "Avdeling", "Befristet bis")  # fmt: skip
TARGETS = ("job_title", "hired_on", "family_name", "number", "manager", "given_name", "", "email",
           "team", "leaving_on")  # fmt: skip
_DAYS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day}.{day.month}.{day:%y}",
    lambda day: f"{day:%Y-%m-%d} 00:00:00",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%d/%m/%Y}",
)


@dataclass(frozen=True)
class Person:
    """Somebody as the other system knows them; `manager` is a number."""

    at: int
    given: str
    family: str
    team: str
    title: str
    manager: str
    hired_on: date
    leaving_on: date | None

    @property
    def number(self) -> str:
        return number(self.at)

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def email(self) -> str:
        return f"{slugify(self.given)}.{slugify(self.family)}.{self.at}@nordlys.example"

    def cells(self) -> list[str]:
        leaving = _DAYS[self.at % 3](self.leaving_on) if self.leaving_on else ""
        if not leaving and self.at % 4 == 0:
            leaving = "31.12.9999"  # never, in some systems
        cells = [self.title, _DAYS[self.at % 5](self.hired_on), self.family, self.number,
                 self.manager, self.given, "ja" if self.at % 3 else "nein",
                 self.email.upper() if self.at % 6 == 0 else self.email, self.team,
                 leaving]  # fmt: skip
        return [f"  {cell} \xa0" if cell else " " for cell in cells] if self.at % 5 == 0 else cells


def number(at: int) -> str:
    return str(40_000 + at)


def _person(at: int) -> Person:
    return Person(
        at=at,
        given=_GIVEN[at % len(_GIVEN)],
        family=_FAMILY[at * 5 // 7 % len(_FAMILY)],
        team=_team(at),
        title=_TITLES[at % len(_TITLES)],
        manager=number((at - 1) // _REPORTS) if at else "",
        hired_on=date(2001, 1, 1) + timedelta(days=at * 37 % 9_000),
        leaving_on=date(2027, 3, 31) + timedelta(days=at) if at % 97 == 5 else None,
    )


def _team(at: int) -> str:
    """Whoever leads 9 to 72 leads a team with everybody below."""
    while at > 72:
        at = (at - 1) // _REPORTS
    return "Ledelse" if at < 9 else f"{_WORK[at % len(_WORK)]} {at // len(_WORK)}"


def everybody() -> list[Person]:
    """The head is first: each leads the eight after them, and so on down."""
    return [_person(at) for at in range(PEOPLE)]


Rows = list[list[str]]


def as_exported(people: list[Person]) -> Rows:
    """All lines, the blank ones too. The number of a row is its place here, from one on."""
    rows: Rows = [["Personalliste", "Stand 12.10.2026"], [], list(HEADINGS)]
    for place in range(len(people)):
        rows.append(people[place * _STRIDE % len(people)].cells())
        if place % 500 == 499:
            rows.append([])
        if place % 777 == 776:
            rows.append([" "] * len(HEADINGS))
    return rows


def spoilt(rows: Rows) -> dict[int, str]:
    """Put mistakes into some rows; by their numbers, what is told about each."""
    at = {cells[3].strip(): place for place, cells in enumerate(rows) if len(cells) > 3}
    told: dict[int, str] = {}

    def spoil(who: int, heading: str, cell: str, why: str) -> None:
        rows[at[number(who)]][HEADINGS.index(heading)] = cell
        told[at[number(who)] + 1] = why

    spoil(4_001, "Eintrittsdatum", "31.02.2019", "Is no day of the calendar")
    spoil(4_002, "Eintrittsdatum", "im Herbst", "Is no day of the calendar")
    spoil(4_003, "Befristet bis", "01.01.1999", "The last day lies before the first one")
    spoil(4_004, "Leder ansattnummer", "99999", "Nobody has this number, e-mail or name")
    spoil(4_006, "Leder ansattnummer", number(4_006), "Nobody reports to themselves")
    spoil(4_007, "E-Post arbeid", "ola(at)nordlys.example", "Is no e-mail address")
    spoil(4_008, "E-Post arbeid", "", "A new person needs a work e-mail")
    spoil(4_009, "Stilling", "#REF!", "Is an error of Excel")
    spoil(40, "Leder ansattnummer", number(321), "Would report to themselves by way of")
    told[at[number(321)] + 1] = "Would report to themselves by way of"
    twice = list(rows[at[number(4_011)]])
    twice[HEADINGS.index("E-Post arbeid")] = "another@nordlys.example"
    same_mail = list(rows[at[number(4_012)]])
    same_mail[HEADINGS.index("Pers.-Nr.")] = "77777"
    for double, first in ((twice, 4_011), (same_mail, 4_012)):
        rows.append(double)
        told[len(rows)] = f"Stands in row {at[number(first)] + 1} as well"
    return told


def as_text(rows: Rows, *, separator: str, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)
