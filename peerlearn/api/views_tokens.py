"""The pages about tokens: one's own, and for admins that there are others'."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.api.forms import TokenForm
from peerlearn.api.models import ApiSwitchedOff, ApiToken
from peerlearn.api.token_scopes import declared
from peerlearn.clock import now
from peerlearn.organizations.access import (
    ADMIN,
    EVERYONE,
    OrganizationRequest,
    allow,
    get_visible_or_404,
)
from peerlearn.organizations.posting import attempt, typed
from peerlearn.web.pages import paginate

GET_OR_POST = ["GET", "POST"]


@require_GET
@allow(EVERYONE)
def api_tokens(request: OrganizationRequest) -> HttpResponse:
    own = ApiToken.objects.visible_to(request.employee).filter(employee=request.employee)
    context = {
        "here": "my_profile",
        "page": paginate(request, own),
        "at": now(),
        "words": {one.name: one.words for one in declared()},
        "off": ApiSwitchedOff.objects.exists(),
    }
    return render(request, "api/tokens.html", context)


@require_http_methods(GET_OR_POST)
@allow(EVERYONE)
def api_token_add(request: OrganizationRequest) -> HttpResponse:
    """Answers a made token with its secret, once: it is kept nowhere, so no page can repeat it."""
    form = TokenForm(typed(request))
    made: list[tuple[ApiToken, str]] = []
    at = now()

    def make() -> None:
        data = form.cleaned_data
        expires_at = at + form.lasts
        one = ApiToken.make(
            employee=request.employee,
            name=data["name"],
            scopes=data["scopes"],
            expires_at=expires_at,
            at=at,
        )
        made.append(one)

    if attempt(form, make):
        token, secret = made[0]
        context = {"here": "my_profile", "token": token, "secret": secret}
        return render(request, "api/token_made.html", context, status=201)
    status = 422 if form.errors else 200
    context = {"here": "my_profile", "form": form}
    return render(request, "api/token_add.html", context, status=status)


@require_http_methods(GET_OR_POST)
@allow(EVERYONE)
def api_token_revoke(request: OrganizationRequest, public_id: str) -> HttpResponse:
    """One's own; admins anybody's."""
    tokens = ApiToken.objects.visible_to(request.employee).select_related("employee")
    token = get_visible_or_404(tokens, public_id)
    back = "api_tokens" if token.employee == request.employee else "api_access"
    if request.method == "POST":
        if token.revoke(by=request.employee, at=now()):
            messages.success(request, _("It opens nothing any more."))
        return HttpResponseRedirect(reverse(back))
    context = {"here": "my_profile", "token": token, "back": reverse(back)}
    return render(request, "api/token_revoke.html", context)


@require_GET
@allow(ADMIN)
def api_access(request: OrganizationRequest) -> HttpResponse:
    """Whether programs get in, and by whose tokens."""
    at = now()
    standing = ApiToken.objects.visible_to(request.employee).standing(at)
    context = {
        "here": "settings",
        "page": paginate(request, standing.select_related("employee")),
        "off": ApiSwitchedOff.objects.select_related("by").first(),
    }
    return render(request, "api/access.html", context)


@require_POST
@allow(ADMIN)
def api_switch(request: OrganizationRequest) -> HttpResponse:
    on = request.POST.get("on") == "1"
    ApiSwitchedOff.switch(on=on, by=request.employee, at=now())
    words = _("Programs get in again.") if on else _("No program gets in any more.")
    messages.success(request, words)
    return HttpResponseRedirect(reverse("api_access"))
