"""The directory over HTTP: a company of 10,000 against one of 100 in the same database.

Belongs to `python3 -m benchmarks.people`.
"""

from __future__ import annotations

import asyncio
import statistics
from datetime import UTC, datetime
from urllib.parse import urlencode

from benchmarks.company import sign_in
from benchmarks.crowd import Browser
from benchmarks.measuring import Figure, milliseconds
from benchmarks.servers import SMALL, TINY, as_owner
from benchmarks.web import Webs

FEW, MANY = 100, 1_000 if TINY else 10_000
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
ROUNDS = 3 if TINY else 40 if SMALL else 100
FIRST = ("Nils", "Ingrid", "Åse", "Ole", "Kari", "Mette", "Aisha", "Runa", "Siri", "Øystein")
LAST = ("Eriksen", "Aas", "Berg", "Lunde", "Dahl", "Moen", "Vik", "Haug", "Sæther",
        "Müller", "Hansen", "Johansen", "Larsen", "Andersen", "Kristoffersen", "Weiß")  # fmt: skip
TITLES = ("Technician", "Planner", "Fitter")
# As it is opened; a whole name; one with typing errors in both words.
ASKED = {"directory": "", "directory_search": "solheim", "directory_nearly": "Nlis Sohlheim"}


def _company(people: int) -> tuple[str, str]:
    """Its directory's path and the e-mail of somebody in it. Teams of twenty, managers of ten."""
    from peerlearn.organizations.addresses import organization_path
    from peerlearn.organizations.founding import found
    from peerlearn.organizations.models import Employee, Membership, Team, User
    from peerlearn.organizations.scoping import scope

    name = f"of{people}"
    organization, _founder = found(
        name=name, time_zone="Europe/Oslo", founder_name="F", founder_email=f"f@{name}.example",
        at=AT,
    )  # fmt: skip
    with scope(organization.pk):
        teams = Team.objects.bulk_create(Team(name=f"Team {at}") for at in range(people // 20))
        users = User.objects.bulk_create(
            [User(email=f"{at}@{name}.example", password="!") for at in range(people)]
        )
        members = Membership.objects.bulk_create(
            [Membership(user=user, organization=organization) for user in users]
        )
        staff = [
            Employee(
                name=_name(at), email=user.email, job_title=TITLES[at % 3], membership=member,
                team=teams[at // 20], hired_on=AT.date(), time_zone="Europe/Oslo",
            )
            for at, (user, member) in enumerate(zip(users, members, strict=True))
        ]  # fmt: skip
        Employee.objects.bulk_create(staff[: people // 10], batch_size=1_000)
        for at in range(people // 10, people):
            staff[at].manager = staff[at // 10]
        Employee.objects.bulk_create(staff[people // 10 :], batch_size=1_000)
    return str(organization_path(organization, "employees")), staff[1].email


def _name(at: int) -> str:
    """Ten are called Solheim in either company, so that both show as many rows."""
    last = "Solheim" if at < 10 else LAST[at // 10 % len(LAST)]
    return f"{FIRST[at % 10]} {chr(65 + at // 160 % 26)}. {last}"


async def _in_turn(pages: list[tuple[Browser, str, str]]) -> list[float]:
    """The median of each in seconds, interleaved."""
    taken: list[list[float]] = [[] for _ in pages]
    for turn in range(ROUNDS + 4):
        for (browser, path, session), times in zip(pages, taken, strict=True):
            answer = await browser.get(path, session)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} instead of 200")
            if turn >= 4:  # every thread of both processes has answered before
                times.append(answer.seconds)
    return [statistics.median(times) for times in taken]


def measure() -> list[Figure]:
    paths, emails = zip(_company(MANY), _company(FEW), strict=True)
    companies = list(zip(paths, sign_in(list(emails)), strict=True))
    with as_owner() as cursor:
        cursor.execute("ANALYZE")
    with Webs() as webs, asyncio.Runner() as runner, webs.running() as web:
        pages = [
            (Browser(web), f"{path}?{urlencode({'q': text})}", session)
            for text in ASKED.values()
            for path, session in companies
        ]
        medians = iter(runner.run(_in_turn(pages)))
    figures = []
    for name in ASKED:
        many, few = next(medians), next(medians)
        figures.append(Figure(f"{name}_10k_vs_100", many / few, 1.3, note=milliseconds(many, few)))
    return figures
