"""Proving who one is: a second time while signing in, and anew before changing how one signs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from peerlearn.organizations import again, beginning, codes, factors, known_browsers
from peerlearn.organizations.access import public
from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.forms_factors import FactorForm, MailedCodeForm, PasswordForm
from peerlearn.organizations.models import User
from peerlearn.organizations.posting import typed
from peerlearn.organizations.views_identity import MAIL_FAILURES, mail_failed
from peerlearn.organizations.views_passkeys import proves


def at_the_second_step(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of somebody whose password or code was right; allauth leads others to sign in."""
    guard = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
    guarded: Callable[..., HttpResponse] = public(guard(view))
    return guarded


@require_http_methods(["GET", "POST"])
@at_the_second_step
def second_step(request: Any) -> HttpResponse:
    """Who has a second factor signs in by it."""
    stage = request._login_stage
    user: User = stage.login.user
    form = FactorForm(typed(request), request=request, user=user)
    if form.is_valid():
        return enter(request, stage, user)
    context = {"form": form, "factors": factors.of(user), "next": stage.login.redirect_url}
    status = 422 if form.errors else 200
    return render(request, "account/second_step.html", context, status=status)


def enter(request: Any, stage: Any, user: User) -> HttpResponse:
    """The second factor was right: found what waits for it, and sign in."""
    request.begun = beginning.finish(request, user)
    response: HttpResponse = stage.exit()
    known_browsers.remember(request, response)
    return response


@require_http_methods(["GET", "POST"])
@public
@login_required
def prove_again(request: HttpRequest) -> HttpResponse:
    """By the second factor of who has one, else by the password, else by a code by e-mail."""
    user = request.user
    assert isinstance(user, User)
    mine = factors.of(user)
    by_mail = not mine and not user.has_usable_password()
    if by_mail and request.method == "POST" and "code" not in request.POST:
        return _send(request, user)
    form = _form(request, user, mine, by_mail)
    if ("credential" in request.POST and proves(request, user)) or form.is_valid():
        again.mark(request)
        return HttpResponseRedirect(_next(request))
    context = {
        "form": form,
        "factors": mine,
        "by_mail": by_mail,
        "sent": "code" in request.POST or again.code_sent(request),
    }
    status = 422 if form.errors else 200
    return render(request, "account/prove_again.html", context, status=status)


def _form(request: HttpRequest, user: User, mine: factors.Factors, by_mail: bool) -> forms.Form:
    posted = typed(request)
    if mine:
        return FactorForm(posted, request=request, user=user)
    if not by_mail:
        return PasswordForm(posted, request=request, user=user)
    return MailedCodeForm(posted, request=request, user=user)


def _send(request: HttpRequest, user: User) -> HttpResponse:
    if words := codes.refuse_to_send(request, codes.AGAIN, user.email):
        context = {"wait": words, "by_mail": True, "sent": again.code_sent(request)}
        form = MailedCodeForm(request=request, user=user)
        return render(request, "account/prove_again.html", {**context, "form": form}, status=422)
    code = codes.new_code(request, codes.AGAIN)
    try:
        mail = {"request": request, "code": code}
        get_adapter().send_mail("account/email/login_code", user.email, mail)
    except MAIL_FAILURES:
        return mail_failed(request)
    again.keep_code(request, code)
    return HttpResponseRedirect(request.get_full_path())


def _next(request: HttpRequest) -> str:
    """The page of one's own that asked for it."""
    path = request.GET.get("next", "")
    own = path.startswith(public_path("security"))
    own = own and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if own else public_path("security")
