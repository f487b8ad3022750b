"""The shape of what HR chooses about an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerlearn.organizations.importing.kinds import Importing, kinds
from peerlearn.organizations.importing.reading import MOST_BYTES
from peerlearn.organizations.importing.words import of_file
from peerlearn.organizations.models import Import


def kind_choices() -> list[tuple[str, Any]]:
    return [(name, kind.holds) for name, kind in kinds().items()]


class UploadForm(forms.Form):
    """Which file, and what it holds."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What the file holds"), choices=kind_choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        widget=forms.ClearableFileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
        max_length=255,
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file holds nothing."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(" ".join(of_file("large")))
        return file


class ColumnsForm(forms.Form):
    """What each column goes to, and how its days are written."""

    order = forms.ChoiceField(
        label=gettext_lazy("Days such as 3/4/2026"),
        widget=forms.RadioSelect,
        choices=[("dmy", gettext_lazy("the day first")), ("mdy", gettext_lazy("the month first"))],
    )

    def __init__(self, *args: Any, row: Import, kind: Importing, **kwargs: Any) -> None:
        chosen = {f"c{at}": target for at, target in enumerate(row.mapping)}
        kwargs.setdefault("initial", {**chosen, "order": row.order})
        super().__init__(*args, **kwargs)
        self.kind, self.columns = kind, row.columns
        choices = [("", _("Do not import")), *kind.targets.items()]
        for at, column in enumerate(row.columns):
            label = _("“%(column)s” goes to") % {"column": column["heading"] or at + 1}
            self.fields[f"c{at}"] = forms.ChoiceField(choices=choices, label=label, required=False)
        if not kind.dates:
            del self.fields["order"]

    @property
    def rows(self) -> list[tuple[dict[str, Any], forms.BoundField, bool]]:
        """Each column with its field, and whether what is chosen is only guessed."""
        return [
            (column, field, not column["sure"] and not self.is_bound and bool(field.value()))
            for at, column in enumerate(self.columns)
            for field in [self[f"c{at}"]]
        ]

    @property
    def mapping(self) -> list[str]:
        return [self.cleaned_data.get(f"c{at}", "") for at in range(len(self.columns))]

    @property
    def sure(self) -> int:
        return sum(bool(column["sure"]) for column in self.columns)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        used: dict[str, str] = {}
        for at, target in enumerate(self.mapping):
            other = used.setdefault(target, f"c{at}")
            if target and other != f"c{at}":
                self.add_error(f"c{at}", _("Another column goes there already."))
        if missing := self.kind.missing(frozenset(filter(None, used))):
            self.add_error(None, str(missing))
        return data


class WriteForm(forms.Form):
    """The last word before it is written: what is made, and who goes."""

    makes = forms.BooleanField(label=gettext_lazy("What is not there yet"), required=False)
    removes = forms.BooleanField(required=False)  # which of the two buttons
    number = forms.CharField(
        label=gettext_lazy("To remove them, write how many"), required=False, max_length=10
    )

    def __init__(self, *args: Any, gone: int, made: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gone, self.made = gone, made

    def clean_makes(self) -> bool:
        if self.made and not self.cleaned_data["makes"]:
            raise forms.ValidationError(
                _("Say that these may be made, or correct the file and choose it again.")
            )
        return bool(self.made)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("removes") and data.get("number", "").strip() != str(self.gone):
            wanted = ngettext(
                "To remove %(number)s person, write %(number)s, or choose to keep them.",
                "To remove %(number)s people, write %(number)s, or choose to keep them.",
                self.gone,
            )
            self.add_error("number", wanted % {"number": self.gone})
        return data
