"""The manager's page: what matters most, and panels fetched one by one, each a page of its own
too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from analytics.disclosure import (
    Cell,
    closes_on,
    following,
    last_closed,
    month_of,
    preceding,
)
from analytics.heat import WEAKEST, Column, heat, without_empty
from analytics.participation import Participation, participation
from analytics.periods import PERIODS, YEAR, days_of, months_of
from analytics.risks import Risks, risks_of
from analytics.scopes import Scope, scope_of
from analytics.sentences import (
    Change,
    coverage_change,
    participation_change,
    points_change,
)
from analytics.skill_history import figures, needed
from peerlearn.clock import now
from peerlearn.organizations.access import HR, MANAGER, OrganizationRequest, allow
from peerlearn.web import charts
from peerlearn.web.numbers import percent
from peerlearn.web.pages import page_or_fragment
from skills.coverage import coverage


@dataclass(frozen=True)
class Look:
    """What the address asks for: whose figures, over which period, on which day."""

    scope: Scope
    period: str
    today: date

    @property
    def query(self) -> str:
        team = self.scope.team.public_id if self.scope.team else ""
        return f"team={team}&period={self.period}"

    @property
    def export(self) -> str:
        """The same of a report: its coverage holds on the same days."""
        team = self.scope.team.public_id if self.scope.team else ""
        return f"team={team}&period_from={self.began}&period_to={self.today}"

    @property
    def began(self) -> date:
        """The first day of the period on which the organization was there."""
        organization = self.scope.reader.organization
        created: date = organization.created_at.astimezone(organization.zone).date()
        return max(days_of(self.period, self.today)[0], created)


def _look(request: OrganizationRequest) -> Look:
    period = request.GET.get("period", YEAR)
    if period not in PERIODS:
        raise Http404
    scope = scope_of(request.employee, request.GET.get("team", ""))
    return Look(scope, period, now().astimezone(request.organization.zone).date())


def _panel(request: OrganizationRequest, name: str, look: Look, **context: Any) -> HttpResponse:
    """The panel alone for htmx, else a page around it."""
    return page_or_fragment(
        request,
        f"analytics/dashboard_{name}.html",
        {"look": look, "scope": look.scope, "here": "dashboard", **context},
        fragment="panel",
    )


@require_GET
@allow(HR, MANAGER)
def dashboard(request: OrganizationRequest) -> HttpResponse:
    """What matters most at once, the other panels one by one."""
    look = _look(request)
    context = {
        "look": look,
        "scope": look.scope,
        "risks": _risks(request, look),
        "closed": _last_closed(request, look.today),
        "here": "dashboard",
    }
    return render(request, "analytics/dashboard.html", context)


def _last_closed(request: OrganizationRequest, today: date) -> date | None:
    """The month to which participation goes; None before the organization has one."""
    began = request.organization.created_at.astimezone(request.organization.zone).date()
    month = last_closed(today)
    return month if month >= month_of(began) else None


@require_GET
@allow(HR, MANAGER)
def dashboard_risks(request: OrganizationRequest) -> HttpResponse:
    """The sentence that matters, and the skills that rest on one person."""
    look = _look(request)
    return _panel(request, "risks", look, risks=_risks(request, look))


def _risks(request: OrganizationRequest, look: Look) -> Risks:
    every = "all" in request.GET
    return risks_of(look.scope, look.today, request.organization, every=every)


@require_GET
@allow(HR, MANAGER)
def dashboard_figures(request: OrganizationRequest) -> HttpResponse:
    """Three key figures with their way through the period."""
    look = _look(request)
    points = figures(look.scope, days_of(look.period, look.today), request.organization)
    first, last = points[0], points[-1]
    months = months_of(look.period, look.today)
    found = participation(look.scope, months)
    cells = [found.total(month) for month in months]
    return _panel(
        request,
        "figures",
        look,
        first=first,
        last=last,
        resting_spark=charts.spark([point.resting for point in points]),
        resting_change=coverage_change(first.resting, last.resting) if first.skills else None,
        safe_spark=charts.spark([point.safe_share or 0 for point in points]),
        safe_change=_points(first.safe_share, last.safe_share),
        took_part=cells[-1],
        took_part_change=_change(cells[-2], cells[-1]),
        took_part_spark=charts.spark([cell.shares for cell in cells if cell]),
        month=months[-1],
        month_before=months[-2],
        smallest=found.smallest.get(months[-1], request.organization.smallest_group),
    )


def _points(before: float | None, after: float | None) -> Change | None:
    """The change in percentage points, of the rounded figures that are shown."""
    if before is None or after is None:
        return None
    return points_change(round(before * 100), round(after * 100))


def _change(before: Cell | None, after: Cell | None) -> Change | None:
    if before is None or after is None:
        return None
    return participation_change(before.shares, after.shares)


@require_GET
@allow(HR, MANAGER)
def dashboard_coverage(request: OrganizationRequest) -> HttpResponse:
    """Who can do it alone, by team against the requirement: of what is needed, or of all while
    nothing is; the ten weakest skills, or all."""
    look = _look(request)
    table = coverage(look.scope.line, on=look.today, teams=look.scope.team_ids)
    columns = [
        Column(part.name or request.organization.name, part.teams) for part in look.scope.parts()
    ]
    skills = [
        (one.id, one.public_id, one.name, one.rests)
        for one in needed(look.scope, look.today, request.organization)
    ] or [(skill.pk, skill.public_id, skill.name, False) for skill in table.skills]
    lines = heat(table.cells, skills, columns)
    every, total = "all" in request.GET, len(lines)
    lines, columns = without_empty(lines if every else lines[:WEAKEST], columns)
    return _panel(
        request,
        "coverage",
        look,
        columns=columns,
        lines=lines,
        total=total,
        every=every,
    )


@require_GET
@allow(HR, MANAGER)
def dashboard_shadowing(request: OrganizationRequest) -> HttpResponse:
    """Who took part in shadowing: by month, and by team in the last month that is over."""
    look = _look(request)
    months = months_of(look.period, look.today)
    last, earlier = months[-1], preceding(months[-1], 3)
    found = participation(look.scope, [*months, earlier], in_detail=[last, earlier])
    totals = [(month, found.total(month)) for month in months]
    return _panel(
        request,
        "shadowing",
        look,
        month=last,
        month_before=months[-2],
        cell=totals[-1][1],
        change=_change(totals[-2][1], totals[-1][1]),
        totals=totals,
        chart=_bars(totals[1:]),
        parts=_teams(found, last, earlier),
        too_early=not found.closed(last),
        next_month=following(last),
        shown_from=closes_on(following(last)),
        smallest=found.smallest.get(last, request.organization.smallest_group),
    )


def _bars(totals: list[tuple[date, Cell | None]]) -> charts.Bars | None:
    values = [None if cell is None else cell.shares for _, cell in totals]
    present = [value for value in values if value is not None]
    if not present:
        return None
    words = ["" if cell is None else percent(cell.percent) for _, cell in totals]
    ends = {0, len(values) - 1}
    return charts.bars(
        values,
        [date_format(month, "M")[: 1 if len(totals) > 4 else None] for month, _ in totals],
        shown=[word if at in ends else "" for at, word in enumerate(words)],
        # With room for the words above the tallest bar.
        highest=max(*(high for _, high in present), 0.1) * 1.1,
    )


def _teams(found: Participation, month: date, earlier: date) -> list[dict[str, Any]]:
    """One row a team that may be shown, what remains of the others at the end."""
    then = {cell.key: cell for cell in found.by_team(earlier) if cell.key}
    return [
        {
            "name": found.name_of(cell, month),
            "cell": cell,
            "change": _change(then.get(cell.key) if cell.key else None, cell),
        }
        for cell in found.by_team(month)
    ]
