"""The shape of asking people in, and of accepting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.forms import PublicIdChoiceField, RolesForm
from peerlearn.organizations.inviting import NEW, OUTSIDE, RUN_OUT, to_invite
from peerlearn.organizations.models import Employee, Import, ImportState, Team, User
from peerlearn.organizations.models.invitations import InvitationState
from peerlearn.organizations.queries import EmployeeQuerySet

IMPORTS_OFFERED = 20
_WHOM = [
    (NEW, _("Who was never invited")),
    (RUN_OUT, _("Whose invitation ran out")),
    (OUTSIDE, _("Everybody who was never here")),
]


class InviteForm(RolesForm):
    """Roles that come with accepting; an admin alone may give any."""

    def __init__(self, *args: Any, person: Employee, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("is_hr", "is_admin"):
            if not by.is_admin or getattr(person, name):
                del self.fields[name]


class WhomForm(forms.Form):
    """Whom many invitations go to; comes with the address, so that what is wrong is the default."""

    whom = forms.ChoiceField(label=_("Whom"), choices=_WHOM, required=False)
    team = PublicIdChoiceField(label=_("Team"), empty_label=_("All teams"))
    came_with = PublicIdChoiceField(label=_("Import"), empty_label=_("However they were added"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("team", Team.objects.current()), ("came_with", self._imports())):
            field = self.fields[name]
            assert isinstance(field, PublicIdChoiceField)
            field.queryset = rows
        self.fields["came_with"].label_from_instance = _file  # type: ignore[attr-defined]  # a choice of rows

    @staticmethod
    def _imports() -> Any:
        done = Import.objects.filter(kind="people", state=ImportState.DONE).without_files()
        return done.filter(pk__in=done.values("pk")[:IMPORTS_OFFERED])

    def people(self, at: datetime) -> EmployeeQuerySet:
        self.full_clean()
        chosen = self.cleaned_data
        whom = chosen.get("whom") or NEW
        return to_invite(
            whom, team=chosen.get("team"), came_with=chosen.get("came_with"), at=at
        ).select_related("team")

    def chosen(self) -> dict[str, str]:
        """To be posted again as it was shown."""
        return {name: self.data.get(name, "") for name in self.fields if self.data.get(name)}


def _file(row: Import) -> str:
    return f"{row.file_name}, {row.begun_at:%Y-%m-%d}"


class InvitationsForm(forms.Form):
    """What is looked for in the list; nothing is ever refused."""

    q = forms.CharField(label=_("Name or e-mail"), max_length=200, required=False)
    state = forms.ChoiceField(
        label=_("Which"), choices=[("", _("All")), *InvitationState.choices], required=False
    )


class AcceptForm(forms.Form):
    """Whoever `chooses` may choose a password; nobody has to."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("12 characters or more. Without one, a code is sent to you each time."),
    )

    def __init__(self, *args: Any, user: User, chooses: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not chooses:
            del self.fields["password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.user)
        return password
