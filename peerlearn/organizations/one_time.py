"""Codes of an authenticator app (RFC 6238: six digits, a new one every 30 seconds). Pure."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

PERIOD, DIGITS = 30, 6
_LATE = 1  # periods by which a phone's clock may be wrong
_ISSUER = "peerlearn"


def new_key() -> str:
    """160 random bits, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_of(key: str, counter: int) -> str:
    """The code of one period."""
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def counter_of(key: str, code: str, *, seconds: float, after: int = -1) -> int | None:
    """Of which period around that moment the code is; None for a wrong one and for one that is
    not `after` the last that was used."""
    around = int(seconds) // PERIOD
    found = None
    for counter in range(around - _LATE, around + _LATE + 1):
        if hmac.compare_digest(code_of(key, counter).encode(), code.encode()) and counter > after:
            found = counter
    return found


def address(key: str, account: str) -> str:
    """What the picture says to an app."""
    parameters = urlencode({"secret": key, "issuer": _ISSUER}, quote_via=quote)
    return f"otpauth://totp/{_ISSUER}:{quote(account)}?{parameters}"
