"""What HR and admins do about invitations: one, many, the list of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations import inviting
from peerlearn.organizations.access import (
    ADMIN,
    HR,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.forms_invitations import InvitationsForm, InviteForm, WhomForm
from peerlearn.organizations.models import Invitation
from peerlearn.organizations.models.invitations import DELIVERED_WITHIN
from peerlearn.organizations.posting import attempt, typed
from peerlearn.organizations.views_hiring import person_of
from peerlearn.web.pages import page_or_fragment, paginate, searched_for

MINUTE = timedelta(minutes=1)


@require_http_methods(["GET", "POST"])
@allow(HR, ADMIN)
def employee_invite(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """One person, anew if need be."""
    person = person_of(request, public_id)
    by = request.employee
    form = InviteForm(typed(request), person=person, by=by)

    def save() -> None:
        roles = {
            "makes_hr": form.cleaned_data.get("is_hr", False),
            "makes_admin": form.cleaned_data.get("is_admin", False),
        }
        inviting.invite(person, by=by, at=now(), **roles)

    if attempt(form, save):
        messages.success(request, _("An invitation goes to %(email)s.") % {"email": person.email})
        return redirect("employee", public_id=person.public_id)
    before = Invitation.objects.newest().open(now()).filter(employee=person).first()
    context = {"here": "employees", "form": form, "person": person, "before": before}
    status = 422 if form.errors else 200
    return render(request, "organizations/employee_invite.html", context, status=status)


@require_GET
@allow(HR, ADMIN)
def invitations(request: OrganizationRequest) -> HttpResponse:
    """Whom anybody invited last, and what became of it."""
    at = now()
    form = InvitationsForm(request.GET)
    form.full_clean()
    asked = form.cleaned_data.get("q", ""), form.cleaned_data.get("state", "")
    rows = Invitation.objects.visible_to(request.employee).newest()
    rows = rows.filter(employee__active=True).of_whom(asked[0])
    if asked[1]:
        rows = rows.in_state(asked[1], at)
    page = paginate(request, rows.select_related("employee__membership", "employee__team", "by"))
    context = {
        "here": "employees",
        "form": form,
        "page": page,
        "asked": any(asked),
        "overdue": at - DELIVERED_WITHIN,
        "told": [(row, row.state(at)) for row in page.object_list],
        "run_out": inviting.to_invite(inviting.RUN_OUT, at=at).exists(),
    }
    return page_or_fragment(request, "organizations/invitations.html", context, fragment="list")


@require_POST
@allow(HR, ADMIN)
def invitation_withdraw(request: OrganizationRequest, public_id: str) -> HttpResponse:
    rows = Invitation.objects.visible_to(request.employee).select_related("employee")
    row: Invitation = get_visible_or_404(rows, public_id)
    if inviting.withdraw(row, at=now()):
        told = _("The invitation of %(name)s opens nothing any more.")
        messages.success(request, told % {"name": row.employee.name})
    else:
        messages.info(request, _("It was over already."))
    return redirect("employee", public_id=row.employee.public_id)


@require_http_methods(["GET", "POST"])
@allow(HR, ADMIN)
def invite_people(request: OrganizationRequest) -> HttpResponse:
    """Many at once: who they would be, then the mails, one after the other."""
    at = now()
    whom = WhomForm(request.POST or request.GET)
    people = whom.people(at)
    text = searched_for(request)
    page = paginate(request, people.meant_by(text) if text else people)
    number = people.count() if text else page.paginator.count
    mails = min(number, inviting.room(request.employee))
    form = forms.Form(typed(request))
    if attempt(form, lambda: _invite(request, people[:mails], at)):
        return redirect("invitations")
    context: dict[str, Any] = {
        "here": "employees",
        "whom": whom,
        "form": form,
        "page": page,
        "text": text,
        "number": number,
        "mails": mails,
        "later": number - mails,
        "minutes": -(-mails * inviting.PACE // MINUTE),
    }
    status = 422 if form.errors else 200
    return page_or_fragment(
        request, "organizations/invite_people.html", context, fragment="list", status=status
    )


def _invite(request: OrganizationRequest, people: Any, at: datetime) -> None:
    """As many as were shown, or nobody."""
    chosen = list(people)
    if not chosen:
        raise ValidationError(_("Nobody is left to invite, or no more may go today."))
    if request.POST.get("mails") != str(len(chosen)):
        raise ValidationError(_("Meanwhile it would be other people. Look again, then send."))
    made = len(inviting.invite_all(chosen, by=request.employee, at=at))
    told = ngettext(
        "%(count)d invitation goes out now.",
        "%(count)d invitations go out now, one each second.",
        made,
    )
    messages.success(request, told % {"count": made})
