"""The secrets of tokens, pure: plt_ + 43 random characters + 8 that prove it is typed whole.

The beginning lets scanners of code find one that got lost; the end refuses what was never a token
before the database is asked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

PREFIX = "plt_"
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}[0-9a-f]{{8}}")


def make_secret() -> str:
    """256 random bits."""
    body = PREFIX + secrets.token_urlsafe(32)
    return body + _proof(body)


def is_whole(text: str) -> bool:
    """Whether it could be a secret: says nothing of whether it opens anything."""
    return bool(_SHAPE.fullmatch(text)) and _proof(text[:-8]) == text[-8:]


def digest(secret: str) -> str:
    """As it is stored. With so many random bits neither salt nor slowness adds anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _proof(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
