"""Who changed somebody's work e-mail, and with it who signs in as them."""

from __future__ import annotations

from django.db import models

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey
from peerlearn.organizations.models.employees import Employee


class EmailChange(FencedModel):
    """Written beside the change and never corrected. `by` is None when no employee did it."""

    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="email_changes")
    by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    before = models.EmailField()
    after = models.EmailField()
    at = models.DateTimeField()

    class Meta(FencedModel.Meta):
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["organization", "employee"], name="email_change_of")]

    def __str__(self) -> str:
        return f"{self.employee_id} at {self.at}"
