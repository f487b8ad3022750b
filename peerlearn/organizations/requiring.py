"""An organization that opens only for people with a second factor.

It holds for sessions alone, in one place (the organization middleware): a key, such as a feed's
address or a token, was made by somebody who was in, and opens its one view as before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from peerlearn.organizations import factors
from peerlearn.organizations.models import Membership, Organization, User
from peerlearn.organizations.queries import MembershipQuerySet

log = structlog.get_logger("peerlearn.organizations")


def with_factors(memberships: MembershipQuerySet) -> MembershipQuerySet:
    """Each knows whether its user has a second factor, at the price of no statement."""
    mine = Authenticator.objects.filter(user=OuterRef("user"), type__in=factors.SECOND)
    return memberships.annotate(has_factor=Exists(mine))


def since(membership: Membership) -> datetime | None:
    """From when on the organization wants what this user lacks; of `with_factors`."""
    has_factor: bool = membership.has_factor  # type: ignore[attr-defined]  # annotated
    return None if has_factor else membership.organization.second_factor_since


def wanted_of(user: User) -> list[Membership]:
    """The memberships whose organization wants a second factor of this user, or will; of who has
    one already too."""
    wanting = Membership.objects.active().filter(
        user=user, organization__second_factor_since__isnull=False
    )
    return list(wanting.select_related("organization").order_by("organization__name"))


def counted(organization: Organization) -> tuple[int, int]:
    """How many of those who may sign in have one, and how many they are: no names."""
    people = with_factors(Membership.objects.active().filter(organization=organization))
    sums = people.aggregate(have=Count("pk", filter=Q(has_factor=True)), all=Count("pk"))
    return sums["have"], sums["all"]


def require(organization: Organization, *, days: int, by: User, at: datetime) -> None:
    """From so many days on; only by somebody who has one, or they would lock themselves out."""
    if not factors.has_one(by):
        raise ValidationError(_("Set up your own second factor first; then ask others for theirs."))
    organization.want_second_factor(at + timedelta(days=days))
    log.info("second_factor_required", user_id=by.pk, days=days)


def stop(organization: Organization, *, by: User) -> None:
    organization.want_second_factor(None)
    log.info("second_factor_no_longer_required", user_id=by.pk)
