"""The bookings of one's people: of the reporting line for a manager, of everybody for HR."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from peerlearn.clock import now
from peerlearn.organizations.access import HR, MANAGER, OrganizationRequest, allow
from peerlearn.web.pages import page_or_fragment, paginate
from sessions.models import LearningSession, Participation


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
    }
    return page_or_fragment(request, "sessions/bookings.html", context, fragment="list")
