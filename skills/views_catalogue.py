"""The organization's catalogue of skills: finding, adding, editing, merging, putting away."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from peerlearn.clock import now
from peerlearn.organizations.access import (
    ADMIN,
    EVERYONE,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.web.pages import page_or_fragment, paginate
from skills import catalogue
from skills.days import business_day
from skills.figures import with_counts
from skills.following import follows_merges
from skills.forms import BeginForm, SkillForm
from skills.merging import merge, would_move
from skills.models import Skill, SkillCategory

GET_OR_POST = ["GET", "HEAD", "POST"]
CANDIDATES = 8


def typed(request: OrganizationRequest, name: str = "q") -> str:
    """What was typed into a search, short enough and without what Postgres refuses."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:200]


def public_ids(values: Iterable[str]) -> list[str]:
    """Those that can be public ids, at most twenty."""
    return [value for value in values if len(value) == 12 and value.isprintable()][:20]


def may_edit(request: OrganizationRequest) -> bool:
    return request.employee.has_role(HR) or request.employee.has_role(ADMIN)


@require_GET
@allow(EVERYONE)
def skills(request: OrganizationRequest) -> HttpResponse:
    text, chosen = typed(request), request.GET.get("category", "")
    archived = may_edit(request) and request.GET.get("archived") == "1"
    found = Skill.objects.visible_to(request.employee)
    found = found.archived() if archived else found.current()
    categories = list(SkillCategory.objects.all())
    category = next((row for row in categories if row.public_id == chosen), None)
    if category:
        found = found.filter(category=category)
    loose = False
    if text:
        found, loose = found.looked_up(text)
    rows = with_counts(found.select_related("category"), on=business_day(request.organization))
    context = {
        "here": "skills",
        "page": paginate(request, rows),
        "text": text,
        "loose": loose,
        "category": category,
        "categories": categories,
        "archived": archived,
        "may_edit": may_edit(request),
        "attribution": catalogue.ATTRIBUTION,
    }
    return page_or_fragment(request, "skills/skills.html", context, fragment="list")


@require_http_methods(GET_OR_POST)
@allow(HR, ADMIN)
def skill_add(request: OrganizationRequest) -> HttpResponse:
    form = SkillForm(_posted(request), initial={"name": typed(request, "name")})
    if request.method == "POST" and form.is_valid():
        try:
            skill = catalogue.add_one(**form.cleaned_data)
        except IntegrityError:  # somebody added the same name at the same moment
            form.add_error("name", _("A skill of that name is in the catalogue already."))
        else:
            messages.success(request, _("“%(name)s” is in the catalogue.") % {"name": skill.name})
            return redirect("skill", public_id=skill.public_id)
    return _form_page(request, form, None)


@require_http_methods(GET_OR_POST)
@allow(HR, ADMIN)
@follows_merges
def skill_edit(request: OrganizationRequest, public_id: str) -> HttpResponse:
    skill = _unmerged(request, public_id)
    initial = {
        "name": skill.name,
        "category": skill.category.name if skill.category else "",
        "also_called": "\n".join(skill.also_called()),
        "description": skill.description,
    }
    form = SkillForm(_posted(request), initial=initial, skill=skill)
    if request.method == "POST" and form.is_valid():
        try:
            catalogue.rewrite(skill, **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("A skill of that name is in the catalogue already."))
        except ValidationError as merged:
            form.add_error(None, merged)
        else:
            messages.success(request, _("Saved."))
            return redirect("skill", public_id=skill.public_id)
    return _form_page(request, form, skill)


def _posted(request: OrganizationRequest) -> QueryDict | None:
    """What was posted, be it empty; None when the form is only shown."""
    return request.POST if request.method == "POST" else None


def _form_page(request: OrganizationRequest, form: SkillForm, skill: Skill | None) -> HttpResponse:
    context = {
        "here": "skills",
        "form": form,
        "skill": skill,
        "categories": SkillCategory.objects.all(),
    }
    status = 422 if form.errors else 200
    return render(request, "skills/skill_form.html", context, status=status)


def _unmerged(request: OrganizationRequest, public_id: str) -> Skill:
    skills = Skill.objects.visible_to(request.employee).filter(merged_into=None)
    skill: Skill = get_visible_or_404(skills.select_related("category"), public_id)
    return skill


@require_http_methods(GET_OR_POST)
@allow(HR, ADMIN)
@follows_merges
def skill_merge(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Without `into` a choice of likely ones; with it the page that says what moves."""
    skill = _unmerged(request, public_id)
    if request.method == "POST":
        into = _unmerged(request, request.POST["into"]) if request.POST.get("into") else None
        if into is None:
            return _merge_page(request, skill, None, ValidationError(_("Choose the other skill.")))
        try:
            merge(skill, into=into, at=now())
        except ValidationError as error:
            return _merge_page(request, skill, into, error)
        messages.success(
            request,
            _("“%(name)s” is now another name of “%(into)s”.")
            % {"name": skill.name, "into": into.name},
        )
        return redirect("skill", public_id=into.public_id)
    chosen = request.GET.get("into")
    return _merge_page(request, skill, _unmerged(request, chosen) if chosen else None, None)


def _merge_page(
    request: OrganizationRequest, skill: Skill, into: Skill | None, error: ValidationError | None
) -> HttpResponse:
    text = typed(request)
    others = Skill.objects.current().exclude(pk=skill.pk).select_related("category")
    context = {
        "here": "skills",
        "skill": skill,
        "into": into,
        "moved": would_move(skill) if into else None,
        "error": " ".join(error.messages) if error else "",
        "text": text,
        "found": [] if into else others.looked_up(text or skill.name)[0][:CANDIDATES],
    }
    return render(request, "skills/skill_merge.html", context, status=422 if error else 200)


@require_http_methods(GET_OR_POST)
@allow(HR, ADMIN)
@follows_merges
def skill_archive(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Puts a skill away, or takes it back when it is away."""
    skill = _unmerged(request, public_id)
    if request.method == "POST":
        if request.POST.get("restore"):
            skill.restore(at=now())
            text = _("“%(name)s” is back in the catalogue.")
        else:
            skill.archive(at=now())
            text = _("“%(name)s” is in the archive.")
        messages.success(request, text % {"name": skill.name})
        return redirect("skill", public_id=skill.public_id)
    context = {"here": "skills", "skill": skill, "moved": would_move(skill)}
    return render(request, "skills/skill_archive.html", context)


@require_http_methods(GET_OR_POST)
@allow(HR, ADMIN)
def catalogue_begin(request: OrganizationRequest) -> HttpResponse:
    form = BeginForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        entries = catalogue.from_pack(form.cleaned_data["categories"])
        entries += catalogue.from_lines(
            form.cleaned_data["own_list"], category=form.cleaned_data["category"].strip()
        )
        added = catalogue.add(entries)
        number = len(added.skills)
        text = ngettext("%(number)s skill added.", "%(number)s skills added.", number)
        if added.skipped:
            text += " " + ngettext(
                "%(skipped)s was there already.",
                "%(skipped)s were there already.",
                len(added.skipped),
            )
        messages.success(request, text % {"number": number, "skipped": len(added.skipped)})
        return redirect("skills")
    context = {"here": "skills", "form": form, "attribution": catalogue.ATTRIBUTION}
    status = 422 if form.errors else 200
    return render(request, "skills/catalogue_begin.html", context, status=status)
