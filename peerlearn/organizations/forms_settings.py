"""The shape of teams, of the organization's settings and of its cost bands."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fields import ALPHABETS, currency_choices
from peerlearn.organizations.forms import PublicIdChoiceField, WeekFields
from peerlearn.organizations.models import CostBand, Organization, Team


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    parent = PublicIdChoiceField(label=_("Part of"), empty_label=_("Nothing: it stands at the top"))

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        self.team = team
        if team is not None:
            parent = team.parent.public_id if team.parent else None
            kwargs.setdefault("initial", {"name": team.name, "parent": parent})
        super().__init__(*args, **kwargs)
        parents = Team.objects.current()
        field = self.fields["parent"]
        assert isinstance(field, PublicIdChoiceField)
        field.queryset = parents if team is None else parents.exclude(pk=team.pk)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = Team.objects.filter(name=name)
        if self.team is not None:
            others = others.exclude(pk=self.team.pk)
        same = others.first()
        if same is not None and same.archived_at is not None:
            raise ValidationError(
                _("An archived team has this name. Reopen it, or choose another.")
            )
        if same is not None:
            raise ValidationError(_("There is already a team with this name."))
        return name


class OrganizationForm(WeekFields):
    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(
        label=_("Language of mails"),
        choices=settings.LANGUAGES,
        help_text=_("For everybody who has chosen none in their own settings."),
    )
    alphabet = forms.ChoiceField(label=_("Names are sorted"), choices=ALPHABETS)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    smallest_group = forms.IntegerField(
        label=_("Smallest group shown"),
        min_value=5,
        max_value=100,
        help_text=_("Figures about fewer people are folded, in pages and files alike. At least 5."),
    )
    confirmation_months = forms.IntegerField(
        label=_("Confirmed levels run out after"),
        min_value=1,
        max_value=60,
        help_text=_("Months. Then a colleague confirms the level again."),
    )

    shadowings_need_approval = forms.BooleanField(
        label=_("Shadowings need the approval of the learner’s manager"),
        required=False,
        help_text=_(
            "The days are kept until the manager has answered. Off: what is booked is booked."
        ),
    )
    approval_from_days = forms.IntegerField(
        label=_("From so many days on"),
        min_value=1,
        max_value=10,
        required=False,
        help_text=_("Shorter ones need no approval. Empty: all of them do."),
    )

    FIELDS = (
        "name",
        "language",
        "alphabet",
        "time_zone",
        "currency",
        "working_days",
        "day_starts",
        "day_ends",
        "smallest_group",
        "confirmation_months",
        "shadowings_need_approval",
        "approval_from_days",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(organization, name) for name in self.FIELDS})
        super().__init__(*args, **kwargs)
        self.order_fields(self.FIELDS)

    def clean_approval_from_days(self) -> int:
        return self.cleaned_data["approval_from_days"] or 1

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class SecondFactorForm(forms.Form):
    """From when on the organization wants a second factor of everybody, or no longer."""

    OFF = "off"
    when = forms.ChoiceField(label=_("When"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, since: datetime | None, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holds = since is not None and since <= at
        later = [("7", _("In 7 days")), ("14", _("In 14 days")), ("30", _("In 30 days"))]
        field = self.fields["when"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *([] if self.holds else [("0", _("At once")), *later]),
            *([(self.OFF, _("No longer: everybody chooses for themselves"))] if since else []),
        ]

    @property
    def days(self) -> int | None:
        """How many from now; None for not at all."""
        when = self.cleaned_data["when"]
        return None if when == self.OFF else int(when)


class CostBandForm(forms.Form):
    name = forms.CharField(label=_("Band"), max_length=40)
    description = forms.CharField(
        label=_("Who"),
        max_length=200,
        required=False,
        help_text=_("A kind of work, such as “Technician, clerk”; never a person."),
    )
    hourly_cost = forms.DecimalField(
        label=_("Full hour"),
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        help_text=_("What an hour costs in full, with all that is added to pay."),
    )

    def __init__(self, *args: Any, band: CostBand | None = None, **kwargs: Any) -> None:
        self.band = band
        if band is not None:
            kwargs.setdefault("initial", {name: getattr(band, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        if band is not None:
            self.fields["hourly_cost"].help_text = _(
                "Another cost holds from today on; figures of the past keep the one before."
            )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = CostBand.objects.filter(name=name)
        if self.band is not None:
            others = others.exclude(pk=self.band.pk)
        if others.exists():
            raise ValidationError(_("There is already a band with this name."))
        return name
