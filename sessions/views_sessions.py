"""The sessions somebody takes part in: what comes, the days themselves, what came of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from peerlearn.organizations.posting import typed
from peerlearn.web.pages import page_or_fragment, paginate, searched_for
from sessions.agenda import agenda, asked_to_take_over, debriefs_due, levels_to_answer, past
from sessions.choices import Decision, Seat
from sessions.diary import STANDS, diary, people_of
from sessions.forms import DebriefForm, NoteForm
from sessions.models import (
    Block,
    Debrief,
    LearningSession,
    Note,
    Participation,
    ProposedLevel,
    SessionStep,
)
from sessions.refusals import Refused
from sessions.running import (
    Answers,
    answer_level,
    close,
    complete_day,
    may_propose,
    submit_debrief,
    take_back_day,
)
from sessions.views_booking import my_participation, session_of
from sessions.waiting import waits_for
from skills.levels import Level


@require_GET
@allow(EVERYONE)
def my_sessions(request: OrganizationRequest) -> HttpResponse:
    at = now()
    context: dict[str, Any] = {
        "here": "my_sessions",
        "today": at.astimezone(request.employee.zone).date(),
        "past": request.GET.get("show") == "past",
    }
    if context["past"]:
        context["text"] = text = searched_for(request)
        context["page"] = paginate(request, past(request.employee, text), per_page=20)
    else:
        context |= {
            "waits": waits_for(request.employee),
            "upcoming": agenda(request.employee, at=at),
            "due": debriefs_due(request.employee, at=at),
            "levels": levels_to_answer(request.employee, at=at),
            "asks": asked_to_take_over(request.employee, at=at),
        }
    return render(request, "sessions/my_sessions.html", context)


# --- The days --------------------------------------------------------------------------------
def _mine_or_refuse(
    request: OrganizationRequest, public_id: str
) -> tuple[LearningSession, Participation]:
    """The session and one's own part in it; 403 for those who only may see that it is."""
    session = session_of(request, public_id)
    mine = my_participation(request, session)
    if mine is None:
        raise PermissionDenied
    return session, mine


def _to_run(session: LearningSession) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("session_run", kwargs={"public_id": session.public_id}))


@require_GET
@allow(EVERYONE)
def session_run(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session = session_of(request, public_id)
    people = people_of(session)
    mine = next((one for one in people if one.employee_id == request.employee.pk), None)
    if mine is None:
        _mine_or_refuse(request, public_id)
        return HttpResponseRedirect(reverse("booking", kwargs={"public_id": public_id}))
    return _run(request, session, mine, NoteForm(), people=people)


def _run(
    request: OrganizationRequest,
    session: LearningSession,
    mine: Participation,
    form: NoteForm,
    *,
    people: list[Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    people = people if people is not None else people_of(session)
    context = {
        "here": "my_sessions",
        "session": session,
        "mine": mine,
        "form": form,
        **diary(session, mine, people, at=now()),
    }
    return page_or_fragment(request, "sessions/run.html", context, fragment="days", status=status)


def _learners(session: LearningSession) -> str:
    """Their names, for the host's questions."""
    rows = Participation.objects.learners().filter(session=session, state__in=STANDS)
    return ", ".join(rows.values_list("employee__name", flat=True))


@require_POST
@allow(EVERYONE)
def day_done(request: OrganizationRequest, public_id: str, number: int) -> HttpResponse:
    session, _mine = _mine_or_refuse(request, public_id)
    try:
        complete_day(session, number, by=request.employee, at=now())
    except Block.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return _to_run(session)


@require_POST
@allow(EVERYONE)
def day_undone(request: OrganizationRequest, public_id: str, number: int) -> HttpResponse:
    session, _mine = _mine_or_refuse(request, public_id)
    try:
        if take_back_day(session, number, by=request.employee, at=now()):
            messages.success(request, _("Taken back. Nothing of that day counts for now."))
    except Block.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return _to_run(session)


@require_POST
@allow(EVERYONE)
def session_close(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session, _mine = _mine_or_refuse(request, public_id)
    try:
        close(session, by=request.employee, at=now())
    except Refused as refusal:
        messages.warning(request, str(refusal.reason))
    return _to_run(session)


@require_POST
@allow(EVERYONE)
def step_tick(
    request: OrganizationRequest, public_id: str, day: int, position: int
) -> HttpResponse:
    session, mine = _mine_or_refuse(request, public_id)
    if mine.state not in STANDS:
        raise PermissionDenied
    step = SessionStep.objects.filter(session=session, day=day, position=position).first()
    if step is None:
        raise Http404
    if request.POST.get("done") == "yes":
        step.tick(by=request.employee, at=now())
    else:
        step.untick()
    if request.htmx:
        return _run(request, session, mine, NoteForm())
    return _to_run(session)


@require_POST
@allow(EVERYONE)
def note_add(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session, mine = _mine_or_refuse(request, public_id)
    if mine.state not in STANDS:
        raise PermissionDenied
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _run(request, session, mine, form, status=422)
    Note.write(session=session, author=request.employee, at=now(), **form.cleaned_data)
    return _to_run(session)


# --- What came of it ---------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def debrief(request: OrganizationRequest, public_id: str) -> HttpResponse:
    session, mine = _mine_or_refuse(request, public_id)
    if mine.state not in STANDS:
        return HttpResponseRedirect(reverse("booking", kwargs={"public_id": public_id}))
    if session.starts_at > now():
        messages.info(request, _("The four questions come once the days have begun."))
        return _to_run(session)
    form = _debrief_form(request, session, mine)
    if request.method == "POST" and form.is_valid():
        answers = Answers(**{name: form.cleaned_data[name] for name in Answers.__annotations__})
        nothing = form.cleaned_data["nothing_to_add"]
        submit_debrief(mine, answers, form.said_levels(), nothing_to_add=nothing, at=now())
        messages.success(request, _("Thank you. Your answers are kept."))
        return _to_run(session)
    context = {"here": "my_sessions", "session": session, "form": form}
    return render(request, "sessions/debrief.html", context, status=422 if form.errors else 200)


def _debrief_form(
    request: OrganizationRequest, session: LearningSession, mine: Participation
) -> DebriefForm:
    hosting = mine.seat == Seat.HOST
    before = Debrief.objects.filter(participation=mine).first()
    initial: dict[str, Any] = {}
    if before is not None:
        initial = {name: getattr(before, name) for name in Answers.__annotations__}
        initial["nothing_to_add"] = not any(initial.values())
    for level in ProposedLevel.objects.filter(participation=mine).select_related("skill"):
        initial[f"level_{level.skill.public_id}"] = level.level
    return DebriefForm(
        typed(request),
        initial=initial,
        hosting=hosting,
        other=_learners(session) if hosting else session.host.name,
        skills=session.skills.all() if not hosting and may_propose(session) else [],
    )


@require_POST
@allow(EVERYONE)
def level_answer(
    request: OrganizationRequest, public_id: str, learner: str, skill: str
) -> HttpResponse:
    session, mine = _mine_or_refuse(request, public_id)
    if mine.seat != Seat.HOST:
        raise PermissionDenied
    if "\x00" in learner + skill:  # Postgres refuses it
        raise Http404
    rows = ProposedLevel.objects.filter(
        participation__session=session, participation__employee__public_id=learner
    ).select_related("participation__employee", "participation__session", "skill")
    proposed = get_object_or_404(rows, skill__public_id=skill)
    seen = request.POST.get("level", "")
    if seen:  # what is no level is another one than theirs
        proposed.level = int(seen) if seen in map(str, Level) else 0
    try:
        confirm = request.POST.get("answer") == "confirm"
        answer_level(proposed, confirm=confirm, by=request.employee, at=now())
        if proposed.decision == Decision.ENDED:
            ended = _("%(name)s has reached that level by now, so nobody asks any more.")
            messages.info(request, ended % {"name": proposed.participation.employee.name})
    except (Refused, ValidationError) as refusal:
        words = refusal.messages if isinstance(refusal, ValidationError) else [refusal.reason]
        messages.warning(request, " ".join(str(word) for word in words))
    return _to_run(session)
