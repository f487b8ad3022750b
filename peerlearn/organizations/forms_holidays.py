"""The shape of where people work, for public holidays, and of days off of the organization."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fields import validate_day
from peerlearn.organizations.forms import DateInput, TimeInput
from peerlearn.organizations.public_holidays import (
    countries,
    country_choices,
    public_holidays,
    region_choices,
)


def country_name(country: str) -> str:
    """As the reader calls it."""
    return dict(country_choices(get_language() or "en")).get(country, country)


def place_name(country: str, region: str) -> str:
    """Germany, Bayern."""
    found = dict(region_choices(country)).get(region)
    return f"{country_name(country)}, {found}" if found else country_name(country)


class PlaceForm(forms.Form):
    """A country, and a region where its holidays differ by region.

    The regions shown are those of the country that is kept: another one is chosen first.
    """

    country = forms.ChoiceField(label=_("Country"), required=False)
    region = forms.CharField(label=_("Region"), max_length=40, required=False)

    def __init__(self, *args: Any, nowhere: str, **kwargs: Any) -> None:
        """`nowhere` says what no country means."""
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", nowhere), *country_choices(get_language() or "en")]
        here = self["country"].value() or ""
        regions = region_choices(here) if here in countries() else ()
        if regions:
            every = [("", pgettext_lazy("region of a country", "None of these")), *regions]
            self.fields["region"].widget = forms.Select(choices=every)
            self.fields["region"].help_text = _("Holidays of this country differ by region.")
        else:
            self.fields["region"].widget = forms.HiddenInput()

    @property
    def has_regions(self) -> bool:
        return not self.fields["region"].widget.is_hidden

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("region") not in dict(region_choices(data.get("country") or "")):
            data["region"] = ""  # of the country before
        return data


class CompanyDayForm(forms.Form):
    """A day off of the organization's own."""

    day = forms.DateField(label=_("Day"), widget=DateInput(), validators=[validate_day])
    name = forms.CharField(label=_("What it is called"), max_length=80)
    free_from = forms.TimeField(
        label=_("Off from"),
        required=False,
        widget=TimeInput(),
        help_text=_("Leave it empty when the whole day is off."),
    )
    country = forms.ChoiceField(label=_("For whom"), required=False)

    def __init__(self, *args: Any, places: list[str], **kwargs: Any) -> None:
        """`places` are the countries in which people work."""
        super().__init__(*args, **kwargs)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everybody")), *((one, country_name(one)) for one in places)]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class SwitchForm(forms.Form):
    """Whether a public holiday is worked."""

    country = forms.CharField(max_length=2)
    region = forms.CharField(max_length=40, required=False)
    day = forms.DateField(validators=[validate_day])
    worked = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        day, country = data.get("day"), data.get("country")
        if isinstance(day, date) and country:
            region = data.get("region") or ""
            if day not in public_holidays(country, region, day.year, "en"):
                raise forms.ValidationError(_("That day is no public holiday there."))
        return data
