"""Tokens of the API, whether it is switched off, and answers kept for who asks twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peerlearn.api.queries import KeptAnswerManager, TokenManager
from peerlearn.api.secrets import digest, make_secret
from peerlearn.api.token_scopes import Text, in_words
from peerlearn.organizations.fence import FencedModel, OrganizationForeignKey, PublicIdField
from peerlearn.organizations.models import Employee, Membership

LONGEST = timedelta(days=366)
MOST_TOKENS = 20  # of one employee, at a time


class ApiToken(FencedModel):
    """Lets a program act as one employee, within its scopes, until it expires or is revoked."""

    public_id = PublicIdField()
    employee = OrganizationForeignKey(Employee, models.CASCADE, related_name="api_tokens")
    # Whoever signed in as the employee when it was made.
    membership = OrganizationForeignKey(Membership, models.CASCADE, related_name="+")
    name = models.CharField(_("what it is for"), max_length=80)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = OrganizationForeignKey(Employee, models.PROTECT, null=True, related_name="+")

    objects = TokenManager()

    class Meta(FencedModel.Meta):
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "digest"], name="api_token_digest"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"), expires_at__lte=F("made_at") + LONGEST),
                name="api_token_expires",
            ),
        ]
        indexes = [models.Index(fields=["organization", "employee"], name="api_token_of")]

    def __str__(self) -> str:
        return self.name

    @property
    def may(self) -> list[Text]:
        """What it is for, in words."""
        return in_words(self.scopes)

    @classmethod
    def make(
        cls,
        *,
        employee: Employee,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime,
        at: datetime,
    ) -> tuple[ApiToken, str]:
        """With its secret, which nobody can read afterwards. Raises ValidationError when there are
        as many as one person may have."""
        with transaction.atomic():
            owner = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
            if not owner.active or owner.membership_id is None:
                raise ValidationError(gettext("Your access to this organization has ended."))
            if cls.objects.standing(at).filter(employee=owner).count() >= MOST_TOKENS:
                words = gettext("You have %s tokens, as many as one person may. Revoke one first.")
                raise ValidationError(words % MOST_TOKENS)
            secret = make_secret()
            token: ApiToken = cls.objects.create(
                employee=owner,
                membership_id=owner.membership_id,
                name=name,
                digest=digest(secret),
                scopes=list(scopes),
                made_at=at,
                expires_at=expires_at,
            )
        return token, secret

    def note_use(self, on: date) -> None:
        """Once a day at most: a request does not become a write by being asked."""
        if self.last_used_on != on:
            ApiToken.objects.filter(
                Q(last_used_on=None) | Q(last_used_on__lt=on), pk=self.pk
            ).update(last_used_on=on)

    def revoke(self, *, by: Employee | None, at: datetime) -> bool:
        """End it at once; returns whether this call did."""
        rows = ApiToken.objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=at, revoked_by=by))


class ApiSwitchedOff(FencedModel):
    """While there is a row, no token of the organization opens anything."""

    by = OrganizationForeignKey(Employee, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="api_switched_off_once")
        ]

    def __str__(self) -> str:
        return f"since {self.at}"

    @classmethod
    def switch(cls, *, on: bool, by: Employee, at: datetime) -> None:
        if on:
            cls.objects.all().delete()
        else:
            cls.objects.get_or_create(defaults={"by": by, "at": at})


class KeptAnswer(FencedModel):
    """What a write with an idempotency key was answered, for a day. Written in the transaction of
    its effect: either both are there or neither."""

    token = OrganizationForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField()
    location = models.CharField(max_length=300, blank=True)
    etag = models.CharField(max_length=80, blank=True)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField()

    objects = KeptAnswerManager()

    class Meta(FencedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "token", "key"], name="kept_answer_key")
        ]
        indexes = [models.Index(fields=["organization", "made_at"], name="kept_answer_made")]

    def __str__(self) -> str:
        return f"{self.status} for {self.token_id}"

    @classmethod
    def keep(cls, pk: int, **answer: Any) -> None:
        cls.objects.filter(pk=pk).update(**answer)
