"""What a field says by itself when it is left empty or not understood: what to do, not what is
wrong. Django has these words in one place each, and every form that says nothing else uses them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {"required": _("Fill this in.")},
    forms.ChoiceField: {"required": _("Choose one.")},
    forms.MultipleChoiceField: {"required": _("Choose one or more.")},
    forms.DateField: {
        "required": _("Say a day."),
        "invalid": _("Say a day, such as 2026-12-31."),
    },
    forms.TimeField: {
        "required": _("Say a time."),
        "invalid": _("Say a time, such as 08:30."),
    },
    forms.IntegerField: {
        "required": _("Say a number."),
        "invalid": _("Say a whole number, such as 3."),
    },
    forms.DecimalField: {
        "required": _("Say a number."),
        "invalid": _("Say a number, such as 38.50."),
    },
    forms.FileField: {"required": _("Choose a file.")},
}


def speak_plainly() -> None:
    """Before any form is made: a field takes its words with it."""
    for field, words in WORDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
