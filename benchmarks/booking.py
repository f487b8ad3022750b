"""Booking through HTTP: how near it comes to its own INSERTs, and a crowd on one slot.

python3 -m benchmarks.booking [--json]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from time import perf_counter
from typing import Any

from benchmarks.company import make_company, sign_in
from benchmarks.crowd import Answer, Browser
from benchmarks.measuring import Figure, percentile
from benchmarks.servers import SMALL, TINY, as_owner, show
from benchmarks.web import Web, Webs

CLIENTS = 32
CROWD = 20 if TINY else 60 if SMALL else 500
PROCESSES = (2,) if TINY else (2, 4, 8)
RUSHES = 1 if SMALL or TINY else 2
HOSTS = 64 if SMALL or TINY else 128  # as many a week; all weeks lie before the late one
_LATE_WEEK = 20  # no slot of the throughput lies so late
BATCH, BATCHES = (8, 2) if TINY else (48, 3) if SMALL else (128, 7)


@dataclass(frozen=True)
class Offer:
    pk: int
    public_id: str
    host: int


@dataclass(frozen=True)
class Learner:
    pk: int
    session: str


@dataclass(frozen=True)
class Company:
    organization: Any
    offers: list[Offer]
    learners: list[Learner]

    def path(self, *parts: str) -> str:
        return "/".join(["", "o", self.organization.slug, *parts, ""])


def measure() -> list[Figure]:
    company = _settle()
    figures = _queries(company)
    with Webs() as webs, asyncio.Runner() as runner:
        figures.append(runner.run(_against_bare(company, webs)))
        for processes in PROCESSES:
            figures += runner.run(_rush(company, webs, processes))
    return figures


def _settle() -> Company:
    from peerlearn.organizations.models import Employee
    from peerlearn.organizations.scoping import scope

    organization = make_company(1 + HOSTS + CROWD)
    with scope(organization.pk):
        people = list(Employee.objects.filter(is_hr=False).order_by("pk"))
        hosts, learners = people[:HOSTS], people[HOSTS:]
        offers = _offer(hosts)
    keys = sign_in([learner.email for learner in learners])
    with as_owner() as cursor:
        cursor.execute("ANALYZE")
    return Company(
        organization,
        [Offer(offer.pk, offer.public_id, offer.host_id) for offer in offers],
        [Learner(one.pk, key) for one, key in zip(learners, keys, strict=True)],
    )


def _offer(hosts: list[Any]) -> list[Any]:
    """Three days each, in one skill, after a plan."""
    from peerlearn.clock import now
    from sessions.models import OfferSkill, PlanStep, ShadowingOffer
    from skills.models import Skill

    skills = list(Skill.objects.all())
    offers = ShadowingOffer.objects.bulk_create(
        ShadowingOffer(
            host=host,
            time_zone=host.time_zone,
            starts_at=time(8),
            place="Here",
            per_month=20,
            created_at=now(),
        )
        for host in hosts
    )
    OfferSkill.objects.bulk_create(
        OfferSkill(offer=offer, skill=skills[number % len(skills)])
        for number, offer in enumerate(offers)
    )
    PlanStep.objects.bulk_create(
        PlanStep(offer=offer, day=day, stage=stage, text="As written")
        for offer in offers
        for day, stage in enumerate(("watch", "together", "lead"), start=1)
    )
    return list(offers)


# --- Slots of three days, one a week -----------------------------------------------------------
def _monday(week: int) -> date:
    """The Monday of a week from the one after next on, well beyond the hosts' notice."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=2 + week)


def _slots(company: Company) -> Iterator[tuple[Offer, Learner, date]]:
    """No two of them touch: neither in the host's time nor in the learner's."""
    learners = company.learners
    for number in count():
        week, at = divmod(number, min(len(company.offers), len(learners)))
        learner = learners[(at + week * 7) % len(learners)]
        yield company.offers[at], learner, _monday(week)


async def _book(browser: Browser, company: Company, slot: tuple[Offer, Learner, date]) -> None:
    """As a person does: hold the days, then book them."""
    offer, learner, day = slot
    hold = company.path("shadowing", offer.public_id, "hold")
    held = await browser.post(hold, learner.session, start=day.isoformat())
    _expect(held, 302)
    booked = await browser.post(f"{held.location}book/", learner.session, goal="To do it alone")
    _expect(booked, 302)


async def _book_bare(browser: Browser, company: Company, slot: tuple[Offer, Learner, date]) -> None:
    offer, learner, day = slot
    answer = await browser.post(
        "/book/",
        organization=company.organization.pk,
        host=offer.host,
        learner=learner.pk,
        offer=offer.pk,
        starts=datetime(day.year, day.month, day.day, 7, tzinfo=UTC).isoformat(),
    )
    _expect(answer, 200)


def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}")


# --- Throughput --------------------------------------------------------------------------------
Deed = Callable[[Browser, Company, tuple[Offer, Learner, date]], Awaitable[None]]


async def _against_bare(company: Company, webs: Webs) -> Figure:
    slots = _slots(company)
    bare_settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.bare_settings"}
    with (
        webs.running() as ours,
        webs.running("benchmarks.bare", **bare_settings) as bare,
    ):
        await _batch(ours, _book, company, slots, CLIENTS)
        await _batch(bare, _book_bare, company, slots, CLIENTS)
        await asyncio.to_thread(_analyse)
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(BATCHES):
            rates[0].append(await _batch(ours, _book, company, slots, BATCH))
            rates[1].append(await _batch(bare, _book_bare, company, slots, BATCH))
    mine, peer = statistics.median(rates[0]), statistics.median(rates[1])
    note = f"{mine:.0f} bookings a second against {peer:.0f}"
    return Figure("vs_bare_view", mine / peer, 0.5, "≥", note)


def _analyse() -> None:
    """As Postgres does by itself within a minute: plans made for empty tables do not last."""
    from django.db import connection

    try:
        with as_owner() as cursor:
            cursor.execute("ANALYZE")
    finally:
        connection.close()


async def _batch(
    web: Web, deed: Deed, company: Company, slots: Iterator[Any], bookings: int
) -> float:
    """So many bookings by 32 clients; how many a second."""
    left = [next(slots) for _ in range(bookings)]
    browsers = [Browser(web) for _ in range(min(CLIENTS, bookings))]

    async def work(browser: Browser) -> None:
        while left:
            await deed(browser, company, left.pop())

    begun = perf_counter()
    async with asyncio.TaskGroup() as group:
        for browser in browsers:
            group.create_task(work(browser))
    taken = perf_counter() - begun
    for browser in browsers:
        browser.close()
    return bookings / taken


# --- A crowd on one slot -----------------------------------------------------------------------
async def _rush(company: Company, webs: Webs, processes: int) -> list[Figure]:
    """Everybody presses at the same moment, each over a new connection; who holds the days books
    them. Several times, each on another host's days: the worst count, the median time."""
    winners, errors, times = [], 0, []
    with webs.running(processes=processes) as web:
        offers = company.offers[_LATE_WEEK + processes :: processes][:RUSHES]
        await _warm_up(web, company, offers[0])
        for offer in offers:
            pressed, won = await _press(web, company, offer)
            errors += sum(answer.is_error for answer in pressed)
            winners.append(won)
            times.append(percentile([answer.seconds for answer in pressed], 0.95))
    worst = max(winners, key=lambda won: abs(won - 1))
    return [
        Figure(f"single_slot_winners.{processes}", worst, 1, "=", f"of {CROWD} clients"),
        Figure(f"single_slot_errors.{processes}", errors, 0),
        Figure(f"single_slot_p95_s.{processes}", statistics.median(times), 1),
    ]


async def _warm_up(web: Web, company: Company, offer: Offer) -> None:
    """Every thread of every process has answered before, as in a service that runs."""
    browsers = [Browser(web) for _ in range(4 * web.processes)]
    path = company.path("shadowing", offer.public_id)
    for _ in range(2):
        answers = await asyncio.gather(
            *(browser.get(path, company.learners[0].session) for browser in browsers)
        )
        for answer in answers:
            _expect(answer, 200)
    for browser in browsers:
        browser.close()


async def _press(web: Web, company: Company, offer: Offer) -> tuple[list[Answer], int]:
    """(what everybody was answered, how many booked)."""
    day = _monday(_LATE_WEEK)
    slots = [(offer, learner, day) for learner in company.learners[:CROWD]]
    answers = await asyncio.gather(*(_try(Browser(web), company, slot) for slot in slots))
    return [answer for tried in answers for answer in tried], await asyncio.to_thread(
        _booked, company, offer, day
    )


async def _try(
    browser: Browser, company: Company, slot: tuple[Offer, Learner, date]
) -> list[Answer]:
    offer, learner, day = slot
    hold = company.path("shadowing", offer.public_id, "hold")
    answers = [await browser.post(hold, learner.session, start=day.isoformat())]
    if answers[0].status == 302:
        answers.append(await browser.post(f"{answers[0].location}book/", learner.session, goal=""))
    browser.close()
    return answers


def _booked(company: Company, offer: Offer, day: date) -> int:
    """How many learners have the days, by the database's word."""
    from django.db import connection

    from peerlearn.organizations.scoping import scope
    from sessions.models import Participation

    try:
        with scope(company.organization.pk):
            return int(
                Participation.objects.filter(
                    seat="shadow",
                    state="booked",
                    session__offer=offer.pk,
                    session__starts_at__date=day,
                ).count()
            )
    finally:
        connection.close()


# --- Statements --------------------------------------------------------------------------------
def _queries(company: Company) -> list[Figure]:
    """What the verbs run, without what opens and closes transactions."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from peerlearn.clock import now
    from peerlearn.organizations.models import Employee
    from peerlearn.organizations.scoping import scope
    from sessions.booking import book
    from sessions.holding import hold
    from sessions.models import ShadowingOffer

    day = _monday(_LATE_WEEK)
    with scope(company.organization.pk):
        offer = ShadowingOffer.objects.with_subject().get(pk=company.offers[0].pk)
        learner = Employee.objects.get(pk=company.learners[0].pk)
        with CaptureQueriesContext(connection) as holding:
            held = hold(offer, learner, day, at=now())
        with CaptureQueriesContext(connection) as booked:
            book(held, goal="To do it alone", at=now())
    return [
        Figure(f"booking_queries.{name}", _statements(captured), 10)
        for name, captured in (("hold", holding), ("book", booked))
    ]


def _statements(captured: Any) -> int:
    control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not query["sql"].startswith(control) for query in captured)


if __name__ == "__main__":
    sys.exit(show(measure))
