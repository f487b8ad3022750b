"""The shape of what HR, and each person about themselves, types about people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fields import DAYS, time_zones, validate_day
from peerlearn.organizations.finding import Nearest
from peerlearn.organizations.models import CostBand, Employee, Team
from peerlearn.organizations.queries import EmployeeQuerySet, TeamQuerySet

MOST_LISTED = 1000
TEAMS_LISTED = 50
MOST_SUGGESTED = 3
PUBLIC_ID_LENGTH = 12


def zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in time_zones()]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PublicIdChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs
    """A choice whose values are public ids; rows of other organizations are not among them."""

    def __init__(self, **kwargs: Any) -> None:
        # The form sets the rows: there is no organization when its class is made.
        super().__init__(None, to_field_name="public_id", required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            value = "?"
        return super().clean(value)


class PersonField(forms.CharField):
    """One of `people`, typed: a name, an e-mail, or both as the list below the field has them."""

    people: EmployeeQuerySet

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(required=False, max_length=500, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        row = self.people.filter(public_id=value).first() if _may_be_public_id(value) else None
        return written(row) if row else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        email = text.rpartition("<")[2].removesuffix(">").strip()
        same = Q(public_id=text) | Q(email__iexact=email) | Q(name__iexact=text)
        found = list(self.people.filter(same)[:2])
        if len(found) == 1:
            return found[0]
        words = _("Several people are called “%(text)s”. Type the e-mail instead.")
        near = [] if found else self._near(text)
        if near:
            words = _("Nobody here is called “%(text)s”. Do you mean %(near)s? Type the e-mail.")
        elif not found:
            words = _("Nobody here is called “%(text)s”. Choose from the list, or type the e-mail.")
        raise forms.ValidationError(words, params={"text": text, "near": "; ".join(near)})

    def _near(self, text: str) -> list[str]:
        near = self.people.found(text)[:MOST_SUGGESTED]
        return [written(row) for row in near]


def written(person: Employee) -> str:
    """A person as the list of a PersonField has them."""
    return f"{person.name} <{person.email}>"


def _may_be_public_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) == PUBLIC_ID_LENGTH and value.isascii()


class WeekFields(forms.Form):
    """When somebody works: zone, days and hours."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        error_messages={"invalid_choice": _("Choose a time zone such as Europe/Oslo.")},
    )
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one working day.")},
    )
    day_starts = forms.TimeField(label=_("Day starts"), widget=TimeInput())
    day_ends = forms.TimeField(label=_("Day ends"), widget=TimeInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.initial.get("time_zone")
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        if zone and zone not in time_zones():  # an alias that was taken over from elsewhere
            field.choices = [(zone, zone), *zone_choices()]

    def clean_working_days(self) -> list[int]:
        return sorted(set(self.cleaned_data["working_days"]))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        starts, ends = data.get("day_starts"), data.get("day_ends")
        if starts and ends and starts >= ends:
            self.add_error("day_ends", _("The day must end after it starts."))
        return data


class MyWeekForm(WeekFields):
    """What everybody keeps about themselves."""

    twelve_hour_clock = forms.BooleanField(label=_("Show times as 2:30 pm"), required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser says")), *settings.LANGUAGES],
        required=False,
        help_text=_("Of pages, and of mails to you."),
    )


class EmployeeForm(WeekFields):
    """A new employee, as HR types it."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        help_text=_("They sign in with a code that is sent there."),
    )
    number = forms.CharField(label=_("Employee number"), max_length=40, required=False)
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    team = PublicIdChoiceField(label=_("Team"), empty_label=_("No team yet"))
    manager = PersonField(
        label=_("Reports to"), help_text=_("A name or an e-mail; empty when it is nobody.")
    )
    cost_band = PublicIdChoiceField(label=_("Cost band"), empty_label=_("None yet"))
    hired_on = forms.DateField(label=_("First day"), widget=DateInput(), validators=[validate_day])
    leaving_on = forms.DateField(
        label=_("Last day"),
        widget=DateInput(),
        required=False,
        validators=[validate_day],
        help_text=_(
            "Seen by the line above them and by HR, nobody else. When it is over, their access "
            "ends by itself."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows("team").queryset = self.teams()
        manager = self.fields["manager"]
        assert isinstance(manager, PersonField)
        manager.people = self.managers()
        self.rows("cost_band").queryset = CostBand.objects.all()

    def people_to_choose(self) -> list[str]:
        """For the list below the field; too many are none: a name or an e-mail is typed then."""
        rows = list(self.managers().order_by("name", "pk")[: MOST_LISTED + 1])
        return [written(row) for row in rows] if len(rows) <= MOST_LISTED else []

    def rows(self, name: str) -> PublicIdChoiceField:
        field = self.fields[name]
        assert isinstance(field, PublicIdChoiceField)
        return field

    def teams(self) -> TeamQuerySet:
        return Team.objects.current()

    def managers(self) -> EmployeeQuerySet:
        return Employee.objects.current().only("public_id", "name", "email", "organization_id")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("hired_on"), data.get("leaving_on")
        if first and last and last < first:
            self.add_error("leaving_on", _("The last day lies before the first one."))
        return data


class EmployeeEditForm(EmployeeForm):
    """What HR corrects. `employee` is the person, `by` who corrects, `today` their day."""

    on = forms.DateField(
        label=_("Team, manager, title and band hold from"),
        widget=DateInput(),
        help_text=_("Figures of the past keep the place that was held then."),
    )

    def __init__(
        self, *args: Any, employee: Employee, by: Employee, today: date, **kwargs: Any
    ) -> None:
        self.employee, self.today = employee, today
        kwargs.setdefault("initial", {**self.values_of(employee), "on": today})
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        if employee.is_admin and not by.is_admin:
            # Who owns the e-mail owns the sign-in: HR does not become admin by changing it.
            email.disabled = self.fields["leaving_on"].disabled = True
            email.help_text = _("Only an admin changes the e-mail of an admin.")
            self.fields["leaving_on"].help_text = _("Only an admin sets the last day of an admin.")
        else:
            email.help_text = _(
                "Another e-mail is another sign-in: the old one ends at once, and a mail says so."
            )

    @staticmethod
    def values_of(employee: Employee) -> dict[str, Any]:
        names = ("name", "email", "number", "job_title", "hired_on", "leaving_on", "time_zone")
        values = {name: getattr(employee, name) for name in names}
        for name in ("team", "manager", "cost_band"):
            row = getattr(employee, name)
            values[name] = row.public_id if row else None
        return values | {
            "working_days": employee.working_days,
            "day_starts": employee.day_starts,
            "day_ends": employee.day_ends,
        }

    def teams(self) -> TeamQuerySet:
        return super().teams() | Team.objects.filter(pk=self.employee.team_id or 0)

    def managers(self) -> EmployeeQuerySet:
        others = super().managers() | Employee.objects.filter(pk=self.employee.manager_id or 0)
        return others.exclude(pk=self.employee.pk)

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > max(self.today, self.employee.hired_on):
            raise forms.ValidationError(
                _("That day lies ahead. Enter the change when it has come, or choose today.")
            )
        return on


class RolesForm(forms.Form):
    """What an admin grants."""

    is_hr = forms.BooleanField(
        label=_("HR"),
        required=False,
        help_text=_("Adds and corrects people, sees coverage of every team and all reports."),
    )
    is_admin = forms.BooleanField(
        label=_("Admin"),
        required=False,
        help_text=_("Configures the organization and grants roles. Is not HR by that."),
    )


class DirectoryForm(forms.Form):
    """What is looked for in the directory; comes with the address, so nothing is ever refused."""

    q = forms.CharField(label=_("Name, title, team or e-mail"), max_length=200, required=False)
    team = PublicIdChoiceField(label=_("Team"), empty_label=_("All teams"))
    left = forms.BooleanField(label=_("Show who left"), required=False)

    def __init__(self, *args: Any, viewer: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        team = self.fields["team"]
        assert isinstance(team, PublicIdChoiceField)
        team.queryset = Team.objects.visible_to(viewer).current()
        if not viewer.is_hr:
            del self.fields["left"]

    def teams_to_choose(self) -> list[Team]:
        """With more teams than a list can show: the one chosen, if any. The others are typed."""
        chosen = self.cleaned_data.get("team")
        teams = list(Team.objects.visible_to(self.viewer).current()[: TEAMS_LISTED + 1])
        return teams if len(teams) <= TEAMS_LISTED else [chosen] if chosen else []

    def results(self) -> EmployeeQuerySet | Nearest:
        """The people found, the nearest first, else by name; what makes no sense is left out."""
        self.is_valid()
        asked = self.cleaned_data
        people = Employee.objects.visible_to(self.viewer).filter(active=not asked.get("left"))
        if team := asked.get("team"):
            people = people.filter(team__in=Team.objects.within(team))
        people = people.select_related("team", "manager")
        return people.found(asked.get("q", ""), self.viewer.organization.alphabet)
