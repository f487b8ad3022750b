"""What may be asked of a report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.choices import FileFormat, Names, ReportKind
from analytics.disclosure import month_of, whole_months
from analytics.making import file_name
from analytics.models import Report
from analytics.scopes import Scope
from peerlearn.organizations.models import Employee

LONGEST = timedelta(days=5 * 366)


class ReportForm(forms.Form):
    """Kind, period, scope, names and format; `scope` is what the reader may see."""

    kind = forms.ChoiceField(label=_("Report"), choices=ReportKind, widget=forms.RadioSelect)
    period_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    period_to = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    names = forms.ChoiceField(label=_("Names"), choices=Names, widget=forms.RadioSelect)
    file_format = forms.ChoiceField(label=_("Format"), choices=FileFormat, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, scope: Scope, everything: str, today: date) -> None:
        super().__init__({**defaults(today), **{key: data[key] for key in data}})
        self.scope, self.today = scope, today
        team: Any = self.fields["team"]
        team.choices = [("", everything)] + [
            (c.team.public_id, "\u2003" * c.depth + c.team.name) for c in scope.choices
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        begins, ends = cleaned.get("period_from"), cleaned.get("period_to")
        if begins and ends:
            self._check_period(begins, ends, cleaned.get("kind", ""))
        participation = cleaned.get("kind") == ReportKind.SHADOWING_PARTICIPATION
        named = cleaned.get("names") == Names.NAMED
        if participation and named:
            self.add_error(
                "names",
                _("Who took part is shown to nobody by name. Choose groups, or another report."),
            )
        return cleaned

    def _check_period(self, begins: date, ends: date, kind: str) -> None:
        if begins > ends:
            self.add_error("period_to", _("The period ends before it begins."))
        elif ends > self.today:
            self.add_error("period_to", _("The period ends in the future. Choose today at most."))
        elif ends - begins > LONGEST:
            self.add_error("period_from", _("A report covers five years at most."))
        elif kind == ReportKind.SHADOWING_PARTICIPATION and not whole_months(
            begins, ends, self.today
        ):
            self.add_error(
                "period_from",
                _(
                    "Participation is shown by whole calendar months that are over, "
                    "and this period holds none."
                ),
            )

    def report(self, by: Employee, at: Any) -> Report:
        """The report that the valid form asks for, not saved yet."""
        cleaned = self.cleaned_data
        narrowed = self.narrowed()
        report = Report(
            kind=cleaned["kind"],
            period_from=cleaned["period_from"],
            period_to=cleaned["period_to"],
            line_of=None if narrowed.line is None else by,
            team=narrowed.team,
            names=cleaned["names"],
            file_format=cleaned["file_format"],
            requested_by=by,
            requested_at=at,
        )
        report.file_name = file_name(report)
        return report

    def narrowed(self) -> Scope:
        return self.scope.narrowed(self.cleaned_data["team"])


def defaults(today: date) -> dict[str, Any]:
    """This year to the end of the last month; in January the year before."""
    last = month_of(today) - timedelta(days=1)
    return {
        "kind": ReportKind.SKILL_COVERAGE.value,
        "period_from": date(last.year, 1, 1).isoformat(),
        "period_to": last.isoformat(),
        "team": "",
        "names": Names.GROUPS.value,
        "file_format": FileFormat.XLSX.value,
    }
