"""How people prove who they are: allauth, fitted to organizations."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerlearn.clock import now
from peerlearn.organizations import founding
from peerlearn.organizations.addresses import organization_path, public_path
from peerlearn.organizations.models import Organization, User
from peerlearn.organizations.throttles import tries_left, wait_to_sign_in

_BEGINNING = "beginning"  # in the session: the organization that waits for the code
_ONCE_FOR = 3600  # seconds


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up alone: one begins an organization or is added to one."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("E-mail and password do not match. Check both."),
        "enter_current_password": _("That is not your password now."),
        "incorrect_code": _("These are not the digits that we sent. Look again."),
        "too_many_login_attempts": _("There were too many tries. Ask for a new code."),
        "rate_limited": _("That was quick. Please wait a minute before the next one."),
    }
    _tries_left = 99

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return public_path("front")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return public_path("front")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return public_path("account_reset_password")

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Users have an e-mail and no other name."""

    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of our own lead on after signing in."""
        return bool(
            url and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        key = self._get_login_attempts_cache_key(request, **credentials)
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            words = wait_to_sign_in(request, "login_failed", key)
            raise ValidationError(words, code="too_many_login_attempts") from None
        self._tries_left = tries_left(request, "login_failed", key)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        error: ValidationError = super().validation_error(code, *args)
        if code == "email_password_mismatch" and self._tries_left <= 2:
            warning = ngettext(
                "After %(count)d more try we wait five minutes.",
                "After %(count)d more tries we wait five minutes.",
                self._tries_left,
            ) % {"count": self._tries_left}
            error = ValidationError(f"{error.message} {warning}", code=code)
        return error

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        organization = finish_beginning(request, user)
        if organization is not None:
            return HttpResponseRedirect(organization_path(organization, "start"))
        return response

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """From templates/emails/account/, as text and as simple HTML."""
        name = "emails/account/" + template_prefix.rsplit("/", 1)[-1]
        mail = EmailMultiAlternatives(
            subject=" ".join(render_to_string(f"{name}.subject.txt", context).split()),
            body=render_to_string(f"{name}.txt", context).strip() + "\n",
            from_email=self.get_from_email(),
            to=[email] if isinstance(email, str) else email,
            headers={"Auto-Submitted": "auto-generated", **(headers or {})},
        )
        mail.attach_alternative(render_to_string(f"{name}.html", context), "text/html")
        return mail


def remember_beginning(
    request: HttpRequest, *, email: str, organization: str, name: str, time_zone: str, once: str
) -> None:
    """Keep the organization to be founded until its founder has shown that the e-mail is theirs.

    `once` is random: however often the code is posted, one organization comes of it.
    """
    request.session[_BEGINNING] = {
        "email": email,
        "organization": organization,
        "name": name,
        "time_zone": time_zone,
        "once": once,
    }


def finish_beginning(request: HttpRequest, user: User) -> Organization | None:
    """Found the organization that waits for this user, if one does."""
    waiting = request.session.pop(_BEGINNING, None)
    if not waiting or waiting["email"] != user.email:
        return None
    once = hashlib.sha256(waiting["once"].encode()).hexdigest()
    if not cache.add(f"beginning:{once}", True, _ONCE_FOR):
        return None
    organization, _founder = founding.found(
        name=waiting["organization"],
        time_zone=waiting["time_zone"],
        founder_name=waiting["name"],
        founder_email=user.email,
        at=now(),
    )
    return organization
