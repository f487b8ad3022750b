"""Fifteen months of levels: who could do what, what grew, who confirmed it. Pure, no Django.

The numbers of `trade.py` are met exactly: so many can do a skill alone today, so many could at the
founding; the rest learned it in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo.days import Days, dice
from demo.events import Claims, Confirms, Event, Leaves, Requires, Teaches, Wants, Withdraws
from demo.names import address
from demo.roster import Person, Roster
from demo.teams import DOMAIN
from demo.trade import OIL, RELAY, RESTING_ON_ONE, SCADA, Trade, catalogue

LEARNING, WITH_HELP, ALONE, CAN_TEACH = 1, 2, 3, 4


def _mail(name: str) -> str:
    return address(name, DOMAIN)


# Skill → person → level of today, for the people of the story.
_KNOWN: dict[str, dict[str, int]] = {
    RELAY: {"Marta Kowalczyk": 4, "Jonas Berg": 2, "Aisha Rahman": 1, "Nils Eriksen": 1},
    SCADA: {"Ruben Achterberg": 4, "Aisha Rahman": 1},
    OIL: {"Tove Lindahl": 4, "Mats Solli": 2, "Jonas Berg": 1},
    "Fault records": {
        "Marta Kowalczyk": 4,
        "Mats Solli": 3,
        "Jonas Berg": 3,
        "Henrik Dahl": 4,
        "Sofia Lindgren": 2,
        "Nils Eriksen": 2,
    },
    "Injection set": {"Marta Kowalczyk": 4, "Sofia Lindgren": 4, "Nils Eriksen": 2},
    "Feeder switching": {"Tove Lindahl": 4, "Jonas Berg": 3, "Mats Solli": 3, "Nils Eriksen": 3},
    "SCADA events": {
        "Ruben Achterberg": 4,
        "Elin Strand": 3,
        "Youssef Amrani": 4,
        "Aisha Rahman": 2,
        "Nils Eriksen": 1,
    },
    "Switching plans": {"Elin Strand": 4, "Tove Lindahl": 4, "Aisha Rahman": 2},
    "Outage messages": {"Youssef Amrani": 4, "Elin Strand": 3},
    "Shift handover": {"Youssef Amrani": 4, "Elin Strand": 3},
    "Live-line jointing": {"Tomasz Wrona": 4, "Kari Moen": 3},
    "Fault location": {"Tomasz Wrona": 4, "Hanne Vik": 3},
    "Cable jointing, medium voltage": {"Tomasz Wrona": 4, "Kari Moen": 3},
    "Meter data repair": {"Samira Haddad": 4, "Pavel Novák": 4},
    "Meter exchange": {"Samira Haddad": 4},
    "Crane and lift plans": {"Ola Fossum": 4},
    "Mobile generators": {"Ola Fossum": 4},
    "Fibre splicing": {"Lin Yu-Chen": 4, "Sofia Lindgren": 3},
    "Station network": {"Lin Yu-Chen": 4, "Sofia Lindgren": 3},
    "Grid connection studies": {"Henrik Dahl": 4},
    "Load flow calculations": {"Henrik Dahl": 4, "Liv Haugen": 3},
    "Kubernetes": {"Marisol Vega": 4},
    "DevOps": {"Marisol Vega": 4},
    "Connections cases": {"Lucía Herrero": 4},
    "Difficult phone calls": {"Lucía Herrero": 4},
    "Complaints": {"Lucía Herrero": 4},
    "SQL": {"Arjun Nair": 4},
    "Python (computer programming)": {"Arjun Nair": 4},
}
# Those of the above who learned it since the founding: how many days ago they could do it alone.
_LEARNED: dict[tuple[str, str], int] = {
    (RELAY, "Jonas Berg"): 150,
    (OIL, "Mats Solli"): 110,
    ("Live-line jointing", "Kari Moen"): 45,
    ("Injection set", "Sofia Lindgren"): 250,
    ("Fault records", "Mats Solli"): 19,
    ("Fibre splicing", "Sofia Lindgren"): 120,
}
# Where the rest who learned a skill did so lately, or long ago, in days before today.
_WHEN = {"Ansible": (60, 70), "Line inspection by drone": (240, 260)}
# Nobody else may come near these: they rest on one person, and the story tells who is close.
_NEEDS_OF_THE_STORY = [
    (RELAY, "Nils Eriksen", 3, 15),
    (RELAY, "Aisha Rahman", 2, 48),
    (SCADA, "Aisha Rahman", 2, 90),
    (OIL, "Jonas Berg", 2, 130),
    (OIL, "Nils Eriksen", 1, 14),
    ("Switching plans", "Nils Eriksen", 2, 14),
    ("Fault records", "Kari Moen", 3, 60),
    ("Injection set", "Pavel Novák", 2, 75),
    ("Feeder switching", "Aisha Rahman", 2, 100),
]


@dataclass
class Standing:
    """One person in one skill: the level today, and since when it was reached."""

    email: str
    skill: str
    level: int
    reached: date  # the day of the last claim
    before: int = 0  # the level that was claimed at the start, when it grew since
    started: date = date.min


@dataclass
class Story:
    events: list[Event] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)


def levels(roster: Roster, days: Days) -> Story:
    """Everything about skills in the order of its days."""
    teller = _Teller(roster, days)
    for trade in catalogue():
        teller.tell(trade)
    teller.tell_of_elin()
    story = teller.story
    story.events += _confirmations(story, teller, days)
    story.events += _wishes(story, teller, days)
    story.events += [Leaves(day, email) for email, day in roster.left.items()]
    story.events = [event for event in story.events if event.on < days.today]
    story.events.sort(key=lambda event: event.on)
    return story


class _Teller:
    def __init__(self, roster: Roster, days: Days) -> None:
        self.roster, self.days = roster, days
        self.people = roster.by_email()
        self.story = Story()
        self.teams = _teams_of_today(roster)
        self.chance = dice("levels")

    # --- Who ------------------------------------------------------------------------------------
    def tell(self, trade: Trade) -> None:
        known = {_mail(name): level for name, level in _KNOWN.get(trade.name, {}).items()}
        for name, level in _KNOWN.get(trade.name, {}).items():
            self._stand(trade.name, _mail(name), level, self._days_since(trade.name, name))
        for team, wish in trade.teams.items():
            self._require(trade.name, team, wish.wanted)
            members = self._able(team, exclude=set(known))
            here = [e for e, level in known.items() if level >= ALONE and self._is_in(e, team)]
            grown = sum((trade.name, self.people[e].name) in _LEARNED for e in here)
            missing = max(0, wish.now - len(here))
            old = [p for p in members if p.hired_on < self.days.founded]
            first = old[: max(0, min(missing, wish.before - (len(here) - grown)))]
            later = [p for p in members if p not in first][: missing - len(first)]
            self._fill(trade, first, later)
            if trade.name not in RESTING_ON_ONE:
                self._let_learn(trade, [p for p in members if p not in first and p not in later])

    def _fill(self, trade: Trade, first: Sequence[Person], later: Sequence[Person]) -> None:
        for i, person in enumerate(first):
            level = CAN_TEACH if i % 3 == 0 else ALONE
            self._stand(trade.name, person.email, level)
        low, high = _WHEN.get(trade.name, (25, 330))
        for person in later:
            self._stand(trade.name, person.email, ALONE, self.chance.randint(low, high))

    def _let_learn(self, trade: Trade, others: Sequence[Person]) -> None:
        count = self.chance.randint(1, 3) + len(others) // 6
        unnamed = [person for person in others if person.name not in _NAMED]
        for person in unnamed[:count]:
            level = WITH_HELP if self.chance.random() < 0.55 else LEARNING
            self._stand(trade.name, person.email, level, self._maybe_recent())

    def _maybe_recent(self) -> int | None:
        return self.chance.randint(20, 300) if self.chance.random() < 0.3 else None

    def _able(self, team: str, exclude: set[str]) -> list[Person]:
        """Who could be given a level, in an order of chance that prefers the experienced."""
        people = [
            person
            for person in self.teams[team]
            if person.email not in exclude
            and person.email not in self.roster.left
            and person.name not in _ONLY_BY_NAME
            and person.band in "ABC"
        ]
        return sorted(
            people,
            key=lambda p: self.chance.random() * (0.55 if p.hired_on < self.days.founded else 1.6),
        )

    def _is_in(self, email: str, team: str) -> bool:
        return any(person.email == email for person in self.teams[team])

    # --- Since when -----------------------------------------------------------------------------
    def _days_since(self, skill: str, name: str) -> int | None:
        return _LEARNED.get((skill, name))

    def _stand(self, skill: str, email: str, level: int, days_ago: int | None = None) -> None:
        """Claimed soon after the founding or the hiring; reached `days_ago`, when it grew since."""
        hired = self.people[email].hired_on
        if hired < self.days.founded:
            first, last = self.days.founded, self.days.founded + timedelta(days=75)
        else:
            first, last = hired + timedelta(days=3), hired + timedelta(days=14)
        started = self.days.some(self.chance, first, last)
        reached = started
        grown = self.days.ago(days_ago) if days_ago is not None else None
        if level > LEARNING and grown is not None and grown > last + timedelta(days=10):
            reached = self.days.some(self.chance, grown, grown)
            low = WITH_HELP if level >= ALONE else LEARNING
            self.story.events.append(Claims(started, email, skill, low))
            standing = Standing(email, skill, level, reached, low, started)
        else:
            standing = Standing(email, skill, level, reached, started=started)
        self.story.events.append(Claims(reached, email, skill, level))
        self.story.standings.append(standing)
        if level == CAN_TEACH and (skill in RESTING_ON_ONE or self.chance.random() < 0.7):
            self.story.events.append(Teaches(reached, email, skill))

    def _require(self, skill: str, team: str, wanted: int) -> None:
        day = self.days.some(self.chance, self.days.founded, self.days.founded + timedelta(days=40))
        if wanted > 2 and self.chance.random() < 0.2:  # raised during the year
            self.story.events.append(Requires(day, team, skill, wanted - 1))
            day = self.days.some(self.chance, self.days.ago(300), self.days.ago(60))
        self.story.events.append(Requires(day, team, skill, wanted))

    def tell_of_elin(self) -> None:
        """She could do relay protection, confirmed Marta, and went to the control room."""
        elin, marta = _mail("Elin Strand"), _mail("Marta Kowalczyk")
        founded = self.days.founded
        went = next(move.on for move in self.roster.moves if move.email == elin)
        self.story.events += [
            Claims(founded + timedelta(days=9), elin, RELAY, CAN_TEACH),
            Confirms(went - timedelta(days=5), elin, marta, RELAY),
            Withdraws(went + timedelta(days=20), elin, RELAY),
        ]


_NAMED = {name for known in _KNOWN.values() for name in known}
_ONLY_BY_NAME = {"Nils Eriksen", "Per Aune", "Ingrid Solheim"}


def _teams_of_today(roster: Roster) -> dict[str, list[Person]]:
    now = {move.email: move.team for move in roster.moves if move.team}
    teams: dict[str, list[Person]] = defaultdict(list)
    for person in roster.people:
        teams[now.get(person.email, person.team)].append(person)
    return teams


# --- Confirmations ---------------------------------------------------------------------------
def _confirmations(story: Story, teller: _Teller, days: Days) -> Iterator[Event]:
    """Most levels from "with help" up are confirmed by a peer, many of them again a year later;
    some confirmations have run out, and some run out soon."""
    chance = dice("confirmations")
    peers = _Peers(story, teller.roster)
    for standing in story.standings:
        if standing.level == LEARNING or chance.random() > 0.66:
            continue
        if (standing.skill, standing.email) == (RELAY, _mail("Marta Kowalczyk")):
            continue
        day = days.some(
            chance, standing.reached + timedelta(days=4), standing.reached + timedelta(days=50)
        )
        while standing.reached < day < days.today:
            peer = peers.find(standing, day, chance)
            if peer is not None:
                yield Confirms(day, peer, standing.email, standing.skill)
            if chance.random() < 0.3:
                break
            day = working(day + timedelta(days=365 + chance.randint(-25, 20)))


def working(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


class _Peers:
    """Who stood where on a day."""

    def __init__(self, story: Story, roster: Roster) -> None:
        self.left = roster.left
        self.by_skill: dict[str, list[Standing]] = defaultdict(list)
        for standing in story.standings:
            self.by_skill[standing.skill].append(standing)

    def find(self, standing: Standing, day: date, chance: Random) -> str | None:
        found = [
            peer.email
            for peer in self.by_skill[standing.skill]
            if peer.email != standing.email
            and peer.level >= standing.level
            and peer.reached < day
            and self.left.get(peer.email, date.max) > day
        ]
        return chance.choice(found) if found else None


# --- Wishes ----------------------------------------------------------------------------------
def _wishes(story: Story, teller: _Teller, days: Days) -> Iterator[Event]:
    """Those who learn want more, and those of the story want what it tells."""
    chance = dice("wishes")
    for skill, name, urgency, ago in _NEEDS_OF_THE_STORY:
        yield Wants(days.some(chance, days.ago(ago), days.ago(ago)), _mail(name), skill, urgency)
    for standing in story.standings:
        if standing.level >= ALONE or standing.skill in RESTING_ON_ONE:
            continue
        if chance.random() < 0.5:
            first = max(standing.reached, days.ago(200))
            day = days.some(chance, first, days.yesterday)
            urgency = chance.choices((1, 2, 3), (3, 5, 2))[0]
            yield Wants(day, standing.email, standing.skill, urgency)
