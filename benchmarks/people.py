"""Importing the people of a company from CSV, against Django's bulk_create of the same rows; and
the directory of 10,000 people against that of 100.

python3 -m benchmarks.people [--json]
"""

from __future__ import annotations

import csv
import gc
import io
import statistics
import sys
from datetime import UTC, date, datetime
from typing import Any

from benchmarks import directory
from benchmarks.measuring import Figure, seconds
from benchmarks.servers import SMALL, TINY, show

PEOPLE = 100 if TINY else 10_000
ROUNDS = 1 if TINY else 3 if SMALL else 5
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
# Who reports to whom, from above: a manager's row is there before those below it.
LEVELS = ((0, 1), (1, 11), (11, 111), (111, 1_111), (1_111, 11_111))
TOGETHER = 1_000  # rows of one statement, of both
TITLES = ("Technician", "Fitter", "Engineer", "Analyst", "Planner")


def table(mark: str) -> list[list[str]]:
    """Managers of ten, and theirs; a team for twenty; every hundredth leaves."""
    rows = [["Employee number", "Name", "Work e-mail", "Team", "Manager", "Job title", "Start date",
             "Last day"]]  # fmt: skip
    rows += [
        [
            f"{mark}{at}", f"Person {at * 7919 % 10_007:05d} of {mark}", f"{at}@{mark}.example",
            f"Team {at // 20}", f"{mark}{(at - 1) // 10}" if at else "", TITLES[at % len(TITLES)],
            f"{2000 + at % 26}-{at % 12 + 1:02d}-{at % 28 + 1:02d}",
            "2027-03-31" if at % 100 == 99 else "",
        ]
        for at in range(PEOPLE)
    ]  # fmt: skip
    return rows


def as_csv(rows: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def found(name: str) -> tuple[Any, Any]:
    from peerlearn.organizations import founding

    return founding.found(
        name=name,
        time_zone="Europe/Oslo",
        founder_name="F",
        founder_email=f"f@{name}.example",
        at=AT,
    )


def imported(mark: str, content: bytes) -> float:
    """All that a worker does between the upload and the end."""
    from peerlearn.organizations.importing import acts
    from peerlearn.organizations.models import Employee, Import
    from peerlearn.organizations.scoping import scope

    organization, by = found(f"import{mark}")
    with scope(organization.pk):
        row = acts.begin(kind="people", by=by, file_name="people.csv", content=content, at=AT)

    def work() -> None:
        acts.work(row, at=AT)
        with scope(organization.pk):
            assert acts.choose(row, mapping=row.mapping, order=row.order, at=AT)
        acts.work(row, at=AT)
        with scope(organization.pk):
            assert acts.write(row, removes=False, by=by, at=AT)
        acts.work(row, at=AT)

    taken = seconds(work)
    with scope(organization.pk):
        done = Import.objects.get()
        assert (done.state, done.counts["new"]) == ("done", PEOPLE), (done.state, done.counts)
        assert Employee.objects.filter(manager__isnull=False).count() == PEOPLE - 1
    return taken


def created(mark: str, rows: list[list[str]]) -> float:
    """The same rows by bulk_create, with everything known beforehand and nothing checked."""
    from peerlearn.organizations.models import Assignment, Employee, Membership, Team, User
    from peerlearn.organizations.scoping import scope

    organization, _by = found(f"bulk{mark}")

    def create() -> None:
        with scope(organization.pk):
            names = dict.fromkeys(row[3] for row in rows[1:])
            teams = {
                team.name: team
                for team in Team.objects.bulk_create([Team(name=name) for name in names])
            }
            users = User.objects.bulk_create(
                [User(email=f"b{row[2]}", password="!") for row in rows[1:]], batch_size=TOGETHER
            )
            members = Membership.objects.bulk_create(
                [Membership(user=user, organization=organization) for user in users],
                batch_size=TOGETHER,
            )
            people = [
                Employee(
                    number=row[0], name=row[1], email=f"b{row[2]}", team=teams[row[3]],
                    job_title=row[5], hired_on=date.fromisoformat(row[6]),
                    leaving_on=date.fromisoformat(row[7]) if row[7] else None,
                    membership=member, time_zone="Europe/Oslo",
                )
                for row, member in zip(rows[1:], members, strict=True)
            ]  # fmt: skip
            for first, last in LEVELS:
                for at in range(max(first, 1), min(last, PEOPLE)):
                    people[at].manager = people[(at - 1) // 10]
                Employee.objects.bulk_create(people[first:last], batch_size=TOGETHER)
            Assignment.objects.bulk_create(
                [
                    Assignment(employee=person, team=person.team, manager=person.manager,
                               job_title=person.job_title, valid_from=person.hired_on)
                    for person in people
                ],
                batch_size=TOGETHER,
            )  # fmt: skip

    return seconds(create)


def measure() -> list[Figure]:
    ours, theirs = [], []
    for turn in range(ROUNDS + 1):
        rows = table(f"r{turn}")
        content = as_csv(rows)
        gc.collect()
        mine = imported(str(turn), content)
        peer = created(str(turn), rows)
        if turn or TINY:  # the first warms up
            ours.append(mine)
            theirs.append(peer)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    note = f"{mine:.2f} s against {peer:.2f} s, {PEOPLE} people"
    return [Figure("import_vs_bulk", mine / peer, 4, note=note), *directory.measure()]


if __name__ == "__main__":
    sys.exit(show(measure))
