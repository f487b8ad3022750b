"""Beginning an organization: its first employee configures it and adds the people."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import get_language

from peerlearn.organizations.fields import alphabet_of
from peerlearn.organizations.hiring import hire
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.scoping import scope


def found(
    *,
    name: str,
    time_zone: str,
    founder_name: str,
    founder_email: str,
    at: datetime,
    slug: str | None = None,
) -> tuple[Organization, Employee]:
    """Make an organization whose founder is HR and admin, in the language that is active.

    Its slug is made of the name unless one is given, which must be free. Belongs outside every
    scope.
    """
    with transaction.atomic():
        organization = _create(name=name, slug=slug, time_zone=time_zone, at=at)
        with scope(organization.pk):
            founder = hire(
                name=founder_name,
                email=founder_email,
                hired_on=at.astimezone(organization.zone).date(),
                is_hr=True,
                is_admin=True,
            )
    return organization, founder


# Letters that Unicode does not take apart, as people write them without their keyboard.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ß": "ss", "œ": "oe", "Œ": "Oe", "ı": "i"}
)


def _create(*, name: str, slug: str | None, time_zone: str, at: datetime) -> Organization:
    organization: Organization = Organization.objects.create(
        name=name,
        slug=slug or _slug_of(name),
        time_zone=time_zone,
        alphabet=alphabet_of(time_zone),
        language=get_language() or settings.LANGUAGE_CODE,
        created_at=at,
    )
    return organization


def _slug_of(name: str) -> str:
    """Always with a random end: one that is there only when the name is taken would tell so."""
    base = slugify(name.translate(_LETTERS))[:50].strip("-") or "organization"
    return f"{base}-{secrets.token_hex(4)}"
