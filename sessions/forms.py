"""The shape of what people type about sessions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import random_public_id
from peerlearn.organizations.fields import time_zones, validate_time_zone
from sessions.choices import Stage
from sessions.free_time import MOST_DAYS_OF_A_BLOCK
from sessions.models import ShadowingOffer
from sessions.models.offers import LONGEST_DAY_MINUTES
from skills.levels import Level
from skills.models import Skill

if TYPE_CHECKING:  # generic in the stubs alone
    OfferModelForm = forms.ModelForm[ShadowingOffer]
else:
    OfferModelForm = forms.ModelForm

ANSWERS = ("can_now", "differently", "may_show", "private_remark")
OTHERS = ("another", "another_2", "another_3")  # skills outside the own list
TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class GoalForm(forms.Form):
    goal = forms.CharField(
        label=_("What do you want to be able to do alone?"), max_length=300, required=False
    )


class HoldForm(forms.Form):
    """Which day somebody pressed, and what they had typed before."""

    start = forms.DateField(widget=forms.HiddenInput)
    goal = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    """Which day somebody moves to; a host may say why."""

    start = forms.DateField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason (your learners see it)"), max_length=500, required=False
    )


class DayForm(forms.Form):
    """Which day somebody pressed."""

    start = forms.DateField(widget=forms.HiddenInput)


class CutForm(forms.Form):
    """From which day on a host cannot go on; `days` are those that are to come, in words."""

    number = forms.TypedChoiceField(
        label=_("From which day on?"), coerce=int, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("A word for the learners"),
        help_text=_("They read it. Why you cannot come is yours alone."),
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, days: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number: Any = self.fields["number"]
        number.choices = days
        self.initial.setdefault("number", days[0][0])


class ProposeForm(forms.Form):
    """Which days somebody proposes, and why."""

    start = forms.DateField(widget=forms.HiddenInput)
    words = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, learner: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = gettext("A word to %(name)s") % {"name": learner}


class CancelForm(forms.Form):
    reason = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, reader: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = (
            gettext("Reason (%(name)s sees it)") % {"name": reader} if reader else gettext("Reason")
        )
        self.fields["reason"].label = label


class DeclineForm(forms.Form):
    reason = forms.CharField(max_length=500)

    def __init__(self, *args: Any, learner: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.label = gettext("Reason (%(name)s sees it)") % {"name": learner}
        reason.error_messages["required"] = gettext("Say why: %(name)s reads it.") % {
            "name": learner
        }


class AnswerForm(forms.Form):
    """What a learner says to it that they did not come."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what you want to say to it.")},
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    shared = forms.BooleanField(label=_("Share it with the others in this session"), required=False)
    token = forms.CharField(required=False, widget=forms.HiddenInput, initial=random_public_id)

    def clean_token(self) -> str:
        """Of this form as it was shown; a new one when it carries none."""
        return self.cleaned_data["token"][:12] or random_public_id()


class DebriefForm(forms.Form):
    can_now = forms.CharField(max_length=1000, required=False, widget=forms.Textarea())
    differently = forms.CharField(
        label=_("What would you do differently?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(),
    )
    may_show = forms.CharField(
        label=_("What of this may be shown to others?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(),
    )
    private_remark = forms.CharField(
        label=_("Something for yourself"),
        help_text=_("Nobody but you reads this, now or later."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(),
    )

    nothing_to_add = forms.BooleanField(label=_("I have nothing to add"), required=False)

    def __init__(
        self, *args: Any, hosting: bool, other: str, skills: Iterable[Skill] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ANSWERS:
            self.fields[name].widget.attrs["rows"] = 3
        for name in ("can_now", "differently", "may_show"):
            self.fields[name].help_text = gettext("%(name)s reads this.") % {"name": other}
        asked = gettext("What can %(name)s do now?") if hosting else gettext("What can you do now?")
        self.fields["can_now"].label = asked % {"name": other} if hosting else asked
        self.levels: dict[str, Skill] = {}
        for skill in skills:
            name = f"level_{skill.public_id}"
            self.levels[name] = skill
            self.fields[name] = forms.TypedChoiceField(
                label=gettext("Your level in %(skill)s now") % {"skill": skill.name},
                help_text=gettext("%(name)s confirms it or says “not yet”.") % {"name": other},
                choices=Level.choices,
                coerce=int,
                required=False,
                empty_value=None,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        said = any(data.get(name) for name in (*ANSWERS, *self.levels))
        if not self.errors and not said and not data.get("nothing_to_add"):
            raise ValidationError(
                _("Answer one of the questions, or say that you have nothing to add.")
            )
        return data

    def level_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.levels]

    def said_levels(self) -> dict[Skill, int]:
        """The levels that were chosen, by skill."""
        chosen = {skill: self.cleaned_data.get(name) for name, skill in self.levels.items()}
        return {skill: level for skill, level in chosen.items() if level}


class OfferForm(OfferModelForm):
    """What a host offers, with one step of the plan a day."""

    hours = forms.DecimalField(
        label=_("Hours a day"),
        min_value=Decimal("0.5"),
        max_value=Decimal(LONGEST_DAY_MINUTES) / 60,
        max_digits=4,
        decimal_places=2,
        initial=8,
    )
    known: forms.ModelMultipleChoiceField[Skill] = forms.ModelMultipleChoiceField(
        label=_("Skills"),
        queryset=None,
        required=False,
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ShadowingOffer
        fields = [
            "title",
            "days",
            "within_days",
            "starts_at",
            "follows_hours",
            "time_zone",
            "place",
            "bring",
            "notice_days",
            "per_month",
            "capacity",
        ]
        widgets = {"starts_at": TIME}

    field_order = ("title",)

    def __init__(
        self, *args: Any, known: Any, skills: Any, plan: dict[int, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields
        choices["known"].queryset = known
        choices["known"].one_of_several = True

        @cache
        def every() -> list[tuple[str, str]]:
            """Of all these fields, read once, and only where they are drawn."""
            return [("", gettext("None")), *skills.values_list("public_id", "name")]

        for name in OTHERS:
            choices[name] = forms.ModelChoiceField(
                label=_("Another skill") if name == OTHERS[0] else _("One more skill"),
                queryset=skills,
                required=False,
                to_field_name="public_id",
            )
            choices[name].choices = every
        self.no_skills = False
        if not known.exists():
            self.no_skills = not skills.exists()
            choices["another"].label = _("Skill")
            choices["another"].required = True
            choices["another"].error_messages["required"] = gettext("Choose at least one skill.")
        zones = [(zone, zone) for zone in time_zones()]
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zones, validators=[validate_time_zone]
        )
        self.fields["title"].help_text = _("Left empty, it is called after its skills.")
        self.fields["within_days"].label = _("Days may lie apart, within")
        self.fields["within_days"].help_text = _(
            "So many days, such as 14: the learner then chooses the days one by one, too. Left "
            "empty, they are in a row."
        )
        self.fields["follows_hours"].help_text = _(
            "Each day begins and ends with your shift or your hours of that day, instead of the "
            "hours above."
        )
        self.fields["days"].help_text = _("Working days in a row.")
        self.fields["notice_days"].help_text = _("How long before the first day it can be booked.")
        self._add_plan(plan or {})

    def _add_plan(self, plan: dict[int, Any]) -> None:
        for day in range(1, MOST_DAYS_OF_A_BLOCK + 1):
            step = plan.get(day)
            stages = {1: Stage.WATCH, 2: Stage.TOGETHER}
            self.fields[f"stage_{day}"] = forms.ChoiceField(
                label=gettext("Day %(day)s, how") % {"day": day},
                choices=Stage.choices,
                initial=step.stage if step else stages.get(day, Stage.LEAD),
            )
            self.fields[f"text_{day}"] = forms.CharField(
                label=gettext("Day %(day)s, what") % {"day": day},
                max_length=200,
                required=False,
                initial=step.text if step else "",
            )

    def plan_fields(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        """Of as many days as the offer has."""
        return self._plan_of(range(1, self._days() + 1))

    def later_plan_fields(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        return self._plan_of(range(self._days() + 1, MOST_DAYS_OF_A_BLOCK + 1))

    def _plan_of(self, days: range) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        return [(day, self[f"stage_{day}"], self[f"text_{day}"]) for day in days]

    def _days(self) -> int:
        """As typed, or the usual three when that is no number of days."""
        typed = str(self["days"].value() or "")
        days = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        return days if 1 <= days <= MOST_DAYS_OF_A_BLOCK else 3

    def clean_hours(self) -> Decimal:
        hours: Decimal = self.cleaned_data["hours"]
        self.instance.minutes = round(hours * 60)
        return hours

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.chosen_skills() and "another" not in self.errors:
            raise ValidationError({"another": gettext("Choose at least one skill.")})
        return cleaned

    def chosen_skills(self) -> list[Skill]:
        others = [self.cleaned_data.get(name) for name in OTHERS]
        chosen = [*(self.cleaned_data.get("known") or []), *(one for one in others if one)]
        return list(dict.fromkeys(chosen))

    def chosen(self) -> dict[str, Any]:
        """What `publish` and `revise` want besides the offer itself."""
        return {"skills": self.chosen_skills(), "plan": self.chosen_plan()}

    def chosen_plan(self) -> list[tuple[int, str, str]]:
        """(day, stage, text) of each day of the offer."""
        data = self.cleaned_data
        return [
            (day, data[f"stage_{day}"], data[f"text_{day}"]) for day in range(1, data["days"] + 1)
        ]
