"""My skills in four minutes, and the levels that colleagues want confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.months import add_months
from peerlearn.organizations.access import (
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.models import Employee
from peerlearn.web.pages import page_or_fragment, paginate, searched_for, wants_fragment
from skills.asking import ask_to_confirm
from skills.days import business_day
from skills.figures import MyRow, answered_by, my_rows, used_by_team
from skills.following import follows_merges
from skills.forms import AnswerForm, RowForm
from skills.levels import Level, Urgency
from skills.models import Doubt, Proficiency, Skill
from skills.own import Answer, forget, may_teach, say
from skills.views_catalogue import GET_OR_POST, may_edit, public_ids, typed

SUGGESTED, FOUND, ASKED_AT_ONCE = 8, 8, 20


# --- My skills -------------------------------------------------------------------------------
@require_http_methods(GET_OR_POST)
@allow(EVERYONE)
def my_skills(request: OrganizationRequest) -> HttpResponse:
    if request.method == "POST":
        return _save(request)
    today = business_day(request.organization)
    rows = _rows(request, public_ids(request.GET.getlist("add")))
    waiting = list(_waiting(request)[:ASKED_AT_ONCE])
    text = typed(request)
    context = {
        "here": "my_skills",
        "rows": rows,
        "answered": sum(row.answered for row in rows),
        "runs_out": [row for row in rows if row.runs_out],
        "added": public_ids(request.GET.getlist("add")),
        "levels": Level.choices,
        "urgencies": [(0, _("no")), *Urgency.choices],
        "waiting": waiting[:1],
        "waiting_count": len(waiting),
        "until": add_months(today, request.organization.confirmation_months),
        "today": today,
        "text": text,
        "may_edit": may_edit(request),
        "no_skills": not rows and not Skill.objects.current().exists(),
        **_found(text, rows),
    }
    return page_or_fragment(request, "skills/my_skills.html", context, fragment="found")


def _rows(request: OrganizationRequest, added: Sequence[str]) -> list[MyRow]:
    """What is answered, what was just added, and what the team uses."""
    today, me = business_day(request.organization), request.employee
    used = used_by_team(me, on=today, most=SUGGESTED).values("pk")
    shown = answered_by(me) | Q(public_id__in=list(added)) | Q(pk__in=used)
    skills = Skill.objects.visible_to(me).current().filter(shown)
    return my_rows(skills, employee=me, today=today)


def _found(text: str, rows: Iterable[MyRow]) -> dict[str, Any]:
    if not text:
        return {"found": [], "loose": False}
    listed = [row.skill.pk for row in rows]
    found, loose = Skill.objects.current().looked_up(text)
    return {"found": found.exclude(pk__in=listed)[:FOUND], "loose": loose}


def _save(request: OrganizationRequest) -> HttpResponse:
    """All rows at once, as without JavaScript; then what the pressed button asks for."""
    chosen = public_ids(request.POST.getlist("add"))
    added = public_ids(request.POST.getlist("added") + chosen)
    changed, refused = 0, False
    levels: list[Skill] = []
    for row in _rows(request, added):
        if request.POST.get("remove") == row.skill.public_id:
            forget(request.employee, row.skill, on=business_day(request.organization))
            added = [one for one in added if one != row.skill.public_id]
            continue
        form = RowForm(request.POST, prefix=row.skill.public_id)
        if not _was_shown(request, row) or not form.is_valid():
            continue
        result = _say(request, row, form)
        changed += result.changed
        refused |= result.refused
        said_level = form.cleaned_data["level"] not in ("", row.level)
        levels += [row.skill] if result.changed and said_level else []
    if levels:
        ask_to_confirm(request.employee, levels, at=now())
    if refused:
        messages.warning(request, _("To teach a skill, you can do it alone."))
    elif changed:
        messages.success(request, _("Saved."))
    query = [("add", one) for one in dict.fromkeys(added)]
    if text := request.POST.get("q", "").strip()[:200]:
        query.append(("q", text))
    end = f"#row-{chosen[0]}" if chosen else "#find" if text else ""
    return redirect(f"{reverse('my_skills')}{'?' + urlencode(query) if query else ''}{end}")


def _was_shown(request: OrganizationRequest, row: MyRow) -> bool:
    """A row that appeared after the page was made was not answered with "no"."""
    return f"{row.skill.public_id}-want" in request.POST


class _Said:
    def __init__(self, changed: bool, refused: bool) -> None:
        self.changed, self.refused = changed, refused


def _say(request: OrganizationRequest, row: MyRow, form: RowForm) -> _Said:
    data = form.cleaned_data
    answer = Answer(data["level"] or 0, data["teach"], data["want"] or 0)
    try:
        changed = say(request.employee, row, answer, on=business_day(request.organization))
    except ValidationError as gone:  # merged or archived meanwhile
        messages.error(request, " ".join(gone.messages))
        return _Said(False, False)
    return _Said(changed, answer.teaches and not may_teach(answer.level or row.level))


@require_POST
@allow(EVERYONE)
@follows_merges
def my_skill(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """One row, saved by itself; answers with what the row says below its name."""
    skills = Skill.objects.visible_to(request.employee).current()
    skill: Skill = get_visible_or_404(skills, public_id)
    row = _row(request, skill)
    form = RowForm(request.POST, prefix=public_id)
    valid = form.is_valid()
    said = _say(request, row, form) if valid else _Said(False, False)
    if said.changed and form.cleaned_data["level"] not in ("", row.level):
        ask_to_confirm(request.employee, [skill], at=now())
    if not wants_fragment(request):
        return redirect("my_skills")
    context = {
        "row": _row(request, skill),
        "changed": said.changed,
        "refused": said.refused,
        "today": business_day(request.organization),
    }
    template = "skills/_my_row_status.html"
    return render(request, template, context, status=200 if valid else 422)


def _row(request: OrganizationRequest, skill: Skill) -> MyRow:
    rows = Skill.objects.filter(pk=skill.pk)
    today = business_day(request.organization)
    return my_rows(rows, employee=request.employee, today=today)[0]


# --- Confirmations ---------------------------------------------------------------------------
def _waiting(request: OrganizationRequest, text: str = "") -> Any:
    """The levels of those around that the viewer could confirm, the oldest first. With a text,
    those of people or of skills that are meant by it."""
    today = business_day(request.organization)
    rows = (
        Proficiency.objects.visible_to(request.employee)
        .confirmable_by(request.employee, today)
        .of_those_around(request.employee)
        .select_related("employee__team", "skill")
        .order_by("valid_from", "pk")
    )
    if text:
        people = Employee.objects.visible_to(request.employee).meant_by(text)
        skills = Skill.objects.visible_to(request.employee).matching(text)
        rows = rows.filter(
            Q(employee__in=people.values("pk")) | Q(skill__in=skills.order_by().values("pk"))
        )
    return rows


@require_GET
@allow(EVERYONE)
def confirmations(request: OrganizationRequest) -> HttpResponse:
    text = searched_for(request)
    today = business_day(request.organization)
    context = {
        "here": "my_skills",
        "page": paginate(request, _waiting(request, text)),
        "text": text,
        "until": add_months(today, request.organization.confirmation_months),
        "today": today,
    }
    return render(request, "skills/confirmations.html", context)


@require_POST
@allow(EVERYONE)
def confirmation(request: OrganizationRequest, public_id: str) -> HttpResponse:
    levels = Proficiency.objects.visible_to(request.employee).select_related("employee", "skill")
    level: Proficiency = get_visible_or_404(levels, public_id)
    form = AnswerForm(request.POST)
    back = _back(request, level)
    if not form.is_valid():
        return redirect(back)
    if form.cleaned_data["answer"] == "no":
        Doubt.objects.get_or_create(proficiency=level, by=request.employee)
        messages.info(request, _("Thank you. Nobody is told that you could not say."))
        return redirect(back)
    level.level = form.cleaned_data["level"]
    try:
        confirmed = level.confirm(by=request.employee, at=now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)
    messages.success(request, _confirmed(request, confirmed))
    return redirect(back)


def _confirmed(request: OrganizationRequest, level: Proficiency) -> str:
    words = {"name": level.employee.name, "skill": level.skill.name}
    if level.confirmed_by_id != request.employee.pk:
        return _("%(name)s in %(skill)s was confirmed by a colleague a moment ago.") % words
    return _("%(name)s in %(skill)s is confirmed. Your name stands beside it.") % words


def _back(request: OrganizationRequest, level: Proficiency) -> str:
    """Where the answer was given: only pages of ours are named."""
    match request.POST.get("from"):
        case "skill":
            return reverse("skill", kwargs={"public_id": level.skill.public_id})
        case "my_skills":
            return reverse("my_skills")
        case _:
            return reverse("confirmations")
