"""One's own calendar: how it follows, the feed, and the days of a session as a file."""

from __future__ import annotations

from hashlib import sha256

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.notifications.sending import sender
from peerlearn.organizations.access import EVERYONE, Key, OrganizationRequest, allow, opened_by
from peerlearn.organizations.addresses import organization_url
from peerlearn.organizations.models import Employee
from peerlearn.organizations.posting import typed
from peerlearn.organizations.throttles import Try, limit_for
from peerlearn.organizations.unknown_keys import too_many, too_often
from sessions.calendar_choices import choice_of, close_feed, employee_of, keep, open_feed
from sessions.calendar_events import Person, publish
from sessions.calendar_feed import written_for
from sessions.calendar_messages import day_of
from sessions.forms_calendar import CalendarForm
from sessions.models import CalendarEntry
from sessions.views_booking import my_participation, session_of

_HOUR, A_DAY = 3600, 86_400
ASKED_AN_HOUR, ADDRESSES_A_DAY = 120, 20
_KIND = "text/calendar; charset=utf-8"


# --- How it follows ------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def my_calendar(request: OrganizationRequest) -> HttpResponse:
    form = CalendarForm(typed(request))
    if form.is_valid():
        keep(request.employee, **form.cleaned_data, at=now())
        messages.success(request, _("Kept."))
        return HttpResponseRedirect(reverse("my_calendar"))
    return _page(request)


@require_POST
@allow(EVERYONE)
def feed_open(request: OrganizationRequest) -> HttpResponse:
    """The address stands on this answer alone: only its hash is kept."""
    if not _counted(request.employee, "calendar address", ADDRESSES_A_DAY, A_DAY):
        messages.warning(request, _("You have made many addresses today. Try again tomorrow."))
        return HttpResponseRedirect(reverse("my_calendar"))
    secret = open_feed(request.employee, at=now())
    address = organization_url(request.organization, "calendar_feed", secret=secret)
    return _page(request, address=address)


@require_POST
@allow(EVERYONE)
def feed_close(request: OrganizationRequest) -> HttpResponse:
    close_feed(request.employee)
    messages.success(request, _("The feed is switched off. Its address opens nothing any more."))
    return HttpResponseRedirect(reverse("my_calendar"))


def _page(request: OrganizationRequest, *, address: str = "") -> HttpResponse:
    choice = choice_of(request.employee)
    initial = {"by_mail": choice.by_mail, "with_names": choice.with_names}
    context = {
        "here": "my_sessions",
        "form": CalendarForm(initial=initial),
        "choice": choice,
        "address": address,
        "subscribe": "webcal://" + address.partition("://")[2] if address else "",
    }
    return render(request, "sessions/my_calendar.html", context)


def _counted(employee: Employee, act: str, amount: int, seconds: int) -> bool:
    whose = f"{employee.organization_id} {employee.pk}"
    return Try.within(limit_for(act, whose, amount, seconds)).count()


# --- The feed ------------------------------------------------------------------------------------
def _whose(request: HttpRequest, secret: str) -> Employee | None:
    return employee_of(secret)


def _refused(request: HttpRequest) -> HttpResponse:
    if (wait := too_many(request)) is not None:
        return wait
    words = _("There is no calendar at this address. Make a new one in peerlearn: My calendar.")
    return HttpResponse(words, status=404, content_type="text/plain; charset=utf-8")


@opened_by(Key(_whose, _refused))
@require_GET
@allow(EVERYONE)
def calendar_feed(request: OrganizationRequest, secret: str) -> HttpResponse:
    if not _counted(request.employee, "calendar feed", ASKED_AN_HOUR, _HOUR):
        words = _("A calendar may ask for this feed %(requests)s times an hour.")
        return too_often(words % {"requests": ASKED_AN_HOUR}, _HOUR)
    written = written_for(request.employee, at=now())
    etag = f'"{sha256(written).hexdigest()[:32]}"'
    answer = HttpResponse(written, content_type=_KIND, headers=_headers("peerlearn"))
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=answer) or answer


@require_GET
@allow(EVERYONE)
def session_file(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """One's own days of a session, for those who take part in it."""
    session = session_of(request, public_id)
    if my_participation(request, session) is None:
        raise PermissionDenied
    entries = CalendarEntry.objects.standing().filter(
        employee=request.employee, participation__session=session
    )
    link = organization_url(request.organization, "booking", public_id=session.public_id)
    days = [day_of(one, request.employee, link=link) for one in entries.select_related("host")]
    if not days:
        raise Http404
    written = publish(days, organizer=Person(*sender(request.organization)))
    return HttpResponse(written, content_type=_KIND, headers=_headers("shadowing"))


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}.ics"',
        "X-Robots-Tag": "noindex",
    }
