"""Who works at Halden Grid, and what changed for them. Pure, no Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time
from random import Random

from demo.days import Days, dice
from demo.events import Moves
from demo.names import address, strangers
from demo.teams import DOMAIN, FIELD, TEAMS, Ranks

OSLO, WARSAW, NEW_YORK = "Europe/Oslo", "Europe/Warsaw", "America/New_York"


@dataclass(frozen=True)
class Person:
    """One employee as of the day they were hired. `manager` is an e-mail."""

    name: str
    team: str
    title: str
    band: str
    hired_on: date
    manager: str = ""
    email: str = ""
    leaving_on: date | None = None
    time_zone: str = OSLO
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    hours: tuple[time, time] = (time(8), time(16))
    twelve_hour_clock: bool = False
    is_hr: bool = False
    is_lead: bool = False
    number: str = ""


@dataclass
class Roster:
    """Everybody, those above before those below, and what changed since the founding."""

    people: list[Person] = field(default_factory=list)
    moves: list[Moves] = field(default_factory=list)
    left: dict[str, date] = field(default_factory=dict)  # e-mail: last day

    def by_email(self) -> dict[str, Person]:
        return {person.email: person for person in self.people}

    def of(self, team: str) -> list[Person]:
        """The team's people, as of their first day."""
        return [person for person in self.people if person.team == team]


def _named(days: Days) -> dict[str, list[Person]]:
    """The people of the story by team; heads first, then leads."""

    def years(count: int, month: int = 3) -> date:
        return date(days.today.year - count, month, 1)

    people = [
        Person("Amina Okafor", FIELD, "Director of field operations", "E", years(9)),
        Person("Elin Strand", "Substations", "Senior technician", "C", years(16, 8)),
        Person(
            "Marta Kowalczyk",
            "Substations",
            "Protection lead",
            "C",
            years(27, 6),
            leaving_on=days.retirement,
            time_zone=WARSAW,
        ),
        Person("Tove Lindahl", "Substations", "Transformer specialist", "C", years(22, 2)),
        Person("Jonas Berg", "Substations", "Technician", "B", years(4, 8)),
        Person("Mats Solli", "Substations", "Technician", "B", years(6, 1)),
        Person("Nils Eriksen", "Substations", "Technician", "B", days.ago(21)),
        Person("Tomasz Wrona", "Lines & cables", "Lines lead", "C", years(15, 4), is_lead=True),
        Person("Hanne Vik", "Lines & cables", "Line fitter", "B", years(8)),
        Person("Kari Moen", "Lines & cables", "Cable jointer", "B", years(5, 9)),
        Person("Youssef Amrani", "Control room", "Shift lead", "C", years(11, 5), is_lead=True),
        Person(
            "Ruben Achterberg",
            "Control room",
            "SCADA engineer",
            "C",
            years(19, 10),
            leaving_on=days.leaving,
        ),
        Person("Aisha Rahman", "Control room", "Control room operator", "C", days.ago(160)),
        Person("Samira Haddad", "Metering", "Metering lead", "C", years(12), is_lead=True),
        Person("Pavel Novák", "Metering", "Meter technician", "B", years(7, 11)),
        Person("Ola Fossum", "Fleet & plant", "Workshop lead", "C", years(20), is_lead=True),
        Person("Lin Yu-Chen", "Field IT", "Network lead", "C", years(10, 2), is_lead=True),
        Person("Sofia Lindgren", "Field IT", "Telecom engineer", "C", years(7, 5)),
        Person("Henrik Dahl", "Network Planning", "Lead planner", "C", years(14), is_lead=True),
        Person("Liv Haugen", "Network Planning", "Grid planner", "C", years(6, 6)),
        Person("Lucía Herrero", "Customer", "Customer lead", "C", years(9, 4), is_lead=True),
        Person("Elisabeth Krog", "Finance", "Head of finance", "D", years(13, 1)),
        Person("Ingrid Solheim", "People & safety", "People partner", "C", years(8), is_hr=True),
        Person("Per Aune", "IT", "IT administrator", "C", years(17, 9)),
        Person("Arjun Nair", "IT", "Engineering lead", "C", years(8, 10), is_lead=True),
        Person(
            "Marisol Vega",
            "IT",
            "Systems engineer",
            "C",
            years(5, 1),
            time_zone=NEW_YORK,
            hours=(time(9), time(17)),
            twelve_hour_clock=True,
        ),
    ]
    by_team: dict[str, list[Person]] = {ranks.name: [] for ranks in TEAMS}
    for person in people:
        by_team[person.team].append(replace(person, email=address(person.name, DOMAIN)))
    return by_team


def roster(days: Days) -> Roster:
    """The same people for the same day: about 240, and two who have left."""
    named = _named(days)
    taken = {person.name for team in named.values() for person in team}
    maker = _Maker(days, strangers(taken), dice("people"))
    result = Roster()
    chiefs: dict[str, str] = {}
    for ranks in TEAMS:
        above = chiefs.get(ranks.under, "")
        team = maker.fill(ranks, named[ranks.name], above)
        chiefs[ranks.name] = team[0].email
        result.people += team
    _number(result)
    _change(result, days)
    return result


class _Maker:
    def __init__(self, days: Days, names: Iterator[str], chance: Random) -> None:
        self.days, self.names, self.chance = days, names, chance

    def fill(self, ranks: Ranks, named: list[Person], above: str) -> list[Person]:
        """The head, the leads and all others, each reporting to somebody before them."""
        heads = [person for person in named if person.title == ranks.head]
        head = heads[0] if heads else self._stranger(ranks, ranks.head, "D")
        head = replace(head, manager=above)
        if ranks.under == "":
            head = replace(head, band="E")
        leads = [person for person in named if person.is_lead]
        while len(leads) < ranks.leads:
            leads.append(replace(self._stranger(ranks, ranks.lead, "C"), is_lead=True))
        leads = [replace(lead, manager=head.email) for lead in leads]
        rest = [person for person in named if person not in heads and not person.is_lead]
        titles = [(title, band) for title, band, often in ranks.titles for _ in range(often)]
        while 1 + len(leads) + len(rest) < ranks.people:
            title, band = self.chance.choice(titles)
            rest.append(self._stranger(ranks, title, band))
        chiefs = [lead.email for lead in leads] or [head.email]
        rest = [
            replace(
                person, manager=head.email if self._is_senior(person) else chiefs[i % len(chiefs)]
            )
            for i, person in enumerate(rest)
        ]
        return [head, *leads, *rest]

    @staticmethod
    def _is_senior(person: Person) -> bool:
        return person.title in {"Protection lead", "Transformer specialist", "IT administrator"}

    def _stranger(self, ranks: Ranks, title: str, band: str) -> Person:
        name = next(self.names)
        years_here = min(34.0, self.chance.expovariate(1 / 7)) + (4 if band in "CDE" else 0.3)
        if band == "A":
            years_here = self.chance.uniform(0.4, 1.8)
        person = Person(
            name,
            ranks.name,
            title,
            band,
            hired_on=self._first_day(years_here),
            email=address(name, DOMAIN),
            is_lead=title == ranks.lead,
        )
        return self._week(person)

    def _first_day(self, years_here: float) -> date:
        day = self.days.ago(int(years_here * 365.25))
        return day.replace(day=1 if day.day < 16 else 15)

    def _week(self, person: Person) -> Person:
        """Where and when they work: mostly Halden, Monday to Friday."""
        roll = self.chance.random()
        if person.team in {"IT", "Customer"} and roll < 0.2:
            person = replace(person, time_zone=WARSAW)
        elif person.team in {"IT", "Market"} and roll > 0.93:
            person = replace(
                person,
                time_zone=NEW_YORK,
                hours=(time(9), time(17)),
                twelve_hour_clock=True,
            )
        if self.chance.random() < 0.09 and not person.is_lead:
            part = self.chance.choice([(0, 1, 2, 3), (0, 1, 3), (1, 2, 3, 4), (0, 2, 4)])
            person = replace(person, working_days=part)
        if self.chance.random() < 0.12:
            person = replace(person, hours=self.chance.choice([EARLY, LATE]))
        return person


EARLY, LATE = (time(7), time(15)), (time(9), time(17))


def _number(result: Roster) -> None:
    """Employee numbers in the order of the first days."""
    order = sorted(result.people, key=lambda person: (person.hired_on, person.email))
    numbers = {person.email: f"{1001 + i}" for i, person in enumerate(order)}
    result.people = [replace(person, number=numbers[person.email]) for person in result.people]


def _change(result: Roster, days: Days) -> None:
    """What happened to places since the founding, and who leaves or has left."""
    chance = dice("moves")
    known = {person.email for team in _named(days).values() for person in team}
    old = [
        person
        for person in result.people
        if person.email not in known and not person.is_lead and person.hired_on < days.founded
    ]
    others = [person for person in old if person.title not in {r.head for r in TEAMS}]
    chance.shuffle(others)
    _moves_of_the_story(result, days)
    _promotions(result, days, others)
    _leavings(result, days, others)


def _moves_of_the_story(result: Roster, days: Days) -> None:
    leads = {r.name: [p for p in result.of(r.name) if p.is_lead] for r in TEAMS}
    elin = address("Elin Strand", DOMAIN)
    control = result.of("Control room")[0]
    moved = days.some(dice("elin"), days.ago(290), days.ago(280))
    result.moves.append(
        Moves(moved, elin, "Control room", control.email, "Shift lead, control room")
    )
    # Metering's lead shares her people with a new one.
    samira, second = leads["Metering"][0], address("Pavel Novák", DOMAIN)
    day = days.some(dice("metering"), days.ago(160), days.ago(150))
    result.moves.append(Moves(day, second, manager=samira.manager, title="Metering lead", band="C"))
    below = [p for p in result.of("Metering") if p.manager == samira.email and p.email != second]
    result.moves += [Moves(day, person.email, manager=second) for person in below[1::2]]


def _promotions(result: Roster, days: Days, others: list[Person]) -> None:
    """Apprentices who finish, and people who change from one team to its neighbour."""
    chance = dice("promotions")
    apprentices = [person for person in others if person.band == "A"][:4]
    for person in apprentices:
        day = days.some(chance, days.ago(330), days.ago(40))
        titles = {"Lines & cables": "Line fitter", "Customer": "Customer adviser"}
        result.moves.append(
            Moves(day, person.email, title=titles.get(person.team, "Technician"), band="B")
        )
    neighbours = [
        ("Network Planning", "IT", "Developer"),
        ("Customer", "Market", "Settlement clerk"),
        ("Metering", "Field IT", "Network technician"),
        ("Finance", "Network Planning", "Project engineer"),
        ("Lines & cables", "Substations", "Technician"),
        ("IT", "Network Planning", "Grid planner"),
    ]
    for before, after, title in neighbours:
        person = next(p for p in others if p.team == before and p not in apprentices)
        others.remove(person)
        chief = next(p for p in result.of(after) if p.is_lead)
        day = days.some(chance, days.ago(340), days.ago(30))
        result.moves.append(Moves(day, person.email, after, chief.email, title))


def _leavings(result: Roster, days: Days, others: list[Person]) -> None:
    """Two who left during the year, and two more whose last day is known."""
    moved = {move.email for move in result.moves}
    stay = [person for person in others if person.email not in moved and person.band != "A"]
    gone = [next(p for p in stay if p.team == team) for team in ("Customer", "Lines & cables")]
    going = [next(p for p in stay if p.team == team and p not in gone) for team in ("Market", "IT")]
    last_days = {
        gone[0].email: days.some(dice("gone"), days.ago(190), days.ago(180)),
        gone[1].email: days.some(dice("gone too"), days.ago(75), days.ago(65)),
        going[0].email: days.ago(-40),
        going[1].email: days.ago(-170),
    }
    result.left = {person.email: last_days[person.email] for person in gone}
    result.people = [
        replace(person, leaving_on=last_days.get(person.email, person.leaving_on))
        for person in result.people
    ]
