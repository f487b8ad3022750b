"""Passkeys (WebAuthn): keys that a phone, a computer or a stick keeps, and that never leave it.

Each is made so that it asks its owner for a finger, a face or a PIN and knows whose it is: it signs
in alone. The address that a browser must be at comes from PUBLIC_ADDRESS, never from the request.
"""

from __future__ import annotations

import json
import secrets
import struct
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from peerlearn.organizations import factors, telling_factors
from peerlearn.organizations.models import User

MOST = 20  # of one user
_ASKED = "passkey asked"  # in the session: what the next answer must sign
_REQUIRED = UserVerificationRequirement.REQUIRED
# What an answer that no browser gives makes the library raise.
_MALFORMED = (
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error),
    RecursionError,  # nested without end
)


def ask_to_make(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser is given to make one with."""
    owner = PublicKeyCredentialUserEntity(
        id=str(user.pk).encode(), name=user.email, display_name=user.email
    )
    options, asked = _server().register_begin(
        owner,
        credentials=[_credential(row) for row in factors.of(user).passkeys],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
    )
    request.session[_ASKED] = asked
    return dict(options)


def ask_to_prove(request: HttpRequest) -> dict[str, Any]:
    """What the browser is given to prove who is there; the passkey says who that is."""
    options, asked = _server().authenticate_begin(user_verification=_REQUIRED)
    request.session[_ASKED] = asked
    return dict(options)


def keep(
    request: HttpRequest, user: User, *, name: str, answer: str, at: datetime
) -> list[str] | None:
    """Keep the one that the browser made: its recovery codes, [] when there are some already;
    None when it is none that was asked for."""
    try:
        asked = request.session.pop(_ASKED)
        made = _server().register_complete(asked, json.loads(answer)).credential_data
    except _MALFORMED:
        return None
    if made is None:
        return None
    data = {
        "name": name,
        "public_id": secrets.token_urlsafe(9),
        "credential": websafe_encode(bytes(made)),
    }
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Authenticator.objects.create(user=user, type=factors.PASSKEY, data=data)
        telling_factors.tell(user, telling_factors.PASSKEY_ADDED, at=at)
        return factors.codes_for_the_first(user)


def proven(request: HttpRequest, answer: str, *, at: datetime) -> User | None:
    """Whose passkey signed what was asked last; each question takes one answer."""
    try:
        asked = request.session.pop(_ASKED)
        typed = json.loads(answer)
        owner = int(websafe_decode(typed["response"]["userHandle"]))
        user = User.objects.filter(pk=owner, is_active=True).first()
        rows = [] if user is None else factors.of(user).passkeys
        known = {_credential(row).credential_id: row for row in rows}
        response = AuthenticationResponse.from_dict(typed)
        keys = [_credential(row) for row in rows]
        used = _server().authenticate_complete(asked, keys, response)
    except _MALFORMED:
        return None
    row = known[used.credential_id]
    row.last_used_at = at
    row.save(update_fields=["last_used_at"])
    return user


def one_of(user: User, public_id: str) -> Any:
    """Theirs of that name in addresses, or None."""
    mine = Authenticator.objects.filter(user=user, type=factors.PASSKEY)
    return mine.filter(data__public_id=public_id).first()


def rename(row: Any, name: str) -> None:
    row.data["name"] = name
    row.save(update_fields=["data"])


def _server() -> Fido2Server:
    address = urlsplit(settings.PUBLIC_ADDRESS)
    here = f"{address.scheme}://{address.netloc}"
    site = PublicKeyCredentialRpEntity(id=address.hostname or "", name="peerlearn")
    return Fido2Server(site, verify_origin=lambda origin: origin == here)


def _credential(row: Any) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(row.data["credential"]))
