"""Who gave somebody a role, or took it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey
from peerlearn.organizations.models.employees import Employee


class RoleChange(FencedModel):
    """Written beside the change and never corrected. `by` is None when no employee did it."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="role_changes")
    by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    was_hr = models.BooleanField()
    was_admin = models.BooleanField()
    is_hr = models.BooleanField()
    is_admin = models.BooleanField()
    at = models.DateTimeField()

    class Meta(FencedModel.Meta):
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["organization", "employee"], name="role_change_of")]

    def __str__(self) -> str:
        return f"{self.employee_id} at {self.at}"

    @property
    def before(self) -> str:
        return _in_words(is_hr=self.was_hr, is_admin=self.was_admin)

    @property
    def after(self) -> str:
        return _in_words(is_hr=self.is_hr, is_admin=self.is_admin)


def _in_words(*, is_hr: bool, is_admin: bool) -> str:
    if is_hr and is_admin:
        return _("HR and admin")
    if is_hr:
        return _("HR")
    return _("Admin") if is_admin else _("No role")
