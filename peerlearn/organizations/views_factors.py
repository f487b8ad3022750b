"""How somebody signs in: their second factor and recovery codes."""

from __future__ import annotations

from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.clock import now
from peerlearn.organizations import factors, one_time, requiring, sign_ins
from peerlearn.organizations.access import public
from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.again import proved_just_now
from peerlearn.organizations.forms_factors import AppForm
from peerlearn.organizations.models import User
from peerlearn.organizations.posting import typed
from peerlearn.web.squares import square_code

_KEY = "key of the app"  # in the session, until its first code


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def to_security() -> HttpResponseRedirect:
    return HttpResponseRedirect(public_path("security"))


@require_GET
@public
@login_required
def security(request: HttpRequest) -> HttpResponse:
    user = me(request)
    context = {
        "factors": factors.of(user),
        "codes_made": factors.RECOVERY_CODES,
        "places": sign_ins.places(user, request),
        "wanted": requiring.wanted_of(user),
        "at": now(),
    }
    return render(request, "account/security.html", context)


@require_POST
@public
@login_required
def sign_in_end(request: HttpRequest) -> HttpResponse:
    """One that is named, or all but this one. Asks for no proof: ending is always safe."""
    user, name = me(request), request.POST.get("name", "")
    if name:
        sign_ins.end(user, name)
        messages.success(request, _("You are signed out there."))
    else:
        sign_ins.end_all(user, but=request.session.session_key)
        messages.success(request, _("You are signed out everywhere but here."))
    return to_security()


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def app_add(request: HttpRequest) -> HttpResponse:
    user = me(request)
    mine = factors.of(user)
    if mine.app:
        return to_security()
    key = str(request.session.setdefault(_KEY, one_time.new_key()))
    form = AppForm(typed(request), request=request, user=user, key=key)
    if form.is_valid():
        del request.session[_KEY]
        end_the_others(request, user, mine)
        messages.success(request, _("Your app is set up. From now on you sign in with its codes."))
        return show_codes(request, form.recovery_codes)
    address = one_time.address(key, user.email)
    context = {
        "form": form,
        "address": address,
        "square": square_code(address),
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
    }
    status = 422 if form.errors else 200
    return render(request, "account/app_add.html", context, status=status)


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def app_remove(request: HttpRequest) -> HttpResponse:
    user = me(request)
    mine = factors.of(user)
    if mine.app is None:
        return to_security()
    if request.method == "POST":
        factors.remove(user, mine.app, at=now())
        messages.success(request, _("The app is removed. Its codes open nothing any more."))
        return to_security()
    context = {
        "form": forms.Form(),
        "last": not mine.passkeys,
        "wanted": requiring.wanted_of(user),
        "what": _("your authenticator app"),
    }
    return render(request, "account/factor_remove.html", context)


@require_http_methods(["GET", "POST"])
@public
@proved_just_now
def recovery_codes(request: HttpRequest) -> HttpResponse:
    user = me(request)
    mine = factors.of(user)
    if not mine:
        raise Http404
    if request.method == "POST":
        return show_codes(request, factors.new_codes(user, at=now()))
    context = {"left": mine.codes_left, "form": forms.Form()}
    return render(request, "account/recovery_codes_new.html", context)


def end_the_others(request: HttpRequest, user: User, before: factors.Factors) -> None:
    """With the first second factor: those began without one."""
    if not before:
        sign_ins.end_all(user, but=request.session.session_key)


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Once, in the answer itself: they are stored nowhere."""
    if not codes:
        return to_security()
    text = "\n".join([_("Recovery codes of peerlearn. Each works once."), "", *codes, ""])
    context = {"codes": codes, "file": "data:text/plain;charset=utf-8," + quote(text)}
    return render(request, "account/recovery_codes.html", context)
