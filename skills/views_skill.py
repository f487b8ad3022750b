"""One skill: who can do it, who wants it, and what rests on one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from peerlearn.organizations.access import (
    ADMIN,
    EVERYONE,
    HR,
    MANAGER,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import attempt
from peerlearn.web.charts import steps
from peerlearn.web.pages import PER_PAGE, page_or_fragment, searched_for
from skills.coverage import alone_on, scope_of
from skills.days import business_day
from skills.figures import Month, months_around, with_figures
from skills.following import follows_merges
from skills.forms import TeachForm, WantForm
from skills.levels import Level, Urgency
from skills.levels_by_team import ALONE
from skills.models import Need, Proficiency, Skill
from skills.own import teach, want
from skills.queries import employed_on


@dataclass(frozen=True)
class Holder:
    """Somebody's level as the viewer sees it."""

    proficiency: Proficiency
    confirmed: bool
    may_be_confirmed: bool


FIRST_SHOWN, ALL_SHOWN = 12, 200


@require_GET
@allow(EVERYONE)
def skill(request: OrganizationRequest, public_id: str) -> HttpResponse:
    today = business_day(request.organization)
    visible = Skill.objects.visible_to(request.employee)
    figures = with_figures(visible, viewer=request.employee, on=today)
    row: Any = get_visible_or_404(figures.select_related("category", "merged_into"), public_id)
    if row.merged_into:
        return redirect("skill", public_id=row.merged_into.public_id)
    text = searched_for(request)
    holders = _holders(request, row, today, text)
    everybody = _holders(request, row, today) if text else holders
    sole = _sole(everybody) if row.alone == 1 else None
    shown = ALL_SHOWN if request.GET.get("all") else FIRST_SHOWN
    leads = request.employee.has_role(HR) or request.employee.has_role(MANAGER)
    context = {
        "here": "skills",
        "skill": row,
        "holders": holders,
        "text": text,
        "sole": sole,
        "knows_leaving": sole is not None and _is_above(request.employee, sole.employee),
        "needed": bool(row.required or row.wants),
        "needs": Need.objects.filter(employed_on(today), skill=row).select_related(
            "employee__team"
        )[:shown],
        "today": today,
        "own_level": Level(row.own_level).label if row.own_level else "",
        "urgencies": [(0, _("no")), *Urgency.choices],
        "may_edit": request.employee.has_role(HR) or request.employee.has_role(ADMIN),
        "may_see_coverage": leads,
        **_shadowing(row, leads),
    }
    return render(request, "skills/skill.html", context)


def _shadowing(row: Any, leads: bool) -> dict[str, str]:
    """Whoever leads plans it for others, everybody else looks for a host."""
    if leads:
        return {"plan_shadowing_url": _address("plan", row, public_id=row.public_id)}
    return {"shadowing_url": _address("shadowing", row)}


def _holders(request: OrganizationRequest, row: Any, today: date, text: str = "") -> Page[Any]:
    """The people at any level, the best first; the number of all of them is known already."""
    rows = (
        Proficiency.objects.on(today)
        .filter(employed_on(today), skill=row)
        .select_related("employee__team", "confirmed_by")
        .order_by("-level", "employee__name", "pk")
    )
    if text:
        people = Employee.objects.visible_to(request.employee).meant_by(text)
        rows = rows.filter(employee__in=people.values("pk"))
    pages: Paginator[Any] = Paginator(rows, PER_PAGE)
    if not text:
        pages.__dict__["count"] = row.people
    page = pages.get_page(request.GET.get("page"))
    page.object_list = [_holder(request, row, holder, today) for holder in page.object_list]
    return page


def _holder(
    request: OrganizationRequest, row: Any, proficiency: Proficiency, today: date
) -> Holder:
    confirmed = proficiency.is_confirmed(today)
    colleague = proficiency.employee_id != request.employee.pk
    may = not confirmed and colleague and row.archived_at is None
    return Holder(proficiency, confirmed, may and row.own_level >= proficiency.level)


def _sole(holders: Page[Any]) -> Proficiency | None:
    """The one who can do it alone stands first on the first page."""
    first = next((holder.proficiency for holder in holders), None)
    return first if first and first.level >= ALONE else None


def _is_above(viewer: Employee, person: Employee) -> bool:
    """Leaving dates are for the reporting line above and for HR."""
    return viewer.is_hr or (viewer.is_manager and viewer.leads(person))


def _address(route: str, row: Skill, **kwargs: str) -> str:
    """A page of an upper floor, when there is one."""
    if row.archived_at is not None:
        return ""
    try:
        return reverse(route, kwargs=kwargs) + ("" if kwargs else f"?skill={row.public_id}")
    except NoReverseMatch:
        return ""


@require_GET
@allow(MANAGER, HR)
@follows_merges
def skill_outlook(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """How many could do it alone in the past months, and will by the known leaving dates."""
    today = business_day(request.organization)
    visible = Skill.objects.visible_to(request.employee).filter(merged_into=None)
    figures = with_figures(visible, viewer=request.employee, on=today)
    row: Any = get_visible_or_404(figures, public_id)
    months = months_around(today)
    scope = scope_of(request.employee)
    counts = alone_on(row, [month.day for month in months], scope=scope)
    names = [dateformat.format(month.day, "M") for month in months]
    lines = [(_("alone"), "", counts)]
    if row.wanted:
        lines.append((_("needed"), "bad", [row.wanted] * len(months)))
    table = list(zip(months, counts, strict=True))
    context = {
        "here": "skills",
        "skill": row,
        "chart": steps(lines, [name if not i % 2 else "" for i, name in enumerate(names)]),
        "claim": _claim(months, counts),
        "words": ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True)),
        "months": table,
        "whole": scope is None,
    }
    return page_or_fragment(request, "skills/skill_outlook.html", context, fragment="panel")


def _claim(months: list[Month], counts: list[int]) -> str:
    """The sentence above the chart: what is coming, or else what has changed."""
    here = next(i for i, month in enumerate(months) if month.to_come) - 1
    present, last = counts[here], counts[-1]
    people = ngettext("%(n)s person", "%(n)s people", present) % {"n": present}
    if last < present:
        since = max(i for i, count in enumerate(counts) if count > last) + 1
        text = _(
            "%(people)s can do it alone today; by known leaving dates %(last)s from %(month)s."
        )
        month = dateformat.format(months[since].day, "F")
        return text % {"people": people, "last": last or _("nobody"), "month": month}
    if counts[0] < present:
        text = _("%(people)s can do it alone today, %(first)s six months ago.")
        return text % {"people": people, "first": counts[0] or _("nobody")}
    text = _("%(people)s can do it alone today; no known leaving date changes that.")
    return text % {"people": people}


@require_POST
@allow(EVERYONE)
@follows_merges
def skill_want(request: OrganizationRequest, public_id: str) -> HttpResponse:
    row = _listed(request, public_id)
    form = WantForm(request.POST)
    today = business_day(request.organization)
    attempt(form, lambda: want(request.employee, row, form.cleaned_data["urgency"], on=today))
    _tell_refusal(request, form)
    return redirect("skill", public_id=row.public_id)


@require_POST
@allow(EVERYONE)
@follows_merges
def skill_teach(request: OrganizationRequest, public_id: str) -> HttpResponse:
    row = _listed(request, public_id)
    form = TeachForm(request.POST)
    today = business_day(request.organization)
    attempt(form, lambda: teach(request.employee, row, **form.cleaned_data, on=today))
    _tell_refusal(request, form)
    return redirect("skill", public_id=row.public_id)


def _tell_refusal(request: OrganizationRequest, form: Form) -> None:
    """Somebody merged or archived the skill meanwhile."""
    for words in form.non_field_errors():
        messages.error(request, str(words))


def _listed(request: OrganizationRequest, public_id: str) -> Skill:
    skills = Skill.objects.visible_to(request.employee).current()
    row: Skill = get_visible_or_404(skills, public_id)
    return row
