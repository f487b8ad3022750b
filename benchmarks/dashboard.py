"""The manager's page over HTTP: what it costs beside its own SQL, and whether it stays as it is
when interactions and organizations multiply; and what row security costs the queries below it.

python3 -m benchmarks.dashboard [--json]
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import fence
from benchmarks.company import add_interactions, copy_company, make_company, roll_up, sign_in
from benchmarks.crowd import Browser
from benchmarks.measuring import Figure, milliseconds
from benchmarks.servers import SMALL, TINY, show
from benchmarks.web import HOST, Web, Webs
from peerlearn.runtime.roles import Login, grant

PEOPLE = 40 if TINY else 1_000
FEW, MANY = (100, 400) if TINY else (10_000, 200_000 if SMALL else 1_000_000)
COPIES = 3 if TINY else 99 if SMALL else 999
ROUNDS = 3 if TINY else 25 if SMALL else 100
# The page, and the panels that it fetches by itself.
SHELL, PANELS = "dashboard", ("dashboard_figures", "dashboard_coverage", "dashboard_shadowing")


@dataclass(frozen=True)
class Company:
    organization: Any
    session: str

    def path(self, name: str) -> str:
        from peerlearn.organizations.addresses import organization_path

        return str(organization_path(self.organization, name))


@dataclass(frozen=True)
class Page:
    """The shell and its panels at one web server: ours, or the same statements and no more."""

    browser: Browser
    session: str
    paths: Sequence[str]

    async def load(self) -> float:
        """Seconds for all of it, one request after the other."""
        begun = perf_counter()
        for at, path in enumerate(self.paths):
            answer = await self.browser.get(path, self.session, htmx=at > 0)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} instead of 200")
        return perf_counter() - begun


def measure() -> list[Figure]:
    few, many = _settle()
    copied = make_company(max(PEOPLE // 10, 20), "Copied")
    add_interactions(copied, FEW // 10)
    roll_up(copied)
    alone = _another_database()
    copy_company(copied, COPIES)
    roll_up(copied)  # and Postgres's own figures
    with Webs() as webs, asyncio.Runner() as runner:
        statements = webs.folder / "statements.json"
        _write_down(few, statements)
        bare = {
            "DJANGO_SETTINGS_MODULE": "benchmarks.bare_settings",
            "BARE_STATEMENTS": str(statements),
        }
        with (
            webs.running(DATABASE_URL=alone) as ours,
            webs.running("benchmarks.bare", DATABASE_URL=alone, **bare) as peer,
            webs.running() as crowded,
        ):
            floor = Page(Browser(peer), "", [f"/replay/{name}/" for name in (SHELL, *PANELS)])
            pages = [_page(ours, few), floor, _page(ours, many), _page(crowded, few)]
            mine, least, grown, among = runner.run(_in_turn(pages))
    return [
        Figure("http_vs_floor", mine / least, 3, note=milliseconds(mine, least)),
        Figure("interactions_many_vs_few", grown / mine, 1.2, note=_of(MANY, grown, FEW, mine)),
        Figure("orgs_1000_vs_1", among / mine, 1.1, note=_of(COPIES + 3, among, 3, mine)),
        *fence.measure(),
    ]


def _another_database() -> str:
    """A copy of all there is now, for the role that serves."""
    from django.db import connection

    serving = Login.from_url(os.environ["DATABASE_URL"], "DATABASE_URL")
    owner = Login.from_url(os.environ["DATABASE_OWNER_URL"], "DATABASE_OWNER_URL")
    connection.close()
    with replace(owner, database="postgres").cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "alone" TEMPLATE "{serving.database}"')
    grant(replace(owner, database="alone"), app=serving.user, backup=None)
    return replace(serving, database="alone").url()


def _of(more: int, slow: float, less: int, fast: float) -> str:
    return f"{more:,} against {less:,}: {milliseconds(slow, fast)}"


def _settle() -> tuple[Company, Company]:
    """Two companies that differ in how much was done there."""
    made = []
    for name, interactions in (("Few", FEW), ("Many", MANY)):
        organization = make_company(PEOPLE, name)
        add_interactions(organization, interactions)
        roll_up(organization)
        made.append(organization)
    keys = sign_in([f"0@{organization.slug}.example" for organization in made])
    few, many = (Company(*pair) for pair in zip(made, keys, strict=True))
    return few, many


def _page(web: Web, company: Company) -> Page:
    return Page(Browser(web), company.session, [company.path(name) for name in (SHELL, *PANELS)])


async def _in_turn(pages: list[Page]) -> list[float]:
    """The median of each, in seconds; interleaved."""
    for page in pages * 4:  # every thread of both processes has answered before
        await page.load()
    taken: list[list[float]] = [[] for _ in pages]
    for _ in range(ROUNDS):
        for page, times in zip(pages, taken, strict=True):
            times.append(await page.load())
    return [statistics.median(times) for times in taken]


def _write_down(company: Company, file: Path) -> None:
    """The statements of each request, for the bare view to run."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = [HOST]
    client = Client(headers={"host": HOST})
    client.cookies[settings.SESSION_COOKIE_NAME] = company.session
    found = {}
    for at, name in enumerate((SHELL, *PANELS)):
        client.get(
            company.path(name)
        )  # what is kept for the next request is kept in the page's too
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(company.path(name), headers={"hx-request": "true"} if at else None)
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code}")
        control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
        asked = [query["sql"] for query in captured.captured_queries]
        found[name] = [sql for sql in asked if not sql.startswith(control)]
    file.write_text(json.dumps(found))
    connection.close()


if __name__ == "__main__":
    sys.exit(show(measure))
