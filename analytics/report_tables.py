"""The rows of each kind of report: one builder a kind, for the preview and the file alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from analytics.choices import Names, ReportKind, Risk
from analytics.disclosure import GRACE, whole_months
from analytics.models import Report
from analytics.participation import Participation, participation
from analytics.scopes import Scope
from analytics.tables import Column, Kind, Row, Table
from peerlearn.organizations.models import Organization
from skills.coverage import (
    Coverage,
    coverage,
    placed_levels,
    resting_on_one,
    resting_skills,
)
from skills.levels import Level
from skills.levels_by_team import Cell

Built = tuple[tuple[Column, ...], Sequence[Row], list[tuple[str, str]], bool]


def build(report: Report, scope: Scope, organization: Organization, at: datetime) -> Table:
    """What the report holds, as of now; `scope` is already narrowed to its team."""
    today = at.astimezone(organization.zone).date()
    columns, rows, definitions, folded = _BUILDERS[ReportKind(report.kind)](
        report, scope, organization, today
    )
    made = at.astimezone(organization.zone)
    about = [
        (_("Report"), str(report.get_kind_display())),
        (_("Period"), f"{report.period_from.isoformat()} – {report.period_to.isoformat()}"),
        (_("Scope"), scope_words(scope, organization)),
        (_("Names"), str(report.get_names_display())),
        (_("Made on"), f"{made:%Y-%m-%d %H:%M} ({organization.time_zone})"),
        (_("Made by"), scope.reader.name),
        *definitions,
    ]
    return Table(
        title=str(report.get_kind_display()),
        columns=columns,
        rows=rows,
        about=tuple(about),
        constants=(
            (Column(_("From"), Kind.DATE), report.period_from),
            (Column(_("To"), Kind.DATE), report.period_to),
            (Column(_("Scope")), scope_words(scope, organization)),
            (Column(_("Made on"), Kind.DATE), made.date()),
        ),
        folded=folded,
    )


def scope_words(scope: Scope, organization: Organization) -> str:
    """Whole company; everyone who reports to Amina; Substations; or both."""
    if scope.line is None:
        return scope.team.name if scope.team else _("Whole company: %s") % organization.name
    line = _("Everyone who reports to %s") % scope.reader.name
    return f"{line}, {scope.team.name}" if scope.team else line


def _as_of(day: date, scope: Scope) -> list[tuple[str, str]]:
    """On which day, and whom of then."""
    if scope.line is None:
        people = _("Employed on that day, in their team of that day.")
    else:
        people = _(
            "Who reports to %s today, or did until they left, wherever they were on that day; "
            "in their team of that day."
        )
        people %= scope.reader.name
    return [(_("Day"), _("Figures hold for %s.") % day.isoformat()), (_("People"), people)]


# --- Skill coverage --------------------------------------------------------------------------
def _coverage(report: Report, scope: Scope, organization: Organization, today: date) -> Built:
    day = min(report.period_to, today)
    definitions = [
        (_("Alone"), _("Level 3 (alone) or 4 (can teach), by their own word or confirmed.")),
        *_as_of(day, scope),
    ]
    if report.names == Names.NAMED:
        return *_people_by_skill(scope, day), definitions, False
    table = coverage(scope.line, on=day, since=report.period_from, teams=scope.team_ids)
    columns = (
        Column(_("Skill"), width=36),
        Column(_("Team"), width=24),
        Column(_("Wanted"), Kind.NUMBER),
        Column(_("Alone"), Kind.NUMBER),
        Column(_("Risk")),
        Column(_("Confirmed"), Kind.NUMBER),
        Column(_("With help"), Kind.NUMBER),
        Column(_("Learning"), Kind.NUMBER),
        Column(_("Alone at the start"), Kind.NUMBER, 18),
    )
    definitions += [
        (_("Confirmed"), _("How many of them a peer who works at that level has confirmed.")),
        (_("Wanted"), _("How many people the team wants who can do it alone.")),
        (
            _("Risk"),
            _(
                "High: the team wants it and nobody there can, or the only person of the "
                "organization who can is there. Some: fewer than wanted. Low: as many as wanted."
            ),
        ),
    ]
    resting = resting_skills(on=day)
    return columns, _coverage_rows(table, resting, scope), definitions, False


def _coverage_rows(table: Coverage, resting: Collection[int], scope: Scope) -> list[Row]:
    """Also of what somebody could do at the start and nobody can now."""
    now_here = {skill_id for skill_id, _ in table.cells}
    skills = {
        skill.pk: skill
        for skill in table.skills
        if skill.pk in now_here or skill.archived_at is None
    }
    rows: dict[tuple[str, str, int], Row] = {}
    for skill_id, team_id in {*table.cells, *table.before}:
        if skill_id not in skills:
            continue
        skill = skills[skill_id]
        cell = table.cells.get((skill_id, team_id), Cell(skill_id, team_id))
        team = scope.tree.name(team_id) if team_id else _("Without a team")
        row = (
            skill.name,
            team,
            cell.wanted or None,
            cell.alone,
            _risk(cell, rests=skill_id in resting),
            cell.confirmed,
            cell.with_help,
            cell.learning,
            table.before.get((skill_id, team_id), 0),
        )
        rows[skill.search_key, team.casefold(), skill_id] = row
    return [rows[key] for key in sorted(rows)]


def _risk(cell: Cell, *, rests: bool) -> str | None:
    danger = cell.danger(rests=rests)
    return None if danger is None else str(Risk(danger.value).label)


def _people_by_skill(scope: Scope, day: date) -> tuple[tuple[Column, ...], Sequence[Row]]:
    columns = (
        Column(_("Skill"), width=36),
        Column(_("Person"), width=28),
        Column(_("Team"), width=24),
        Column(_("Level")),
        Column(_("Confirmed by"), width=28),
        Column(_("Confirmed until"), Kind.DATE),
    )
    levels = placed_levels(scope.line, on=day, teams=scope.team_ids)
    found = levels.order_by("skill__search_key", "employee__name", "pk").values_list(
        "skill__name",
        "employee__name",
        "employee__assignments__team__name",
        "level",
        "confirmed_by__name",
        "confirmed_until",
    )
    names = {level.value: str(level.label) for level in Level}
    return columns, [
        (skill, person, team, names[level], by, until)
        for skill, person, team, level, by, until in found
    ]


# --- Shadowing participation -----------------------------------------------------------------
def _participation(report: Report, scope: Scope, organization: Organization, today: date) -> Built:
    months = whole_months(report.period_from, report.period_to, today)
    found = participation(scope, months, in_detail=months)
    columns = (
        Column(_("Month"), Kind.DATE),
        Column(_("Team"), width=28),
        Column(_("People"), Kind.NUMBER),
        Column(_("Took part, at least"), Kind.NUMBER),
        Column(_("Took part, at most"), Kind.NUMBER),
        Column(_("Share, at least"), Kind.PERCENT),
        Column(_("Share, at most"), Kind.PERCENT),
    )
    rows: list[Row] = []
    folded = False
    for month in months:
        for cell in found.by_team(month):
            folded = folded or cell.mixed
            name = found.name_of(cell, month)
            low, high = (round(share, 4) for share in cell.shares)
            rows.append((month, name, cell.people, cell.at_least, cell.at_most, low, high))
    return columns, rows, _definitions(found, organization), folded


def _definitions(found: Participation, organization: Organization) -> list[tuple[str, str]]:
    sizes = sorted(set(found.smallest.values())) or [organization.smallest_group]
    return [
        (_("Took part"), _("Hosted or learned in at least one shadowing of that month.")),
        (
            _("Late days"),
            _(
                "A month is closed %s days after its end and does not change afterwards. "
                "A day that is marked done later counts in the month in which it is marked."
            )
            % GRACE.days,
        ),
        (
            _("People"),
            _(
                "Employed on the last day of the month, in their team and reporting line of that "
                "day. Who fits in no group is not counted."
            ),
        ),
        (
            _("Small groups"),
            _(
                "A group has %s people or more, the same ones in every figure of the month. "
                "Smaller ones are folded into “Other”."
            )
            % " / ".join(map(str, sizes)),
        ),
        (
            _("At least, at most"),
            _("The same number, or a range where an exact one would tell about everybody."),
        ),
    ]


# --- Single-person risk ----------------------------------------------------------------------
def _single_person(report: Report, scope: Scope, organization: Organization, today: date) -> Built:
    day = min(report.period_to, today)
    named = report.names == Names.NAMED
    columns = [
        Column(_("Skill"), width=36),
        *([Column(_("Person"), width=28)] if named else []),
        Column(_("Team"), width=24),
        Column(_("Leaves on"), Kind.DATE),
        Column(_("Wanted"), Kind.NUMBER),
        Column(_("Ready to learn"), Kind.NUMBER, 16),
        *([Column(_("Who is ready"), width=48)] if named else []),
    ]
    rows: list[Row] = []
    for risk in resting_on_one(scope.line, on=day, teams=scope.team_ids):
        ready = ", ".join(person.name for person in risk.ready)
        rows.append(
            (
                risk.skill.name,
                *((risk.holder.name,) if named else ()),
                scope.tree.name(risk.team) if risk.team else None,
                risk.leaving_on,
                risk.wanted or None,
                len(risk.ready),
                *((ready or None,) if named else ()),
            )
        )
    definitions = [
        (
            _("Rests on one person"),
            _(
                "A team wants it or somebody wants to learn it, and exactly one person of the "
                "organization can do it alone, by their own word or confirmed."
            ),
        ),
        (_("Ready to learn"), _("Can do it with help, or wants to learn it.")),
        *_as_of(day, scope),
    ]
    return tuple(columns), rows, definitions, False


_BUILDERS: dict[ReportKind, Callable[[Report, Scope, Organization, date], Built]] = {
    ReportKind.SKILL_COVERAGE: _coverage,
    ReportKind.SHADOWING_PARTICIPATION: _participation,
    ReportKind.SINGLE_PERSON_RISK: _single_person,
}
