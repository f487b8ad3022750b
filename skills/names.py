"""How names of skills are compared: pure, no Django."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

KEY_LENGTH = 250
# Letters that NFKD leaves whole, as people type them without their marks.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})


def search_key(name: str) -> str:
    """A name without case, marks, doubled spaces and punctuation that people leave out.

    Idempotent, at most 250 characters, never empty unless the name holds nothing visible:
    "Kubernetés  (K8S)" → "kubernetes k8s", "C++" → "c++", "=1+1" → "=1+1".
    """
    seen = "".join(c for c in _without_control(name) if not _is_unseen(c))
    text = unicodedata.normalize("NFKD", seen).casefold().translate(_PLAIN)
    text = unicodedata.normalize("NFKD", text)
    # Accents alone: the marks of other scripts make other letters.
    text = "".join(c for c in text if not "\u0300" <= c <= "\u036f")
    text = unicodedata.normalize("NFKC", text)
    words = "".join(" " if c in "()[]{}\"',;:/\\_-–—­" else c for c in text).split()
    return " ".join(words)[:KEY_LENGTH].strip() or " ".join(text.split())[:KEY_LENGTH].strip()


def _without_control(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)


def _is_unseen(letter: str) -> bool:
    """Formats, such as a space of no width, and the fillers that Unicode calls letters. The soft
    hyphen parts words where it is typed."""
    unseen = unicodedata.category(letter) == "Cf" and letter != "\u00ad"
    return unseen or letter in "\u115f\u1160\u2800\u3164\uffa0"


def split_list(text: str) -> list[str]:
    """The names of a pasted list, one a line, trimmed, without empty lines and duplicates."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name = " ".join(_without_control(line).split())
        key = search_key(name)
        if key:
            found.setdefault(key, name)
    return list(found.values())


def missing(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Those of `wanted` whose key is none of the keys `taken`."""
    keys = set(taken)
    return [name for name in wanted if search_key(name) not in keys]
