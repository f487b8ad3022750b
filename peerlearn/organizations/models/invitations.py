"""Who was asked to come in, by whom, and what became of it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models.employees import Employee
from peerlearn.organizations.queries_invitations import InvitationManager

HOLDS_FOR = timedelta(days=7)
DELIVERED_WITHIN = timedelta(minutes=10)


class InvitationState(models.TextChoices):
    WAITING = "waiting", _("Not answered yet")
    CAME = "came", _("Signed in")
    RUN_OUT = "run_out", _("Run out")
    ENDED = "ended", _("Withdrawn")


def random_seed() -> str:
    """192 random bits."""
    return secrets.token_urlsafe(24)


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class Invitation(FencedModel):
    """One secret for one employee at one e-mail, once, for seven days.

    The secret stands nowhere: it is worked out of `seed` and the key of the server when its mail
    is written, the same for every attempt, and kept as a hash. Another one ends the one before.
    `makes_hr` and `makes_admin` are the roles that come with accepting it.
    """

    public_id = PublicIdField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    makes_hr = models.BooleanField(default=False)
    makes_admin = models.BooleanField(default=False)
    seed = models.CharField(max_length=32, default=random_seed, editable=False)
    key_hash = models.CharField(max_length=64, blank=True, editable=False)
    invited_at = models.DateTimeField()
    sends_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # withdrawn, replaced, or with somebody's access
    is_latest = models.BooleanField(default=True)

    objects = InvitationManager()

    class Meta(FencedModel.Meta):
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "employee"],
                condition=Q(is_latest=True),
                name="invitation_latest",
            ),
            models.UniqueConstraint(
                fields=["organization", "key_hash"],
                condition=~Q(key_hash=""),
                name="invitation_secret",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(ended_at=None), name="invitation_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sends_at")), name="invitation_order"
            ),
        ]
        indexes = [models.Index(fields=["organization", "-invited_at"], name="invitation_listed")]

    def __str__(self) -> str:
        return f"{self.employee_id} at {self.invited_at}"

    @property
    def gives_roles(self) -> bool:
        return self.makes_hr or self.makes_admin

    def state(self, at: datetime) -> InvitationState:
        """What became of it; whoever is in needs it no more, by whatever way they came."""
        membership = self.employee.membership
        if self.accepted_at or (membership is not None and membership.entered_at):
            return InvitationState.CAME
        if self.ended_at or self.email != self.employee.email:
            return InvitationState.ENDED
        return InvitationState.WAITING if self.expires_at > at else InvitationState.RUN_OUT

    def is_open(self, at: datetime) -> bool:
        """Whether it opens anything: bound to that person at that e-mail, in time, not used, and
        with no role that whoever invited may not give now."""
        return (
            self.accepted_at is None
            and self.ended_at is None
            and self.expires_at > at
            and self.employee.active
            and self.employee.email == self.email
            and (not self.gives_roles or (self.by.active and self.by.is_admin))
        )

    def give_secret(self) -> str:
        """For the address in its mail: 256 bits, of which the database knows the hash alone."""
        made = salted_hmac(
            "peerlearn.invitation",
            f"{self.organization_id}\n{self.pk}\n{self.seed}",
            algorithm="sha256",
        )
        secret = made.hexdigest()
        self.key_hash = hashed(secret)
        self.save(update_fields=["key_hash"])
        return secret

    def mark_sent(self, *, at: datetime) -> None:
        Invitation.objects.filter(pk=self.pk, sent_at=None).update(sent_at=at)
