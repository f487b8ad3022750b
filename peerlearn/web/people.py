"""What stands in a person's circle. Pure."""

from __future__ import annotations

import unicodedata


def initials(name: str) -> str:
    """The first letters of the first and the last word, in any script; "?" without letters."""
    letters = [
        first for word in unicodedata.normalize("NFC", name).split() if (first := _first(word))
    ]
    return "".join(letters[:1] + letters[1:][-1:]) or "?"


def _first(word: str) -> str:
    """The first letter with the marks that belong to it, as a capital where the script has them."""
    start = next((i for i, sign in enumerate(word) if sign.isalnum()), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    letter = word[start]
    capital = letter.title() if len(letter.title()) == 1 else letter
    return capital + word[start + 1 : end]
