"""The import of people: who is here, held against the file, and then written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import Min, OuterRef, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations import hiring_many, reporting_lines
from peerlearn.organizations.hiring_many import Amendment
from peerlearn.organizations.importing import headings, mails, planning
from peerlearn.organizations.importing.given import Known, Row, Step, Surroundings
from peerlearn.organizations.importing.kinds import Importing, Text, Writing, imported
from peerlearn.organizations.importing.plans import Plan
from peerlearn.organizations.importing.values import Order
from peerlearn.organizations.importing.weeks import Week
from peerlearn.organizations.models import (
    Assignment,
    CostBand,
    Employee,
    Organization,
    Team,
)
from peerlearn.organizations.public_holidays import country_choices

PEOPLE = "people"


@imported
class People(Importing):
    kind = PEOPLE
    heading = _("Import people")
    holds = _("People")
    needed = _(
        "Needed: a name, and an employee number or a work e-mail. New people need an e-mail."
    )
    after = _("Who is new was sent no mail yet. Invite them when the time has come.")
    leads_to = "employees"
    example = Path(__file__).parent / "examples" / "people.csv"
    targets: ClassVar[Mapping[str, Text]] = {
        "number": _("Employee number"),
        "name": _("Name"),
        "reversed_name": _("Family name, given name"),
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "email": _("Work e-mail"),
        "team": _("Team"),
        "manager": _("Manager"),
        "job_title": _("Job title"),
        "cost_band": _("Cost band"),
        "hired_on": _("First day"),
        "leaving_on": _("Last day"),
        "country": _("Place of work: country"),
        "region": _("Place of work: region"),
        "weekly_hours": _("Hours per week, of who is new"),
    }
    words = headings.PEOPLE
    dates = frozenset({"hired_on", "leaving_on"})
    in_title = frozenset({"name"})

    def shown(self, target: str, text: str) -> str:
        countries = country_choices(get_language() or "en") if target == "country" else ()
        return dict(countries).get(text, text)

    def missing(self, targets: frozenset[str]) -> Text | None:
        if not targets & {"name", "reversed_name", "given_name", "family_name"}:
            return _("No column holds the name. Choose the one that does.")
        if not targets & {"number", "email"}:
            return _("By what are people known: choose the column of the number or of the e-mail.")
        return None

    def check(self, rows: Sequence[Row], order: Order, *, by: Employee, at: datetime) -> Plan:
        teams = Team.objects.values_list("name", flat=True)
        around = Surroundings(
            today=at.astimezone(by.organization.zone).date(),
            by=by.pk,
            by_admin=by.is_admin,
            teams=tuple(teams.filter(archived_at=None)),
            archived_teams=tuple(teams.exclude(archived_at=None)),
            bands=tuple(CostBand.objects.values_list("name", flat=True)),
            order=order,
            place=(by.organization.country, by.organization.region),
            week=_week_of(by.organization),
        )
        found = planning.plan(rows, _known(), around)
        mails.refuse_too_many(_mailed(found), by.organization_id)
        return found

    def write(self, plan: Plan, how: Writing) -> None:
        _make_teams(plan.made)
        steps: list[Step] = list(plan.steps)
        book = _Book()
        _take_on([step for step in steps if step.known is None], book, how)
        _correct([step for step in steps if step.known is not None and not step.goes], book, how)
        if how.removes:
            _remove([step for step in steps if step.goes], how)
        mails.count(_mailed(plan), how.by.organization_id)


def _week_of(organization: Organization) -> Week:
    return Week(len(organization.working_days), organization.day_starts)


def _mailed(plan: Plan) -> int:
    """How many are sent a mail: whose e-mail becomes another."""
    return sum(step.known is not None and "email" in step.changed for step in plan.steps)


def _known() -> Iterator[Known]:
    """Everybody, who left included: their numbers and e-mails are theirs."""
    ended = Assignment.objects.filter(employee=OuterRef("pk")).values("employee")
    first = ended.annotate(first=Min("valid_to")).values("first")
    people = Employee.objects.order_by("pk").annotate(first_place_ended=Subquery(first))
    columns = {"team": "team__name", "cost_band": "cost_band__name", "manager": "manager_id"}
    columns |= {name: name for name in Known.__dataclass_fields__ if name not in columns}
    for found in people.values_list(*columns.values()):
        known = dict(zip(columns, found, strict=True))
        yield Known(**{**known, "team": known["team"] or "", "cost_band": known["cost_band"] or ""})


def _make_teams(names: Sequence[str]) -> None:
    """Below the top of the tree where it has a single one; HR hangs them elsewhere afterwards."""
    top = list(Team.objects.current().filter(parent=None)[:2])
    parent = top[0] if len(top) == 1 else None
    Team.objects.bulk_create(Team(name=name, parent=parent) for name in names)


class _Book:
    """What the values of a step stand for."""

    def __init__(self) -> None:
        self.teams = {team.name: team for team in Team.objects.all()}
        self.bands = {band.name: band for band in CostBand.objects.all()}
        self.people: dict[int, Employee] = {}  # by key

    def rows(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same with rows instead of names and keys."""
        found = dict(values)
        if "team" in found:
            found["team"] = self.teams[found["team"]] if found["team"] else None
        if "cost_band" in found:
            found["cost_band"] = self.bands[found["cost_band"]] if found["cost_band"] else None
        if found.get("manager") is not None:
            found["manager"] = self.person(found["manager"])
        return found

    def person(self, key: int) -> Employee:
        """Who is here is known by their id alone, until more is asked of them."""
        return self.people.get(key) or Employee(pk=key)


def _take_on(steps: Sequence[Step], book: _Book, how: Writing) -> None:
    """Managers before those who report to them."""
    waiting = {step.key: step for step in steps}
    managers = {step.key: step.values["manager"] for step in steps}
    for level in reporting_lines.in_levels(managers):
        people: list[dict[str, Any]] = [
            {name: value or "" if name in _TEXTS else value for name, value in values.items()}
            for values in (book.rows(waiting[key].values) for key in level)
        ]
        for person in people:
            person["came_with"] = how.of
            if (hours := person.pop("weekly_hours")) is not None:
                person["day_ends"] = _week_of(how.by.organization).ends(hours)
        hired = hiring_many.hire_all(people, how.progress)
        book.people |= dict(zip(level, hired, strict=True))


_TEXTS = ("number", "job_title")


def _correct(steps: Sequence[Step], book: _Book, how: Writing) -> None:
    people = Employee.objects.select_related("organization", "membership")
    found = people.in_bulk([step.known for step in steps])
    for step in steps:
        if step.comes_back and step.known is not None:
            found[step.known].reactivate(at=how.at)
    hiring_many.amend_all(
        [
            Amendment(
                found[step.known or 0],
                book.rows({name: step.values[name] for name in step.changed}),
            )
            for step in steps
        ],
        on=how.at.astimezone(how.by.organization.zone).date(),
        at=how.at,
        by=how.by,
        on_done=how.progress,
    )


def _remove(steps: Sequence[Step], how: Writing) -> None:
    people = Employee.objects.select_related("organization")
    for employee in people.filter(pk__in=[step.known for step in steps]).order_by("pk"):
        employee.deactivate(at=how.at, by=how.by)
        how.progress(1)
