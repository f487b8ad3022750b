"""Many rows of tokens and kept answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection
from django.db.models import Exists, F, OuterRef

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.models import Employee
from peerlearn.organizations.scoping import require_organization_id

if TYPE_CHECKING:
    from peerlearn.api.models import ApiToken, KeptAnswer  # noqa: F401  (in quotes)

KEPT_FOR = timedelta(hours=24)
# Whoever comes second with the same key waits here until the first has ended.
_CLAIM = """
INSERT INTO api_keptanswer AS kept
  (organization_id, token_id, key, fingerprint, status, location, etag, body, made_at)
VALUES (%(organization)s, %(token)s, %(key)s, %(fingerprint)s, 0, '', '', '', %(at)s)
ON CONFLICT (organization_id, token_id, key) DO UPDATE SET
  fingerprint = excluded.fingerprint, status = 0, location = '', etag = '', body = '',
  made_at = excluded.made_at
  WHERE kept.made_at <= %(over)s
RETURNING id
"""


class TokenQuerySet(FencedQuerySet["ApiToken"]):
    def visible_to(self, employee: Employee) -> TokenQuerySet:
        """One's own; admins see that there are others', never what opens with them."""
        if not employee.active:
            return self.none()
        return self if employee.is_admin else self.filter(employee=employee)

    def standing(self, at: datetime) -> TokenQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)

    def opening(self, digest: str, at: datetime) -> Any:
        """The token of that digest if it lets its employee in now, with what every request asks
        of them. It belongs to whoever signed in as them when it was made: another work e-mail
        ends it, as it ends their sessions."""
        switched_off: Any = apps.get_model("api.ApiSwitchedOff")
        reports = Employee.objects.filter(manager=OuterRef("employee"), active=True)
        return (
            self.standing(at)
            .filter(
                ~Exists(switched_off.objects.all()),
                digest=digest,
                employee__active=True,
                employee__membership=F("membership"),
                membership__active=True,
                membership__user__is_active=True,
            )
            .select_related("employee__team")
            .annotate(leads_somebody=Exists(reports))
            .first()
        )


class KeptAnswerQuerySet(FencedQuerySet["KeptAnswer"]):
    def claim(self, *, token: int, key: str, fingerprint: str, at: datetime) -> int | None:
        """Begin the answer of that key; None when there is one already. Waits for whoever is at
        it this moment, as long as any lock is waited for."""
        values: dict[str, Any] = {
            "organization": require_organization_id(),
            "token": token,
            "key": key,
            "fingerprint": fingerprint,
            "at": at,
            "over": at - KEPT_FOR,
        }
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, values)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def over(self, at: datetime) -> KeptAnswerQuerySet:
        return self.filter(made_at__lte=at - KEPT_FOR)


TokenManager = FencedManager.from_queryset(TokenQuerySet)
KeptAnswerManager = FencedManager.from_queryset(KeptAnswerQuerySet)
