"""What an invitation opens: without signing in, and without doing anything until it is accepted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from peerlearn.clock import now
from peerlearn.organizations import inviting, known_browsers
from peerlearn.organizations.access import EVERYONE, Key, OrganizationRequest, allow, opened_by
from peerlearn.organizations.addresses import organization_home
from peerlearn.organizations.forms_invitations import AcceptForm
from peerlearn.organizations.models import Employee, Invitation, User
from peerlearn.organizations.models.invitations import hashed
from peerlearn.organizations.posting import typed


def _holder(request: Any, key: str) -> Employee | None:
    rows = Invitation.objects.select_related("by", "employee__membership__user").select_related(
        "employee__organization"
    )
    found: Invitation | None = rows.filter(key_hash=hashed(key)).first()
    if found is None or not found.is_open(now()):
        return None
    request.invitation = found
    employee: Employee = found.employee
    employee.organization = found.employee.organization
    return employee


def _refused(request: HttpRequest) -> HttpResponse:
    """The same for what was used, ran out, was withdrawn or never was, signed in or not."""
    context = {"sign_out_url": ""}
    return render(request, "organizations/invitation_over.html", context, status=404)


INVITATION = Key(employee=_holder, refused=_refused)


def _visitor(request: OrganizationRequest, user: User) -> str:
    """Who is looking: "new", who may come in by this alone; "mine", who is signed in as whom it
    is for; "known", who has to sign in; "other", who is signed in as somebody else."""
    if request.user.is_authenticated:
        return "mine" if request.user.pk == user.pk else "other"
    return "new" if user.is_new else "known"


@opened_by(INVITATION)
@require_http_methods(["GET", "POST"])
@allow(EVERYONE)
def invitation(request: OrganizationRequest, key: str) -> HttpResponse:
    """Who asks whom to what; nothing happens before it is accepted."""
    row: Invitation = request.invitation  # type: ignore[attr-defined]  # set by _holder
    user = row.employee.membership.user
    visitor = _visitor(request, user)
    form = AcceptForm(typed(request), user=user, chooses=visitor == "new")
    if form.is_valid() and visitor in ("new", "mine"):
        return _accept(request, row, form.cleaned_data.get("password", ""))
    context = {"form": form, "row": row, "visitor": visitor, "user_now": request.user}
    context["here_again"] = request.get_full_path()
    status = 200
    if request.method == "POST":
        status = 422 if form.errors else 403
    return render(request, "organizations/invitation.html", context, status=status)


def _accept(request: OrganizationRequest, row: Invitation, password: str) -> HttpResponse:
    signed_in = request.user if isinstance(request.user, User) else None
    user = inviting.accept(row, signed_in=signed_in, password=password, at=now())
    if user is None:
        return _refused(request)
    if signed_in is None:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = HttpResponseRedirect(organization_home(request.organization))
    known_browsers.remember(request, response)
    return response
