"""A year of shadowing at Halden Grid, and what is booked. Pure, no Django.

Days are wishes: when a session is booked, it gets the first free days from the wished one on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from demo.days import Days, dice, months_before, working_day
from demo.levels import ALONE, LEARNING, WITH_HELP, Standing, Story
from demo.names import address
from demo.offers import OFFERS, Offer
from demo.roster import Roster
from demo.teams import DOMAIN
from demo.trade import OIL, RELAY, RESTING_ON_ONE

PLANNED, RUNNING, DONE, CANCELLED = "planned", "running", "done", "cancelled"

_GOALS = (
    "Do it once by myself while you watch",
    "Understand why you do it in this order",
    "See a day as it really is, with its interruptions",
    "Stop asking the same question every week",
    "Be the second one who can do it when you are away",
    "Read the records without help",
    "",
)
_CAN_NOW = (
    "I prepare it alone and call before the last step.",
    "I know which three values to look at first.",
    "The whole way once, with the checklist beside me.",
    "I can say what is normal and what is not.",
    "Everything except the test report.",
)
_DIFFERENTLY = (
    "Bring a case of my own on the first day.",
    "More time for the second day.",
    "Less to read, more to do.",
    "",
)
_MAY_SHOW = ("The checklist we wrote", "Our photos of the test rack", "Nothing yet", "")
_HOST_SAYS = (
    "Asks at the right moment. Ready for a test under my eye.",
    "Careful with the papers, quick with the hands.",
    "Should do the next one within a month, or it is lost.",
    "Works through my checklist alone, and found a gap in it.",
)
_HOST_DIFFERENTLY = (
    "Send the drawings beforehand.",
    "Leave more time for the second day.",
    "Show less, let them do more.",
    "",
)
_NOTES = (
    "File names: station, bay, date. Never 'new'.",
    "Read the trip memory before anything is reset.",
    "The second cabinet has the old drawings.",
    "Ask for the work permit the day before.",
)
_REASONS = (
    "The outage was moved to next month.",
    "I am needed for a fault.",
    "Ill, I am sorry. Let us find new days.",
    "",
)


@dataclass(frozen=True)
class Talk:
    """One side's answers."""

    can_now: str
    differently: str
    may_show: str


@dataclass(frozen=True)
class Learner:
    email: str
    goal: str
    debrief: Talk | None = None
    levels: tuple[tuple[str, int], ...] = ()  # skill and the level that they propose
    answer: bool | None = None  # what the host says to it; None leaves it open


@dataclass(frozen=True)
class Shadowing:
    """One session: wished from `on`, booked `ahead` days before it begins."""

    offer: Offer
    on: date
    ahead: int
    learners: tuple[Learner, ...]
    outcome: str = DONE
    reason: str = ""
    host_cancels: bool = False
    host_debrief: Talk | None = None
    note: str = ""


@dataclass
class _Pool:
    """Who could come to an offer, those first who come for a purpose."""

    growing: list[Standing] = field(default_factory=list)
    learning: list[Standing] = field(default_factory=list)
    near: list[str] = field(default_factory=list)


def shadowings(roster: Roster, story: Story, days: Days) -> list[Shadowing]:
    """In the order of their wished days."""
    teller = _Teller(roster, story, days)
    pinned = [*teller.named(), teller.running(), *teller.booked()]
    told = [*pinned, *_beside(pinned, teller.year())]
    return sorted(told, key=lambda shadowing: shadowing.on)


def _beside(pinned: Sequence[Shadowing], others: Iterable[Shadowing]) -> Iterator[Shadowing]:
    """Those that leave the pinned ones their days and their share of the host's month."""
    for other in others:
        same = [p for p in pinned if p.offer.host == other.offer.host]
        near = any(abs((p.on - other.on).days) <= 8 for p in same)
        month = [p for p in same if p.on.replace(day=1) == other.on.replace(day=1)]
        if not near and not month:
            yield other


class _Teller:
    def __init__(self, roster: Roster, story: Story, days: Days) -> None:
        self.roster, self.days = roster, days
        self.chance = dice("shadowings")
        self.people = roster.by_email()
        self.offers = {offer.host: offer for offer in OFFERS}
        self.pools = {offer.host: self._pool(offer, story) for offer in OFFERS}
        self.opens = {offer.host: self._opens(offer, story) for offer in OFFERS}

    def _opens(self, offer: Offer, story: Story) -> date:
        """Two weeks after the host could do it and had come to the place."""
        host = _mail(offer.host)
        days = [
            standing.reached
            for standing in story.standings
            if standing.email == host and standing.skill in offer.skills
        ]
        days += [move.on for move in self.roster.moves if move.email == host]
        return max(days) + timedelta(days=14)

    def _pool(self, offer: Offer, story: Story) -> _Pool:
        host = _mail(offer.host)
        pool = _Pool()
        for standing in story.standings:
            if standing.skill not in offer.skills or self._is_of_the_story(standing.email, host):
                continue
            if standing.before and standing.reached > self.days.year_begins:
                pool.growing.append(standing)
            elif standing.level < ALONE:
                pool.learning.append(standing)
        team = self.people[host].team
        pool.near = [
            person.email
            for person in self.roster.people
            if person.hired_on < self.days.founded
            and not self._is_of_the_story(person.email, host)
            and person.band in "ABC"
            and (person.team == team or self.chance.random() < 0.06)
        ]
        self.chance.shuffle(pool.near)
        pool.growing.sort(key=lambda standing: standing.reached)
        return pool

    def _is_of_the_story(self, email: str, host: str) -> bool:
        return (
            email == host or self.people[email].name in _TOLD_BY_NAME or email in self.roster.left
        )

    # --- A year, from few to many -----------------------------------------------------------------
    def year(self) -> Iterator[Shadowing]:
        """From 4 a month to 17; fewer in July."""
        hosts = [offer for offer in OFFERS for _ in range(offer.per_month)]
        for i in range(12, -1, -1):
            first = months_before(self.days.today, i)
            last = min(months_before(self.days.today, i - 1), self.days.ago(9))
            share = max(0, (last - first).days) / 30
            count = round((4 + (12 - i) * 1.15) * share * (0.4 if first.month == 7 else 1))
            for offer in self.chance.sample(hosts, min(count, len(hosts))):
                day = first + timedelta(
                    days=self.chance.randint(0, max(0, (last - first).days - 6))
                )
                if day >= self.opens[offer.host]:
                    yield self._session(offer, working_day(day))

    def _session(self, offer: Offer, day: date) -> Shadowing:
        seats = self.chance.randint(1, offer.capacity)
        learners = [self._learner(offer, day) for _ in range(seats)]
        unique = tuple({learner.email: learner for learner in learners}.values())
        session = Shadowing(
            offer,
            day,
            ahead=self.chance.randint(offer.notice_days + 1, 24),
            learners=unique,
            host_debrief=self._talk(_HOST_SAYS, _HOST_DIFFERENTLY) if self._answers(day) else None,
            note=self.chance.choice(_NOTES) if self.chance.random() < 0.4 else "",
        )
        if self.chance.random() < 0.1:
            session = replace(
                session,
                outcome=CANCELLED,
                reason=self.chance.choice(_REASONS),
                host_cancels=self.chance.random() < 0.4,
            )
        return session

    def _learner(self, offer: Offer, day: date) -> Learner:
        pool = self.pools[offer.host]
        goal = self.chance.choice(_GOALS)
        debrief = self._talk(_CAN_NOW) if self._answers(day) else None
        soon = [s for s in pool.growing if timedelta() < s.reached - day < timedelta(days=60)]
        if soon:
            pool.growing.remove(soon[0])
            grown = Learner(soon[0].email, goal, debrief or self._talk(_CAN_NOW))
            return replace(grown, levels=((soon[0].skill, soon[0].level),), answer=True)
        known = [s for s in pool.learning if s.reached < day - timedelta(days=15)]
        if known and self.chance.random() < 0.6:
            standing = self.chance.choice(known)
            return self._beginner(standing, goal, debrief)
        there = [email for email in pool.near if self.people[email].hired_on < day]
        return Learner(self.chance.choice(there), goal, debrief)

    def _beginner(self, standing: Standing, goal: str, debrief: Talk | None) -> Learner:
        """Somebody who goes on learning: sometimes they think they are further than they are."""
        learner = Learner(standing.email, goal, debrief)
        if debrief is None or standing.skill in RESTING_ON_ONE or self.chance.random() < 0.6:
            return learner
        if standing.level == WITH_HELP:
            return replace(learner, levels=((standing.skill, ALONE),), answer=False)
        return replace(learner, levels=((standing.skill, LEARNING),), answer=True)

    def _answers(self, day: date) -> bool:
        """In the end everybody answers; those of late not yet."""
        return day < self.days.ago(35) or self.chance.random() < 0.75

    def _talk(self, says: Sequence[str], differently: Sequence[str] = _DIFFERENTLY) -> Talk:
        """The host says what the learner can do now, the learner what they can do themself."""
        return Talk(
            self.chance.choice(says),
            self.chance.choice(differently),
            self.chance.choice(_MAY_SHOW),
        )

    # --- What the story tells by name -------------------------------------------------------------
    def named(self) -> Iterator[Shadowing]:
        """How Jonas, Mats and Kari came to their levels, and a debrief that is due."""
        wanted = (
            ("Marta Kowalczyk", "Jonas Berg", 170, (RELAY, WITH_HELP)),
            ("Tove Lindahl", "Mats Solli", 125, (OIL, WITH_HELP)),
            ("Tomasz Wrona", "Kari Moen", 60, ("Live-line jointing", ALONE)),
            ("Marta Kowalczyk", "Mats Solli", 33, ("Fault records", ALONE)),
        )
        for host, name, ago, level in wanted:
            yield self._told(
                host, name, ago, Learner(_mail(name), "", levels=(level,), answer=True)
            )
        yield self._told("Elin Strand", "Aisha Rahman", 65, Learner(_mail("Aisha Rahman"), ""))
        waiting = Learner(_mail("Pavel Novák"), "", levels=(("Fibre splicing", WITH_HELP),))
        yield self._told("Lin Yu-Chen", "Pavel Novák", 9, waiting)
        silent = Shadowing(
            self.offers["Sofia Lindgren"],
            working_day(self.days.ago(12)),
            ahead=10,
            learners=(Learner(_mail("Jonas Berg"), "Set up the injection set without help"),),
        )
        yield silent

    def _told(self, host: str, name: str, ago: int, learner: Learner) -> Shadowing:
        return Shadowing(
            self.offers[host],
            working_day(self.days.ago(ago)),
            ahead=16,
            learners=(replace(learner, goal=_GOALS[0], debrief=self._talk(_CAN_NOW)),),
            host_debrief=self._talk(_HOST_SAYS, _HOST_DIFFERENTLY),
            note=_NOTES[0],
        )

    def running(self) -> Shadowing:
        """Three days of which the second has passed: a host can mark it done."""
        day = self.days.yesterday
        for _ in range(2):
            while day.weekday() > 4:
                day -= timedelta(days=1)
            first, day = day, day - timedelta(days=1)
        learner = Learner(_mail("Hanne Vik"), "Locate a fault without the van")
        return Shadowing(
            self.offers["Tomasz Wrona"], first, 12, (learner,), RUNNING, note=_NOTES[1]
        )

    def booked(self) -> Iterator[Shadowing]:
        """In the coming weeks. Marta keeps a place beside Jonas, and days of her own."""
        coming = (
            ("Marta Kowalczyk", "Jonas Berg", 15, "Run the relay test myself"),
            ("Ruben Achterberg", "Aisha Rahman", 9, "Know what the gateway's alarms mean"),
            ("Tove Lindahl", "Mats Solli", 18, "Take a sample that the laboratory accepts"),
            ("Samira Haddad", "Kari Moen", 6, "Understand where bad values come from"),
            ("Lucía Herrero", "Liv Haugen", 11, "Hear what customers ask about connections"),
        )
        for host, name, ahead, goal in coming:
            day = working_day(self.days.ago(-ahead))
            learner = Learner(_mail(name), goal)
            yield Shadowing(self.offers[host], day, ahead + 3, (learner,), PLANNED)
        for host in ("Elin Strand", "Ola Fossum", "Arjun Nair", "Lin Yu-Chen"):
            day = working_day(self.days.ago(-self.chance.randint(4, 25)))
            session = self._session(self.offers[host], day)
            yield replace(session, outcome=PLANNED, ahead=(day - self.days.today).days + 2)


_TOLD_BY_NAME = {
    "Marta Kowalczyk",
    "Ruben Achterberg",
    "Nils Eriksen",
    "Jonas Berg",
    "Mats Solli",
    "Kari Moen",
    "Hanne Vik",
    "Aisha Rahman",
    "Pavel Novák",
    "Liv Haugen",
    "Amina Okafor",
    "Ingrid Solheim",
    "Per Aune",
}


def _mail(name: str) -> str:
    return address(name, DOMAIN)
