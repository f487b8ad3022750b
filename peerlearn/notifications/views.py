"""The inbox of each employee, and for admins what could not be delivered."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from peerlearn.clock import now
from peerlearn.notifications.deliveries import (
    deliveries_of,
    last_test_message,
    resend,
    test_message_to,
    told_to,
)
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.organizations.access import (
    ADMIN,
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.throttles import TEST_MAIL, Try
from peerlearn.web.pages import page_or_fragment, paginate, searched_for


@require_GET
@allow(EVERYONE)
def notifications(request: OrganizationRequest) -> HttpResponse:
    mine = Notification.objects.visible_to(request.employee)
    if text := searched_for(request):
        mine = mine.filter(title__icontains=text)
    context = {
        "page": paginate(request, mine.order_by("-shown_at", "-id")),
        "text": text,
        "here": "notifications",
    }
    return page_or_fragment(request, "notifications/notifications.html", context, fragment="list")


@require_POST
@allow(EVERYONE)
def notification_read(request: OrganizationRequest, public_id: str) -> HttpResponse:
    mine = Notification.objects.visible_to(request.employee)
    get_visible_or_404(mine, public_id).mark_read(at=now())
    return redirect("notifications")


@require_POST
@allow(EVERYONE)
def notification_open(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """Go where it leads; it is read by that. A link alone would change nothing."""
    mine = Notification.objects.visible_to(request.employee)
    notification = get_visible_or_404(mine, public_id)
    notification.mark_read(at=now())
    return redirect(notification.path or "notifications")


@require_POST
@allow(EVERYONE)
def notifications_read(request: OrganizationRequest) -> HttpResponse:
    Notification.objects.visible_to(request.employee).mark_read(now())
    return redirect("notifications")


@require_GET
@allow(ADMIN)
def deliveries(request: OrganizationRequest) -> HttpResponse:
    rows = Outbox.objects.of(request.organization.pk)
    text = searched_for(request)
    given_up = told_to(rows.dead(), text) if text else rows.dead()
    dead = paginate(request, given_up.order_by("-dead_at", "-id"))
    waiting = rows.late(now()).order_by("due_at", "id")
    context = {
        "page": dead,
        "text": text,
        "dead": deliveries_of(dead.object_list),
        "waiting": deliveries_of(waiting[:50]),
        "waiting_count": waiting.count(),
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "tested": last_test_message(request.employee),
        "here": "settings",
    }
    return render(request, "notifications/deliveries.html", context)


@require_POST
@allow(ADMIN)
def deliveries_test(request: OrganizationRequest) -> HttpResponse:
    """What becomes of it is seen on the page: sent, waiting or given up, and why."""
    me = request.employee
    another = Try(request, TEST_MAIL, f"{request.organization.pk} {me.pk}")
    if another.count():
        test_message_to(me, at=now())
        messages.success(
            request, _("A test message to %(email)s is on its way.") % {"email": me.email}
        )
    else:
        messages.error(request, another.wait)
    return redirect("deliveries")


@require_POST
@allow(ADMIN)
def delivery_resend(request: OrganizationRequest, public_id: str) -> HttpResponse:
    resend(get_visible_or_404(Outbox.objects.of(request.organization.pk), public_id))
    messages.success(request, _("It will be tried again within a few seconds."))
    return redirect("deliveries")


@require_POST
@allow(ADMIN)
def deliveries_resend(request: OrganizationRequest) -> HttpResponse:
    count = Outbox.objects.of(request.organization.pk).dead().try_again()
    messages.success(
        request, _("%(count)d will be tried again within a few seconds.") % {"count": count}
    )
    return redirect("deliveries")
