"""Signing in, choosing and beginning an organization: what stands outside every organization."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import get_pending_stage
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views import i18n
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peerlearn.organizations import beginning, codes, known_browsers
from peerlearn.organizations.access import public
from peerlearn.organizations.addresses import organization_home, organization_path, public_path
from peerlearn.organizations.forms_identity import BeginForm
from peerlearn.organizations.models import Employee, Membership, Organization, User
from peerlearn.organizations.posting import typed
from peerlearn.organizations.scoping import scope
from peerlearn.organizations.throttles import BEGIN, Try

# What a mail server that is away raises; `OSError` covers time-outs and unknown hosts.
MAIL_FAILURES = (smtplib.SMTPException, OSError)
_NOT_REPEATED = ("csrfmiddlewaretoken", "password", "password1", "oldpassword")
# Of how many organizations the chooser tells one's place: each is a scope of its own.
_WITH_PLACE = 3


def entrance(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A view of allauth: what is typed wrongly is 422, and a mail that cannot go is a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except MAIL_FAILURES:
            return mail_failed(request)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST":
            if getattr(form, "errors", None):
                response.status_code = 422
            known_browsers.remember(request, response)
        return response

    checked: Callable[..., HttpResponse] = require_http_methods(["GET", "POST"])(guarded)
    return public(checked)


def mail_failed(request: HttpRequest) -> HttpResponse:
    """Says so, and offers to send again what was typed."""
    typed = [(name, value) for name, value in request.POST.items() if name not in _NOT_REPEATED]
    return render(request, "account/mail_failed.html", {"typed": typed}, status=503)


def people_to_try() -> list[Any]:
    if not settings.DEMO:
        return []
    return list(import_string("demo.people.people_to_try")())


class _BeginAgain:
    """Who comes back from the page of the code may begin anew, with another e-mail; until then
    the code that was sent works."""

    request: HttpRequest

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """allauth would lead back to the code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of allauth's view, mixed in
        return {**context, "code_was_sent": get_pending_stage(self.request) is not None}


class LoginView(_BeginAgain, allauth_views.LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "people_to_try": people_to_try()}


class RequestCodeView(_BeginAgain, allauth_views.RequestLoginCodeView):
    """Sends a code, to known and unknown e-mails alike; also sends it again."""


class _TakesCode:
    """Tells the form for which e-mail the code would be. Who has to wait keeps the code."""

    _process: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]  # of allauth's view, mixed in
        return {**kwargs, "email": self._process.state["email"]}

    def form_invalid(self, form: Any) -> Any:
        if form.has_error("code", "rate_limited"):
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
        return super().form_invalid(form)  # type: ignore[misc]  # of allauth's view, mixed in


class ConfirmCodeView(_TakesCode, allauth_views.ConfirmLoginCodeView):
    def _verify_form_valid(self, form: Any) -> HttpResponse:
        beginning.prove(self._process)
        response: HttpResponse = super()._verify_form_valid(form)
        return response


class ConfirmResetView(_TakesCode, allauth_views.ConfirmPasswordResetCodeView):
    pass


sign_in = entrance(LoginView.as_view())
sign_out = entrance(allauth_views.logout)
request_code = entrance(RequestCodeView.as_view())
confirm_code = entrance(ConfirmCodeView.as_view())
reset_password = entrance(allauth_views.password_reset)
confirm_reset = entrance(ConfirmResetView.as_view())
complete_reset = entrance(allauth_views.complete_password_reset)
reset_done = entrance(allauth_views.password_reset_from_key_done)
change_password = entrance(allauth_views.password_change)
set_password = entrance(allauth_views.password_set)
inactive = entrance(allauth_views.account_inactive)
# Before one signs in; afterwards one's own settings have it (my_profile).
set_language = public(require_POST(i18n.set_language))


@require_GET
@public
def sign_up(request: HttpRequest) -> HttpResponse:
    """allauth leads here whom it does not know."""
    return HttpResponseRedirect(public_path("begin"))


@require_GET
@public
def front(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(public_path("account_login"))
    memberships = _memberships(request)
    if len(memberships) == 1:
        return HttpResponseRedirect(organization_home(memberships[0].organization))
    return HttpResponseRedirect(public_path("organizations"))


def _memberships(request: HttpRequest) -> list[Membership]:
    active = Membership.objects.active().filter(user=request.user.pk)
    return list(active.select_related("organization").order_by("organization__name"))


@dataclass(frozen=True)
class Door:
    """One organization to go into; `employee` is who the user is there, as far as it is told."""

    organization: Organization
    address: str
    employee: Employee | None


@require_GET
@public
@login_required
def organizations(request: HttpRequest) -> HttpResponse:
    doors = []
    for number, membership in enumerate(_memberships(request)):
        employee = None
        if number < _WITH_PLACE:
            with scope(membership.organization_id):
                employee = Employee.objects.of_membership(membership)
        address = organization_home(membership.organization)
        doors.append(Door(membership.organization, address, employee))
    return render(request, "organizations/organizations.html", {"doors": doors})


@require_http_methods(["GET", "POST"])
@public
def begin(request: HttpRequest) -> HttpResponse:
    signed_in = request.user.is_authenticated
    form = BeginForm(typed(request), signed_in=signed_in)
    if form.is_valid():
        email = form.cleaned_data.get("email") or request.user.get_username()
        another = Try(request, BEGIN, email)
        words = "" if another.count() else another.wait
        if not words and isinstance(request.user, User):
            return _begin_as(request, request.user, form.cleaned_data)
        words = words or codes.refuse_to_send(request, codes.SIGN_IN, email)
        if not words:
            return _send_code(request, form.cleaned_data)
        form.add_error(None if signed_in else "email", words)
    status = 422 if form.errors else 200
    return render(request, "organizations/begin.html", {"form": form}, status=status)


def _remember(request: HttpRequest, typed: dict[str, Any], email: str, once: str) -> None:
    beginning.remember(
        request,
        email=email,
        organization=typed["organization"],
        name=typed["name"],
        time_zone=typed["time_zone"],
        once=once,
    )


def _begin_as(request: HttpRequest, user: User, typed: dict[str, Any]) -> HttpResponse:
    once = request.POST.get("csrfmiddlewaretoken", "") or secrets.token_urlsafe(16)
    _remember(request, typed, user.email, once)
    organization = beginning.finish(request, user)
    if organization is None:
        return HttpResponseRedirect(public_path("organizations"))
    return HttpResponseRedirect(organization_path(organization, "start"))


def _send_code(request: HttpRequest, typed: dict[str, Any]) -> HttpResponse:
    _remember(request, typed, typed["email"], secrets.token_urlsafe(16))
    try:
        beginning.send_code(request, typed["email"])
    except MAIL_FAILURES:
        return mail_failed(request)
    return HttpResponseRedirect(public_path("account_confirm_login_code"))


@require_POST
@public
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """In the demo alone: sign in as one of the people who are offered."""
    email = request.POST.get("email", "")
    if email not in {person.email for person in people_to_try()}:
        raise Http404
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect(public_path("front"))
