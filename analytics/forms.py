"""What may be asked of a report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analytics.choices import FileFormat, Names, ReportKind
from analytics.disclosure import (
    closes_on,
    following,
    last_closed,
    month_of,
    preceding,
    whole_months,
)
from analytics.making import file_name
from analytics.models import Report
from analytics.periods import YEAR, days_of
from analytics.scopes import Scope, scope_of
from peerlearn.organizations.models import Employee, Organization

LONGEST = timedelta(days=5 * 366)
ONE_DAY = timedelta(days=1)


class NamesSelect(forms.RadioSelect):
    """`without_names`: names cannot be chosen, unless they are chosen already."""

    without_names = False

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if self.without_names and option["value"] == Names.NAMED and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option


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
    names = forms.ChoiceField(label=_("Names"), choices=Names, widget=NamesSelect)
    file_format = forms.ChoiceField(label=_("Format"), choices=FileFormat, widget=forms.RadioSelect)

    def __init__(
        self, data: Any, *, scope: Scope, everything: str, today: date, began: date
    ) -> None:
        super().__init__({**defaults(data.get("kind", ""), today, began), **data})
        self.scope, self.today, self.began = scope, today, began
        names: Any = self.fields["names"].widget
        names.without_names = self.data["kind"] == ReportKind.SHADOWING_PARTICIPATION
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
            month = max(following(last_closed(self.today)), month_of(self.began))
            words = _(
                "Participation is shown by whole calendar months, a week after their end, and this "
                "period holds none. %(month)s can be shown from %(day)s on."
            ) % {
                "month": date_format(month, str(_("F Y"))),
                "day": date_format(closes_on(month), str(_("j F Y"))),
            }
            self.add_error("period_from", words)

    def report(self, by: Employee, at: Any) -> Report:
        """The report that the valid form asks for, not saved yet."""
        cleaned = self.cleaned_data
        narrowed = self.narrowed()
        first, last = self._period()
        report = Report(
            kind=cleaned["kind"],
            period_from=first,
            period_to=last,
            line_of=None if narrowed.line is None else by,
            team=narrowed.team,
            names=cleaned["names"],
            file_format=cleaned["file_format"],
            requested_by=by,
            requested_at=at,
        )
        report.file_name = file_name(report)
        return report

    def _period(self) -> tuple[date, date]:
        """What was asked for; of participation the whole months in it."""
        first, last = self.cleaned_data["period_from"], self.cleaned_data["period_to"]
        if self.cleaned_data["kind"] == ReportKind.SHADOWING_PARTICIPATION:
            months = whole_months(first, last, self.today)
            return months[0], following(months[-1]) - ONE_DAY
        return first, last

    def narrowed(self) -> Scope:
        return self.scope.narrowed(self.cleaned_data["team"])


def report_form(
    employee: Employee, organization: Organization, data: Any, *, at: datetime
) -> ReportForm:
    """With what that person may see to choose from."""
    scope = scope_of(employee)
    if scope.line is None:
        everything = ngettext(
            "Whole company, %s person", "Whole company, %s people", scope.everyone
        )
    else:
        everything = ngettext(
            "Your reporting line, %s person", "Your reporting line, %s people", scope.everyone
        )
    today, began = (
        moment.astimezone(organization.zone).date() for moment in (at, organization.created_at)
    )
    known = {key: data[key] for key in ReportForm.base_fields if key in data}
    words = everything % scope.everyone
    return ReportForm(known, scope=scope, everything=words, today=today, began=began)


def defaults(kind: str, today: date, began: date) -> dict[str, Any]:
    """As the overview: the twelve months until today; of participation those that are closed. Never
    before the organization began."""
    first, last = days_of(YEAR, today)[0], today
    if kind == ReportKind.SHADOWING_PARTICIPATION:
        closed = last_closed(today)
        first, last = preceding(closed, 11), following(closed) - ONE_DAY
        began = month_of(began)
    return {
        "kind": ReportKind.SKILL_COVERAGE.value,
        "period_from": max(first, began).isoformat(),
        "period_to": max(last, began).isoformat(),
        "team": "",
        "names": Names.GROUPS.value,
        "file_format": FileFormat.XLSX.value,
    }
