"""A closed month never moves, and page and file show nothing beside its published groups."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from analytics import closing, disclosure
from analytics.disclosure import Person, by_team, publish, total
from analytics.models import ClosedMonth, CohortMember, MonthlyActivity, PublishedGroup
from analytics.scopes import TeamTree, scope_of
from peerlearn.organizations.models import Employee
from tests.analytics.kit import (
    NOW,
    OCTOBER,
    TODAY,
    asked,
    client_of,
    content,
    helped,
    made,
    make_skill,
    roll_up,
    staff,
    teams_of,
)
from tests.factories import make_employee, make_team

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)
OPEN_AT = datetime(2026, 11, 7, 22, tzinfo=UTC)  # one hour before 8 November in Oslo
CLOSED_AT = datetime(2026, 11, 7, 23, 11, tzinfo=UTC)


def panel(place: Any, who: Any, **query: str) -> str:
    """The panel of participation alone."""
    path = place.path("dashboard_shadowing")
    answer = client_of(place, who).get(path, query, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def settled(place: Any, *sizes: int) -> list[Any]:
    """Teams below the manager; four of each learned in October, one more has not been marked."""
    with place.scope():
        skill = make_skill("Relay protection")
        found = teams_of(sizes, place.company, place.manager)
        for _team, people in found:
            for person in people[:4]:
                helped(place.hr, person, skill, on=date(2026, 10, 6))
    return found


def late_day(place: Any, person: Any, at: datetime = NOW) -> None:
    """A day of October, marked done at `at`."""
    skill = make_skill(f"Late {person.pk}")
    helped(place.hr, person, skill, on=date(2026, 10, 20), recorded_at=at)


def months_of_activity(person: Any) -> set[date]:
    return set(MonthlyActivity.objects.filter(employee=person).values_list("month", flat=True))


def test_a_month_is_closed_a_week_after_its_end_by_the_organizations_clock(world: Any) -> None:
    place = world.halden
    (_, people), *_ = settled(place, 12)
    with place.scope():
        late_day(place, people[6], at=datetime(2026, 11, 4, 8, tzinfo=UTC))
        roll_up(at=OPEN_AT)
        assert not ClosedMonth.objects.filter(month=OCTOBER).exists()
        roll_up(at=CLOSED_AT)
        assert ClosedMonth.objects.get(month=OCTOBER).closed_at == CLOSED_AT
        # What was marked in the week counts in October.
        assert months_of_activity(people[6]) == {OCTOBER}
        largest = PublishedGroup.objects.filter(month=OCTOBER, parent=None).get()
        assert (largest.people, largest.at_least, largest.at_most) == (14, 5, 5)
        assert not ClosedMonth.objects.filter(month__gte=NOVEMBER).exists()


def files(place: Any) -> list[Any]:
    """The rows of a CSV and of an XLSX file of participation."""
    rows: list[Any] = []
    for file_format in ("csv", "xlsx"):
        with place.scope():
            report = asked(place.hr, "shadowing_participation", file_format=file_format)
        data = content(made(report))
        if file_format == "csv":
            rows.append(list(csv.reader(io.StringIO(data.decode(), newline=""))))
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
            rows.append([[cell.value for cell in row] for row in sheet.rows])
    return rows


def test_a_day_marked_late_moves_no_closed_month(world: Any, sunday: Any) -> None:
    """Two looks, with one day marked done between them, are the same on page and in files."""
    place = world.halden
    (_, people), *_ = settled(place, 12)
    with place.scope():
        roll_up()
    before = panel(place, place.hr), files(place)
    assert "4 of 14" in before[0]
    with place.scope():
        late_day(place, people[6])
        roll_up()
        assert months_of_activity(people[6]) == {NOVEMBER}
    assert (panel(place, place.hr), files(place)) == before
    sunday.move_to(datetime(2026, 12, 9, 9, tzinfo=UTC))
    with place.scope():
        for person in people[7:11]:
            late_day(place, person, at=datetime(2026, 11, 23, 9, tzinfo=UTC))
        roll_up(at=datetime(2026, 12, 9, 9, tzinfo=UTC))
    assert "5 of 14" in panel(place, place.hr)  # November has what was marked in it


def test_twin_before_it_is_closed_the_month_moves(world: Any) -> None:
    """What would be seen without closing: the two looks differ by the one who was marked."""
    place = world.halden
    (_, people), *_ = settled(place, 12)
    marked_at = datetime(2026, 11, 4, 8, tzinfo=UTC)
    looks = []
    with place.scope():
        for _ in range(2):
            roll_up(at=OPEN_AT)
            cohort = closing._cohort(OCTOBER, place.organization)
            looks.append({key for key, *_, took_part in cohort if took_part})
            late_day(place, people[6], at=marked_at) if len(looks) == 1 else None
    assert looks[1] - looks[0] == {people[6].pk}
    assert "of 14" not in panel(place, place.hr)  # so it is shown to nobody yet


def test_what_is_taken_back_late_stays_counted(world: Any) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("x")
        in_time = helped(place.hr, place.employee, skill, on=date(2026, 10, 6))
        late = helped(place.hr, place.colleague, skill, on=date(2026, 10, 7), recorded_at=NOW)
        roll_up()
        in_time.retract(at=NOW)
        late.retract(at=NOW + timedelta(days=1))
        roll_up()

        def received(who: Any) -> dict[date, int]:
            rows = MonthlyActivity.objects.filter(employee=who)
            return dict(rows.values_list("month", "minutes_received"))

        assert received(place.employee) == {OCTOBER: 480}
        assert received(place.colleague) == {NOVEMBER: 0}


def test_who_moves_leaves_or_comes_later_moves_nothing(world: Any) -> None:
    place = world.halden
    (team, people), (other, _) = settled(place, 12, 9)
    with place.scope():
        roll_up()
    before = panel(place, place.hr), panel(place, place.manager, team=team.public_id)
    with place.scope():
        people[0].assign(team=other, manager=place.hr, job_title="", cost_band=None, on=TODAY)
        people[1].deactivate(at=NOW)
        staff(team, 3, place.manager)
        roll_up()
    after = panel(place, place.hr), panel(place, place.manager, team=team.public_id)
    assert after == before


def test_a_team_that_moves_in_the_tree_moves_nothing(world: Any) -> None:
    place = world.halden
    (team, _), (other, _) = settled(place, 12, 9)
    with place.scope():
        roll_up()
    before = panel(place, place.hr, team=team.public_id)
    assert "4 of 12" in before
    with place.scope():
        other.parent = team
        other.save()
    assert panel(place, place.hr, team=team.public_id) == before


def test_the_smallest_group_is_closed_too(world: Any) -> None:
    place = world.halden
    settled(place, 12, 6)
    with place.scope():
        roll_up()
    before = panel(place, place.hr)
    assert "Groups under 5 people" in before
    place.organization.smallest_group = 12
    place.organization.save()
    with place.scope():
        roll_up()
        assert set(ClosedMonth.objects.values_list("smallest_group", flat=True)) == {5}
    assert panel(place, place.hr) == before
    with place.scope():
        roll_up(at=datetime(2026, 12, 9, 9, tzinfo=UTC))
        assert ClosedMonth.objects.get(month=NOVEMBER).smallest_group == 12
        assert min(PublishedGroup.objects.filter(month=NOVEMBER).values_list("people")) == (20,)


@pytest.mark.parametrize("model", [ClosedMonth, PublishedGroup])
def test_the_database_lets_nobody_change_it(world: Any, model: Any) -> None:
    place = world.halden
    settled(place, 12)
    with place.scope():
        roll_up()
        for change in (lambda rows: rows.update(month=NOVEMBER), lambda rows: rows.delete()):
            with pytest.raises(ProgrammingError, match="permission"), transaction.atomic():
                change(model.objects.all())


def test_twins_the_database_refuses_what_would_tell(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With k off, or with the ends shown exactly, the month cannot be closed at all."""
    place = world.halden
    real = closing.publish
    with place.scope():
        staff(make_team(parent=place.company), 6, place.manager)
        for where, name, off in (
            (disclosure, "FEW", 0),
            (closing, "publish", lambda people, took_part, _k: real(people, took_part, 1)),
        ):
            with monkeypatch.context() as without:
                without.setattr(where, name, off)
                with pytest.raises(IntegrityError, match="published_group"), transaction.atomic():
                    roll_up()
        roll_up()
        assert PublishedGroup.objects.exists()


def test_teams_and_lines_are_those_of_the_last_day(world: Any) -> None:
    place = world.halden
    with place.scope():
        people = staff(place.team, 9, place.manager)
        people[0].assign(
            team=place.company, manager=place.hr, job_title="x", cost_band=None,
            on=date(2026, 10, 31),
        )  # fmt: skip
        place.manager.assign(
            team=place.team, manager=place.hr, job_title="x", cost_band=None, on=date(2026, 9, 15)
        )
        gone = staff(place.team, 1, place.manager)[0]
        gone.leaving_on = date(2026, 10, 30)
        gone.save()
        roll_up()
        september, august = date(2026, 9, 1), date(2026, 8, 1)

        def counted(month: date) -> set[int]:
            rows = CohortMember.objects.filter(month=month, group__isnull=False)
            return set(rows.values_list("employee", flat=True))

        def lines(month: date) -> set[tuple[int, ...]]:
            return {tuple(g.line) for g in PublishedGroup.objects.filter(month=month)}

        assert lines(august) == {(place.manager.pk,)}
        assert lines(september) == {(place.manager.pk, place.hr.pk)}
        moved = CohortMember.objects.filter(employee=people[0])
        assert moved.get(month=OCTOBER).team == place.company
        assert moved.get(month=september).team == place.team
        assert people[0].pk in counted(september)
        assert people[0].pk not in counted(OCTOBER)  # one of two below HR: too few
        assert gone.pk in counted(september)
        assert not CohortMember.objects.filter(month=OCTOBER, employee=gone).exists()
        assert not CohortMember.objects.filter(employee=place.deactivated, month=OCTOBER).exists()


def nested(place: Any) -> None:
    """A director, below them a manager with a team of seven and five experts; two odd ones."""
    with place.scope():
        director = make_employee("Director", team=place.company, manager=place.manager)
        head = make_employee("Head", team=place.team, manager=director)
        below = staff(make_team("Inner", parent=place.team), 7, head)
        experts = staff(place.team, 5, director)
        odd = staff(make_team("Odd", parent=place.company), 2, director)
        skill = make_skill("x")
        for learner in [*below[:3], *experts[:4], odd[0], director]:
            helped(head, learner, skill, on=date(2026, 10, 6))
        roll_up()


def test_pages_and_files_show_nothing_else(world: Any) -> None:
    """All figures of all readers, teams, periods and files are those that test_disclosure
    attacks: sums of published groups."""
    place = world.halden
    nested(place)
    with place.scope():
        figures, readers, teams = _expected(place)
    seen: set[tuple[str, int]] = set()
    for reader in readers:
        with place.scope():
            choices = ["", *(c.team.public_id for c in scope_of(reader).choices)]
        for team in choices:
            html = panel(place, reader, team=team) + panel(
                place, reader, team=team, period="quarter"
            )
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
            found = re.findall(r"([\d–]+) of (\d+)", text.split("Show as table")[0])
            seen |= {(numbers, int(people)) for numbers, people in found}
        with place.scope():
            report = asked(reader, "shadowing_participation", file_format="csv")
        for row in csv.reader(io.StringIO(content(made(report)).decode())):
            if row[0] == OCTOBER.isoformat():
                low, high = row[3], row[4]
                seen.add((low if low == high else f"{low}–{high}", int(row[2])))
    allowed = set()
    for reader in readers:
        for one in teams:
            mine = [
                f
                for f in figures
                if (reader.is_hr or reader.pk in f.line) and (one is None or one in f.path)
            ]
            cells = [total(mine), *by_team(mine)]
            allowed |= {(cell.numbers, cell.people) for cell in cells if cell}
    assert seen == allowed
    assert ("3", 7) in seen  # those below the head, and nobody's single part


def _expected(place: Any) -> tuple[Any, list[Employee], list[int | None]]:
    tree = TeamTree()
    took_part = set(
        MonthlyActivity.objects.filter(month=OCTOBER).values_list("employee", flat=True)
    )
    rows = Employee.objects.filter(active=True).values_list("pk", "manager", "team")
    people = [Person(pk, manager, tree.path(team)) for pk, manager, team in rows]
    figures = publish(people, took_part, place.organization.smallest_group)
    leaders = Employee.objects.filter(reports__isnull=False).distinct()
    return figures, [place.hr, *leaders], [None, *tree.teams]
