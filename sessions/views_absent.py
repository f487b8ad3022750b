"""Who did not come on a day: the host says it, the learner answers."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peerlearn.clock import now
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from peerlearn.organizations.posting import typed
from sessions import absent
from sessions.forms import AnswerForm
from sessions.models import Block, LearningSession, NoShow, Participation
from sessions.refusals import Refused
from sessions.views_booking import learner_of, session_of


def _day(session: LearningSession, number: int) -> Block:
    """A day of the session; one without it is nowhere."""
    if number > 32767:  # more than Postgres keeps
        raise Http404
    found: Block = get_object_or_404(Block, session=session, number=number)
    return found


def _said(block: Block, learner: Participation) -> NoShow | None:
    rows = NoShow.objects.filter(block=block, participation=learner)
    rows = rows.select_related("block__session__host", "participation__employee")
    found: NoShow | None = rows.first()
    return found


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def no_show(
    request: OrganizationRequest, public_id: str, number: int, learner: str
) -> HttpResponse:
    """The host alone says it, or takes it back."""
    session = session_of(request, public_id)
    if session.host_id != request.employee.pk:
        raise PermissionDenied
    booking = learner_of(session, learner)
    block = _day(session, number)
    said = _said(block, booking)
    if request.method == "POST":
        try:
            if request.POST.get("take_back") and said is not None:
                absent.take_back(said, by=request.employee, at=now())
                messages.success(request, _("Taken back."))
            elif not request.POST.get("take_back"):
                absent.say_absent(booking, number, by=request.employee, at=now())
        except Refused as refusal:
            messages.warning(request, str(refusal.reason))
        return _to_days(session)
    context = {"here": "my_sessions", "session": session, "day": block, "said": said}
    context |= {"learner": booking, "begun": block.starts_at <= now()}
    return render(request, "sessions/no_show.html", context)


def _to_days(session: LearningSession) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("session_run", kwargs={"public_id": session.public_id}))


@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def no_show_answer(request: OrganizationRequest, public_id: str, number: int) -> HttpResponse:
    """The learner of whom it is said answers; for anybody else nothing is there."""
    session = session_of(request, public_id)
    booking = learner_of(session, request.employee.public_id)
    said = _said(_day(session, number), booking)
    if said is None:
        raise Http404
    form = AnswerForm(typed(request), initial={"text": said.answer})
    if request.method == "POST" and form.is_valid():
        absent.answer(said, form.cleaned_data["text"], by=request.employee, at=now())
        messages.success(request, _("Your answer is kept beside it."))
        return HttpResponseRedirect(reverse("booking", kwargs={"public_id": session.public_id}))
    context = {"here": "my_sessions", "session": session, "said": said, "form": form}
    return render(
        request, "sessions/no_show_answer.html", context, status=422 if form.errors else 200
    )
