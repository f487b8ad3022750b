"""Passkeys: made, named, removed, and signed in with."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations import beginning, factors, known_browsers, passkeys, requiring
from peerlearn.organizations.access import public
from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.again import is_fresh, proved_just_now
from peerlearn.organizations.forms_factors import PasskeyForm, PasskeyNameForm
from peerlearn.organizations.models import User
from peerlearn.organizations.posting import typed
from peerlearn.organizations.sign_ins import browser_words
from peerlearn.organizations.throttles import PASSKEY, Try
from peerlearn.organizations.views_factors import end_the_others, me, show_codes, to_security


@require_POST
@public
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """For static/js/passkeys.js: what the browser is to sign, or to make a passkey with."""
    another = Try(request, PASSKEY)
    if not another.count():
        return JsonResponse({"refused": another.wait}, status=429)
    if "make" not in request.POST:
        return JsonResponse(passkeys.ask_to_prove(request))
    if not request.user.is_authenticated or not is_fresh(request):
        raise PermissionDenied
    return JsonResponse(passkeys.ask_to_make(request, me(request)))


@require_POST
@public
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey is enough: it is something that one has, and asks for what one is or knows."""
    user = passkeys.proven(request, request.POST.get("credential", ""), at=now())
    if user is None:
        messages.error(request, _("That passkey is not known here. Sign in by another way."))
        return HttpResponseRedirect(public_path("account_login"))
    # What the stage of the second factor looks for.
    record_authentication(request, user, "mfa", type=factors.PASSKEY, passwordless=True)
    request.begun = beginning.finish(request, user)  # type: ignore[attr-defined]  # for post_login
    typed_target = request.POST.get("next")
    target = typed_target if get_adapter(request).is_safe_url(typed_target) else None
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=target))
    known_browsers.remember(request, response)
    return response


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def passkey_add(request: HttpRequest) -> HttpResponse:
    user = me(request)
    before = factors.of(user)
    full = len(before.passkeys) >= passkeys.MOST
    initial = {"name": browser_words(request.META.get("HTTP_USER_AGENT", ""))}
    form = PasskeyForm(typed(request), request=request, user=user, initial=initial)
    if not full and form.is_valid():
        end_the_others(request, user, before)
        messages.success(request, _("The passkey is added. It signs you in alone."))
        return show_codes(request, form.recovery_codes)
    status = 422 if form.errors else 200
    return render(request, "account/passkey_add.html", {"form": form, "full": full}, status=status)


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def passkey_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    row = passkeys.one_of(me(request), public_id)
    if row is None:
        raise Http404
    form = PasskeyNameForm(typed(request), initial={"name": row.data["name"]})
    if form.is_valid():
        passkeys.rename(row, form.cleaned_data["name"])
        messages.success(request, _("The passkey has its new name."))
        return to_security()
    context = {"form": form, "passkey": row}
    status = 422 if form.errors else 200
    return render(request, "account/passkey_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def passkey_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    user = me(request)
    row = passkeys.one_of(user, public_id)
    if row is None:
        raise Http404
    if request.method == "POST":
        factors.remove(user, row, at=now())
        messages.success(request, _("The passkey is removed. It opens nothing here any more."))
        return to_security()
    mine = factors.of(user)
    context = {
        "form": PasskeyNameForm(),
        "what": row.data["name"],
        "last": len(mine.passkeys) == 1 and not mine.app,
        "wanted": requiring.wanted_of(user),
    }
    return render(request, "account/factor_remove.html", context)


def proves(request: HttpRequest, user: User) -> bool:
    """Whether a passkey of theirs answered."""
    found = passkeys.proven(request, request.POST.get("credential", ""), at=now())
    return found is not None and found.pk == user.pk
