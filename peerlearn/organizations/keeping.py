"""Secrets that must be read again, such as the key of an authenticator app: kept encrypted.

The key is made of SECRET_KEY, so that a copy of the database alone opens nothing. What only has to
be compared is stored hashed instead.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """It was kept under another SECRET_KEY."""


def _box() -> Fernet:
    key = salted_hmac("peerlearn.keeping", "1", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def shut(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def opened(kept: str) -> str:
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise Unreadable from None
