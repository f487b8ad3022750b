"""How people prove who they are: allauth, fitted to organizations."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerlearn.clock import now
from peerlearn.organizations import again, beginning, codes, factors, telling_passwords
from peerlearn.organizations.addresses import organization_path, public_path
from peerlearn.organizations.throttles import PASSWORD, Try


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up alone: one begins an organization or is added to one."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("E-mail and password do not match. Check both."),
        "enter_current_password": _("That is not your password now."),
        "incorrect_code": _("That is not the code that we sent. Look again."),
        "too_many_login_attempts": _("There were too many tries. Ask for a new code."),
        "rate_limited": _("That was quick. Please wait a minute before the next one."),
    }
    _password: Try | None = None  # the one that is being tried

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
        self._password = Try(request, PASSWORD, credentials.get("email", ""))
        if not self._password.count():
            instead = _("Or sign in with a code by e-mail.")
            words = f"{self._password.wait} {instead}"
            raise ValidationError(words, code="too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None and self._password is not None:
            self._password.take_back()
        return user

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        error: ValidationError = super().validation_error(code, *args)
        left = self._password.left if self._password else 0
        if code == "email_password_mismatch" and self._password and left <= 2:
            warning = (
                ngettext(
                    "After %(count)d more try only a code by e-mail works for a while.",
                    "After %(count)d more tries only a code by e-mail works for a while.",
                    left,
                )
                % {"count": left}
                if left
                else _("For a while only a code by e-mail works now.")
            )
            error = ValidationError(f"{error.message} {warning}", code=code)
        return error

    def set_password(self, user: Any, password: str) -> None:
        """Set, changed or forgotten: in one transaction with what tells its owner."""
        first = not user.has_usable_password()
        with transaction.atomic():
            super().set_password(user, password)
            telling_passwords.tell(user, first=first, at=now())

    def generate_login_code(self) -> str:
        return codes.new_code(self.request, codes.SIGN_IN)

    def generate_password_reset_code(self) -> str:
        return codes.new_code(self.request, codes.RESET)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Before anything of the session changes: when founding fails, the code works again."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and not factors.has_one(user):  # who has one is asked for it first
            request.begun = beginning.finish(request, user)  # type: ignore[attr-defined]  # for post_login
        return response

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        again.mark(request)
        organization = getattr(request, "begun", None)
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
