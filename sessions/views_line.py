"""The bookings of one's people: of the reporting line for a manager, of everybody for HR."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import HR, MANAGER, OrganizationRequest, allow
from peerlearn.web.pages import page_or_fragment, paginate
from sessions.cutting import after_the_last_day
from sessions.models import HandOver, LearningSession, Participation


@require_GET
@allow(MANAGER, HR)
def bookings(request: OrganizationRequest) -> HttpResponse:
    """Who is beside whom, when: what is to come, or what is over and was cancelled."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    past = request.GET.get("show") == "past"
    coming = Participation.objects.learners().who_stand().select_related("employee")
    learners = Prefetch("participations", coming.order_by("pk"), to_attr="learners")
    found = LearningSession.objects.visible_to(request.employee).agreed()
    found = found.with_somebody_called(text).select_related("host").prefetch_related(learners)
    over = found.over(now())
    rows = over.order_by("-starts_at", "pk") if past else found.exclude(pk__in=over.values("pk"))
    context = {
        "here": "my_sessions",
        "page": paginate(request, rows),
        "past": past,
        "text": text,
        "to_hand_over": HandOver.objects.visible_to(request.employee).open().count(),
    }
    return page_or_fragment(request, "sessions/bookings.html", context, fragment="list")


@require_GET
@allow(MANAGER, HR)
def hand_overs(request: OrganizationRequest) -> HttpResponse:
    """What has to be handed over: days without a host, and those after a host's last day."""
    waits = HandOver.objects.visible_to(request.employee).open().with_requests()
    waits = waits.with_another_host().select_related("host", "session")
    leaving = after_the_last_day(request.employee, at=now())
    ahead = LearningSession.objects.filter(pk__in=[session.pk for session, _day in leaving])
    context = {
        "here": "my_sessions",
        "page": paginate(request, waits.order_by("session__starts_at", "pk")),
        "leaving": leaving,
        "able": set(ahead.with_another_host().values_list("pk", flat=True)),
    }
    return render(request, "sessions/hand_overs.html", context)
