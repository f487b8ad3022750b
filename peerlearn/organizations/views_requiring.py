"""Whether an organization opens only for people with a second factor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peerlearn.clock import now
from peerlearn.organizations import factors, requiring
from peerlearn.organizations.access import ADMIN, OrganizationRequest, allow
from peerlearn.organizations.forms_settings import SecondFactorForm
from peerlearn.organizations.models import User
from peerlearn.organizations.posting import attempt, typed


@require_http_methods(["GET", "POST"])
@allow(ADMIN)
def second_factor(request: OrganizationRequest) -> HttpResponse:
    organization, user = request.organization, request.user
    assert isinstance(user, User)
    form = SecondFactorForm(typed(request), since=organization.second_factor_since, at=now())

    def keep() -> None:
        if form.days is None:
            requiring.stop(organization, by=user)
        else:
            requiring.require(organization, days=form.days, by=user, at=now())

    if attempt(form, keep):
        messages.success(request, _("The settings are kept."))
        return HttpResponseRedirect(reverse("second_factor"))
    have, people = requiring.counted(organization)
    context = {
        "here": "settings",
        "form": form,
        "have": have,
        "people": people,
        "since": organization.second_factor_since,
        "holds": form.holds,
        "own": factors.has_one(user),
    }
    status = 422 if form.errors else 200
    return render(request, "organizations/second_factor.html", context, status=status)
