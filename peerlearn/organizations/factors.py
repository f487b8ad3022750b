"""The second factor of a user: an authenticator app, passkeys, and recovery codes for both.

The rows are allauth's (`mfa_authenticator`, outside the fence: who signs in is in no organization
yet), as its sign-in asks them who has a second factor; what stands in them is ours. The key of an
app is kept encrypted. Of recovery codes there are hashes alone, so that they are shown once.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from peerlearn.organizations import one_time, telling_factors
from peerlearn.organizations.keeping import Unreadable, opened, shut
from peerlearn.organizations.models import User

APP = Authenticator.Type.TOTP
PASSKEY = Authenticator.Type.WEBAUTHN
CODES = Authenticator.Type.RECOVERY_CODES
SECOND = (APP, PASSKEY)  # recovery codes stand in for them and are none themselves

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without 0 and o, 1, i and l
_GROUPS, _LETTERS = 7, 4  # 138 bits


@dataclass(frozen=True)
class Factors:
    """What one user has set up."""

    app: Any = None
    passkeys: list[Any] = field(default_factory=list)
    codes_left: int = 0

    def __bool__(self) -> bool:
        return bool(self.app or self.passkeys)


def of(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    return Factors(
        app=next((row for row in rows if row.type == APP), None),
        passkeys=[row for row in rows if row.type == PASSKEY],
        codes_left=sum(len(row.data["hashes"]) for row in rows if row.type == CODES),
    )


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND).exists())


@transaction.atomic
def add_app(user: User, key: str, code: str, *, at: datetime) -> list[str] | None:
    """Once the app shows the right code: its recovery codes, [] when there are some already; None
    for a wrong code. That code does not sign in any more."""
    counter = one_time.counter_of(key, code, seconds=time.time())
    if counter is None:
        return None
    _lock(user)
    Authenticator.objects.filter(user=user, type=APP).delete()
    data = {"key": shut(key), "used": counter}
    Authenticator.objects.create(user=user, type=APP, data=data)
    telling_factors.tell(user, telling_factors.APP_ADDED, at=at)
    return codes_for_the_first(user)


@transaction.atomic
def remove(user: User, factor: Any, *, at: datetime) -> None:
    """With the last of them the recovery codes go too."""
    _lock(user)
    mine = Authenticator.objects.filter(user=user)
    if not mine.filter(pk=factor.pk).delete()[0]:
        return
    if not mine.filter(type__in=SECOND).exists():
        mine.delete()
    app = factor.type == APP
    what = telling_factors.APP_REMOVED if app else telling_factors.PASSKEY_REMOVED
    telling_factors.tell(user, what, at=at)


@transaction.atomic
def new_codes(user: User, *, at: datetime) -> list[str]:
    """Others than before, which stop working; to be shown once."""
    _lock(user)
    telling_factors.tell(user, telling_factors.CODES_MADE, at=at)
    return _make_codes(user)


@transaction.atomic
def is_right(user: User, code: str, *, at: datetime) -> bool:
    """Whether it is the code of their app now, or one of their recovery codes. Each works once,
    however many try at the same moment."""
    code = plain(code)
    wanted = APP if is_of_an_app(code) else CODES
    row = Authenticator.objects.select_for_update().filter(user=user, type=wanted).first()
    if row is None or not (_use_app if wanted == APP else _use_recovery)(row, code):
        return False
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])
    if wanted == CODES:
        telling_factors.tell(user, telling_factors.CODE_USED, at=at)
    return True


@transaction.atomic
def reset(user: User, *, at: datetime) -> bool:
    """Everything of it goes; False when there was nothing."""
    _lock(user)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return False
    telling_factors.tell(user, telling_factors.RESET, at=at)
    return True


def plain(code: str) -> str:
    """As it is compared: typed with spaces, dashes and capitals or without."""
    return re.sub(r"[\s-]", "", code).lower()


def is_of_an_app(code: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,12}", plain(code)))


def _lock(user: User) -> None:
    """One change of it at a time."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _use_app(row: Any, code: str) -> bool:
    try:
        key = opened(row.data["key"])
    except Unreadable:
        return False
    counter = one_time.counter_of(key, code, seconds=time.time(), after=row.data["used"])
    if counter is None:
        return False
    row.data["used"] = counter
    return True


def _use_recovery(row: Any, code: str) -> bool:
    kept = [one for one in row.data["hashes"] if one != _hash(code)]
    used = len(kept) < len(row.data["hashes"])
    row.data["hashes"] = kept
    return used


def codes_for_the_first(user: User) -> list[str]:
    """In the transaction of a new factor: codes when there are none yet."""
    if Authenticator.objects.filter(user=user, type=CODES).exists():
        return []
    return _make_codes(user)


def _make_codes(user: User) -> list[str]:
    codes = [
        "-".join(
            "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]
    hashes = [_hash(plain(code)) for code in codes]
    Authenticator.objects.update_or_create(
        user=user, type=CODES, defaults={"data": {"hashes": hashes}, "last_used_at": None}
    )
    return codes


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
