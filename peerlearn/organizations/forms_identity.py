"""allauth's forms in our words, and the form that begins an organization."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.forms import zone_choices
from peerlearn.organizations.queries import normalized_email
from peerlearn.organizations.throttles import wait_to_sign_in

PASSWORD_HINT = _("At least 12 characters. Any words will do.")


def _word(field: forms.Field, label: Any, *, hint: Any = "", **attrs: str) -> None:
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def _email(field: forms.Field) -> None:
    _word(field, _("Work e-mail"), autocomplete="username", autocapitalize="none")


def _digits(field: forms.Field) -> None:
    _word(field, _("Six digits"), inputmode="numeric", autocomplete="one-time-code")


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"])
        _word(self.fields["password"], _("Password"))


class RequestLoginCodeForm(allauth_forms.RequestLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        try:
            return str(super().clean_email())
        except ValidationError as refused:
            if refused.code != "too_many_login_attempts":
                raise
            words = wait_to_sign_in(context.request, "request_login_code", email.lower())
            raise ValidationError(words, code=refused.code) from None


class _FewTries(forms.Form):
    """The session counts tries too, but many at once would all read the same number there."""

    def clean_code(self) -> str:
        request, tries = context.request, {"code": "3/600s/key"}
        key = f"{request.session.session_key} {getattr(self, 'expected_code', '')}"
        if not ratelimit.consume(request, app="peerlearn", action="code", config=tries, key=key):
            raise get_adapter().validation_error("incorrect_code")
        return str(super().clean_code())  # type: ignore[misc]  # of allauth's form, mixed in


class ConfirmLoginCodeForm(_FewTries, allauth_forms.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits(self.fields["code"])


class ConfirmPasswordResetCodeForm(_FewTries, allauth_forms.ConfirmPasswordResetCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _digits(self.fields["code"])


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])


def _one_new_password(form: forms.Form) -> None:
    """Typed once: a second time teaches people to copy it, and a code helps who mistyped."""
    del form.fields["password2"]
    _word(form.fields["password1"], _("New password"), hint=PASSWORD_HINT)


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _one_new_password(self)


class SetPasswordForm(allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _one_new_password(self)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["oldpassword"], _("Password now"))
        _one_new_password(self)


class BeginForm(forms.Form):
    """An organization and who begins it; somebody signed in has an e-mail already."""

    organization = forms.CharField(
        label=_("Organization"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your work e-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, initial="UTC")
    agreed = forms.BooleanField(
        label=_("Nothing here is used to judge people at work"),
        help_text=_("Part of the agreement. It cannot be switched off."),
        error_messages={"required": _("This is what the agreement rests on.")},
    )

    def __init__(self, *args: Any, signed_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if signed_in:
            del self.fields["email"]

    def clean_organization(self) -> str:
        return " ".join(self.cleaned_data["organization"].split())

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        return normalized_email(self.cleaned_data["email"])
