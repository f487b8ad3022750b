"""The shape of what somebody chooses for their own calendar."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CalendarForm(forms.Form):
    by_mail = forms.BooleanField(
        label=_("Send me an invitation for every day"),
        required=False,
        help_text=_(
            "Outlook, Google and Apple take it in, and follow when the day is moved or cancelled. "
            "Days that you were sent before are kept right in any case."
        ),
    )
    with_names = forms.BooleanField(
        label=_("Show subject and names in my feed"),
        required=False,
        help_text=_(
            "Else it shows “Shadowing” with place and time. Whoever has the address of the feed "
            "reads what it shows."
        ),
    )
