"""The shape of what people type about skills."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from skills.catalogue import NAME_LENGTH, pack_categories
from skills.levels import Level, Urgency
from skills.models import Skill
from skills.names import search_key, split_list

LIST_LENGTH, LIST_LINES = 100_000, 2_000


def checked_name(name: str) -> str:
    """The name on one line; one without anything visible is refused."""
    name = " ".join(name.split())
    if not search_key(name):
        raise ValidationError(_("Write a name that people can read."))
    return name


class SkillForm(forms.Form):
    """A skill of the catalogue; `skill` is the one that is edited."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    category = forms.CharField(
        label=_("Category"),
        max_length=120,
        required=False,
        help_text=_("One that exists, or a new one."),
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    also_called = forms.CharField(
        label=_("Also called"),
        required=False,
        max_length=5000,
        help_text=_("One name a line, short forms too: it is found by each of them."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    description = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, skill: Skill | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skill = skill

    def clean_name(self) -> str:
        name = checked_name(self.cleaned_data["name"])
        same = Skill.objects.filter(search_key=search_key(name), merged_into=None)
        other = (same.exclude(pk=self.skill.pk) if self.skill else same).first()
        if other is not None and other.archived_at is not None:
            raise ValidationError(
                _("“%(name)s” is in the archive. Take it back from there."),
                params={"name": other.name},
            )
        if other is not None:
            raise ValidationError(
                _("“%(name)s” is in the catalogue already."), params={"name": other.name}
            )
        return name

    def clean_category(self) -> str:
        return " ".join(self.cleaned_data["category"].split())

    def clean_also_called(self) -> list[str]:
        names = split_list(self.cleaned_data["also_called"])
        for name in names:
            if len(name) > NAME_LENGTH:
                raise ValidationError(
                    _("“%(name)s…” is longer than 200 characters."), params={"name": name[:40]}
                )
        keys = [search_key(name) for name in names]
        same = Skill.objects.filter(search_key__in=keys, merged_into=None)
        other = (same.exclude(pk=self.skill.pk) if self.skill else same).first()
        if other is not None:
            raise ValidationError(
                _("“%(name)s” is a skill of its own. Leave it out, or merge the two."),
                params={"name": other.name},
            )
        return names


class BeginForm(forms.Form):
    """What the catalogue begins with: chosen parts of the ESCO pack, a list, or both."""

    categories = forms.MultipleChoiceField(
        label=_("From ESCO"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Skills in the words of the European classification, with their other names."),
    )
    own_list = forms.CharField(
        label=_("Your own list"),
        required=False,
        max_length=LIST_LENGTH,
        help_text=_("One skill a line. Other names after a bar: Kubernetes | k8s"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    category = forms.CharField(label=_("Category of your list"), required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["categories"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, f"{name} ({number})") for name, number in pack_categories()]

    def clean_own_list(self) -> str:
        text: str = self.cleaned_data["own_list"]
        if (lines := len(text.splitlines())) > LIST_LINES:
            raise ValidationError(
                _("That are %(lines)s lines. Add %(most)s at a time, the rest afterwards."),
                params={"lines": lines, "most": LIST_LINES},
            )
        for number, line in enumerate(text.splitlines(), start=1):
            if any(len(part.strip()) > NAME_LENGTH for part in line.split("|")):
                raise ValidationError(
                    _("Line %(number)s holds a name of more than 200 characters."),
                    params={"number": number},
                )
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("categories") and not data.get("own_list"):
            raise ValidationError(_("Choose a part of ESCO or write a list."))
        return data


class RowForm(forms.Form):
    """One row of "My skills"; its fields carry the skill's public id as a prefix."""

    level = forms.TypedChoiceField(choices=Level.choices, coerce=int, required=False)
    teach = forms.BooleanField(required=False)
    want = forms.TypedChoiceField(
        choices=[(0, _("no")), *Urgency.choices], coerce=int, required=False
    )


class WantForm(forms.Form):
    urgency = forms.TypedChoiceField(choices=[(0, _("no")), *Urgency.choices], coerce=int)


class TeachForm(forms.Form):
    offered = forms.BooleanField(required=False)
    note = forms.CharField(max_length=200, required=False)


class AnswerForm(forms.Form):
    """Whether a colleague works at the level that they say."""

    answer = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("I cannot say"))])
    level = forms.TypedChoiceField(choices=Level.choices, coerce=int)


class WantedForm(forms.Form):
    """How many of a team should be able to do one skill alone; 0 or nothing ends the wish."""

    wanted = forms.IntegerField(
        min_value=0,
        max_value=999,
        required=False,
        error_messages={"invalid": _("A number, please.")},
    )
