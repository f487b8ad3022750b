"""allauth's forms in our words, and the form that begins an organization."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations import codes
from peerlearn.organizations.forms import zone_choices
from peerlearn.organizations.queries import normalized_email

PASSWORD_HINT = _("At least 12 characters. Any words will do.")
_SHORT_IS_NOT_ENOUGH = _(
    "Too many wrong codes were tried, perhaps by somebody else. Have a new code sent: it is longer,"
    " and it works."
)


def _word(field: forms.Field, label: Any, *, hint: Any = "", **attrs: str) -> None:
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def _email(field: forms.Field) -> None:
    _word(field, _("Work e-mail"), autocomplete="username", autocapitalize="none")


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"])
        _word(self.fields["password"], _("Password"))


class _SendsCode(forms.Form):
    """Before allauth's form, which finds the user: what it refuses sends no mail."""

    way: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])

    def clean_email(self) -> str:
        email = str(super().clean_email())  # type: ignore[misc]  # of allauth's form, mixed in
        if words := codes.refuse_to_send(context.request, self.way, email):
            raise ValidationError(words, code="too_many_login_attempts")
        return email


class RequestLoginCodeForm(_SendsCode, allauth_forms.RequestLoginCodeForm):
    way = codes.SIGN_IN


class ResetPasswordForm(_SendsCode, allauth_forms.ResetPasswordForm):
    way = codes.RESET


class _TakesCode(forms.Form):
    """Before allauth's form, which compares: `email` says whose code it would be."""

    way: str
    expected_code: str | None

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        long = codes.digits(context.request, self.way) == codes.LONG
        _word(
            self.fields["code"],
            _("Twelve digits") if long else _("Six digits"),
            inputmode="numeric",
            autocomplete="one-time-code",
        )

    def clean_code(self) -> str:
        expected = self.expected_code or ""
        guess = codes.Guess(context.request, self.way, email=self.email, expected=expected)
        try:
            guess.count()
        except codes.TooMany as waiting:
            raise ValidationError(str(waiting), code="rate_limited") from None
        except codes.TooManyOfThisCode:
            raise get_adapter().validation_error("incorrect_code") from None
        except codes.TooManyGuesses:
            raise ValidationError(_SHORT_IS_NOT_ENOUGH, code="too_many_guesses") from None
        code = str(super().clean_code())  # type: ignore[misc]  # of allauth's form, mixed in
        guess.was_right()
        return code


class ConfirmLoginCodeForm(_TakesCode, allauth_forms.ConfirmLoginCodeForm):
    way = codes.SIGN_IN


class ConfirmPasswordResetCodeForm(_TakesCode, allauth_forms.ConfirmPasswordResetCodeForm):
    way = codes.RESET


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
