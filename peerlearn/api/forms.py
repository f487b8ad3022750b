"""The shape of a new token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declared

DAYS = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("a year")))


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("Such as “Wall display in hall 3”. You and your admins see it."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.TypedChoiceField(label=_("Ends after"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["scopes"]
        choices.choices = [(one.name, one.words) for one in declared()]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
