"""The shape of what proves who somebody is a second time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from peerlearn.clock import now
from peerlearn.organizations import again, codes, factors, passkeys
from peerlearn.organizations.models import User
from peerlearn.organizations.throttles import FACTOR, PASSWORD, RECOVERY, Try

_WRONG = _("That code does not work. Type the one that your app shows now; each works once.")
_MEANWHILE = _("A passkey or a recovery code works meanwhile.")


class FactorForm(forms.Form):
    """A code of the app, or a recovery code. Counted before it is compared."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        act = FACTOR if factors.is_of_an_app(code) else RECOVERY
        another = Try(self.request, act, self.user.email)
        if not another.count():
            instead = f" {_MEANWHILE}" if act == FACTOR else ""
            raise ValidationError(another.wait + instead, code="rate_limited")
        if not self.holds(code):
            raise ValidationError(_WRONG, code="incorrect_code")
        another.take_back()
        return code

    def holds(self, code: str) -> bool:
        return factors.is_right(self.user, code, at=now())


class AppForm(FactorForm):
    """The first code of an app, which shows that it has the key."""

    recovery_codes: list[str]

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["code"].label = _("Six digits that the app shows")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def holds(self, code: str) -> bool:
        made = factors.add_app(self.user, self.key, factors.plain(code), at=now())
        self.recovery_codes = made or []
        return made is not None


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_password(self) -> str:
        another = Try(self.request, PASSWORD, self.user.email)
        if not another.count():
            raise ValidationError(another.wait, code="rate_limited")
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise ValidationError(_("That is not your password now."))
        another.take_back()
        return password


class MailedCodeForm(forms.Form):
    """The code that was sent to somebody who has neither a password nor a second factor."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        long = codes.digits(request, codes.AGAIN) == codes.LONG
        self.fields["code"].label = _("Twelve digits") if long else _("Six digits")

    def clean_code(self) -> str:
        code = factors.plain(self.cleaned_data["code"])
        expected = again.code_sent(self.request)
        guess = codes.Guess(self.request, codes.AGAIN, email=self.user.email, expected=expected)
        no_longer = ValidationError(_("That code works no longer. Have a new one sent."))
        try:
            guess.count()
        except codes.TooMany as waiting:
            raise ValidationError(str(waiting), code="rate_limited") from None
        except (codes.TooManyOfThisCode, codes.TooManyGuesses):
            again.forget_code(self.request)
            raise no_longer from None
        if not expected:
            raise no_longer
        if not constant_time_compare(code, factors.plain(expected)):
            raise ValidationError(_("That is not the code that we sent. Look again."))
        guess.was_right()
        return code


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Such as “Phone” or “Key on my keyring”."),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class PasskeyForm(PasskeyNameForm):
    """What the browser made, once its name holds: a passkey is kept once."""

    credential = forms.CharField(
        widget=forms.HiddenInput,
        max_length=20_000,
        error_messages={"required": _("This browser made no passkey. Try again.")},
    )
    recovery_codes: list[str]

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.fields["name"].required = False  # by then the passkey is made

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        name = data["name"] or self.get_initial_for_field(self.fields["name"], "name")
        made = passkeys.keep(
            self.request, self.user, name=name, answer=data["credential"], at=now()
        )
        if made is None:
            raise ValidationError(_("That is not the passkey that was asked for. Try again."))
        self.recovery_codes = made
        return data
